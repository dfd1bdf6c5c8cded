"""How fine the general grid is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSize:
    """Spacings, mm.

    edge_mm: at electrode ends and the metal's surface, at most `share` of a thin tool's radius.
    growth, growth_along: from one ring to the next outwards, and along a probe.
    inside_mm: of rings in the metal.  zone_mm: how far rings go out from the surface.
    angles: nodes around a probe.  directions: nodes on a ball.
    slope: growth of the spacing with distance from electrodes, beyond the rings.  slope_aside: the
    same from metal that is no electrode.  within_mm, middle_mm: the spacing is at most `middle_mm`
    up to `within_mm` from electrodes.  largest_mm: anywhere.
    reach_mm: from the electrodes to the outer boundary, a box.
    box: its (low, high) corners, LPS mm, where they are set by hand.
    """

    edge_mm: float = 0.16
    share: float = 0.25
    growth: float = 1.3
    growth_along: float = 1.3
    inside_mm: float = 0.4
    zone_mm: float = 2.4
    angles: int = 16
    directions: int = 162
    slope: float = 0.12
    slope_aside: float = 0.5
    within_mm: float = 11.0
    middle_mm: float = 1.3
    largest_mm: float = 4.0
    along_mm: float = 2.0
    reach_mm: float = 40.0
    box: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None

    def outwards(self, first: float) -> Vector:
        """Steps of the rings."""
        found, step, total = [], first, 0.0
        while total < self.zone_mm:
            found.append(step)
            total += step
            step *= self.growth
        return np.array(found) * (self.zone_mm / total)

    def along(self, length: float, first: float) -> Vector:
        """Growing steps that fill `length` exactly."""
        found, step, total = [], first, 0.0
        while total < length - 1e-9:
            found.append(step)
            total += step
            step = min(step * self.growth_along, self.along_mm)
        return np.array(found) * (length / total)

    def at(self, hot: Vector, metal: Vector) -> Vector:
        """Spacing of the background at distances from electrodes and from metal, mm."""
        last = float(self.outwards(self.edge_mm)[-1])
        wanted = np.minimum(
            self.slope * hot,
            self.slope_aside * metal - (self.slope_aside - self.slope) * self.zone_mm,
        )
        wanted = last + np.maximum(wanted - self.slope * self.zone_mm, 0.0)
        return np.minimum(wanted, np.where(hot < self.within_mm, self.middle_mm, self.largest_mm))
