"""Boundaries of every warning sign, and laws that hold for all check-ins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.recovery.checkin import converted
from basivert.care.recovery.triage import triage
from basivert.errors import RecordError

from .checkins import ASKED, SIGNS, WELL, answer, entered, growing, whole

RANK = {"all_right": 0, "incomplete": 0, "call_today": 1, "call_now": 2, "emergency": 3}
STABLE = {
    "day", "temperature", "unit", "chills", "warmth_at_incision", "redness_expanding", "drainage",
    "swelling", "pain_controlled_by_medication", "new_leg_weakness", "saddle_numbness",
    "bladder_or_bowel_change", "chest_pain", "short_of_breath",
}  # fmt: skip


def test_the_names_that_programs_rely_on_are_those_that_are_asked():
    assert set(ASKED.known.kinds) == STABLE == set(WELL)


# The page says "over 101 °F (38.3 °C)"; 101 °F is 38.333… °C.
@pytest.mark.parametrize(
    ("temperature", "unit", "fever"),
    [
        (38.3, "C", False), (38.30, "C", False), (38.31, "C", True), (38.33, "C", True),
        (38.4, "C", True), (38.2, "C", False), (38, "C", False), (39, "C", True),
        (101.0, "F", False), (101, "F", False), (101.1, "F", True), (101.01, "F", True),
        (100.9, "F", False), (100.4, "F", False), (100.94, "F", False), (104, "F", True),
    ],
)  # fmt: skip
def test_fever_is_over_the_limit_of_the_unit_that_was_entered(temperature, unit, fever):
    expected = "call_now" if fever else "all_right"
    assert answer({**WELL, "temperature": temperature, "unit": unit}) == expected
    nested = {**WELL, "temperature": {"value": temperature, "unit": unit}}
    del nested["unit"]
    assert answer(nested) == expected


@pytest.mark.parametrize(
    ("swelling", "day", "expected"),
    [
        ("worse", 0, "all_right"), ("worse", 2, "all_right"), ("worse", 3, "call_today"),
        ("worse", 4, "call_today"), ("worse", 60, "call_today"), ("same", 3, "all_right"),
        ("better", 9, "all_right"), ("none", 3, "all_right"),
    ],
)  # fmt: skip
def test_swelling_alarms_from_day_3_on(swelling, day, expected):
    found = triage(entered({**WELL, "swelling": swelling, "day": day}), SIGNS)
    assert found.answer == expected
    assert bool(found.watched) is (swelling == "worse" and day < 3)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("new_leg_weakness", True, "emergency"), ("saddle_numbness", True, "emergency"),
        ("bladder_or_bowel_change", True, "emergency"), ("chest_pain", True, "emergency"),
        ("short_of_breath", True, "emergency"), ("chills", True, "call_now"),
        ("warmth_at_incision", True, "call_now"), ("redness_expanding", True, "call_now"),
        ("drainage", True, "call_now"), ("pain_controlled_by_medication", False, "call_today"),
    ],
)  # fmt: skip
def test_each_sign_alone_decides(name, value, expected):
    assert answer({**WELL, name: value}) == expected
    assert answer({name: value}) == expected


@pytest.mark.parametrize("name", sorted(STABLE))
def test_one_missing_answer_is_enough_not_to_reassure(name):
    for gap in ({key: value for key, value in WELL.items() if key != name}, {**WELL, name: None}):
        found = triage(entered(gap), SIGNS)
        assert found.answer == "incomplete"
        assert found.missing == (name,)


def test_a_temperature_without_unit_is_unknown():
    hot = {**WELL, "temperature": 40, "unit": None}
    assert answer(hot) == "incomplete"
    assert entered(hot).missing == ("unit",)
    assert "temperature" not in entered(hot).answered
    assert answer({**hot, "drainage": True}) == "call_now"


def test_nothing_answered_is_incomplete():
    found = triage(entered({}), SIGNS)
    assert (found.answer, set(found.missing)) == ("incomplete", STABLE)


@given(whole())
def test_all_right_is_every_sign_answered_no(document):
    """Against the list as a person would read it, written a second time."""
    hot = document["temperature"] > {"C": 38.3, "F": 101}[document["unit"]]
    signs = [
        hot, document["swelling"] == "worse" and document["day"] >= 3,
        not document["pain_controlled_by_medication"],
        *(value for name, value in document.items()
          if name != "pain_controlled_by_medication" and isinstance(value, bool)),
    ]  # fmt: skip
    assert (answer(document) == "all_right") is not any(signs)


@given(growing())
def test_an_answer_more_never_lowers_the_urgency(documents):
    few, more = map(answer, documents)
    assert RANK[few] <= RANK[more]
    if few == "all_right":
        assert documents[0].keys() == STABLE


@given(growing(), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(documents, shuffled):
    items = list(documents[0].items())
    shuffled.shuffle(items)
    assert triage(entered(dict(items)), SIGNS) == triage(entered(documents[0]), SIGNS)


@given(growing())
def test_reasons_are_the_signs_behind_the_answer(documents):
    found = triage(entered(documents[0]), SIGNS)
    kinds = [row.criterion.kind for row in found.reasons]
    assert kinds == sorted(kinds, key=["emergency", "call_now", "call_today"].index)
    if RANK[found.answer]:
        assert kinds[0] == found.answer
        assert {row.answer.name for row in found.reasons} == {"YES"}
    for row in found.reasons:
        assert set(row.missing) <= set(found.missing) | {"temperature"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"temperature": 383}, ("unit", "decimal point")),
        ({"temperature": 37, "unit": "F"}, ("37 °F", "86 to 113 °F", "unit", "decimal point")),
        ({"temperature": 99.1, "unit": "C"}, ("30 to 45 °C", "unit", "decimal point")),
        ({"temperature": 60, "unit": None}, ("30 to 45 °C or 86 to 113 °F", "decimal point")),
        ({"temperature": "38,4"}, ("38,4",)), ({"unit": "K"}, ("'K'",)), ({"unit": "c"}, ("'c'",)),
        ({"temperature": {"value": 37, "unit": "C"}, "unit": "F"}, ("once",)),
        ({"day": 2.5}, ("2.5", "whole")), ({"day": -1}, ("-1",)), ({"day": True}, ("True",)),
        ({"day": "3"}, ("'3'",)), ({"chills": "no"}, ("'no'",)), ({"chills": 0}, ("true or",)),
        ({"chest_pains": False}, ("chest_pains", "chest_pain")), ({"swelling": "bad"}, ("worse",)),
    ],
)  # fmt: skip
def test_a_slip_is_an_error_and_no_answer(change, words):
    with pytest.raises(RecordError) as caught:
        entered({**WELL, **change})
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(("celsius", "fahrenheit"), [(37, 98.6), (40, 104), (38.333333, 101)])
def test_conversion_for_reading(celsius, fahrenheit):
    assert converted(celsius, "C") == pytest.approx(fahrenheit, abs=1e-5)
    assert converted(fahrenheit, "F") == pytest.approx(celsius, abs=1e-5)
