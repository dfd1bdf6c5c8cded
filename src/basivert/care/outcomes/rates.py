"""Shares with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.care.exact import clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """hits of n; rate, low, high: 0-1, None where n is 0."""

    hits: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    level: float


def exact_rate(hits: int, n: int, level: float) -> Rate:
    """A proportion with its Clopper-Pearson interval."""
    if n == 0:
        return Rate(hits=0, n=0, rate=None, low=None, high=None, level=level)
    low, high = clopper_pearson(hits, n, level)
    return Rate(hits=hits, n=n, rate=hits / n, low=low, high=high, level=level)
