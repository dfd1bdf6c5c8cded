"""Gaussian smoothing of a grid, compiled; the same numbers as `scipy.ndimage.gaussian_filter`."""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from basivert.arrays import Grid, Vector, frozen

Array = np.ndarray
# Lines that are worked on together: so many fit the nearest cache.
BLOCK = 1024


def smoothed(values: Grid, sd: float, truncate: float) -> Grid:
    """A grid under a Gaussian, mirrored at its borders; float32.

    Args:
        values: (i, j, k) float32.
        sd: in grid steps.
        truncate: where the Gaussian ends, in SD.
    """
    ni, nj, nk = values.shape
    reach = int(truncate * sd + 0.5)
    weights = _weights(sd, reach)
    first, second = np.empty(values.shape, np.float32), np.empty(values.shape, np.float32)
    grid = frozen(np.ascontiguousarray(values, np.float32))
    _across(grid.reshape(1, ni, nj * nk), weights, _mirror(ni, reach), first.reshape(1, ni, -1))
    _across(frozen(first), weights, _mirror(nj, reach), second)
    _along(second.reshape(-1, nk), weights, _mirror(nk, reach), first.reshape(-1, nk))
    return first


def _weights(sd: float, reach: int) -> Vector:
    """(reach + 1,) of the middle and of each distance from it."""
    weight = np.exp(-0.5 / (sd * sd) * np.arange(-reach, reach + 1) ** 2)
    return (weight / weight.sum())[reach:]


def _mirror(length: int, reach: int) -> np.ndarray:
    """(length + 2 reach,) which place stands at each, the border's own voxel twice."""
    return np.pad(np.arange(length), reach, mode="symmetric")


@njit(cache=True, nogil=True)
@no_type_check
def _across(values: Array, weights: Array, mirror: Array, found: Array) -> None:
    """Smooth along the middle axis of three."""
    count, length, width = values.shape
    reach = len(weights) - 1
    total = np.empty(BLOCK)
    for a in range(count):
        for start in range(0, width, BLOCK):
            size = min(BLOCK, width - start)
            for i in range(length):
                row = values[a, i, start : start + size]
                for c in range(size):
                    total[c] = np.float64(row[c]) * weights[0]
                for j in range(reach, 0, -1):
                    one = values[a, mirror[reach + i - j], start : start + size]
                    two = values[a, mirror[reach + i + j], start : start + size]
                    weight = weights[j]
                    for c in range(size):
                        total[c] += (np.float64(one[c]) + np.float64(two[c])) * weight
                target = found[a, i, start : start + size]
                for c in range(size):
                    target[c] = total[c]


@njit(cache=True, nogil=True)
@no_type_check
def _along(values: Array, weights: Array, mirror: Array, found: Array) -> None:
    """Smooth along the last axis of two."""
    count, length = values.shape
    reach = len(weights) - 1
    line, total = np.empty(length + 2 * reach), np.empty(length)
    for a in range(count):
        for i in range(len(line)):
            line[i] = values[a, mirror[i]]
        for i in range(length):
            total[i] = line[reach + i] * weights[0]
        for j in range(reach, 0, -1):
            weight = weights[j]
            one, two = line[reach - j :], line[reach + j :]
            for i in range(length):
                total[i] += (one[i] + two[i]) * weight
        for i in range(length):
            found[a, i] = total[i]
