"""Mean change of pain and disability from baseline, of those seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.stats import t as student

from basivert.care.outcomes.responders import Course, Followed
from basivert.care.outcomes.schedule import BASELINE, Visit, due


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Means over those due with both scores; negative is better.

    baseline, now, change: points of ten for pain, percent for ODI; None where nobody was seen.
    sd: of the change; low, high: interval of its mean; None for fewer than two.
    """

    measure: str
    unit: str
    visit: str
    due: int
    seen: int
    baseline: float | None
    now: float | None
    change: float | None
    sd: float | None
    low: float | None
    high: float | None
    level: float


def changes(held: Followed) -> tuple[Change, ...]:
    """Pain and ODI at every visit that anybody is due for."""
    level = float(held.rules["responders"]["level"])
    return tuple(
        found
        for measure, unit in (("pain", "points of 10"), ("odi", "%"))
        for visit in held.plan
        if (
            found := _change(measure, unit, visit, held.courses[measure], held.as_of_day, level)
        ).due
    )


def _change(
    measure: str, unit: str, visit: Visit, courses: Sequence[Course], as_of_day: int, level: float
) -> Change:
    counted = [course for course in courses if due(course.patient, visit, as_of_day)]
    pairs = [
        (course.of_ten * before, course.of_ten * now)
        for course in counted
        if (before := course.value(BASELINE)) is not None
        and (now := course.value(visit.key)) is not None
    ]
    steps = [now - before for before, now in pairs]
    mean, sd, half = fmean(steps) if steps else None, None, None
    if len(steps) > 1:
        sd = stdev(steps)
        quantile = float(student.ppf(1 - (1 - level) / 2, len(steps) - 1))
        half = quantile * sd / math.sqrt(len(steps))
    return Change(
        measure=measure, unit=unit, visit=visit.key, due=len(counted), seen=len(pairs),
        baseline=fmean(a for a, _ in pairs) if pairs else None,
        now=fmean(b for _, b in pairs) if pairs else None, change=mean, sd=sd,
        low=None if mean is None or half is None else mean - half,
        high=None if mean is None or half is None else mean + half, level=level,
    )  # fmt: skip
