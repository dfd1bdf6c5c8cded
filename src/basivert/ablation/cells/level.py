"""How much of each tetrahedron lies above zero: eighths, each linear."""

from __future__ import annotations

import numpy as np
from numba import njit

from basivert.arrays import Points, Vector

# Corners of the eight parts: 0–3 are the tetrahedron's, 4–9 the middles of its edges.
PARTS = np.array([
    (0, 4, 5, 6), (1, 4, 7, 8), (2, 5, 7, 9), (3, 6, 8, 9),
    (4, 5, 6, 9), (4, 5, 7, 9), (4, 6, 8, 9), (4, 7, 8, 9),
])  # fmt: skip
EDGES = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])


def inside(corners: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> tuple[Points, Vector]:
    """Middles of eighths (8 t, 3) and the volume of each above zero (8 t,).

    corners: (t, 4, 3).  values: (t, 4).  slopes: (t, 4, 3) give the parabola along each edge.
    """
    one, two = EDGES.T
    apart = corners[:, two] - corners[:, one]
    bend = np.sum((slopes[:, one] - slopes[:, two]) * apart, axis=2) / 8
    middles = (values[:, one] + values[:, two]) / 2 + bend
    at = np.concatenate([corners, (corners[:, one] + corners[:, two]) / 2], axis=1)
    whole = np.concatenate([values, middles], axis=1)
    share = shares(np.ascontiguousarray(whole[:, PARTS].reshape(-1, 4)))
    return at[:, PARTS].mean(axis=2).reshape(-1, 3), share * np.repeat(volumes(corners) / 8, 8)


def volumes(corners: np.ndarray) -> Vector:
    """(t,) volumes of tetrahedra with corners (t, 4, 3)."""
    one, two, three = (corners[:, n] - corners[:, 0] for n in (1, 2, 3))
    return np.abs(np.sum(one * np.cross(two, three), axis=1)) / 6


@njit(cache=True, nogil=True)
def shares(values: np.ndarray) -> Vector:
    """Share of a tetrahedron where the linear function through its corners' values is positive."""
    found = np.empty(len(values))
    for t in range(len(values)):
        order = np.sort(values[t])
        a, b, c, d = order
        if a >= 0.0:
            found[t] = 1.0
        elif d <= 0.0:
            found[t] = 0.0
        elif c <= 0.0:
            found[t] = d / (d - a) * d / (d - b) * d / (d - c)
        elif b >= 0.0:
            found[t] = 1.0 - a / (a - b) * a / (a - c) * a / (a - d)
        else:
            one, two, three, four = d / (d - a), d / (d - b), c / (c - a), c / (c - b)
            found[t] = one * two + (1 - one) * two * three + (1 - two) * three * four
    return found
