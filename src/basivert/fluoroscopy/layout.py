"""A volume laid out for the views to come: no more of it than their rays cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from basivert.fluoroscopy.attenuation import Attenuation, cut_out
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import Stack, axis, stacked
from basivert.geometry.rigid import inverse, moved

# Voxels kept around the rays: the renderer looks one beyond, and a picture of slopes a little more.
RIM = 4
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Line integrals of one property of a volume.

    whole: the volume.  property: of a part of it, what is summed along the rays.
    voxels: in a slab, see `stacked`.
    views: that are to come, as far as they are known; others may be asked for, too.
    stacks: voxel axis → part and its stack, made when a view first needs it and kept.
    """

    whole: Attenuation
    property: Callable[[Attenuation], Attenuation]
    voxels: int
    views: Sequence[CArm] = ()
    stacks: dict[int, tuple[Box, Stack]] = field(default_factory=dict[int, tuple[Box, Stack]])

    def lengths(self, carm: CArm) -> np.ndarray:
        """(rows, columns) of the property along each ray; see `line_integrals`."""
        along, needed = axis(self.whole, carm), crossed(self.whole, carm)
        kept = self.stacks.get(along)
        if kept is None or not _holds(kept[0], needed):
            same = [view for view in self.views if axis(self.whole, view) == along]
            wanted = [needed, *(crossed(self.whole, view) for view in same)]
            kept = self._laid_out(along, _joined([*wanted, kept[0]] if kept else wanted))
        return line_integrals(kept[1], carm)

    def _laid_out(self, along: int, box: Box) -> tuple[Box, Stack]:
        part = self.property(cut_out(self.whole, box))
        self.stacks[along] = box, stacked(part, along, self.voxels)
        return self.stacks[along]


def crossed(whole: Attenuation, carm: CArm) -> Box:
    """The voxels that the rays of a view can meet; all of them along the axis nearest to the beam.

    Rays spread from one point: they lie between the four outermost ones, which are followed from
    the first plane of voxels to the last.
    """
    along, size = axis(whole, carm), np.array(whole.values.shape)
    index = inverse(whole.lps_from_index)
    rows, columns = carm.detector.pixels
    ends = np.array([[c, r, 0.0] for r in (-0.5, rows - 0.5) for c in (-0.5, columns - 0.5)])
    source = moved(index, carm.source)
    ways = moved(index, moved(carm.lps_from_pixel, ends)) - source
    planes = np.array([-1.0, float(size[along])])
    share = np.clip((planes[:, None] - source[along]) / ways[:, along], 0.0, 1.0)
    met = (source + share[..., None] * ways).reshape(-1, 3)
    low = np.clip(np.floor(met.min(axis=0)) - RIM, 0, size - 1).astype(int)
    high = np.clip(np.ceil(met.max(axis=0)) + RIM + 1, low + 1, size).astype(int)
    low[along], high[along] = 0, size[along]
    return _box(low, high)


def _holds(box: Box, other: Box) -> bool:
    return all(a.start <= b.start and b.stop <= a.stop for a, b in zip(box, other, strict=True))


def _joined(boxes: Sequence[Box]) -> Box:
    return _box(
        np.min([[part.start for part in box] for box in boxes], axis=0),
        np.max([[part.stop for part in box] for box in boxes], axis=0),
    )


def _box(low: np.ndarray, high: np.ndarray) -> Box:
    first, second, third = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return first, second, third
