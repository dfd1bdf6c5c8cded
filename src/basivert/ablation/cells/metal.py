"""Where the metal of probes and balls is, as distances in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from basivert.ablation.frame import STEP_MM, Line
from basivert.arrays import Point, Points, Vector

# A point this far inside another tool's metal is no part of this tool's surface, mm.
INSIDE_MM = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rod:
    """A probe's metal: a round rod with flat ends along a line.

    spots: (n, 3) on the centre line, LPS mm; slopes: (n, 3) unit; depths: (n,) mm from the tip.
    ends: the metal ends at the last depth, else it goes on straight.
    """

    spots: Points
    slopes: Points
    depths: Vector
    radius_mm: float
    ends: bool

    def distance(self, points: Points) -> Vector:
        """(n,) mm to the surface, negative inside."""
        near = KDTree(self.spots).query(points)[1]
        off = points - self.spots[near]
        along = np.sum(off * self.slopes[near], axis=1)
        beyond = self.depths[near] + along
        last = self.depths[-1] if self.ends else np.inf
        excess = np.maximum(-beyond, beyond - last)
        aside = np.linalg.norm(off - along[:, None] * self.slopes[near], axis=1) - self.radius_mm
        outside = np.hypot(np.maximum(aside, 0.0), np.maximum(excess, 0.0))
        return outside + np.minimum(np.maximum(aside, excess), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sphere:
    """A ball's metal."""

    centre: Point
    radius_mm: float

    def distance(self, points: Points) -> Vector:
        """(n,) mm to the surface, negative inside."""
        return np.linalg.norm(points - self.centre, axis=1) - self.radius_mm


Metal = Rod | Sphere


def rod(line: Line, length_mm: float, radius_mm: float, ends: bool) -> Rod:
    """The metal of one probe; `length_mm`: from the tip to where its line ends or leaves."""
    count = max(2, round(length_mm / STEP_MM) + 1)
    depths = np.linspace(0.0, length_mm, count)
    slopes = line.centre(depths, 1)
    slopes = slopes / np.linalg.norm(slopes, axis=1, keepdims=True)
    return Rod(
        spots=line.centre(depths), slopes=slopes, depths=depths, radius_mm=radius_mm, ends=ends
    )


def nearest(metals: Sequence[Metal], points: Points) -> Vector:
    """(n,) mm to the nearest surface, negative inside."""
    return np.min([m.distance(points) for m in metals], axis=0)


def owned(metals: Sequence[Metal], own: int, points: Points, metallic: np.ndarray) -> np.ndarray:
    """Which points around tool `own` belong to it: those nearer to it than to any other.

    metallic: (n,) points on or in its metal; where two tools' metal meets, the first keeps them.
    """
    keep = np.ones(len(points), bool)
    mine = metals[own].distance(points)
    for other, metal in enumerate(metals):
        if other == own:
            continue
        away = metal.distance(points)
        deep = away < (-INSIDE_MM if other > own else INSIDE_MM)
        keep &= np.where(metallic, ~deep, away > mine)
    return keep
