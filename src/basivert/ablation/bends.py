"""Compiled look-ups on the bent grid: places, their slopes, and the way back from a place.

A course is `pieces` (n, 4, 9): cubic coefficients, highest power first, of centre, side and up over
each stretch of a centre line's depth, all as long as the first; ends go on with their last cubic.
`axes` (4, 3): side, up and back of the straight outer part, then its origin, LPS mm.
`sizes`: depth where the course starts, length of a stretch, radius of the probe and distance at
which the grid is straight, mm.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from basivert.arrays import Points, Vector

# Distance from the surface over which the blend picks up its pace, mm.
ONSET_MM = 3.0
NEWTON_STEPS = 40
NEWTON_MM = 1e-7
# Longest step of Newton's method, mm, and stretches skipped when its start is looked for.
LONGEST_MM, COARSE = 5.0, 8
Sizes = tuple[float, float, float, float]


@njit(cache=True, nogil=True)
def places(x: Vector, y: Vector, depth: Vector, pieces: np.ndarray, axes: np.ndarray,
           sizes: Sizes) -> Points:  # fmt: skip
    """(n, 3) LPS mm of places by cross-section (x, y) and depth, mm."""
    found, slopes = np.empty((len(x), 3)), np.empty((3, 3))
    line = np.empty((2, 9))
    for n in range(len(x)):
        _local(x[n], y[n], depth[n], pieces, axes, sizes, line, found[n], slopes)
    return found


@njit(cache=True, nogil=True)
def slopes(x: Vector, y: Vector, depth: Vector, pieces: np.ndarray, axes: np.ndarray,
           sizes: Sizes) -> np.ndarray:  # fmt: skip
    """(n, 3, 3) columns: slope of a place by x, y and depth."""
    found, place = np.empty((len(x), 3, 3)), np.empty(3)
    line = np.empty((2, 9))
    for n in range(len(x)):
        _local(x[n], y[n], depth[n], pieces, axes, sizes, line, place, found[n])
    return found


@njit(cache=True, nogil=True)
def volumes(x: Vector, y: Vector, depth: Vector, pieces: np.ndarray, axes: np.ndarray,
            sizes: Sizes) -> Vector:  # fmt: skip
    """(n,) determinants of the slopes."""
    found, place, slope = np.empty(len(x)), np.empty(3), np.empty((3, 3))
    line = np.empty((2, 9))
    for n in range(len(x)):
        _local(x[n], y[n], depth[n], pieces, axes, sizes, line, place, slope)
        found[n] = _determinant(slope)
    return found


@njit(cache=True, nogil=True)
def inverted(points: Points, pieces: np.ndarray, axes: np.ndarray, sizes: Sizes,
             found: Points) -> float:  # fmt: skip
    """Newton's method from the nearest point of the centre line, or from the straight grid.

    Fills `found` (n, 3) with x, y and depth of points (n, 3), LPS mm; returns the largest miss, mm.
    """
    place, slope, line = np.empty(3), np.empty((3, 3)), np.empty((2, 9))
    worst = 0.0
    for n in range(len(points)):
        _start(points[n], pieces, axes, sizes, line, found[n])
        miss = np.inf
        for _ in range(NEWTON_STEPS):
            x, y, depth = found[n]
            _local(x, y, depth, pieces, axes, sizes, line, place, slope)
            a, b, c = points[n] - place
            miss = max(abs(a), abs(b), abs(c))
            if miss < NEWTON_MM:
                break
            _step(slope, a, b, c, found[n])
        worst = max(worst, miss)
    return worst


@njit(cache=True, nogil=True)
def _start(point: np.ndarray, pieces: np.ndarray, axes: np.ndarray, sizes: Sizes,
           line: np.ndarray, at: np.ndarray) -> None:  # fmt: skip
    """Nearest knot of the course where that is near, else the place on the straight grid."""
    last = len(pieces) - 1
    near, least = 0, np.inf
    for k in range(0, last + 1, COARSE):
        away = _gap(point, pieces[k, 3])
        if away < least:
            near, least = k, away
    for k in range(max(0, near - COARSE), min(last, near + COARSE) + 1):
        away = _gap(point, pieces[k, 3])
        if away < least:
            near, least = k, away
    if np.sqrt(least) < 0.5 * sizes[3]:
        at[:] = 0.0
        for c in range(3):
            off = point[c] - pieces[near, 3, c]
            at[0] += off * pieces[near, 3, 3 + c]
            at[1] += off * pieces[near, 3, 6 + c]
        at[2] = sizes[0] + near * sizes[1]
        return
    for n in range(3):
        at[n] = 0.0
        for c in range(3):
            at[n] += (point[c] - axes[3, c]) * axes[n, c]


@njit(cache=True, nogil=True)
def _gap(one: np.ndarray, two: np.ndarray) -> float:
    """Squared distance."""
    return (one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2 + (one[2] - two[2]) ** 2


@njit(cache=True, nogil=True)
def _step(slope: np.ndarray, a: float, b: float, c: float, at: np.ndarray) -> None:
    """Move by slope⁻¹ · (a, b, c), not too far at once."""
    s = slope
    whole = _determinant(s)
    x = (a * (s[1, 1] * s[2, 2] - s[1, 2] * s[2, 1]) - s[0, 1] * (b * s[2, 2] - s[1, 2] * c)
         + s[0, 2] * (b * s[2, 1] - s[1, 1] * c)) / whole  # fmt: skip
    y = (s[0, 0] * (b * s[2, 2] - s[1, 2] * c) - a * (s[1, 0] * s[2, 2] - s[1, 2] * s[2, 0])
         + s[0, 2] * (s[1, 0] * c - b * s[2, 0])) / whole  # fmt: skip
    z = (s[0, 0] * (s[1, 1] * c - b * s[2, 1]) - s[0, 1] * (s[1, 0] * c - b * s[2, 0])
         + a * (s[1, 0] * s[2, 1] - s[1, 1] * s[2, 0])) / whole  # fmt: skip
    share = min(1.0, LONGEST_MM / max(np.sqrt(x * x + y * y + z * z), 1e-12))
    at[0] += share * x
    at[1] += share * y
    at[2] += share * z


@njit(cache=True, nogil=True)
def _determinant(s: np.ndarray) -> float:
    return (s[0, 0] * (s[1, 1] * s[2, 2] - s[1, 2] * s[2, 1])
            - s[0, 1] * (s[1, 0] * s[2, 2] - s[1, 2] * s[2, 0])
            + s[0, 2] * (s[1, 0] * s[2, 1] - s[1, 1] * s[2, 0]))  # fmt: skip


@njit(cache=True, nogil=True)
def _local(x: float, y: float, depth: float, pieces: np.ndarray, axes: np.ndarray, sizes: Sizes,
           line: np.ndarray, place: np.ndarray, slope: np.ndarray) -> None:  # fmt: skip
    """One place and its slopes: the straight grid, and its share of the bent one.

    line: (2, 9) room for the course's value and slope there.
    """
    start, length, radius, reach = sizes
    r = np.hypot(x, y)
    share, fall = _share(r, radius, reach)
    if r < reach:
        k = min(max(int((depth - start) / length), 0), len(pieces) - 1)
        u = depth - (start + k * length)
        for n in range(9):
            a, b, c, d = pieces[k, 0, n], pieces[k, 1, n], pieces[k, 2, n], pieces[k, 3, n]
            line[0, n] = ((a * u + b) * u + c) * u + d
            line[1, n] = (3 * a * u + 2 * b) * u + c
    else:
        line[:] = 0.0
    fall /= max(r, 1e-12)
    for n in range(3):
        side, up, back = axes[0, n], axes[1, n], axes[2, n]
        straight = axes[3, n] + depth * back + x * side + y * up
        apart = line[0, n] + x * line[0, 3 + n] + y * line[0, 6 + n] - straight
        along = line[1, n] + x * line[1, 3 + n] + y * line[1, 6 + n]
        place[n] = straight + share * apart
        slope[n, 0] = side + share * (line[0, 3 + n] - side) + fall * x * apart
        slope[n, 1] = up + share * (line[0, 6 + n] - up) + fall * y * apart
        slope[n, 2] = back + share * (along - back)


@njit(cache=True, nogil=True)
def _share(distance: float, radius: float, reach: float) -> tuple[float, float]:
    """How much of the bent grid there is in the blend, and its slope per mm.

    All of it within the probe: a share that falls from the axis on would push the surface off its
    centre line.
    """
    if distance >= reach:
        return 0.0, 0.0
    gone, whole = max(distance - radius, 0.0), reach - radius
    scale = (whole + ONSET_MM) / whole**2
    share = 1.0 - scale * gone**2 / (gone + ONSET_MM)
    return share, -scale * gone * (gone + 2 * ONSET_MM) / (gone + ONSET_MM) ** 2
