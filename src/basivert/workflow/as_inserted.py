"""The instrument as the frames show it against the plan: how far off, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.spatial.transform import Rotation

from basivert.anatomy.model import Vertebra
from basivert.arrays import Affine, Point
from basivert.constants.model import Table
from basivert.fluoroscopy.curve import Curve
from basivert.fluoroscopy.register import Registered
from basivert.fluoroscopy.triangulate import Seen
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.instruments.model import Instrument
from basivert.planning.margins import NAMES, around, wall_distances_mm
from basivert.planning.model import Path
from basivert.planning.reach import HUB_POINTS, hub_points, reached
from basivert.workflow.correction import Correction, Limits, Stand, correction, limits, standing
from basivert.workflow.curve_as_inserted import CurveAsInserted, curve_as_inserted, with_curve

# Of the introducer, this much behind its tip is checked against the walls.
BEHIND_MM = 40.0
STEP_MM = 1.0
# Crossing these endangers nerve and canal; nothing may be advanced past a small margin to them.
DANGEROUS = ("pedicle_medial", "pedicle_caudal", "posterior_wall")
WORDS = (("left", "right"), ("back", "front"), ("head", "feet"))

UNSEEN = (
    "The tool lies in the plane of both beams: its tip is measured, its direction in that plane is "
    "taken from the plan. Take a frame with 15° more cranial or caudal tilt before going on."
)

Verdict = Literal["go", "correct", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AsInserted:
    """A straight introducer in the bone, in the CT's frame.

    tip, axis: (3,) LPS mm of the CT, and unit towards the tip.
    beyond_mm: how much deeper than planned along the planned axis; negative: not deep enough.
    beside_mm: (3,) tip off the planned axis, body frame (left, back, head).
    angle_deg: between seen and planned axis.  to_hub_mm: tip to the nerve's hub.
    margins_mm: wall → least bone left beside the introducer; negative: through it.
    path: the plan's path moved to where the introducer is, its curve as seen where one is, for
        the heat.
    curve: what looks out of the introducer, None where no curve was seen.
    correction: the smallest change that brings a deployed curve within its limits, None where none
        is needed, found or sought.
    reach: probability that the hub lies within the assumed lesion of that path, 0–1.
    advice: what to do, one sentence each.
    """

    tip: Point
    axis: Point
    beyond_mm: float
    beside_mm: Point
    angle_deg: float
    to_hub_mm: float
    margins_mm: Mapping[str, float]
    path: Path
    reach: float
    verdict: Verdict
    advice: tuple[str, ...]
    curve: CurveAsInserted | None = None
    correction: Correction | None = None


def as_inserted(
    vertebra: Vertebra, path: Path, instrument: Instrument, seen: Seen, found: Registered,
    table: Table,
) -> AsInserted:  # fmt: skip
    """Compare what two frames show of the introducer with the plan.

    Args:
        vertebra: measured on the scan of the plan.
        path: the plan's; its straight part is what is compared.
        seen: the introducer, LPS mm of the C-arm's isocentre.
        found: where the vertebra stands in the same frame.
        table: `registration`, rows insertion.*.
    """
    ct_from_room = inverse(found.room_from_ct)
    tip, axis = moved(ct_from_room, seen.tip), unit(turned(ct_from_room, seen.axis))
    off = tip - path.curve_start
    beyond = float(off @ path.axis)
    body_from_lps = inverse(vertebra.lps_from_body)
    beside = turned(body_from_lps, off - beyond * path.axis)
    angle = float(np.degrees(np.arccos(np.clip(axis @ path.axis, -1.0, 1.0))))
    margins = _margins(vertebra, path, instrument, tip, axis)
    carried = moved_path(path, tip, axis)
    verdict, advice = _verdict(beyond, beside, angle, margins, found, table)
    if seen.axis_sd_deg is None and verdict != "stop":
        rest = () if verdict == "go" else advice
        verdict, advice = "correct", (*rest, UNSEEN)
    return AsInserted(
        tip=tip, axis=axis, beyond_mm=beyond, beside_mm=beside, angle_deg=angle,
        to_hub_mm=float(np.linalg.norm(tip - vertebra.target.centre)), margins_mm=margins,
        path=carried, reach=_reach(vertebra, carried, instrument), verdict=verdict, advice=advice,
    )  # fmt: skip


def with_its_curve(
    vertebra: Vertebra, plan: Path, instrument: Instrument, straight: AsInserted, seen: Curve,
    found: Registered, table: Table, change: Table,
) -> AsInserted:  # fmt: skip
    """The same with what looks out of the introducer, judged by its own limits.

    Args:
        plan: the plan's path.  straight: of `as_inserted`.
        change: `adjustment`: what a correction costs and how far it may go.
    """
    curve = curve_as_inserted(vertebra, plan, seen, inverse(found.room_from_ct))
    if curve.unknown:
        words = (
            f"Where the curve turns to is not known: {curve.unknown}. Take a frame with another "
            "tilt before going on."
        )
        verdict: Verdict = "stop" if straight.verdict == "stop" else "correct"
        kept = straight.advice if straight.verdict == "stop" else ()
        return replace(straight, curve=curve, verdict=verdict, advice=(*kept, words))
    real = replace(
        with_curve(straight.path, instrument, curve.bend, curve.deployed_mm, curve.bend_radius_mm),
        roll_deg=curve.roll_deg,
    )
    near = around(vertebra, {})
    stand, asked = standing(near, real), limits(near, plan, table, change)
    whole = replace(
        straight, curve=curve, path=real, margins_mm=stand.margins_mm,
        reach=_reach(vertebra, real, instrument),
    )  # fmt: skip
    if found.trust.verdict != "good":
        return whole
    broken = asked.broken(stand)
    if not broken:
        return replace(whole, verdict="go", advice=("Within its limits: go on.",))
    better = correction(vertebra, real, instrument, asked, change)
    return replace(whole, correction=better, **_corrected(stand, asked, broken, better, table))


def _corrected(
    stand: Stand, asked: Limits, broken: list[str], better: Correction | None, table: Table
) -> dict[str, Any]:
    """Verdict and advice for a tool outside its limits."""
    least = table["insertion.stop_margin"].value
    danger = any(wall in DANGEROUS and stand.margins_mm[wall] < least for wall in broken
                 if wall != "hub")  # fmt: skip
    said = [
        f"The heating zone passes the hub at {stand.to_hub_mm:.1f} mm (limit "
        f"{asked.to_hub_mm:.1f} mm)." if wall == "hub" else
        f"{stand.margins_mm[wall]:.1f} mm of bone are left to the {wall.replace('_', ' ')} (limit "
        f"{asked.margins_mm[wall]:.1f} mm)." for wall in broken
    ]  # fmt: skip
    if better is None:
        said.append("No change of depth, roll and length within reach mends this: draw the curve "
                    "back in and plan from here.")  # fmt: skip
    else:
        said.append(
            f"{better.words[0].upper()}{better.words[1:]}, with the curve drawn back in meanwhile: "
            f"then the heating zone passes the hub at {better.stand.to_hub_mm:.1f} mm and "
            f"{min(better.stand.margins_mm.values()):.1f} mm of bone are left at least."
        )
    return {"verdict": "stop" if danger or better is None else "correct", "advice": tuple(said)}


def _reach(vertebra: Vertebra, path: Path, instrument: Instrument) -> float:
    """Share of the hub's places within the assumed lesion."""
    hubs = hub_points(vertebra.target, vertebra.lps_from_body, HUB_POINTS, 0)
    active = moved(inverse(vertebra.lps_from_body), path.active)
    return float(reached(active[None], hubs, instrument.lesion_radius_mm.value)[0])


