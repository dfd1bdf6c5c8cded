"""Two things that the two views can only tell together: which wall is passed, and when."""

from __future__ import annotations

from typing import Literal

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.estimate import Z95, Estimate
from basivert.fluoroscopy.landmarks import point_at
from basivert.fluoroscopy.measures import beside_line_mm
from basivert.fluoroscopy.model import Landmarks, MedialRule, Preset, WallTrap, Way
from basivert.geometry.rigid import inverse, moved, turned

# Spacing of the centre line: the rule can be told no finer.
STEP_MM = 0.25
# A smaller difference of the two lines is not worth a correction.
LEAST_MM = 0.5
BASIS = "surface position and fit of the posterior wall"


def wall_trap(vertebra: Vertebra, way: Way, marks: Landmarks, lateral: Preset) -> WallTrap:
    """What the lateral view's posterior wall hides where this path crosses the true one.

    Source: `L5.wall`, `tech.L5` in the facts.
    """
    wall, to_body = vertebra.posterior_wall, inverse(vertebra.lps_from_body)
    crossing = point_at(way, way.depths.true_wall_mm)
    body = moved(to_body, crossing)
    along = way.depths.true_wall_mm - way.depths.wall_line_mm
    forward = max(float(-turned(to_body, way.path.axis)[1]), 0.2)
    sd = float(np.hypot(np.sqrt(2.0) * vertebra.surface.sd_mm, wall.residual_mm))
    front = -vertebra.lps_from_body[:3, 1]
    at_wall = moved(
        vertebra.lps_from_body,
        np.array([body[0], float(wall.y_mm(body[0], body[2])), body[2]]),
    )
    shown = beside_line_mm(lateral.carm, at_wall[None], marks.wall_midline, front, at_wall)
    # Beyond what could be fitted the wall's edge holds; it may bend on as it did before.
    onward = max(float(abs(body[0]) / wall.reach_mm[0]), 1.0)
    bulge = wall.bulge_mm
    shape: Literal["convex", "flat", "concave"] = (
        "convex" if bulge.low > 0 else "concave" if bulge.high < 0 else "flat"
    )
    measured = wall.reach_mm[0] if onward > 1.0 else None
    return WallTrap(
        off_midline_mm=float(abs(body[0])), line_mm=way.depths.wall_line_mm,
        true_mm=way.depths.true_wall_mm,
        along_shaft_mm=_bent_on(along, sd / forward, onward),
        on_picture_mm=_bent_on(float(shown[0]), sd, onward), shape=shape, measured_to_mm=measured,
        words=_trap_words(along, float(abs(body[0])), shape, way.level, measured),
    )  # fmt: skip


def _bent_on(value: float, sd: float, onward: float) -> Estimate:
    """Interval of a difference that may go on growing beyond the part that was measured."""
    return Estimate(
        value=value, low=min(value, value * onward) - Z95 * sd,
        high=max(value, value * onward) + Z95 * sd, level=0.95, unit="mm",
        basis=BASIS if onward == 1.0 else f"{BASIS}; beside the fitted part it may bend on",
    )  # fmt: skip


def _trap_words(
    along: float, aside: float, shape: str, level: str, measured_mm: float | None
) -> str:
    where = f"The path crosses the wall {aside:.0f} mm beside the midline"
    low = " At L5 and S1 this is the usual trap." if level in ("L5", "S1") else ""
    edge = (
        ""
        if measured_mm is None
        else (
            f" The wall could be measured to {measured_mm:.0f} mm beside the midline; further "
            "out it may bend on, so that the difference is at least this."
        )
    )
    if along > LEAST_MM:
        return (
            f"{where}. There the {shape} wall lies further in front: when the lateral view shows "
            f"the tip at the posterior wall, it has {along:.1f} mm of shaft to go before it is in "
            f"the body. Start the curve {along:.1f} mm deeper than that line suggests.{low}{edge}"
        )
    if along < -LEAST_MM:
        return (
            f"{where}. There the {shape} wall lies further back: the tip is in the body "
            f"{-along:.1f} mm before the midline's wall is reached on the lateral view.{edge}"
        )
    return (
        f"{where}. There it lies within half a millimetre ({along:+.1f} mm of shaft) of the line "
        f"that the lateral shows.{low}{edge}"
    )


def medial_rule(way: Way, marks: Landmarks, ap: Preset) -> MedialRule:
    """Whether the planned path keeps the rule of the two views (`tech.medial_rule`)."""
    rim, line = marks.rims.get(way.side), way.path.centre_line
    wall = max(way.depths.true_wall_mm, way.depths.wall_line_mm)
    if rim is None:
        return MedialRule(
            border_mm=None, wall_mm=wall, kept=False, words="No pedicle was measured."
        )
    along = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    outward = rim.mean(axis=0) - marks.midline.mean(axis=0)
    at = rim.mean(axis=0)
    border = float(beside_line_mm(ap.carm, rim, marks.midline, outward, at).min())
    off = beside_line_mm(ap.carm, line, marks.midline, outward, at)
    past = np.asarray(off < border)
    if not past.any():
        return MedialRule(
            border_mm=None, wall_mm=wall, kept=True,
            words="On the AP view the tip never passes the pedicle's medial border.",
        )  # fmt: skip
    border_mm = float(along[int(np.argmax(past))])
    kept = border_mm >= wall - STEP_MM
    words = (
        f"On the AP view the tip passes the pedicle's medial border at {border_mm:.1f} mm from "
        f"bone, and the posterior wall at {wall:.1f} mm"
    )
    return MedialRule(
        border_mm=border_mm, wall_mm=wall, kept=kept,
        words=f"{words}: the rule is kept." if kept else
        f"{words}: by the rule of the two views this would read as a medial breach. The planned "
        "path stays in bone; follow its own distances step by step, or choose another plan.",
    )  # fmt: skip
