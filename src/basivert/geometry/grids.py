"""Trilinear look-up on regular grids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.ndimage import affine_transform, map_coordinates

from basivert.arrays import Affine, Grid
from basivert.geometry.rigid import inverse, moved

THREADS = 2
WORTH_A_THREAD = 50_000


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
    flat = points.reshape(-1, 3)
    index_from_world = inverse(world_from_index)

    def part(some: np.ndarray) -> np.ndarray:
        return map_coordinates(
            values, moved(index_from_world, some).T, order=1, mode="constant", cval=outside,
            output=np.float32, prefilter=False,
        )  # fmt: skip

    if len(flat) < WORTH_A_THREAD:
        return part(flat).reshape(points.shape[:-1])
    # The look-up leaves Python's lock: two halves at once take half the time.
    with ThreadPoolExecutor(THREADS) as pool:
        found = np.concatenate(list(pool.map(part, np.array_split(flat, THREADS))))
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
    offset: Any = index_from_new[:3, 3]  # scipy's own types know one number only
    return np.asarray(affine_transform(
        values, index_from_new[:3, :3], offset, shape, order=1, mode="constant",
        cval=outside, output=np.float32, prefilter=False,
    ))  # fmt: skip


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
