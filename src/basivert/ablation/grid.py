"""Nodes around a probe: cylinders about its axis, finest at the ends of the electrodes.

The spacing near an electrode's end need not be tiny: `singular` makes the field exact there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from basivert.ablation.model import Probe
from basivert.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How fine the grid is.

    edge_mm: spacing at electrode ends and the probe's surface.  growth, growth_along: from one
    spacing to the next, away from the probe and along it.  largest_mm: upper bound of spacing.
    angles: nodes around the probe.
    reach_mm, behind_mm, ahead_mm: distance of the outer boundary from the axis, along the shaft
    from the tip, and ahead of the tip.
    """

    edge_mm: float = 0.2
    growth: float = 1.1
    growth_along: float = 1.25
    largest_mm: float = 3.0
    angles: int = 1
    reach_mm: float = 35.0
    behind_mm: float = 44.5
    ahead_mm: float = 35.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nodes:
    """The grid.

    across: (nr + 1,) distances from the axis, the last on the outer boundary.  along: (ns + 2,)
    from the tip backwards, first and last on the outer boundary.  angles: nodes around.
    surface, tip: indices of the probe's surface in `across` and of its tip in `along`.
    """

    across: Vector
    along: Vector
    angles: int
    surface: int
    tip: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Unknowns as (angles, s, r)."""
        return self.angles, len(self.along) - 2, len(self.across) - 1

    @property
    def radii(self) -> Vector:
        """(nr,) of the unknowns."""
        return self.across[:-1]

    @property
    def depths(self) -> Vector:
        """(ns,) of the unknowns."""
        return self.along[1:-1]


def nodes(probe: Probe, resolution: Resolution) -> Nodes:
    """The grid of one probe."""
    ends = sorted({0.0, *(m for e in probe.electrodes for m in (e.start_mm, e.end_mm))})
    growth = resolution.growth_along
    along = [ends[0] - np.cumsum(_steps(resolution.ahead_mm, growth, resolution))[::-1], [ends[0]]]
    for start, stop in pairwise(ends):
        half = _steps((stop - start) / 2, growth, resolution)
        along.append(start + np.cumsum(np.concatenate([half, half[::-1]])))
    along.append(ends[-1] + np.cumsum(_steps(resolution.behind_mm - ends[-1], growth, resolution)))
    radius = probe.radius_mm
    inside = radius - np.cumsum(_inwards(radius, resolution.edge_mm))
    outwards = _steps(resolution.reach_mm - radius, resolution.growth, resolution)
    return Nodes(
        across=np.concatenate([inside[::-1], [radius], radius + np.cumsum(outwards)]),
        along=np.concatenate(along), angles=resolution.angles,
        surface=len(inside), tip=len(along[0]),
    )  # fmt: skip


def _steps(length: float, growth: float, resolution: Resolution) -> np.ndarray:
    """Growing steps that fill `length` exactly."""
    found, step, total = [], resolution.edge_mm, 0.0
    while total < length:
        found.append(step)
        total += step
        step = min(step * growth, resolution.largest_mm)
    return np.array(found) * (length / total)


def _inwards(radius: float, edge: float) -> np.ndarray:
    """Steps from the surface towards the axis; the last node stays half a step off the axis."""
    count = max(4, round(radius / (1.6 * edge)))
    return np.full(count - 1, radius / (count - 0.5))
