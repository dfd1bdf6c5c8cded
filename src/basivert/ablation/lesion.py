"""The region that reaches a threshold: volume, axes, extent, surface. Tissue only, no probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.fields import Fields
from basivert.arrays import Matrix, Point, Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A region of tissue above a threshold.

    volume_ml: without the probe.  centre: (3,) LPS mm.  axes: (3, 3) rows are unit principal
    directions, longest first.  lengths_mm: (3,) extent along them.  surface: (n, 3) LPS mm.
    """

    volume_ml: float
    centre: Point
    axes: Matrix
    lengths_mm: Vector
    surface: Points

    def extent_mm(self, direction: Point) -> tuple[float, float]:
        """Smallest and largest x · direction over the region, mm."""
        along = self.surface @ direction
        return float(along.min()), float(along.max())


def above(fields: Fields, values: np.ndarray, threshold: float) -> Region | None:
    """The region where `values` (of the mesh's shape) exceed `threshold`; None if nowhere.

    Values should be smooth: temperature, or the logarithm of a dose.
    """
    pieces = fields.mesh.positive(values - threshold, float(values.min()) - threshold)
    volume = float(pieces.volume.sum())
    if volume <= 0.0 or not len(pieces.surface):
        return None
    middle = pieces.volume @ pieces.points / volume
    spread = (pieces.points.T * pieces.volume) @ pieces.points / volume
    axes = np.linalg.eigh(spread - np.outer(middle, middle))[1].T[::-1]
    along = pieces.surface @ axes.T
    return Region(
        volume_ml=volume / 1e3, centre=middle, axes=axes, lengths_mm=np.ptp(along, axis=0),
        surface=pieces.surface,
    )  # fmt: skip
