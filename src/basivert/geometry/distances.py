"""Compiled loops of the exact distance transform: one pass along each axis of a grid.

Ties go to the site that `scipy.ndimage.distance_transform_edt` takes, so both agree everywhere.

Source: Maurer, Qi and Raghavan 2003, doi:10.1109/TPAMI.2003.1177156.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

Array = np.ndarray


@njit(cache=True, nogil=True)
@no_type_check
def nearest_sites(sites: Array, spacing: Array, site: Array, square: Array) -> None:
    """Nearest true voxel of each voxel of a grid that has at least one.

    Args:
        sites: (i, j, k) bool.
        spacing: (3,) mm.
        site: (i, j, k) flat index of the nearest true voxel, written.
        square: (i, j, k) squared distance to it, mm², written.
    """
    _first_axis(sites, spacing[0], site, square)
    ni, nj, nk = sites.shape
    size = max(nj, nk)
    place, own, height = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size)
    for i in range(ni):
        for k in range(nk):
            _line(site[i, :, k], square[i, :, k], spacing[1], place, own, height)
        for j in range(nj):
            _line(site[i, j], square[i, j], spacing[2], place, own, height)


@njit(cache=True, nogil=True)
@no_type_check
def _first_axis(sites: Array, step: float, site: Array, square: Array) -> None:
    """Nearest true voxel on the same line along i; −1 and infinity where the line has none."""
    ni, nj, nk = sites.shape
    last = np.full((nj, nk), -1, np.int32)
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                if sites[i, j, k]:
                    last[j, k] = i
                site[i, j, k] = last[j, k]
    last[:] = -1
    for i in range(ni - 1, -1, -1):
        for j in range(nj):
            for k in range(nk):
                if sites[i, j, k]:
                    last[j, k] = i
                best, after = site[i, j, k], last[j, k]
                if best < 0 or (after >= 0 and after - i < i - best):
                    best = after
                if best < 0:
                    site[i, j, k] = -1
                    square[i, j, k] = np.inf
                else:
                    away = (best - i) * step
                    site[i, j, k] = (best * nj + j) * nk + k
                    square[i, j, k] = away * away


@njit(cache=True, nogil=True)
@no_type_check
def _line(site: Array, square: Array, step: float, place: Array, own: Array, height: Array) -> None:
    """One line: the lower envelope of the parabolas that stand on its voxels.

    place, own, height: room for a line; the parabolas that stay, where they stand and how high.
    """
    size = site.shape[0]
    top = -1
    for n in range(size):
        if site[n] < 0:
            continue
        while top >= 1:
            a = (place[top] - place[top - 1]) * step
            b = (n - place[top]) * step
            c = a + b
            if c * height[top] - b * height[top - 1] - a * square[n] - a * b * c <= 0.0:
                break
            top -= 1
        top += 1
        place[top], own[top], height[top] = n, site[n], square[n]
    if top < 0:
        return
    at = 0
    for n in range(size):
        away = (place[at] - n) * step
        here = height[at] + away * away
        while at < top:
            away = (place[at + 1] - n) * step
            there = height[at + 1] + away * away
            if here <= there:
                break
            here = there
            at += 1
        site[n] = own[at]
        square[n] = here
