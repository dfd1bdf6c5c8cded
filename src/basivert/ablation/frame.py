"""Where the grid lies in the patient: points ↔ angle, depth along the probe, distance from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.model import Probe
from basivert.arrays import Point, Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A straight probe's own axes.

    tip: (3,) LPS mm.  back: (3,) unit vector from the tip along the shaft.  side, up: (3,) unit
    vectors at right angles to it; angle 0 is `side`.
    """

    tip: Point
    back: Point
    side: Point
    up: Point

    def points(self, angle: Vector, depth: Vector, distance: Vector) -> Points:
        """(n, 3) LPS mm of (n,) angles (rad), depths from the tip and distances (mm)."""
        flat = np.cos(angle)[:, None] * self.side + np.sin(angle)[:, None] * self.up
        return self.tip + depth[:, None] * self.back + distance[:, None] * flat

    def stretch(self, angle: Vector, depth: Vector, distance: Vector) -> np.ndarray:
        """(t, s, r) volume at grid places relative to a straight cylinder's: 1 here."""
        return np.ones((len(angle), len(depth), len(distance)))

    def coordinates(self, points: Points) -> tuple[Vector, Vector, Vector]:
        """Angle (rad, 0 to 2π), depth and distance (mm) of (n, 3) points, LPS mm."""
        from_tip = points - self.tip
        aside, above = from_tip @ self.side, from_tip @ self.up
        return (
            np.mod(np.arctan2(above, aside), 2 * np.pi),
            from_tip @ self.back,
            np.hypot(aside, above),
        )


def frame(probe: Probe) -> Frame:
    """Axes of a straight probe."""
    tip = np.array(probe.line[0])
    back = probe.line[-1] - tip
    back = back / np.linalg.norm(back)
    helper = np.eye(3)[np.argmin(np.abs(back))]
    side = np.cross(back, helper)
    side /= np.linalg.norm(side)
    return Frame(tip=tip, back=back, side=side, up=np.cross(back, side))
