"""Kaplan-Meier against a published table and an independent library."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.outcomes.durability import (
    Time,
    at,
    kaplan_meier,
    response_times,
    retreatment_times,
)
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.responders import followed
from basivert.care.outcomes.rules import outcome_rules

RULES = outcome_rules()
# Freireich 1963, weeks of remission under 6-MP; + (0 here) is still in remission.
REMISSION = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1),
             (16, 1), (17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0),
             (34, 0), (35, 0)]  # fmt: skip
# As printed in Kleinbaum and Klein, Survival Analysis, table 2.3, and R's survfit (log-log).
PRINTED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
TIMES = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0, 1])), min_size=2, max_size=60)


def times(pairs):
    return [Time(days=day, cause=cause) for day, cause in pairs]


def lifelines():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lifelines", reason="lifelines is not installed")


def test_remission_under_6_mp():
    curve = kaplan_meier(times(REMISSION), 0.95)
    found = {step.day: step.survival for step in curve.steps if step.events}
    assert found == pytest.approx(PRINTED, abs=5e-5)
    assert curve.median_day == 23
    first = curve.steps[0]
    assert (first.at_risk, first.events, first.censored) == (21, 3, 1)


@given(TIMES)
def test_survival_and_interval_are_those_of_lifelines(pairs):
    library = lifelines()
    curve = kaplan_meier(times(pairs), 0.95)
    days, causes = zip(*pairs, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = library.KaplanMeierFitter(alpha=0.05).fit(days, causes)
    ends = fitted.confidence_interval_
    for step in curve.steps:
        assert step.survival == pytest.approx(fitted.survival_function_.loc[step.day].iloc[0])
        if 1e-9 < step.survival < 1 - 1e-9:
            low, high = ends.loc[step.day]
            assert (step.low, step.high) == pytest.approx((low, high), rel=1e-9)


def test_competing_causes_are_those_of_lifelines():
    library, rng = lifelines(), np.random.default_rng(3)
    days = rng.permutation(np.arange(1, 201))  # without ties, which the library breaks by chance
    causes = rng.choice(3, 200, p=[0.3, 0.4, 0.3])
    curve = kaplan_meier(times(zip(days.tolist(), causes.tolist(), strict=True)), 0.95)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = library.AalenJohansenFitter().fit(days, causes, event_of_interest=1)
    for step in curve.steps:
        expected = fitted.cumulative_density_.loc[step.day].iloc[0]
        assert step.cumulative == pytest.approx(expected, abs=1e-12)


@given(TIMES)
def test_the_curve_falls_and_its_interval_holds_it(pairs):
    steps = kaplan_meier(times(pairs), 0.95).steps
    survivals = [1.0, *(step.survival for step in steps)]
    assert all(a >= b for a, b in itertools.pairwise(survivals))
    assert all(0 <= s.low <= s.survival <= s.high <= 1 for s in steps)
    assert steps[-1].at_risk == steps[-1].events + steps[-1].censored


def test_beyond_the_last_patient_nothing_is_said():
    curve = kaplan_meier(times([(10, 0), (20, 1)]), 0.95)
    assert at(curve, 5).survival == 1.0 and at(curve, 5).at_risk == 2
    assert at(curve, 15).at_risk == 1 and at(curve, 20).survival == 0.0
    assert at(curve, 21) is None


def test_loss_retreatment_and_censoring_by_hand():
    def one(name, values, **more):
        days = (-1, 91, 183, 365, 731)
        rows = [{"instrument": "nrs", "day": d, "value": v}
                for d, v in zip(days, values, strict=True) if v is not None]  # fmt: skip
        return {"id": name, "procedure_day": 0, "scores": rows, **more}

    held = registry({"as_of_day": 2000, "patients": [
        one("lost at a year", (8, 2, 2, 6, 2)), one("held", (8, 2, None, 2, 2)),
        one("never", (8, 7, 7, 7, 7)), one("late", (8, 7, 7, 1, 1)),
        one("again", (8, 2, 2, 6, 6), retreatments=[{"kind": "fusion", "day": 300}]),
        one("again after the loss", (8, 2, 2, 6, 6), retreatments=[{"kind": "x", "day": 400}]),
        one("second only", (8, None, 3, None, None), left={"day": 500, "why": "death"}),
    ]}, RULES)  # fmt: skip
    found = [(t.days, t.cause) for t in response_times(followed(held, RULES))]
    assert found == [(274, 1), (640, 0), (209, 2), (274, 1), (0, 0)]
    again = [(t.days, t.cause) for t in retreatment_times(held)]
    assert again == [(731, 0), (731, 0), (731, 0), (731, 0), (300, 1), (400, 1), (500, 2)]


def lasted(day):
    """Days and cause of a patient who responded on day 91, lost it on 365 and had a fusion."""
    scores = [{"instrument": "nrs", "day": d, "value": v} for d, v in ((-1, 8), (91, 2), (365, 7))]
    again = [{"kind": "fusion", "day": day}]
    one = {"id": "a", "procedure_day": 0, "scores": scores, "retreatments": again}
    held = registry({"as_of_day": 2000, "patients": [one]}, RULES)
    (found,) = response_times(followed(held, RULES))
    return found.days, found.cause


@pytest.mark.parametrize(("day", "cause"), [(364, 2), (365, 2), (366, 1)])
def test_treated_again_on_the_day_of_the_loss_competes_with_it(day, cause):
    assert lasted(day) == (min(day, 365) - 91, cause)


@pytest.mark.parametrize("day", [0, 30, 91])
def test_treated_again_before_the_response_does_not_end_it(day):
    assert lasted(day) == (365 - 91, 1)
