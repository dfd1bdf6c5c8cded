"""Compiled loops of the look-up on regular grids.

Grids may lie in memory in any order. A place beyond the outermost voxel centres has no value.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

Array = np.ndarray


@njit(cache=True, nogil=True, inline="always")
@no_type_check
def _between(values: Array, x: float, y: float, z: float, outside: float) -> float:
    """Trilinear value at one index position."""
    ni, nj, nk = values.shape
    # Written so that a position that is no number is outside, too.
    if not (0.0 <= x <= ni - 1 and 0.0 <= y <= nj - 1 and 0.0 <= z <= nk - 1):
        return outside
    i, j, k = int(x), int(y), int(z)
    u, v, w = x - i, y - j, z - k
    a, b, c = min(i + 1, ni - 1), min(j + 1, nj - 1), min(k + 1, nk - 1)
    low = (values[i, j, k] * (1.0 - w) + values[i, j, c] * w) * (1.0 - v) + (
        values[i, b, k] * (1.0 - w) + values[i, b, c] * w
    ) * v
    high = (values[a, j, k] * (1.0 - w) + values[a, j, c] * w) * (1.0 - v) + (
        values[a, b, k] * (1.0 - w) + values[a, b, c] * w
    ) * v
    return low * (1.0 - u) + high * u


@njit(cache=True, nogil=True)
@no_type_check
def at_points(values: Array, m: Array, points: Array, outside: float, found: Array) -> None:
    """Trilinear values at points (n, 3), into found (n,); m: 4×4, points' frame → index."""
    for n in range(points.shape[0]):
        p, q, r = points[n, 0], points[n, 1], points[n, 2]
        x = m[0, 0] * p + m[0, 1] * q + m[0, 2] * r + m[0, 3]
        y = m[1, 0] * p + m[1, 1] * q + m[1, 2] * r + m[1, 3]
        z = m[2, 0] * p + m[2, 1] * q + m[2, 2] * r + m[2, 3]
        found[n] = _between(values, x, y, z, outside)


@njit(cache=True, nogil=True)
@no_type_check
def at_grid(values: Array, m: Array, first: int, outside: float, found: Array) -> None:
    """Trilinear values at the voxels of another grid, into found (i, j, k).

    m: 4×4, new index → old index; first: new index of the first plane of `found`.
    """
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            x0 = m[0, 0] * (first + i) + m[0, 1] * j + m[0, 3]
            y0 = m[1, 0] * (first + i) + m[1, 1] * j + m[1, 3]
            z0 = m[2, 0] * (first + i) + m[2, 1] * j + m[2, 3]
            for k in range(found.shape[2]):
                found[i, j, k] = _between(
                    values, x0 + m[0, 2] * k, y0 + m[1, 2] * k, z0 + m[2, 2] * k, outside
                )


@njit(cache=True, nogil=True)
@no_type_check
def nearest_at_points(values: Array, m: Array, points: Array, outside: int, found: Array) -> None:
    """Value of the voxel centre nearest to points (n, 3), into found (n,); m as in `at_points`."""
    ni, nj, nk = values.shape
    for n in range(points.shape[0]):
        p, q, r = points[n, 0], points[n, 1], points[n, 2]
        x = m[0, 0] * p + m[0, 1] * q + m[0, 2] * r + m[0, 3]
        y = m[1, 0] * p + m[1, 1] * q + m[1, 2] * r + m[1, 3]
        z = m[2, 0] * p + m[2, 1] * q + m[2, 2] * r + m[2, 3]
        if 0.0 <= x <= ni - 1 and 0.0 <= y <= nj - 1 and 0.0 <= z <= nk - 1:
            found[n] = values[int(x + 0.5), int(y + 0.5), int(z + 0.5)]
        else:
            found[n] = outside


@njit(cache=True, nogil=True)
@no_type_check
def nearest_at_grid(values: Array, m: Array, outside: int, found: Array) -> None:
    """Value of the voxel centre nearest to the voxels of another grid, into found (i, j, k).

    m: 4×4, new index → old index.
    """
    ni, nj, nk = values.shape
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            x0 = m[0, 0] * i + m[0, 1] * j + m[0, 3]
            y0 = m[1, 0] * i + m[1, 1] * j + m[1, 3]
            z0 = m[2, 0] * i + m[2, 1] * j + m[2, 3]
            for k in range(found.shape[2]):
                x, y, z = x0 + m[0, 2] * k, y0 + m[1, 2] * k, z0 + m[2, 2] * k
                if 0.0 <= x <= ni - 1 and 0.0 <= y <= nj - 1 and 0.0 <= z <= nk - 1:
                    found[i, j, k] = values[int(x + 0.5), int(y + 0.5), int(z + 0.5)]
                else:
                    found[i, j, k] = outside


@njit(cache=True, nogil=True)
@no_type_check
def clamped_at_points(values: Array, m: Array, points: Array, found: Array) -> None:
    """Value of the nearest voxel at points (n, 3), beyond the grid of that at its border."""
    ni, nj, nk = values.shape
    for n in range(points.shape[0]):
        p, q, r = points[n, 0], points[n, 1], points[n, 2]
        x = m[0, 0] * p + m[0, 1] * q + m[0, 2] * r + m[0, 3] + 0.5
        y = m[1, 0] * p + m[1, 1] * q + m[1, 2] * r + m[1, 3] + 0.5
        z = m[2, 0] * p + m[2, 1] * q + m[2, 2] * r + m[2, 3] + 0.5
        i, j, k = int(max(x, 0.0)), int(max(y, 0.0)), int(max(z, 0.0))
        found[n] = values[min(i, ni - 1), min(j, nj - 1), min(k, nk - 1)]
