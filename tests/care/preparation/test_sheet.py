"""The patient's sheet: plain words, both languages whole, and never an order to stop."""

import re
import string

import pytest

from basivert.care.preparation.sheet import sheet
from basivert.care.preparation.words import languages, translated, words
from basivert.constants.load import document
from basivert.errors import InputError

from .made import TABLES, made

MANY = ["Plavix 75 mg daily", "Eliqis 5 mg bid", "Ozempic weekly", "moon dust", "lisinopril 10 mg",
        "aspirin 81 mg", "Zoloft", "Tylenol", "Percocet"]  # fmt: skip
EN = document("care/preparation/words_en")


def page(medicines=MANY, language="en", **given):
    return sheet(made(medicines, **given), words(language))


def prose(one):
    """Every sentence of the page, without medicine names and sources."""
    lines = [one.rule, one.call, one.no_medicines, *(line.ask for line in one.medicines)]
    lines += [f"{line.rstrip('.')}." for block in one.blocks for line in block.lines]
    return [line for line in lines if line]


def syllables(word):
    found = len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e$|(?<=[^td])ed$|es$", "", word)))
    return max(found, 1)


def grade(sentences):
    """Flesch-Kincaid grade (Kincaid 1975): 0.39 words/sentence + 11.8 syllables/word - 15.59."""
    text = " ".join(sentences).lower()
    spoken = [part for part in re.split(r"[.!?:]+\s", text) if re.search("[a-z]", part)]
    plain = re.findall(r"[a-z]+", text)
    per_word = sum(map(syllables, plain)) / len(plain)
    return 0.39 * len(plain) / len(spoken) + 11.8 * per_word - 15.59


def test_the_measure_of_reading_age_tells_easy_from_hard():
    easy = ["The cat sat on the mat. It was a big cat."]
    hard = ["Discontinuation of anticoagulation necessitates interdisciplinary deliberation."]
    assert grade(easy) < 2 < 12 < grade(hard)


@pytest.mark.parametrize("medicines", [MANY, [], ()])
def test_reading_age_is_twelve_at_most(medicines):
    """Grade 6 is read at age 11 to 12."""
    assert grade(prose(page(medicines))) <= 6.0


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_sentence_with_the_same_gaps(language):
    say = words(language)
    assert say.untranslated == ()
    for section, sentences in EN.items():
        if isinstance(sentences, dict):
            own = document(f"care/preparation/words_{language}")[section]
            assert set(own) == set(sentences)
            for key, english in sentences.items():
                assert gaps(own[key]) == gaps(english), (section, key)


def gaps(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_a_missing_sentence_comes_in_english_with_a_note():
    own = {**document("care/preparation/words_es")}
    own["tell"] = {key: one for key, one in own["tell"].items() if key != "ill"}
    say = translated(own, EN)
    assert say.untranslated == ("tell.ill",)
    found = sheet(made(MANY), say)
    assert found.untranslated == "Lo que aún no está traducido aparece en inglés."
    assert EN["tell"]["ill"] in found.blocks[2].lines


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("en", "Your procedure starts: Monday, December 21, 10:00 am"),
        ("es", "Su procedimiento empieza: lunes 21 de diciembre, 10:00"),
    ],
)
def test_dates_in_the_language(language, when):
    assert page(language=language).when == when


@pytest.mark.parametrize(
    ("start", "time"),
    [("2026-12-21T00:05", "12:05 am"), ("2026-12-21T12:00", "12:00 pm"),
     ("2026-12-21T13:30", "1:30 pm")],
)  # fmt: skip
def test_hours_of_twelve(start, time):
    assert page(start=start).when.endswith(time)


def test_an_unknown_language_is_named():
    with pytest.raises(InputError, match="en, es"):
        words("fr")


def test_every_medicine_has_a_line_in_the_patients_own_words():
    assert [line.medicine for line in page().medicines] == MANY


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Plavix", "before you stop. Ask by Friday, December 4. One list says: 7 days before, so "
         "the last day is Sunday, December 13. Is that right for you?"),
        ("prasugrel", "One list says: 7 to 10 days before. Is that right for you?"),
        ("Plavix", "Lists do not agree."),
        ("lisinopril", "do I skip it on the day"),
        ("Zoloft", "if you keep taking it"), ("Eliqis", "We are not sure what this is."),
        ("moon dust", "We do not know this name."), ("Ozempic", "what to do with it"),
        ("aspirin", "Do not stop on your own."), ("Tylenol", "Keep taking it until then."),
        ("Eliquis", "3 days before, so the last day is Thursday, December 17."),
        ("Pradaxa", "what to do with it"),
        ("Percocet", "if you keep taking it"),
    ],
)  # fmt: skip
def test_what_to_do(name, part):
    (line,) = page([name]).medicines
    assert part in line.ask


@pytest.mark.parametrize("language", languages())
def test_no_line_orders_a_stop(language):
    """Each line asks, or says to go on until somebody answers."""
    begins = {"en": ("Ask ", "We "), "es": ("Pregunte ", "No ")}[language]
    found = page(list(TABLES.known.by_name), language=language)
    for line in found.medicines:
        assert line.ask.startswith(begins), line
    assert ("Ask before you stop" in found.rule) or ("Pregunte antes de dejar" in found.rule)


def test_a_date_to_ask_that_has_passed():
    import datetime as dt

    (line,) = page(["Plavix"], now=dt.datetime(2026, 12, 10, tzinfo=dt.UTC)).medicines
    assert line.ask.endswith("This date has passed. Call today.")


def test_nothing_on_the_sheet_names_the_procedure():
    for language in languages():
        text = str(page(language=language)).casefold()
        assert not re.search(
            "basivertebral|ablation|ablaci|nerve|nervio|intracept|spine ?pain", text
        )


def test_local_anaesthesia_asks_instead_of_fasting():
    found = page(facts={"anaesthesia": "local"})
    assert found.blocks[0].lines == ("Ask us if you may eat and drink before.",)
