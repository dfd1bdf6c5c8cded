"""Which tissue fills each fine cell of the grid; cells on a border of tissues are looked at closer.

One look per cell would make a border jump by half a cell as the grid turns against the patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.assembly import Corners
from basivert.ablation.frame import Frame
from basivert.ablation.model import TissueMap
from basivert.arrays import Codes, Vector
from basivert.errors import InputError

# A cell on a border is split into this many parts each way.
SPLIT = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Tissues of the fine cells, and of the parts of cells that a border may cross.

    code: (2·angles, 2·ns + 2, 2·nr + 1) index of the material.  mixed: (n,) flat indices of split
    cells.  parts: (n, SPLIT, SPLIT, SPLIT) their materials around, along and across.
    """

    code: Codes
    mixed: Codes
    parts: Codes

    def mean(self, value: Vector) -> np.ndarray:
        """Mean of a value per material over each fine cell."""
        found = value[self.code]
        found.reshape(-1)[self.mixed] = value[self.parts].mean(axis=(1, 2, 3))
        return found

    def conductivity(self, value: Vector) -> np.ndarray:
        """(3, …) conductivity across, around and along: parts in series as resistances."""
        found = np.repeat(value[self.code][None], 3, axis=0)
        resistance = 1.0 / value[self.parts]
        for way, axis in enumerate((3, 1, 2)):
            series = 1.0 / resistance.mean(axis=axis)
            found[way].reshape(-1)[self.mixed] = series.mean(axis=(1, 2))
        return found


def blend(
    tissue: TissueMap, frame: Frame, cells: Corners, metal: np.ndarray, count: int
) -> Blend:  # fmt: skip
    """Look tissues up.

    Args:
        tissue: LPS points → index of the material.
        frame: places of the grid.
        cells: fine cells.
        metal: which of them are the probe; they become material `count`.
        count: number of materials.

    Raises: InputError when the tissue map names a material that does not exist.
    """
    code = _looked_up(tissue, frame, *np.meshgrid(*cells.middles, indexing="ij", sparse=True))
    mixed = np.flatnonzero(_bordering(code) & ~metal)
    around, along, across = np.unravel_index(mixed, code.shape)
    share = ((np.arange(SPLIT) + 0.5) / SPLIT)[None]
    ways = ((cells.turns, around), (cells.edges_s, along), (cells.edges_r, across))
    turn, s, r = (b[i][:, None] + share * (b[i + 1] - b[i])[:, None] for b, i in ways)
    parts = _looked_up(
        tissue, frame, turn[:, :, None, None], s[:, None, :, None], r[:, None, None, :]
    )
    for found in (code, parts):
        if found.size and (found.min() < 0 or found.max() >= count):
            raise InputError(
                f"The tissue map names material {found.max()}, the table has {count}.",
                fix="Give a row for each tissue in the map.",
            )
    code[metal] = count
    return Blend(code=code, mixed=mixed, parts=parts)


def _looked_up(
    tissue: TissueMap, frame: Frame, turn: np.ndarray, s: np.ndarray, r: np.ndarray
) -> Codes:
    points = frame.points(turn, s, r)
    found = np.asarray(tissue(points.reshape(-1, 3)))
    return found.reshape(points.shape[:-1]).astype(np.int64)


def _bordering(code: Codes) -> np.ndarray:
    """Cells with another tissue in a neighbour."""
    found = code != np.roll(code, 1, axis=0)
    found |= np.roll(found, -1, axis=0)
    for axis in (1, 2):
        unlike = np.diff(code, axis=axis) != 0
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        found[tuple(low)] |= unlike
        found[tuple(high)] |= unlike
    return found
