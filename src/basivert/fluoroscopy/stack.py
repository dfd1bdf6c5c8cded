"""A volume laid out for the renderer: planes across the voxel axis nearest to the beam."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Affine, Grid, Points, Vector, frozen
from basivert.errors import InputError
from basivert.fluoroscopy import kernels
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.carm import CArm
from basivert.geometry.rigid import inverse, turned

THREADS = 2
# Which voxel axes are p and q (across the planes) when the planes follow one another along the key.
ACROSS = {0: (1, 2), 1: (0, 2), 2: (0, 1)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stack:
    """Attenuation summed over slabs of voxels along one axis of the volume.

    planes: (slabs, q + 2, p + 2) float32, 1/mm times voxels, with one voxel of zeros around.
    boxes: (slabs, 4) first and last q and p with content, in padded indices.
    centres: (slabs,) place of each slab along the axis, voxels.
    lps_from_stack: (p, q, a, 1) in voxels → LPS mm.
    content: (8, 3) corners (p, q, a) of the box that holds all content; (0, 3) without any.
    axis, voxels: the voxel axis of the stack, and how many voxels one slab is thick.
    """

    planes: Grid
    boxes: np.ndarray
    centres: Vector
    lps_from_stack: Affine
    content: Points
    axis: int
    voxels: int


def axis(attenuation: Attenuation, carm: CArm, pose: Affine | None = None) -> int:
    """The voxel axis along which the central ray crosses most planes: 0, 1 or 2.

    Args:
        pose: rigid 4×4 in LPS mm by which the volume was moved; None for none.
    """
    lps_from_index = (
        attenuation.lps_from_index if pose is None else pose @ attenuation.lps_from_index
    )
    return int(np.argmax(np.abs(turned(inverse(lps_from_index), carm.axes[2]))))


def stacked(attenuation: Attenuation, along: int, voxels: int) -> Stack:
    """The volume as slabs of so many voxels along an axis of its own.

    Args:
        along: voxel axis 0, 1 or 2; see `axis`.
        voxels: planes of voxels in one slab; 1 is the most exact, 4 takes a quarter of the time.
    """
    if along not in ACROSS or voxels < 1:
        raise InputError(f"There are no slabs of {voxels} voxels along axis {along}.")
    p, q = ACROSS[along]
    values = attenuation.values.transpose(along, q, p)
    count = -(-values.shape[0] // voxels)
    planes = np.zeros((count, values.shape[1] + 2, values.shape[2] + 2), dtype=np.float32)
    boxes = np.zeros((count, 4), dtype=np.int64)
    parts = np.linspace(0, count, 2 * THREADS + 1).astype(int)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(
            lambda first, last: kernels.summed(values, planes, boxes, voxels, first, last),
            parts[:-1], parts[1:],
        ))  # fmt: skip
    first = np.arange(count) * voxels
    centres = 0.5 * (first + np.minimum(first + voxels, values.shape[0]) - 1)
    lps_from_stack = attenuation.lps_from_index[:, [p, q, along, 3]]
    return Stack(
        planes=frozen(planes), boxes=frozen(boxes), centres=frozen(centres),
        lps_from_stack=frozen(lps_from_stack), content=frozen(_content(boxes, centres)),
        axis=along, voxels=voxels,
    )  # fmt: skip


def _content(boxes: np.ndarray, centres: Vector) -> Points:
    held = boxes[:, 0] <= boxes[:, 1]
    if not held.any():
        return np.zeros((0, 3))
    along, inner = centres[held], boxes[held] - 1
    low = (inner[:, 2].min() - 1, inner[:, 0].min() - 1, along.min())
    high = (inner[:, 3].max() + 1, inner[:, 1].max() + 1, along.max())
    return np.stack(np.meshgrid(*zip(low, high, strict=True)), -1).reshape(-1, 3).astype(float)
