"""Trilinear look-up on regular grids."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from basivert.arrays import Affine, Grid, frozen
from basivert.geometry import lookup
from basivert.geometry.rigid import inverse

THREADS = 2
WORTH_A_THREAD = 200_000
# Number types that the loops are compiled for, as numpy's own letters.
KNOWN = "fdh"


def interpolated(
    values: Grid, world_from_index: Affine, points: np.ndarray, *, outside: float
) -> np.ndarray:
    """Trilinear value at points (..., 3) of the grid's world frame.

    Args:
        values: (i, j, k) samples at voxel centres.
        world_from_index: 4×4, voxel centre → the frame of `points`, mm.
        points: (..., 3) mm.
        outside: value given beyond the outermost voxel centres.

    Returns: (...) float32.
    """
    flat = np.ascontiguousarray(points, float).reshape(-1, 3)
    found = np.empty(len(flat), np.float32)
    index_from_world, grid = inverse(world_from_index), _readable(values)
    _split(len(flat), len(flat), lambda part: lookup.at_points(
        grid, index_from_world, flat[part], outside, found[part]))  # fmt: skip
    return found.reshape(points.shape[:-1])


def nearest(
    values: Grid, world_from_index: Affine, points: np.ndarray, *, outside: int
) -> np.ndarray:
    """Value of the nearest voxel centre at points (..., 3), in the grid's own number type.

    Args:
        values: (i, j, k) codes at voxel centres.
        world_from_index: 4×4, voxel centre → the frame of `points`, mm.
        points: (..., 3) mm.
        outside: code given beyond the outermost voxel centres.
    """
    flat = np.ascontiguousarray(points, float).reshape(-1, 3)
    found = np.empty(len(flat), values.dtype)
    lookup.nearest_at_points(frozen(values), inverse(world_from_index), flat, outside, found)
    return found.reshape(points.shape[:-1])


def regridded(
    values: Grid,
    world_from_index: Affine,
    world_from_new: Affine,
    shape: tuple[int, int, int],
    *,
    outside: float,
) -> Grid:
    """Trilinear values of one regular grid at the voxel centres of another.

    Args:
        values: (i, j, k) samples at voxel centres.
        world_from_index: 4×4, its voxel centre → world, mm.
        world_from_new: 4×4, new voxel centre → the same world, mm.
        shape: voxels of the new grid.
        outside: value given beyond the outermost voxel centres.

    Returns: shape float32; the same as `interpolated` at `grid_points`, without the list of points.
    """
    index_from_new = inverse(world_from_index) @ world_from_new
    found, grid = np.empty(shape, np.float32), _readable(values)
    _split(shape[0], found.size, lambda part: lookup.at_grid(
        grid, index_from_new, part.start, outside, found[part]))  # fmt: skip
    return found


def nearest_on_grid(
    values: Grid, world_from_index: Affine, world_from_new: Affine, shape: tuple[int, int, int]
) -> Grid:
    """Value of the nearest voxel centre at the voxel centres of another grid, 0 beyond the first.

    Args and frames as for `regridded`; the grid's own number type is kept.
    """
    found = np.empty(shape, values.dtype)
    index_from_new = inverse(world_from_index) @ world_from_new
    lookup.nearest_at_grid(frozen(values), index_from_new, 0, found)
    return found


def clamped(values: Grid, index_from_world: Affine, points: np.ndarray) -> np.ndarray:
    """Value of the nearest voxel at points (n, 3); beyond the grid that of its border.

    Args:
        values: (i, j, k) codes at voxel centres.
        index_from_world: 4×4, the frame of `points` → voxel, mm.
        points: (n, 3) mm.
    """
    found = np.empty(len(points), values.dtype)
    flat = np.ascontiguousarray(points, float)
    lookup.clamped_at_points(frozen(values), index_from_world.copy(), flat, found)
    return found


def _readable(values: Grid) -> Grid:
    """The grid as one of the few number types that the loops are compiled for, read-only."""
    known = values.dtype.char in KNOWN
    return frozen(values if known else values.astype(np.float32))


def _split(rows: int, work: int, done: Callable[[slice], None]) -> None:
    """Run over all rows; the loops leave Python's lock, so that large ones run in two halves."""
    if work < WORTH_A_THREAD:
        done(slice(0, rows))
        return
    edges = np.linspace(0, rows, THREADS + 1).astype(int)
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [slice(int(a), int(b)) for a, b in pairwise(edges)]
        list(pool.map(done, parts))


def grid_points(world_from_index: Affine, shape: tuple[int, int, int]) -> np.ndarray:
    """(i, j, k, 3) positions of all voxel centres in the grid's world frame, float32."""
    i, j, k = (np.arange(n, dtype=np.float32) for n in shape)
    m = world_from_index.astype(np.float32)
    return (
        m[:3, 3]
        + i[:, None, None, None] * m[:3, 0]
        + j[None, :, None, None] * m[:3, 1]
        + k[None, None, :, None] * m[:3, 2]
    )
