"""Compiled loop over a grid of codes: where each one lies, in one pass through memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit

from basivert.arrays import Grid, frozen

Array = np.ndarray
# Number types that the loop is compiled for, as numpy's own letters: uint8, int16, int32.
KNOWN = "Bhi"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extents:
    """By code, from 0 (whose row is left empty) to the largest there is; all (codes, 3) but count.

    low, high: first voxel and last plus one along each axis; high 0 for a code without voxels.
    count: (codes,) voxels.  sums: of their indices along each axis.
    """

    low: np.ndarray
    high: np.ndarray
    count: np.ndarray
    sums: np.ndarray


def extents(values: Grid) -> Extents:
    """Where each code above 0 lies in a grid of codes from 0 upwards.

    Args:
        values: (i, j, k) whole numbers; a mask in uint8 has the code 1.
    """
    grid = values if values.dtype.char in KNOWN else values.astype(np.int32)
    # The loop runs along the last axis; files are stored with the first one innermost.
    turned = grid.flags.f_contiguous and not grid.flags.c_contiguous
    grid = frozen(np.ascontiguousarray(grid.T if turned else grid))
    codes = int(grid.max(initial=0)) + 1
    low, high = np.full((codes, 3), np.iinfo(np.int64).max), np.zeros((codes, 3), np.int64)
    count, sums = np.zeros(codes, np.int64), np.zeros((codes, 3), np.int64)
    _scan(grid, low, high, count, sums)
    order = slice(None, None, -1 if turned else 1)
    return Extents(low=low[:, order], high=high[:, order], count=count, sums=sums[:, order])


@njit(cache=True, nogil=True)
@no_type_check
def _scan(grid: Array, low: Array, high: Array, count: Array, sums: Array) -> None:
    """Fill the four by runs of one code."""
    length = grid.shape[2]
    for i in range(grid.shape[0]):
        for j in range(grid.shape[1]):
            code, start = 0, 0
            for k in range(length + 1):
                here = grid[i, j, k] if k < length else 0
                if k < length and here == code:
                    continue
                if code > 0:
                    n = k - start
                    count[code] += n
                    sums[code, 0] += n * i
                    sums[code, 1] += n * j
                    sums[code, 2] += n * (start + k - 1) // 2
                    low[code, 0], high[code, 0] = min(low[code, 0], i), i + 1
                    low[code, 1], high[code, 1] = min(low[code, 1], j), max(high[code, 1], j + 1)
                    low[code, 2], high[code, 2] = min(low[code, 2], start), max(high[code, 2], k)
                code, start = here, k
