"""How long it lasts: Kaplan-Meier with intervals, and causes that compete."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from basivert.care.outcomes.registry import Registry
from basivert.care.outcomes.responders import (
    NO_RESPONSE,
    RESPONSE,
    Course,
    Followed,
    definition,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """One patient's time in days. cause: 0 censored, 1 the event, 2 another that rules it out."""

    days: int
    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The curve from one day on.

    at_risk: just before the day.  events, competing, censored: on the day.
    survival: share still without any event, with its interval; cumulative: share with the event
    when the competing one is not censored (Aalen-Johansen).
    """

    day: int
    at_risk: int
    events: int
    competing: int
    censored: int
    survival: float
    low: float
    high: float
    cumulative: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Steps in order of their day; median_day: None where the curve stays over one half."""

    n: int
    steps: tuple[Step, ...]
    median_day: int | None
    level: float


def kaplan_meier(times: Sequence[Time], level: float) -> Curve:
    """Share without the event over time; competing events end the watching of a patient.

    The interval is Greenwood's on the scale log(−log S). Where S is 1 it is [1, 1], and where S is
    0 it is [0, 0]: the formula says nothing there.

    Source: Kaplan and Meier 1958; Kalbfleisch and Prentice 2002; Aalen and Johansen 1978.
    """
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)
    at_risk, survival, spread, free, cumulative = len(times), 1.0, 0.0, 1.0, 0.0
    steps: list[Step] = []
    on = Counter((time.days, time.cause) for time in times)
    for day in sorted({days for days, _ in on}):
        gone, events, rivals = (on[day, cause] for cause in (0, 1, 2))
        cumulative += free * events / at_risk
        free *= 1 - (events + rivals) / at_risk
        survival *= 1 - events / at_risk
        if events < at_risk:
            spread += events / (at_risk * (at_risk - events))
        low, high = _interval(survival, spread, z)
        steps.append(Step(
            day=day, at_risk=at_risk, events=events, competing=rivals,
            censored=gone, survival=survival, low=low, high=high, cumulative=cumulative,
        ))  # fmt: skip
        at_risk -= gone + events + rivals
    below = (step.day for step in steps if step.survival <= 0.5)
    return Curve(n=len(times), steps=tuple(steps), median_day=next(below, None), level=level)


def at(curve: Curve, day: int) -> Step | None:
    """The curve on a day, with counts up to it; at_risk: patients watched beyond it.

    None where nobody was watched that long: the curve does not reach the day.
    """
    past = [step for step in curve.steps if step.day <= day]
    left = sum(step.events + step.competing + step.censored for step in past)
    last = past[-1] if past else None
    if left == curve.n and (last is None or last.day < day):
        return None
    return Step(
        day=day, at_risk=curve.n - left, events=sum(step.events for step in past),
        competing=sum(step.competing for step in past),
        censored=sum(step.censored for step in past),
        survival=last.survival if last else 1.0, low=last.low if last else 1.0,
        high=last.high if last else 1.0, cumulative=last.cumulative if last else 0.0,
    )  # fmt: skip


def response_times(held: Followed) -> tuple[Time, ...]:
    """From the first visit with a response to the first one without.

    A patient counts who responded by the visit `start_by`. A further treatment before the loss
    competes with it; who neither lost the response nor was treated again is censored at the last
    visit seen. Between two visits nobody looked: the loss counts on the day it was seen.
    """
    table = held.rules["analysis"]["durability"]
    one = definition(table["definition"], held.rules)
    keys = [visit.key for visit in held.plan]
    start = keys[: keys.index(table["start_by"]) + 1]
    # Without baseline's own column.
    said = held.said[one.key][:, 1:]
    found = (
        _lost(held.courses[one.measure][row], said[row].tolist(), keys, start)
        for row in np.flatnonzero((said[:, : len(start)] == RESPONSE).any(axis=1))
    )
    return tuple(time for time in found if time is not None)


def _lost(course: Course, codes: list[int], keys: list[str], start: list[str]) -> Time | None:
    said = dict(zip(keys, codes, strict=True))
    first = next((key for key in start if said[key] == RESPONSE), None)
    if first is None:
        return None
    begin = course.assigned.at[first].day
    again = [r.day for r in course.patient.retreatments if r.day > begin]
    later = [key for key in keys[keys.index(first) + 1 :] if said[key] in (RESPONSE, NO_RESPONSE)]
    loss = [course.assigned.at[key].day for key in later if said[key] == NO_RESPONSE]
    if loss and not (again and min(again) <= loss[0]):
        return Time(days=loss[0] - begin, cause=1)
    if again:
        return Time(days=min(again) - begin, cause=2)
    last = course.assigned.at[later[-1]].day if later else begin
    return Time(days=last - begin, cause=0)


def retreatment_times(registry: Registry) -> tuple[Time, ...]:
    """From the procedure to the first further treatment.

    Death competes; who had neither is censored at the last contact.
    """
    found: list[Time] = []
    for patient in registry.patients:
        again = [row.day for row in patient.retreatments if row.day >= 0]
        if again:
            found.append(Time(days=min(again), cause=1))
        elif patient.left_why == "death":
            found.append(Time(days=patient.last_contact, cause=2))
        else:
            found.append(Time(days=patient.last_contact, cause=0))
    return tuple(found)


def _interval(survival: float, spread: float, z: float) -> tuple[float, float]:
    if survival in (0.0, 1.0):
        return survival, survival
    half = z * math.sqrt(spread) / math.log(survival)
    ends = survival ** math.exp(half), survival ** math.exp(-half)
    return min(ends), max(ends)
