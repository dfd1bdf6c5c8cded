"""One patient on the table: everything that frames of any view and stage are made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from basivert.arrays import Pixels
from basivert.constants.model import Table
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.beam import Beam, bone, transmitted, transmitted_tissue, water
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.cut import beyond
from basivert.fluoroscopy.image import Exposure, levelled, opening, quanta
from basivert.fluoroscopy.layout import Layout
from basivert.fluoroscopy.metal import Chords, Tool, chords
from basivert.fluoroscopy.window import Window, window

PROPERTIES: dict[str, Callable[[Table, Attenuation], Attenuation]] = {
    "water": lambda xray, part: water(part, xray), "bone": lambda xray, part: bone(part, xray),
    "beyond": lambda xray, part: part,
}  # fmt: skip
# Voxels in a slab: 0.2 % of error at most on a CT of a spine; bone's sharp rims need thinner ones.
VOXELS = {"water": 4, "bone": 2, "beyond": 4}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A simulated picture.

    grey: (rows, columns) 0 black to 1 white; 0 outside the field.
    unclipped: the same beyond black and white too.
    window: what a person looks at `unclipped` through; `grey` knows nothing of it.
    known: pixels whose rays lie in the scan; of the others nothing can be said.
    free: pixels inside the field.
    """

    grey: np.ndarray
    unclipped: np.ndarray
    window: Window
    known: Pixels
    free: Pixels
    carm: CArm
    exposure: Exposure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patient:
    """A scan's attenuation, laid out as water, bone and what lies beyond for the views seen so far.

    xray: the table that `whole` was made with.  views: see `Layout`.
    layouts: part → its layout, each made when a view first needs it and kept: 36 MB for all of a
        scan of 512 × 512 × 133.
    """

    whole: Attenuation
    xray: Table
    views: Sequence[CArm] = ()
    layouts: dict[str, Layout] = field(default_factory=dict[str, Layout])

    def lengths(self, part: str, carm: CArm) -> np.ndarray:
        """(rows, columns) mm of `water`, `bone` or `beyond` in each ray; as shares of `beam`."""
        if part not in self.layouts:
            self.layouts[part] = self._layout(part)
        return self.layouts[part].lengths(carm)

    def _layout(self, part: str) -> Layout:
        # Where a scan ends is seen on the whole of it alone.
        whole = beyond(self.whole, self.xray) if part == "beyond" else self.whole
        return Layout(
            whole=whole, property=partial(PROPERTIES[part], self.xray), voxels=VOXELS[part],
            views=self.views,
        )  # fmt: skip


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
    levels = levelled(counted, free, known, carm, xray)
    return Frame(
        grey=np.clip(levels, 0.0, 1.0), unclipped=levels,
        window=window(levels, free & known, xray), known=known, free=free, carm=carm,
        exposure=exposure,
    )  # fmt: skip


def _draw(
    primary: np.ndarray, wet: np.ndarray, hard: np.ndarray, seen: Chords, spectrum: Beam
) -> None:
    """Instruments take the place of the water they push aside; rays of a pixel are averaged."""
    at = (seen.rows, seen.columns)
    pushed = sum(seen.lengths_mm.values())
    left = np.maximum(wet[at][:, None] - pushed, 0.0)
    behind = np.broadcast_to(hard[at][:, None], left.shape)
    primary[at] = transmitted(spectrum, left, behind, seen.lengths_mm).mean(axis=1)
