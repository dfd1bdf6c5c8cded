"""A scan and its label map on a regular grid, in LPS millimetres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from basivert.arrays import Affine, Grid, Point, frozen
from basivert.errors import Finding, VolumeError
from basivert.volume.pieces import Piece, pieces

SHEAR_TOLERANCE_DEG = 0.5


def shear_deg(lps_from_index: Affine) -> float:
    """Largest departure of two grid axes from a right angle, degrees."""
    axes = lps_from_index[:3, :3] / np.linalg.norm(lps_from_index[:3, :3], axis=0)
    cosines = np.abs(axes.T @ axes)[np.triu_indices(3, 1)]
    return float(np.degrees(np.arcsin(np.clip(cosines.max(), 0.0, 1.0))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """Values on a regular grid.

    values: (i, j, k) in `unit`, read-only.
    lps_from_index: voxel centre (i, j, k, 1) → LPS mm; orthogonal axes, no shear.
    """

    values: Grid
    lps_from_index: Affine
    unit: Literal["HU", "label"]

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise VolumeError(
                f"The volume has {self.values.ndim} dimensions; 3 are needed.",
                fix="Give one 3-D series, not a time series or a single slice.",
            )
        if not np.all(np.isfinite(self.lps_from_index)) or np.any(self.spacing_mm <= 0):
            raise VolumeError(
                "The volume's affine has a missing or zero axis.", fix="Export the scan again."
            )
        if (shear := shear_deg(self.lps_from_index)) > SHEAR_TOLERANCE_DEG:
            raise VolumeError(
                f"The volume's axes are {shear:.2f}° away from a right angle "
                f"(allowed: {SHEAR_TOLERANCE_DEG}°).",
                fix="Resample it to an orthogonal grid first (gantry tilt or a wrong affine).",
                shear_deg=shear,
            )
        object.__setattr__(self, "values", frozen(self.values))
        object.__setattr__(self, "lps_from_index", frozen(self.lps_from_index))

    @property
    def spacing_mm(self) -> np.ndarray:
        """(3,) distance between voxel centres along i, j, k, mm."""
        return np.linalg.norm(self.lps_from_index[:3, :3], axis=0)


# Without slots: `pieces` is measured once and kept.
@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """Which structure each voxel belongs to, with names already understood.

    volume: integer codes, unit "label".
    code_of: structure name → code. Names are ours: "L1" … "L5", "S1", "T11", "T12", "sacrum",
        "aorta", "vena_cava", "cord", "canal", "disc_L4" …
    convention: name of the table that gave the names.
    """

    volume: Volume
    code_of: Mapping[str, int]
    convention: str

    @cached_property
    def pieces(self) -> Mapping[int, Piece]:
        """Code → where it lies, for every code that has voxels."""
        return pieces(self.volume.values, self.volume.lps_from_index)

    def centre(self, name: str) -> Point | None:
        """(3,) LPS mm, mean voxel of the structure called `name`; None where it has none."""
        piece = self.pieces.get(self.code_of.get(name, 0))
        return None if piece is None else piece.centre

    def mask(self, name: str) -> np.ndarray:
        """(i, j, k) voxels of the structure called `name`. Raises KeyError when not named."""
        return self.volume.values == self.code_of[name]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What one run works on: scan, labels, and what the readers noticed about them."""

    ct: Volume
    labels: Labels
    findings: tuple[Finding, ...]
    ct_name: str
    labels_name: str
