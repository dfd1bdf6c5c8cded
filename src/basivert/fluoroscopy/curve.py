"""The curved part that looks out of a straight shaft, found in two views, or not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.curve_fit import Fit, fitted, tip_sd_mm, turn_sd
from basivert.fluoroscopy.curve_search import Kit, Metal, metal, sought
from basivert.fluoroscopy.triangulate import Shaft

# Where the shaft is for certain, mm behind its end as it was first seen.
ON_SHAFT_MM = np.arange(14.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A curved part in space.

    arc: with the shaft's tip and axis.  covariance: (8, 8) of `Arc.moved_by`'s numbers.
    turn_sd_deg, deployed_sd_mm, tip_sd_mm: one SD each; the tip's in its worst direction.
    off_mm: how far the arc lies from its shadows, see `Fit`.
    unknown: why the turn of its bend is not known, or "".
    """

    arc: Arc
    covariance: Matrix
    turn_sd_deg: float
    deployed_sd_mm: float
    tip_sd_mm: float
    off_mm: float
    unknown: str


def curve(
    carms: Sequence[CArm], thins: Sequence[np.ndarray], shaft: Shaft, kit: Kit, table: Table
) -> Curve | None:  # fmt: skip
    """The curved part, or None where nothing looks out of the shaft.

    Args:
        carms: two views.
        thins: for each (rows, columns) of `frame.thin_parts`.
        table: `registration`, rows curve.*.
    """
    first = Arc(start=shaft.point, axis=shaft.axis, zero=shaft.across, turn=0.0, deployed_mm=0.0,
                radius_mm=kit.bend_mm)  # fmt: skip
    behind = shaft.point - ON_SHAFT_MM[:, None] * shaft.axis
    views = [metal(thin, carm, behind, kit) for thin, carm in zip(thins, carms, strict=True)]
    tried = sought(first, views, kit, across=not shaft.measured)
    least, share = table["curve.least_score"].value, table["curve.score_share"].value
    likely = [one for one in tried if one[0] >= least and one[0] >= share * one[1].deployed_mm]
    if not likely:
        return None
    score, best = likely[0]
    prior = _prior(kit, table, measured=shaft.measured)
    found = fitted(best, views, kit, prior, table)
    if found.shown < table["curve.least_share"].value or found.ends == 0:
        return None
    rival = _rival(found, [one for one in tried if one[0] > table["curve.rival"].value * score],
                   views, kit, prior, table)  # fmt: skip
    sd = float(np.degrees(turn_sd(found)))
    slid = float(np.linalg.norm(found.arc.start - best.start))
    return Curve(
        arc=found.arc, covariance=found.covariance, turn_sd_deg=sd,
        deployed_sd_mm=float(np.sqrt(found.covariance[6, 6])), tip_sd_mm=tip_sd_mm(found),
        off_mm=found.off_mm,
        unknown=_unknown(found, sd, rival, slid, kit, table, measured=shaft.measured),
    )  # fmt: skip


def _rival(
    found: Fit, near: Sequence[tuple[float, Arc]], views: Sequence[Metal], kit: Kit, prior: Vector,
    table: Table,
) -> bool:  # fmt: skip
    """Whether another turn, fitted too, lies as near to its shadows.

    near: score and arc of all that the search could hardly tell from the best, best first.
    """
    far = np.radians(table["curve.rival_turn"].value)
    first = next((arc for _, arc in near if abs(_wrapped(arc.turn - found.arc.turn)) > far), None)
    if first is None:
        return False
    other = fitted(first, views, kit, prior, table)
    return bool(
        abs(_wrapped(other.arc.turn - found.arc.turn)) > far
        and other.shown >= table["curve.least_share"].value
        and other.off_mm <= table["curve.rival_off"].value * found.off_mm
    )


def _prior(kit: Kit, table: Table, *, measured: bool) -> Vector:
    """(8,) SD of the first arc's numbers; the turn and what the search steps over are free."""
    side, lean = table["curve.shaft_side"].value, np.radians(table["curve.shaft_lean"].value)
    free, planned = np.inf, np.radians(table["curve.planned_lean"].value)
    about, turn = (side, lean) if measured else (free, planned)
    return np.array([free, about, side, turn, lean, free, free, kit.bend_sd_mm])


def _unknown(
    found: Fit, sd: float, rival: bool, slid: float, kit: Kit, table: Table, *, measured: bool
) -> str:  # fmt: skip
    """Why the turn cannot be told, or ""."""
    arc, off = found.arc, found.arc.radius_mm - kit.bend_mm
    if not measured and found.off_mm > table["curve.most_left_open"].value:
        return "the shaft lies in the plane of both beams, so that its direction is not measured"
    if arc.deployed_mm < table["curve.least_length"].value:
        return f"only {arc.deployed_mm:.0f} mm look out, too little to see where they turn to"
    if rival:
        return "another turn fits the pictures nearly as well"
    if sd > table["curve.most_sd"].value:
        return f"the curve is seen end-on in both views: its turn is only known to ±{2 * sd:.0f}°"
    if slid > table["curve.most_slid"].value:
        return f"what fits best begins {slid:.0f} mm from where the curve was seen to begin"
    if found.ends < 2 or found.apart > table["curve.most_apart"].value:
        return "the two views do not show its end at one place"
    if found.off_mm > table["curve.most_left"].value:
        return f"it lies {found.off_mm:.1f} mm beside its shadows in the mean"
    if abs(off) > table["curve.most_bend"].value * kit.bend_sd_mm:
        return f"its radius comes out as {arc.radius_mm:.0f} mm, not {kit.bend_mm:.0f} mm"
    return ""


def _wrapped(turn: float) -> float:
    """Into −π…π."""
    return float((turn + np.pi) % (2.0 * np.pi) - np.pi)
