"""A clinic's own signs: whose limit, and what may not be weakened."""

import pytest

from basivert.care.recovery.signs import fever_limits, overridden
from basivert.care.recovery.triage import triage
from basivert.errors import InputError

from .checkins import ASKED, SIGNS, WELL, answer, entered


def fever(test, celsius, fahrenheit):
    return {
        "kind": "call_now", "wording": "Fever", "body": "Lakeside Spine", "source": "Sheet 7",
        "confidence": "clinic",
        "when": {"any": [
            {"all": [{"fact": "unit", "is": "F"}, {"fact": "temperature", test: fahrenheit}]},
            {"all": [{"fact": "unit", "is": "C"}, {"fact": "temperature", test: celsius}]},
        ]},
    }  # fmt: skip


def changed(**criteria):
    change = {"name": "warning_signs", "edition": "Lakeside 7", "criterion": criteria}
    return overridden(SIGNS, change, ASKED.known)


def plain(kind, name, bound):
    return {"kind": kind, "wording": "w", "source": "s", "confidence": "clinic",
            "when": {"fact": name, "is": bound}}  # fmt: skip


@pytest.mark.parametrize(
    ("test", "temperature", "unit", "expected"),
    [
        ("over", 100.4, "F", "all_right"), ("over", 100.5, "F", "call_now"),
        ("at_least", 100.4, "F", "call_now"), ("at_least", 100.3, "F", "all_right"),
        ("at_least", 38.0, "C", "call_now"), ("over", 38.0, "C", "all_right"),
    ],
)  # fmt: skip
def test_a_clinics_fever_limit_decides_and_is_named(test, temperature, unit, expected):
    signs = changed(fever=fever(test, 38.0, 100.4))
    found = triage(entered({**WELL, "temperature": temperature, "unit": unit}), signs)
    assert found.answer == expected
    assert found.edition == "2026-11 + Lakeside 7"
    assert found.fever.criterion.body == "Lakeside Spine"
    limits = fever_limits(found.fever.criterion)
    assert (limits["F"].bound, limits["C"].bound, limits["F"].test) == (100.4, 38.0, test)
    assert answer({**WELL, "temperature": temperature, "unit": unit}) == "all_right"


def test_a_clinic_may_make_a_sign_more_urgent():
    signs = changed(pain=plain("call_now", "pain_controlled_by_medication", False))
    assert answer({**WELL, "pain_controlled_by_medication": False}, signs) == "call_now"


def test_early_swelling_is_not_played_down_where_a_clinic_alarms_earlier():
    sooner = {**plain("call_today", "swelling", "worse"), "when": {"all": [
        {"fact": "swelling", "is": "worse"}, {"fact": "day", "at_least": 1},
    ]}}  # fmt: skip
    swollen = entered({**WELL, "day": 1, "swelling": "worse"})
    ours, theirs = triage(swollen, SIGNS), triage(swollen, changed(swelling=sooner))
    assert (ours.answer, len(ours.watched)) == ("all_right", 1)
    assert (theirs.answer, theirs.watched) == ("call_today", ())


def test_a_fever_limit_in_one_unit_alone_is_refused():
    half = {**fever("over", 38, 100), "when": {"all": [
        {"fact": "unit", "is": "F"}, {"fact": "temperature", "over": 100},
    ]}}  # fmt: skip
    with pytest.raises(InputError, match="°C"):
        changed(fever=half)


@pytest.mark.parametrize(
    ("criteria", "word"),
    [
        ({"chest_pain": plain("call_today", "chest_pain", True)}, "cannot become"),
        ({"chills": plain("watch", "chills", True)}, "watch"),
        ({"chils": plain("call_now", "chills", True)}, "chills"),
        ({"chills": plain("call_now", "chils", True)}, "chills"),
    ],
)
def test_what_a_clinic_may_not_write(criteria, word):
    with pytest.raises(InputError, match=word):
        changed(**criteria)


def test_an_override_names_the_rule_set_it_is_for():
    with pytest.raises(InputError, match="warning_signs"):
        overridden(SIGNS, {"name": "candidacy", "edition": "1", "criterion": {}}, ASKED.known)


def test_every_sign_has_source_and_author_and_reads_only_what_is_asked():
    assert [one for one in SIGNS.criteria.values() if not (one.source and one.body)] == []
    assert SIGNS.criteria["swelling"].body.startswith("Cleveland")
