"""The curved part as frames show it: its turn against the plan's, and the path it makes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Affine, Point, Points
from basivert.fluoroscopy.curve import Curve
from basivert.geometry.curves import arc_lengths, deployed_curve
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.instruments.model import Instrument
from basivert.planning.model import Path
from basivert.planning.poses import bends, curve_radii_mm

SPACING_MM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveAsInserted:
    """A curved part in the CT's frame.

    bend: (3,) unit LPS, at right angles to the shaft: where it turns to.
    roll_deg: as `Path.roll_deg`, 0 medial, + cranial.
    off_plan_deg: from the plan's roll to this one, −180…180.  towards: in words, where that turn
        goes: medial, lateral, cranial or caudal.
    deployed_mm, bend_radius_mm: of the arc.  tip: (3,) LPS mm.  tip_off_mm: from the plan's tip.
    roll_sd_deg, deployed_sd_mm, tip_sd_mm: one SD each.
    unknown: why the roll is not known, or "": then the path follows the plan's roll.
    """

    bend: Point
    roll_deg: float
    off_plan_deg: float
    towards: str
    deployed_mm: float
    bend_radius_mm: float
    tip: Point
    tip_off_mm: float
    roll_sd_deg: float
    deployed_sd_mm: float
    tip_sd_mm: float
    unknown: str


def curve_as_inserted(
    vertebra: Vertebra, path: Path, seen: Curve, ct_from_room: Affine
) -> CurveAsInserted:
    """Bring a curve that two views show into the CT and beside the plan's."""
    arc = seen.arc
    axis, bend = (unit(turned(ct_from_room, one)) for one in (arc.axis, arc.bend))
    roll = roll_deg(vertebra, path, axis, bend)
    off = wrapped_deg(roll - path.roll_deg)
    tip = moved(ct_from_room, arc.tip)
    return CurveAsInserted(
        bend=bend, roll_deg=roll, off_plan_deg=off, towards=towards(path.roll_deg, off),
        deployed_mm=arc.deployed_mm, bend_radius_mm=arc.radius_mm, tip=tip,
        tip_off_mm=float(np.linalg.norm(tip - path.tip)), roll_sd_deg=seen.turn_sd_deg,
        deployed_sd_mm=seen.deployed_sd_mm, tip_sd_mm=seen.tip_sd_mm, unknown=seen.unknown,
    )  # fmt: skip


def side_sign(vertebra: Vertebra, path: Path) -> float:
    """+1 for a path that comes in from the left, −1 from the right."""
    from_left = moved(inverse(vertebra.lps_from_body), path.entry_bone)[0] > 0.0
    return 1.0 if from_left else -1.0


def bend_of(vertebra: Vertebra, path: Path, axis: Point, roll: float) -> Point:
    """(3,) unit LPS: where a curve of this roll (degrees) about an axis turns to."""
    body = turned(inverse(vertebra.lps_from_body), axis)
    sign = side_sign(vertebra, path)
    return turned(vertebra.lps_from_body, bends(body[None], np.radians([roll]), sign)[0])


def roll_deg(vertebra: Vertebra, path: Path, axis: Point, bend: Point) -> float:
    """Roll of a bend (3,) about an axis (3,), LPS: 0 medial, + cranial, −180…180."""
    medial, cranial = (bend_of(vertebra, path, axis, roll) for roll in (0.0, 90.0))
    return float(np.degrees(np.arctan2(bend @ cranial, bend @ medial)))


def wrapped_deg(angle: float) -> float:
    """Into −180…180."""
    return float((angle + 180.0) % 360.0 - 180.0)


def towards(roll: float, by: float) -> str:
    """Where a turn by so many degrees brings a curve of this roll, in one word."""
    half = np.radians(roll + 0.5 * by)
    medial, cranial = -np.sin(half) * np.sign(by), np.cos(half) * np.sign(by)
    if abs(cranial) >= abs(medial):
        return "cranial" if cranial > 0.0 else "caudal"
    return "medial" if medial > 0.0 else "lateral"


def with_curve(
    path: Path, instrument: Instrument, bend: Point, deployed_mm: float, bend_radius_mm: float
) -> Path:  # fmt: skip
    """A path whose straight part stays and whose curve is another.

    The roll of the result is that of `path`: who knows another one replaces it.
    """
    shaft = _straight(path)
    curve = deployed_curve(path.curve_start, path.axis, bend, bend_radius_mm=bend_radius_mm,
                           length_mm=deployed_mm, spacing_mm=SPACING_MM)  # fmt: skip
    depth = arc_lengths(curve)
    wide = np.full(len(shaft), instrument.introducer_diameter_mm.value / 2)
    zone = np.maximum(deployed_mm - np.array([instrument.active_mm.value, 0.0]), 0.0)
    active = np.stack([np.interp(zone, depth, curve[:, n]) for n in range(3)], axis=1)
    active[0] -= max(instrument.active_mm.value - deployed_mm, 0.0) * path.axis
    return replace(
        path, tip=curve[-1], centre_line=np.concatenate([shaft, curve[1:]]),
        radius_mm=np.concatenate([wide, curve_radii_mm(instrument, deployed_mm - depth[1:])]),
        active=active, deployment_mm=deployed_mm, bend_radius_mm=bend_radius_mm,
    )  # fmt: skip


def _straight(path: Path) -> Points:
    """(n, 3) from bone entry to where the curve starts."""
    way = path.curve_start - path.entry_bone
    count = max(int(np.ceil(np.linalg.norm(way) / SPACING_MM)) + 1, 2)
    return path.entry_bone + np.linspace(0.0, 1.0, count)[:, None] * way