def moved_path(path: Path, tip: Point, axis: Point) -> Path:
    """The plan's path carried along with its introducer; the curve keeps its plane."""
    about = np.cross(path.axis, axis)
    turn = Rotation.from_rotvec(
        unit(about) * np.arccos(np.clip(axis @ path.axis, -1.0, 1.0))
        if np.linalg.norm(about) > 0.0 else np.zeros(3)
    )  # fmt: skip
    motion: Affine = np.eye(4)
    motion[:3, :3] = turn.as_matrix()
    motion[:3, 3] = tip - motion[:3, :3] @ path.curve_start
    return replace(
        path, entry_skin=None if path.entry_skin is None else moved(motion, path.entry_skin),
        entry_bone=moved(motion, path.entry_bone), axis=axis, curve_start=tip,
        tip=moved(motion, path.tip), centre_line=moved(motion, path.centre_line),
        active=moved(motion, path.active),
    )  # fmt: skip


def _margins(
    vertebra: Vertebra, path: Path, instrument: Instrument, tip: Point, axis: Point
) -> dict[str, float]:
    """Least distance of the introducer's surface to each wall, inside the planned bone entry."""
    depth = float((tip - path.entry_bone) @ axis)
    back = np.arange(0.0, min(max(depth, STEP_MM), BEHIND_MM), STEP_MM)
    points = tip - back[:, None] * axis
    radius = instrument.introducer_diameter_mm.value / 2
    found = wall_distances_mm(around(vertebra, {}), points)
    return {
        NAMES[wall]: float(free.min()) - radius for wall, free in found.items() if wall in NAMES
    }


def _verdict(
    beyond: float, beside: Point, angle: float, margins: Mapping[str, float], found: Registered,
    table: Table,
) -> tuple[Verdict, tuple[str, ...]]:  # fmt: skip
    if found.trust.verdict != "good":
        return "stop", (
            f"The registration of {found.name} is {found.trust.verdict} "
            f"({found.trust.probability:.0%} sure): take new frames before anything is judged.",
        )
    least = table["insertion.stop_margin"].value
    near = [wall for wall in DANGEROUS if margins.get(wall, np.inf) < least]
    if near:
        return "stop", tuple(
            f"Do not advance: {margins[wall]:.1f} mm of bone are left to the "
            f"{wall.replace('_', ' ')} (limit {least:g} mm)." for wall in near
        )  # fmt: skip
    said = [*_depth(beyond, table), *_side(beside, table)]
    if angle > table["insertion.good_angle"].value:
        said.append(f"The introducer points {angle:.0f}° away from the planned direction.")
    return ("correct", tuple(said)) if said else ("go", ("As planned: go on.",))


def _depth(beyond: float, table: Table) -> list[str]:
    if abs(beyond) <= table["insertion.good_tip"].value:
        return []
    step = table["insertion.word_step"].value
    amount = round(abs(beyond) / step) * step
    return [f"{'Withdraw' if beyond > 0 else 'Advance'} {amount:g} mm."]


def _side(beside: Point, table: Table) -> list[str]:
    if float(np.linalg.norm(beside)) <= table["insertion.good_tip"].value:
        return []
    step = table["insertion.word_step"].value
    parts = [
        f"{round(abs(value) / step) * step:g} mm to the {words[0] if value > 0 else words[1]}"
        for value, words in zip(beside, WORDS, strict=True) if abs(value) >= step
    ]  # fmt: skip
    return [f"The tip lies {', '.join(parts)} of the planned line."]
