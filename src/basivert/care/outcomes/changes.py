"""Mean change of pain and disability from baseline, of those seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy.stats import t as student

from basivert.care.outcomes.responders import Followed
from basivert.care.outcomes.schedule import Visit


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
    return tuple(
        found
        for measure, unit in (("pain", "points of 10"), ("odi", "%"))
        for visit in held.plan
        if (found := _change(measure, unit, visit, held)).due
    )


def _change(measure: str, unit: str, visit: Visit, held: Followed) -> Change:
    at, level = held.plan.index(visit), held.level
    due = held.dues.due[:, at]
    scores = held.columns[measure].values * held.columns[measure].of_ten[:, None]
    both = due & ~np.isnan(scores[:, 0]) & ~np.isnan(scores[:, at + 1])
    first, then = scores[both, 0].tolist(), scores[both, at + 1].tolist()
    steps = [b - a for a, b in zip(first, then, strict=True)]
    mean, sd, half = fmean(steps) if steps else None, None, None
    if mean is not None and len(steps) > 1:
        # As `statistics.stdev`, whose fractions take seconds for many patients.
        sd = math.sqrt(math.fsum((step - mean) ** 2 for step in steps) / (len(steps) - 1))
        quantile = float(student.ppf(1 - (1 - level) / 2, len(steps) - 1))
        half = quantile * sd / math.sqrt(len(steps))
    return Change(
        measure=measure, unit=unit, visit=visit.key, due=int(due.sum()), seen=len(steps),
        baseline=fmean(first) if steps else None,
        now=fmean(then) if steps else None, change=mean, sd=sd,
        low=None if mean is None or half is None else mean - half,
        high=None if mean is None or half is None else mean + half, level=level,
    )  # fmt: skip
