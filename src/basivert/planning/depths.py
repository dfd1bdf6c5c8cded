"""Depths along the shaft: skin, bone, isthmus, both posterior wall lines, curve, tip."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points, Vector
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.geometry.grids import interpolated
from basivert.volume.model import Volume

STEP_MM = 0.5
SKIN_REACH_MM = 250.0
# Air this thick is outside the patient; bowel gas and lung lie in front.
SKIN_AIR_MM = 4.0
PADDING_HU = -1000.0
BONE_RUN_MM = 2.0
CLEAR_OF_BONE_MM = 1.5


def bone_entry_mm(vertebra: Vertebra, through: Point, axis: Point) -> float:
    """Distance behind `through` at which the shaft's centre enters bone, mm; body frame."""
    t = np.arange(0.0, 40.0, 0.25)
    points = through - t[:, None] * axis
    field = vertebra.field
    outside = interpolated(field.distance_mm, field.body_from_index, points, outside=20.0) > 0
    return float(t[int(np.argmax(outside))]) if outside.any() else float(t[-1])


def skin(
    ct: Volume, entry_bone: Point, axis: Point, thresholds: Table
) -> tuple[Point | None, Vector, Points]:
    """Where the shaft leaves the skin, LPS mm, or None where the scan ends first.

    Returns: the point, and HU (n,) at points (n, 3) from bone outwards to the skin.
    """
    t = np.arange(0.0, SKIN_REACH_MM, STEP_MM)
    points = entry_bone - t[:, None] * axis
    hu = interpolated(ct.values, ct.lps_from_index, points, outside=-3000.0)
    air = hu < thresholds["route.air"].value
    run = int(SKIN_AIR_MM / STEP_MM)
    long_air = np.convolve(air, np.ones(run), mode="valid") >= run
    if not long_air.any():
        return None, hu, points
    first = int(np.argmax(long_air))
    # Padding and the scan's own border are not air: nobody measured there.
    if first < 2 or hu[first] < PADDING_HU:
        return None, hu[:first], points[:first]
    return points[first], hu[:first], points[:first]


def route_findings(
    hu: Vector, points: Points, vertebra: Vertebra, inside: Points, thresholds: Table
) -> tuple[Finding, ...]:
    """Bone on the way from skin that is not this vertebra: a facet above, a rib, the crest."""
    field = vertebra.field
    own = interpolated(field.distance_mm, field.body_from_index, inside, outside=20.0)
    foreign = (hu > thresholds["route.bone"].value) & (own > CLEAR_OF_BONE_MM)
    if np.sum(foreign) * STEP_MM < BONE_RUN_MM:
        return ()
    at = int(np.argmax(foreign)) * STEP_MM
    return (Finding(
        code="route-through-bone", severity="caution", level=vertebra.level,
        what=f"The straight way from the skin meets other bone {at:.0f} mm above the bone entry "
        "(facet, rib or crest).", source=thresholds["route.bone"].source,
    ),)  # fmt: skip


def crossing_mm(depth_mm: Vector, points: Points, wall_y_mm: Vector) -> float:
    """First depth at which a path (body frame) is in front of a wall line, mm; the tip if never."""
    front = points[:, 1] < wall_y_mm
    return float(depth_mm[int(np.argmax(front))]) if front.any() else float(depth_mm[-1])
