"""Shares with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betaincinv


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
    """A proportion with its Clopper-Pearson interval.

    Source: Clopper and Pearson, Biometrika 1934;26:404.
    """
    if n == 0:
        return Rate(hits=0, n=0, rate=None, low=None, high=None, level=level)
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return Rate(hits=hits, n=n, rate=hits / n, low=low, high=high, level=level)
