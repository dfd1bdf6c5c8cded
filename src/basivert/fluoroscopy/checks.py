"""What to measure on a picture when the tip stands at one depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points
from basivert.estimate import Z95
from basivert.fluoroscopy.measures import beside_line_mm, inside_ring_mm, scale_at
from basivert.fluoroscopy.model import Check, Landmarks, Preset, ViewName, Way
from basivert.planning.robustness import Errors

WRONG = {
    "medial_border": "At or past the border while the lateral still shows the tip behind the "
    "posterior wall: medial breach towards the canal. Stop and pull back.",
    "midline": "More, on the own side: the curve is too flat or started too late. Further across: "
    "it went too far, off midline.",
    "wall_shown": "Further behind than planned: too shallow. Further in front: too deep.",
    "wall_true": "Behind it, the tip is still outside the body, in the pedicle or beside the "
    "canal, whatever the midline's line shows.",
    "upper_endplate": "Nearer: too close to the upper endplate or disc. Further below: too low.",
    "rim": "Near the edge or outside it: the shaft leaves the pedicle's oval on that side. A "
    "stroke instead of a dot: the view or the aim has changed.",
    "pedicles": "Unequal: the view is turned. Turn the arm until both agree.",
    "skin": "Another place: the shaft will meet the bone at another angle.",
    "hub": "Larger: the tip is not where the plan expects the nerve.",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What all steps of one sheet look at."""

    vertebra: Vertebra
    way: Way
    marks: Landmarks
    presets: dict[ViewName, Preset]
    errors: Errors

    @property
    def outward(self) -> Point:
        """(3,) LPS, from the midline to this plan's side."""
        left = self.vertebra.lps_from_body[:3, 0]
        return left if self.way.side == "left" else -left

    def tolerance_mm(self, from_bone_mm: float, *, depth: bool) -> float:
        """95 % half width of the tip's place: along the depth, or across it, mm."""
        e = self.errors
        if depth:
            return float(Z95 * np.hypot(e.depth_mm, e.surface_mm))
        lever = np.radians(e.angle_deg) * max(from_bone_mm, 0.0)
        bent = max(from_bone_mm - self.way.depths.curve_start_mm, 0.0)
        rolled = np.radians(e.roll_deg) * 0.5 * bent
        return float(Z95 * np.sqrt(e.entry_mm**2 + e.surface_mm**2 + lever**2 + rolled**2))


def midline(scene: Scene, tip: Point, from_bone_mm: float) -> Check:
    """Tip to midline on the AP view."""
    carm = scene.presets["ap"].carm
    off = beside_line_mm(carm, tip[None], scene.marks.midline, scene.outward, tip)
    return _check("ap", "midline", "tip to the midline", float(off[0]),
                  scene.tolerance_mm(from_bone_mm, depth=False),
                  f"still on the {scene.way.side}", "across the midline")  # fmt: skip


def medial_border(scene: Scene, tip: Point, from_bone_mm: float) -> Check | None:
    """Tip to the medial border of the pedicle's oval on the AP view."""
    rim = scene.marks.rims.get(scene.way.side)
    if rim is None:
        return None
    carm, line = scene.presets["ap"].carm, scene.marks.midline
    border = beside_line_mm(carm, rim, line, scene.outward, tip).min()
    off = beside_line_mm(carm, tip[None], line, scene.outward, tip)[0]
    return _check("ap", "medial_border", "tip to the medial border of the pedicle",
                  float(off - border), scene.tolerance_mm(from_bone_mm, depth=False),
                  "lateral of it", "medial of it")  # fmt: skip


def wall(scene: Scene, tip: Point, from_bone_mm: float, *, true: bool) -> Check:
    """Tip to a line of the posterior wall on the lateral view."""
    marks = scene.marks
    front = -scene.vertebra.lps_from_body[:3, 1]
    line = marks.wall_crossing if true else marks.wall_midline
    off = beside_line_mm(scene.presets["lateral"].carm, tip[None], line, front, tip)
    name = "where the path crosses it" if true else "as the lateral shows it"
    return _check("lateral", "wall_true" if true else "wall_shown",
                  f"tip to the posterior wall {name}", float(off[0]),
                  scene.tolerance_mm(from_bone_mm, depth=True), "in front of it", "behind it",
                  )  # fmt: skip


