"""Depths along a path: where it enters bone, and where it passes a wall line."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points, Vector
from basivert.geometry.grids import interpolated
from basivert.planning.margins import Track
from basivert.planning.model import Depths

BONE_REACH_MM = 40.0
STEP_MM = 0.25


def bone_entry_mm(vertebra: Vertebra, through: Point, axis: Point) -> float:
    """Distance behind `through` at which the shaft's centre enters bone, mm; body frame."""
    t = np.arange(0.0, BONE_REACH_MM, STEP_MM)
    points = through - t[:, None] * axis
    field = vertebra.field
    outside = interpolated(field.distance_mm, field.body_from_index, points, outside=20.0) > 0
    return float(t[int(np.argmax(outside))]) if outside.any() else float(t[-1])


def depths(vertebra: Vertebra, track: Track, skin_mm: float | None) -> Depths:
    """What an operator reads off the shaft, mm from bone entry; `skin_mm` from skin to bone."""
    wall, points = vertebra.posterior_wall, track.points
    zero = np.zeros(len(points))
    straight = track.depth_mm[~track.deployed]
    return Depths(
        skin_to_bone_mm=skin_mm,
        isthmus_mm=track.entry_mm,
        wall_line_mm=crossing_mm(track.depth_mm, points, wall.y_mm(zero, points[:, 2])),
        true_wall_mm=crossing_mm(track.depth_mm, points, wall.y_mm(points[:, 0], points[:, 2])),
        curve_start_mm=float(straight[-1]),
        tip_mm=float(track.depth_mm[-1]),
    )


def crossing_mm(depth_mm: Vector, points: Points, wall_y_mm: Vector) -> float:
    """First depth at which a path (body frame) is in front of a wall line, mm; the tip if never."""
    front = points[:, 1] < wall_y_mm
    return float(depth_mm[int(np.argmax(front))]) if front.any() else float(depth_mm[-1])
