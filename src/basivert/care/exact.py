"""Exact intervals of a proportion, and which counts a printed percentage allows."""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p

# A term that adds less than this share to its sum cannot be seen in it.
_UNSEEN = 1e-17
# Newton's steps are far fewer; bisection alone needs as many as a double has bits.
_STEPS = 64


def counts(percent: float | int, decimals: int, n: int) -> tuple[int, ...]:
    """Counts of `n` that print as `percent` with `decimals`, in order; none where it is a slip."""
    half = 0.5 * 10.0**-decimals + 1e-9
    return tuple(k for k in range(n + 1) if abs(100.0 * k / n - percent) <= half)


@lru_cache(maxsize=4096)
def clopper_pearson(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion, 0 to 1.

    Source: Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    tail = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else _where(hits, n, tail)
    high = 1.0 if hits == n else 1.0 - _where(n - hits, n, tail)
    return low, high


def _where(hits: int, n: int, tail: float) -> float:
    """The chance under which `hits` or more of `n` come about with the probability `tail`."""
    low, high, p = 0.0, 1.0, hits / (n + 1)
    for _ in range(_STEPS):
        share, slope = _at_least(hits, n, p), hits / p * _exactly(hits, n, p)
        low, high = (p, high) if share < tail else (low, p)
        step = p - (share - tail) / slope if slope > 0.0 else low
        before, p = p, step if low < step < high else (low + high) / 2.0
        if abs(p - before) <= 1e-15:
            break
    return p


def _at_least(hits: int, n: int, p: float) -> float:
    """P(X ≥ hits), summed away from the mean so that its terms only get smaller."""
    if hits > n * p:
        return _beyond(hits, n, p)
    return 1.0 - _beyond(n - hits + 1, n, 1.0 - p)


def _beyond(hits: int, n: int, p: float) -> float:
    if hits > n:
        return 0.0
    term = found = _exactly(hits, n, p)
    for k in range(hits, n):
        term *= (n - k) / (k + 1) * p / (1.0 - p)
        found += term
        if term < _UNSEEN * found:
            break
    return found


def _exactly(hits: int, n: int, p: float) -> float:
    ways = lgamma(n + 1) - lgamma(hits + 1) - lgamma(n - hits + 1)
    return exp(ways + hits * log(p) + (n - hits) * log1p(-p))