def upper_endplate(scene: Scene, tip: Point, from_bone_mm: float, view: ViewName) -> Check:
    """Tip below the upper endplate's line on a view."""
    vertebra = scene.vertebra
    left, behind, _ = vertebra.lps_from_body[:3, :3].T
    centre, normal = vertebra.upper_endplate.centre, vertebra.upper_endplate.normal
    along = np.cross(normal, left) if view == "lateral" else np.cross(behind, normal)
    reach = np.linspace(-25.0, 25.0, 11)[:, None]
    line: Points = centre + reach * along / np.linalg.norm(along)
    off = beside_line_mm(scene.presets[view].carm, tip[None], line, -normal, tip)
    return _check(view, "upper_endplate", "tip below the upper endplate", float(off[0]),
                  scene.tolerance_mm(from_bone_mm, depth=False), "below it", "above it",
                  )  # fmt: skip


def rim(scene: Scene, tip: Point) -> Check | None:
    """Room between the dot of the shaft and the pedicle's oval, en face."""
    ring = scene.marks.rims.get(scene.way.side)
    if ring is None or scene.way.route == "extrapedicular":
        return None
    carm = scene.presets["en_face"].carm
    return _check("en_face", "rim", "middle of the shaft's dot to the edge of the pedicle's oval",
                  inside_ring_mm(carm, tip, ring), scene.tolerance_mm(0.0, depth=False),
                  "inside the oval", "outside it")  # fmt: skip


def pedicles(scene: Scene) -> Check | None:
    """Both pedicles as far from the midline: the view is not turned."""
    rims = scene.marks.rims
    if len(rims) < 2:
        return None
    carm, line = scene.presets["ap"].carm, scene.marks.midline
    left = scene.vertebra.lps_from_body[:3, 0]
    away = {
        side: float(beside_line_mm(carm, ring, line, left, ring.mean(axis=0)).mean())
        for side, ring in rims.items()
    }
    return _check("ap", "pedicles", "left pedicle further from the midline than the right one",
                  away["left"] + away["right"], Z95 * scene.errors.surface_mm * float(np.sqrt(2)),
                  "the left one", "the right one")  # fmt: skip


def skin(scene: Scene, entry: Point) -> Check:
    """Incision to the midline on the AP view, at the skin's own depth."""
    off = beside_line_mm(
        scene.presets["ap"].carm, entry[None], scene.marks.midline, scene.outward, entry
    )
    length = scene.way.depths.skin_to_bone_mm or 0.0
    return _check("ap", "skin", "marker on the skin to the midline", float(off[0]),
                  scene.tolerance_mm(length, depth=False), f"to the {scene.way.side}",
                  "across the midline")  # fmt: skip


def hub(scene: Scene, tip: Point, from_bone_mm: float, view: ViewName) -> Check:
    """Middle of the heating zone to the expected hub on a view."""
    carm = scene.presets[view].carm
    middle = scene.way.path.active.mean(axis=0)
    gap = np.linalg.norm(np.diff(carm.pixel(np.stack([middle, scene.marks.hub])), axis=0))
    size = float(gap * carm.detector.pitch_mm[0] * scale_at(carm, tip))
    return _check(view, "hub", "middle of the heating zone to the expected hub of the nerve", size,
                  scene.tolerance_mm(from_bone_mm, depth=False), "distance", "distance",
                  )  # fmt: skip


def _check(
    view: ViewName, key: str, what: str, expected: float, tolerance: float, plus: str, minus: str
) -> Check:
    return Check(view=view, key=key, what=what, expected_mm=expected, tolerance_mm=tolerance,
                 plus=plus, minus=minus, wrong=WRONG[key])  # fmt: skip
