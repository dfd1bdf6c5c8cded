"""Scores at their visits, and responders at the edge of each definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from basivert.care.outcomes.rates import exact_rate
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.registry import Score
from basivert.care.outcomes.responders import definition, followed, responds, responses
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.outcomes.schedule import assigned, visits

RULES = outcome_rules()
DAYS = st.lists(st.integers(-120, 3000), max_size=30)


def scores(days):
    return [Score(instrument="nrs", value=float(n % 11), day=day) for n, day in enumerate(days)]


@given(DAYS)
def test_every_score_is_somewhere_and_none_twice(days):
    given_ = scores(days)
    found = assigned(given_, RULES)
    placed = [*found.at.values(), *found.spare, *found.outside]
    assert sorted(map(id, placed)) == sorted(map(id, given_))
    for visit in visits(RULES):
        inside = [s for s in given_ if s.day > 0 and visit.first <= s.day <= visit.last]
        if not inside:
            assert visit.key not in found.at
            continue
        nearest = min(abs(s.day - visit.day) for s in inside)
        assert abs(found.at[visit.key].day - visit.day) == nearest


def test_windows_by_hand():
    found = assigned(scores([-91, -90, 0, 27, 28, 56, 60, 170, 196, 214]), RULES)
    days = {key: score.day for key, score in found.at.items()}
    # 170 and 196 lie as far from 183: the earlier counts.
    assert days == {"baseline": 0, "w6": 28, "m6": 170}
    assert [s.day for s in found.spare] == [-90, 56, 196]
    assert [s.day for s in found.outside] == [-91, 27, 60, 214]


def test_overlapping_windows_of_a_clinic_still_use_a_score_once():
    wide = outcome_rules({"edition": "x", "schedule": {"visit": {
        "w6": {"after": 60}, "m3": {"before": 60}}}})  # fmt: skip
    one = assigned(scores([60]), wide)
    assert {key: s.day for key, s in one.at.items()} == {"w6": 60}
    two = assigned(scores([60, 70]), wide)
    assert {key: s.day for key, s in two.at.items()} == {"w6": 60, "m3": 70}


@pytest.mark.parametrize(
    ("key", "instrument", "baseline", "now", "said"),
    [
        ("pain_50", "nrs", 7, 3, True), ("pain_50", "vas_cm", 7, 3.5, True),
        ("pain_over_50", "vas_cm", 7, 3.5, False), ("pain_50", "nrs", 7, 4, False),
        ("pain_75", "nrs", 8, 2, True), ("pain_75", "nrs", 8, 3, False),
        ("pain_over_75", "nrs", 8, 2, False), ("pain_over_75", "nrs", 8, 1, True),
        ("pain_50", "nrs", 5, 8, False), ("pain_50", "nrs", 0, 0, None),
        # 6.3 - 4.41 is 1.8900000000000006 in binary; written down it is exactly 30 %.
        ("pain_30", "vas_cm", 6.3, 4.41, True), ("pain_30", "nrs", 10, 7, True),
        ("pain_100", "nrs", 4, 0, True), ("pain_free", "nrs", 0, 0, True),
        ("pain_mcid", "nrs", 5, 3, True), ("pain_mcid", "vas_mm", 50, 35, True),
        ("pain_mcid", "vas_mm", 50, 36, False), ("odi_15", "odi", 42, 27, True),
        ("odi_15", "odi", 42, 27.1, False), ("odi_20", "odi", 40, 20, True),
        ("odi_30", "odi", 0, 10, None),
    ],
)  # fmt: skip
def test_responders_at_the_edge(key, instrument, baseline, now, said):
    assert responds(definition(key, RULES), instrument, float(baseline), float(now)) is said


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_intervals_are_those_of_scipy(pair):
    found = exact_rate(*pair, 0.95)
    other = binomtest(*pair).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_who_died_before_a_window_was_over_is_not_due(beyond):
    for visit in visits(RULES):
        left = {"day": visit.last + beyond, "why": "death"}
        row = {"id": "a", "procedure_day": 0, "scores": [], "left": left}
        held = registry({"as_of_day": 9000, "patients": [row]}, RULES)
        asked = {one.visit for one in responses(followed(held, RULES))}
        assert (visit.key in asked) is (beyond > 0)


def test_who_was_treated_again_until_the_day_of_a_score_is_counted_beside_the_rate():
    rows = [{"instrument": "nrs", "day": day, "value": value} for day, value in ((-5, 8), (183, 2))]
    patients = [
        {"id": f"p{day}", "procedure_day": 0, "scores": rows,
         "retreatments": [{"kind": "fusion", "day": day}]} for day in (182, 183, 184)
    ]  # fmt: skip
    patients.append({"id": "unseen", "procedure_day": 0, "scores": rows[:1],
                     "retreatments": [{"kind": "fusion", "day": 9}]})  # fmt: skip
    held = followed(registry({"as_of_day": 300, "patients": patients}, RULES), RULES)
    half = {(r.definition, r.visit): r for r in responses(held)}["pain_50", "m6"]
    assert (half.retreated, half.rate.hits, half.rate.n, half.missing) == (2, 3, 3, 1)


def test_who_is_due_missing_undefined_and_dead():
    def one(name, *pairs, day=0, **more):
        rows = [{"instrument": "nrs", "day": d, "value": v} for d, v in pairs]
        return {"id": name, "procedure_day": day, "scores": rows, **more}

    held = registry({"as_of_day": 213, "patients": [
        one("better", (-5, 8), (183, 2)), one("worse", (-5, 8), (183, 9)),
        one("unseen", (-5, 8)), one("no baseline", (183, 2)), one("no pain", (-5, 0), (183, 0)),
        one("early", (-5, 8), (183, 1), day=1),
        one("dead", (-5, 8), left={"day": 100, "why": "death"}),
        one("gone", (-5, 8), left={"day": 100, "why": "withdrawn"}),
    ]}, RULES)  # fmt: skip
    found = {(r.definition, r.visit): r for r in responses(followed(held, RULES))}
    half = found["pain_50", "m6"]
    assert (half.treated, half.due, half.not_yet_due, half.died) == (8, 6, 1, 1)
    assert (half.undefined, half.missing, half.rate.hits, half.rate.n) == (1, 3, 1, 2)
    free = found["pain_free", "m6"]
    # "Pain of 0" needs no baseline, and is defined where baseline is 0.
    assert (free.undefined, free.missing, free.rate.hits, free.rate.n) == (0, 2, 1, 4)
    assert ("pain_50", "m12") not in found
