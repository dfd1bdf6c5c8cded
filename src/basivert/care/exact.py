"""Exact intervals of a proportion, and which counts a printed percentage allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb

# Halvings of [0, 1]; the last bit of a double is reached before.
_HALVINGS = 60


def counts(percent: float | int, decimals: int, n: int) -> tuple[int, ...]:
    """Counts of `n` that print as `percent` with `decimals`, in order; none where it is a slip."""
    half = 0.5 * 10.0**-decimals + 1e-9
    return tuple(k for k in range(n + 1) if abs(100.0 * k / n - percent) <= half)


@lru_cache(maxsize=256)
def clopper_pearson(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion, 0 to 1.

    Source: Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    tail = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else _root(lambda p: _at_least(hits, n, p) - tail)
    high = 1.0 if hits == n else _root(lambda p: tail - _at_least(n - hits, n, 1.0 - p))
    return low, high


def _at_least(hits: int, n: int, p: float) -> float:
    return sum(comb(n, k) * p**k * (1.0 - p) ** (n - k) for k in range(hits, n + 1))


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0
