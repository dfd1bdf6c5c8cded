"""What a case says of cautions: yes from a medicine, age from the day of birth, never no."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.age import age_years
from basivert.care.preparation.medicines import shipped
from basivert.care.recovery.known_before import contradicted, known_before
from basivert.care.recovery.relief import cautions, relief, relief_rules

TODAY = dt.date(2026, 11, 26)
KNOWN = shipped()


def values(medicines, born=None, **facts):
    found = known_before(born, {"medicines": medicines, "facts": facts}, TODAY, KNOWN)
    return {name: one.value for name, one in found.items()}


@pytest.mark.parametrize(
    ("medicine", "caution"),
    [
        ("apixaban 5 mg", "anticoagulant"), ("Plavix 75 mg", "anticoagulant"),
        ("Advil", "other_nsaid"), ("prednisone", "steroid"), ("Percocet", "other_acetaminophen"),
    ],
)  # fmt: skip
def test_a_medicine_says_yes_to_its_caution_and_nothing_else(medicine, caution):
    assert values([medicine]) == {caution: True}


@pytest.mark.parametrize("medicines", [None, [], ["lisinopril"], ["apixbaan"]])
def test_what_is_not_known_stays_not_known(medicines):
    assert values(medicines) == {}


def test_a_guess_counts_once_a_person_says_what_it_is():
    one = {"text": "apixbaan", "confirmed": "apixaban", "confirmed_by": "Ann"}
    assert values([one]) == {"anticoagulant": True}


@pytest.mark.parametrize(
    ("reason", "caution"),
    [("secondary_prevention", "aspirin_for_heart"), ("pain", "other_nsaid"), (None, None)],
)
def test_aspirin_is_told_by_its_reason(reason, caution):
    facts = {} if reason is None else {"aspirin_reason": reason}
    assert values(["aspirin 81 mg"], **facts) == ({} if caution is None else {caution: True})


def test_a_medicine_of_a_record_counts_only_where_it_is_taken_now():
    taken = {"text": "apixaban", "origin": "FHIR MedicationRequest/7", "status": "active"}
    assert values([taken]) == {"anticoagulant": True}
    for status in ("on-hold", "stopped", "completed", "not-taken", "intended", "unknown"):
        assert values([{**taken, "status": status}]) == {}


@given(st.dates(dt.date(1900, 1, 1), TODAY))
def test_the_age_goes_up_on_the_birthday(born):
    age = age_years(born, TODAY)
    year = born.year + age
    reached = dt.date(year, 3, 1) if (born.month, born.day) == (2, 29) and year % 4 else (
        born.replace(year=year)
    )  # fmt: skip
    assert (
        reached
        <= TODAY
        < reached.replace(year=year + 1, day=min(reached.day, 28)) + (dt.timedelta(days=4))
    )


def test_apixaban_alone_keeps_ibuprofen_away_and_says_where_that_is_from():
    found = known_before(dt.date(1960, 1, 2), {"medicines": ["apixaban"]}, TODAY, KNOWN)
    assert found["age_years"].value == 66 and "1960-01-02" in found["age_years"].origin
    assert "apixaban" in found["anticoagulant"].origin
    rules = relief_rules()
    noted = cautions({"anticoagulant": False}, rules, origin="clinic")
    assert [one.verdict for one in relief(found, rules)] == ["ask_first", "avoid"]
    assert relief({**found, **noted}, rules)[1].verdict == "ask_first"
    assert [one.name for one in contradicted({"anticoagulant": False}, found)] == ["anticoagulant"]
