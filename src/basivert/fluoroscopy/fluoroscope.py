"""One patient on the table: everything that frames of any view and stage are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from basivert.arrays import Pixels
from basivert.constants.model import Table
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.beam import Beam, bone, transmitted, transmitted_tissue, water
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.cut import beyond
from basivert.fluoroscopy.image import Exposure, opening, quanta, shown
from basivert.fluoroscopy.metal import Chords, Tool, chords
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import Stack, axis, stacked

PARTS = {"water": water, "bone": bone, "beyond": beyond}
# Voxels in a slab: 0.2 % of error at most on a CT of a spine; bone's sharp rims need thinner ones.
VOXELS = {"water": 4, "bone": 2, "beyond": 4}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A simulated picture.

    grey: (rows, columns) 0 black to 1 white; 0 outside the field.
    known: pixels whose rays lie in the scan; of the others nothing can be said.
    free: pixels inside the field.
    """

    grey: np.ndarray
    known: Pixels
    free: Pixels
    carm: CArm
    exposure: Exposure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patient:
    """A scan's attenuation, laid out as water, bone and what lies beyond for the views seen so far.

    xray: the table that `whole` was made with.  stacks: (part, voxel axis) → stack, each made when
    a view first needs it and kept: 36 MB for a scan of 512 × 512 × 133.
    """

    whole: Attenuation
    xray: Table
    stacks: dict[tuple[str, int], Stack] = field(default_factory=dict[tuple[str, int], Stack])

    def lengths(self, part: str, carm: CArm) -> np.ndarray:
        """(rows, columns) mm of `water`, `bone` or `beyond` in each ray; as shares of `beam`."""
        along = axis(self.whole, carm)
        if (part, along) not in self.stacks:
            volume = PARTS[part](self.whole, self.xray)
            self.stacks[part, along] = stacked(volume, along, VOXELS[part])
        return line_integrals(self.stacks[part, along], carm)


def frame(
    patient: Patient, tools: Sequence[Tool], carm: CArm, exposure: Exposure, spectrum: Beam,
    rng: np.random.Generator,
) -> Frame:  # fmt: skip
    """A picture with these instruments, as the receptor sees it."""
    xray, missing = patient.xray, patient.lengths("beyond", carm)
    wet, hard = patient.lengths("water", carm), patient.lengths("bone", carm)
    wet += missing  # as scatter and brightness see it; the picture there is not shown
    primary = transmitted_tissue(spectrum, wet, hard).astype(float)
    if tools:
        _draw(primary, wet, hard, chords(tools, carm), spectrum)
    free, known = opening(carm.detector, exposure), missing < xray["cut.missing"].value
    counted = quanta(primary, wet > xray["scatter.body"].value, free, carm, exposure, xray, rng)
    return Frame(grey=shown(counted, free, known, carm, xray), known=known, free=free, carm=carm,
                 exposure=exposure)  # fmt: skip


def _draw(
    primary: np.ndarray, wet: np.ndarray, hard: np.ndarray, seen: Chords, spectrum: Beam
) -> None:
    """Instruments take the place of the water they push aside; rays of a pixel are averaged."""
    at = (seen.rows, seen.columns)
    pushed = sum(seen.lengths_mm.values())
    left = np.maximum(wet[at][:, None] - pushed, 0.0)
    behind = np.broadcast_to(hard[at][:, None], left.shape)
    primary[at] = transmitted(spectrum, left, behind, seen.lengths_mm).mean(axis=1)
