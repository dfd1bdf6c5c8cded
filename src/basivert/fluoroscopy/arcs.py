"""A straight introducer with an arc beyond its tip, as numbers and as a line in space."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.arrays import Point, Points, Vector
from basivert.geometry.curves import arc
from basivert.geometry.rigid import unit

# Of the straight part, so much behind its tip is looked at.
BEHIND_MM = 25.0
# The line is followed so far beyond the arc's end, to see that nothing is there.
BEYOND_MM = 6.0
STEP_MM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arc:
    """A tool in space, LPS mm of the C-arm's isocentre.

    start: (3,) tip of the straight part.  axis: (3,) unit, towards it.
    zero: (3,) unit, at right angles to the axis: where the curve turns to at turn 0.
    turn: radians, right-handed about the axis.  deployed_mm: length of the arc.
    radius_mm: of the arc; infinite where the part is straight.
    """

    start: Point
    axis: Point
    zero: Point
    turn: float
    deployed_mm: float
    radius_mm: float

    @property
    def bend(self) -> Point:
        """(3,) unit: where the curve turns to."""
        return np.cos(self.turn) * self.zero + np.sin(self.turn) * np.cross(self.axis, self.zero)

    @property
    def tip(self) -> Point:
        """(3,) end of the arc."""
        return self.at(np.array([self.deployed_mm]))[0]

    def at(self, length: Vector) -> Points:
        """(n, 3) places at lengths beyond the straight part's tip; negative: within it.

        Beyond the end the line goes on straight.
        """
        inside = np.clip(length, 0.0, self.deployed_mm)
        ahead, aside = arc(inside, self.radius_mm)
        end = self.deployed_mm / self.radius_mm
        over = np.maximum(length - self.deployed_mm, 0.0)
        ahead = ahead + np.minimum(length, 0.0) + over * np.cos(end)
        aside = aside + over * np.sin(end)
        return self.start + ahead[:, None] * self.axis + aside[:, None] * self.bend

    def moved_by(self, step: Vector) -> Arc:
        """The tool after a small change.

        step: (8,) mm along the axis and across it (to `zero`, and at right angles), radians that
            the axis turns to these two, radians of turn, mm deployed, mm of radius.
        """
        other = np.cross(self.axis, self.zero)
        axis = unit(self.axis + step[3] * self.zero + step[4] * other)
        return replace(
            self, start=self.start + step[0] * self.axis + step[1] * self.zero + step[2] * other,
            axis=axis, zero=unit(self.zero - (self.zero @ axis) * axis),
            turn=self.turn + float(step[5]), deployed_mm=self.deployed_mm + float(step[6]),
            radius_mm=self.radius_mm + float(step[7]),
        )  # fmt: skip


def lengths(deployed_mm: float) -> Vector:
    """(n,) from behind the straight part's tip to beyond the end."""
    count = int(np.ceil((BEHIND_MM + deployed_mm + BEYOND_MM) / STEP_MM)) + 1
    return np.linspace(-BEHIND_MM, deployed_mm + BEYOND_MM, count)
