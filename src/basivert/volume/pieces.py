"""Where each label lies: its box, its middle, and the faces of the volume that cut it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Affine, Grid, Point, Vector
from basivert.geometry.codes import Extents, extents
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
    return _boxes(extents(values))


def _boxes(found: Extents) -> list[tuple[slice, ...] | None]:
    return [
        tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True)) if held else None
        for low, high, held in zip(found.low[1:], found.high[1:], found.count[1:], strict=True)
    ]


def pieces(values: Grid, lps_from_index: Affine) -> dict[int, Piece]:
    """Code → where it lies, for every code above 0 in a grid of codes."""
    spacing = np.linalg.norm(lps_from_index[:3, :3], axis=0)
    whole, found = extents(values), {}
    for code, box in enumerate(_boxes(whole), start=1):
        if box is None:
            continue
        low, high = whole.low[code], whole.high[code]
        cut = [(axis, 0) for axis in range(3) if low[axis] == 0]
        cut += [(axis, 1) for axis in range(3) if high[axis] == values.shape[axis]]
        found[code] = Piece(
            box=box, centre=moved(lps_from_index, _middle(whole, code)),
            size_mm=(high - low) * spacing, cut=tuple(cut),
        )  # fmt: skip
    return found


def _middle(found: Extents, code: int) -> Point:
    """(3,) mean index of the voxels of a code, counted from its box: no digits are lost."""
    low, count = found.low[code], found.count[code]
    return (found.sums[code] - count * low) / count + low
