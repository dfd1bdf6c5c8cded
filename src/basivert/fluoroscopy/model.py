"""The step sheet of one plan as data: views, steps, what to see and measure, dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from basivert.anatomy.model import Side
from basivert.arrays import Point, Points
from basivert.errors import Finding
from basivert.estimate import Estimate
from basivert.fluoroscopy.carm import CArm
from basivert.instruments.model import Instrument
from basivert.planning.model import Depths, Path, Plan

ViewName = Literal["ap", "ap_upper", "ap_lower", "lateral", "en_face"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """What of a plan the C-arm shows.

    paired: whether a second probe goes through the other side, with a sheet of its own.
    """

    level: str
    side: Side
    rank: int
    route: str
    path: Path
    paired: bool
    depths: Depths
    instrument: Instrument


def way_of(plan: Plan) -> Way:
    """The part of a plan that a step sheet needs."""
    return Way(
        level=plan.level, side=plan.side, rank=plan.rank, route=plan.route, path=plan.path,
        paired=plan.partner is not None, depths=plan.depths, instrument=plan.instrument,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preset:
    """One wanted view.

    carm: where the arm stands.  centred_on: what the central ray goes through.
    seen: how the view is known to be right.  beyond: what the machine cannot do of it, or "".
    """

    name: ViewName
    title: str
    carm: CArm
    centred_on: str
    seen: str
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One distance to read off a picture.

    expected_mm: on the picture, divided by the magnification at the depth of the tip.
    tolerance_mm: half width of the 95 % interval under the plan's errors of hand and surface.
    plus, minus: what a positive and a negative value means.
    wrong: what is amiss when it reads otherwise.
    """

    view: ViewName
    key: str
    what: str
    expected_mm: float
    tolerance_mm: float
    plus: str
    minus: str
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One step of the procedure.

    source: key of the facts and how far it can be trusted.
    from_bone_mm, from_skin_mm: depth on the shaft; None where nothing is in, or the skin is unseen.
    tip: (3,) LPS mm, foremost point of what is inside, or None.
    views: wanted, in the order in which they are taken.  pictures: expected number of exposures.
    """

    number: int
    key: str
    title: str
    instruction: str
    source: str
    from_bone_mm: float | None
    from_skin_mm: float | None
    tip: Point | None
    views: tuple[ViewName, ...]
    checks: tuple[Check, ...]
    wrong: str
    pictures: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class WallTrap:
    """How the posterior wall of the lateral view differs from the wall that the path crosses.

    off_midline_mm: where the path crosses, from the midline.
    along_shaft_mm: how much deeper the true wall lies than the line that the lateral view shows;
        positive: the picture shows the tip inside the body before it is.
    on_picture_mm: distance of the two lines on the lateral view at the height of the crossing.
    measured_to_mm: how far from the midline the wall could be fitted, where that is short of the
        crossing; else None.
    """

    off_midline_mm: float
    line_mm: float
    true_mm: float
    along_shaft_mm: Estimate
    on_picture_mm: Estimate
    shape: Literal["convex", "flat", "concave"]
    measured_to_mm: float | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MedialRule:
    """The tip must not pass the pedicle's medial border (AP) before the wall (lateral).

    border_mm: depth on the shaft where it passes the border; None where it never does.
    wall_mm: depth where it has passed both walls, the shown and the true one.
    """

    border_mm: float | None
    wall_mm: float
    kept: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What the pictures may cost; an estimate, never a dose received.

    minutes: of fluoroscopy.
    neighbours: (what, value, source) published for similar procedures.
    """

    exposures: Estimate
    minutes: Estimate
    dose_area_gy_cm2: Estimate
    neighbours: tuple[tuple[str, str, str], ...]
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Landmarks:
    """Curves (n, 3) and points (3,), LPS mm.

    rims: outline of each pedicle at its isthmus, closed.
    upper_rim, lower_rim: outline of the endplates, closed.
    wall_midline: the posterior wall that a lateral view shows.
    wall_crossing: the posterior wall as far from the midline as the path crosses it.
    midline: in the plane of symmetry, at the posterior wall.
    canal: border of the canal at the pedicles' height, closed.
    """

    rims: Mapping[Side, Points]
    upper_rim: Points
    lower_rim: Points
    wall_midline: Points
    wall_crossing: Points
    midline: Points
    canal: Points
    hub: Point


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepSheet:
    """The sheet of one plan.  findings: where the plan and the usual technique disagree."""

    way: Way
    machine: str
    presets: Mapping[ViewName, Preset]
    marks: Landmarks
    steps: tuple[Step, ...]
    trap: WallTrap
    rule: MedialRule
    dose: Dose
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
