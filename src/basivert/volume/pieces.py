"""Where each label lies: its box, its middle, and the faces of the volume that cut it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from basivert.arrays import Affine, Grid, Mask, Point, Vector
from basivert.geometry.rigid import moved


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One label in space.

    box: the voxels that hold it, as slices of the volume.
    centre: (3,) LPS mm, mean of its voxels.  size_mm: (3,) of its box along the grid's axes.
    cut: (axis, end) of each face of the volume that it touches; end 0 is the first voxel, 1 the
        last.
    """

    box: tuple[slice, ...]
    centre: Point
    size_mm: Vector
    cut: tuple[tuple[int, int], ...]


def boxes(values: Grid) -> list[tuple[slice, ...] | None]:
    """The box of each code from 1 upwards; None for a code without voxels."""
    # The search runs along the last axis; files are stored with the first one innermost.
    if values.flags.f_contiguous:
        return [box and box[::-1] for box in ndimage.find_objects(values.T)]
    return ndimage.find_objects(values)


def pieces(values: Grid, lps_from_index: Affine) -> dict[int, Piece]:
    """Code → where it lies, for every code above 0 in a grid of codes."""
    spacing = np.linalg.norm(lps_from_index[:3, :3], axis=0)
    found = {}
    for code, box in enumerate(boxes(values), start=1):
        if box is None:
            continue
        low = np.array([part.start for part in box])
        high = np.array([part.stop for part in box])
        cut = [(axis, 0) for axis in range(3) if low[axis] == 0]
        cut += [(axis, 1) for axis in range(3) if high[axis] == values.shape[axis]]
        found[code] = Piece(
            box=box, centre=moved(lps_from_index, _middle(values[box] == code) + low),
            size_mm=(high - low) * spacing, cut=tuple(cut),
        )  # fmt: skip
    return found


def _middle(mask: Mask) -> Point:
    """(3,) mean index of the voxels of a mask."""
    total = np.count_nonzero(mask)
    sums = [np.count_nonzero(mask, axis=tuple({0, 1, 2} - {axis})) for axis in range(3)]
    return np.array([one @ np.arange(len(one)) for one in sums]) / total
