"""What the patient reads: the clinic's number, never reassurance on missing answers."""

import string

import pytest
from hypothesis import given

from basivert.care.contact import Contact, contact
from basivert.care.recovery.relief import relief_rules
from basivert.care.recovery.saying import sentences, temperature_words
from basivert.care.recovery.schedule import aftercare
from basivert.care.recovery.triage import triage
from basivert.care.recovery.words import languages, words
from basivert.errors import InputError, RecordError

from .checkins import ASKED, SIGNS, WELL, entered, growing

LAKE = Contact(name="Lakeside Spine", phone="555-0100", after_hours="555-0199", emergency="112")


def told(document, clinic=LAKE, language="en"):
    given_ = entered(document)
    return " ".join(sentences(triage(given_, SIGNS), given_, clinic, words(language)))


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_the_same_sentences_with_the_same_gaps():
    assert {"en", "es"} <= set(languages())
    english = words("en").sections
    for language in languages():
        other = words(language).sections
        assert {key: set(rows) for key, rows in other.items()} == {
            key: set(rows) for key, rows in english.items()
        }
        for key, rows in english.items():
            for name, text in rows.items():
                assert gaps(other[key][name]) == gaps(text), (language, key, name)


def test_there_are_words_for_every_sign_and_question():
    assert set(words("en").sections["sign"]) == set(SIGNS.criteria)
    assert set(words("en").sections["question"]) == set(ASKED.known.kinds)
    assert set(words("en").sections["line"]) == set(aftercare().lines)
    assert set(words("en").sections["caution"]) == set(relief_rules().known.kinds)


def test_the_clinics_numbers_are_named():
    text = told({**WELL, "drainage": True})
    assert text.startswith("Call Lakeside Spine at 555-0100 (outside office hours 555-0199) now.")
    assert "fluid from the incision" in text
    assert told({**WELL, "chest_pain": True}).startswith("Call 112 or go to the emergency")
    assert told({**WELL, "drainage": True}, Contact()).startswith("Call your clinic now.")
    assert told({**WELL, "drainage": True}, language="es").startswith("Llame ahora a Lakeside")


def test_a_call_today_with_open_emergencies_asks_for_them():
    text = told({"pain_controlled_by_medication": False})
    assert text.startswith("Call Lakeside Spine")
    assert "chest pain" in text and "Not answered" in text


def test_early_swelling_is_told_when_to_call():
    assert "If it is still getting worse on day 3" in told({**WELL, "day": 2, "swelling": "worse"})


@given(growing())
def test_words_reassure_only_where_the_answer_does(documents):
    given_ = entered(documents[0])
    found = triage(given_, SIGNS)
    text = " ".join(sentences(found, given_, LAKE, words("en")))
    assert ("None of the warning signs" in text) is (found.answer == "all_right")
    assert ("Not answered" in text) is bool(found.missing and found.answer != "emergency")
    assert "112" in text


@pytest.mark.parametrize(
    ("temperature", "unit", "shown"),
    [(38.3, "C", "38.3 °C (100.9 °F)"), (101, "F", "101 °F (38.3 °C)"),
     (101.1, "F", "101.1 °F (38.4 °C)")],
)  # fmt: skip
def test_both_units_are_shown_and_the_entered_one_is_not_rounded(temperature, unit, shown):
    given_ = entered({**WELL, "temperature": temperature, "unit": unit})
    assert temperature_words(given_, words("en")) == shown


def test_whose_fever_limit_is_said():
    assert "more than 101 °F / more than 38.3 °C (limit of: Cleveland Clinic" in told(
        {**WELL, "temperature": 39}
    )
    assert "its unit (C or F) is not known" in told({**WELL, "unit": None})


def test_a_language_or_clinic_that_is_not_there_is_an_error():
    with pytest.raises(InputError, match="en"):
        words("xx")
    with pytest.raises(RecordError, match="phone"):
        contact({"fone": "1"})
    with pytest.raises(RecordError, match="text"):
        contact({"phone": 5550100})
