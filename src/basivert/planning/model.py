"""A plan: the path, how much room it leaves, how it might fail, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from basivert.anatomy.model import Partial, Side, Vertebra
from basivert.arrays import Matrix, Point, Points, Vector
from basivert.errors import Finding
from basivert.estimate import Estimate
from basivert.instruments.model import Instrument
from basivert.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """One way in, from skin to tip.

    entry_skin: (3,) LPS mm, or None where the skin is outside the scan.
    entry_bone: (3,) LPS mm, first contact with bone.
    axis: (3,) unit, direction of the straight part, inwards, LPS.
    curve_start: (3,) LPS mm, where the curved part leaves the introducer (tip for straight kinds).
    tip: (3,) LPS mm.  centre_line: (n, 3) LPS mm from bone entry to tip, spacing ≤ 0.5 mm.
    radius_mm: (n,) instrument radius at each point of the centre line.
    active: (2, 3) LPS mm, the two ends of the heating zone.
    roll_deg: plane of the curve about `axis`; 0 = medial, + = cranial.
    deployment_mm: length outside the introducer.
    bend_radius_mm: radius of that part's arc, or None where it is straight.
    """

    entry_skin: Point | None
    entry_bone: Point
    axis: Point
    curve_start: Point
    tip: Point
    centre_line: Points
    radius_mm: Vector
    active: Points
    roll_deg: float
    deployment_mm: float
    bend_radius_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Clearance from the instrument's surface to one wall, mm; negative = through it.

    at_depth_mm: depth along the path from bone entry where the margin is smallest.
    """

    wall: str
    value_mm: Estimate
    at_depth_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CanalDistance:
    """The ambiguous 10 mm rule, both readings: `contra.distance` in the facts.

    aim_to_wall_mm, aim_to_canal_mm: from the middle of the active zone.
    edge_to_wall_mm, edge_to_canal_mm: from the assumed edge of the lesion.
    """

    aim_to_wall_mm: Estimate
    aim_to_canal_mm: Estimate
    edge_to_wall_mm: Estimate
    edge_to_canal_mm: Estimate
    lesion_radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Depths:
    """Depths along the shaft, mm; from the skin where the skin is in the scan, else None.

    From bone entry: isthmus, wall line (where the lateral view shows the posterior wall),
    true wall (where the path itself passes the wall), curve start, tip.
    """

    skin_to_bone_mm: float | None
    isthmus_mm: float
    wall_line_mm: float
    true_wall_mm: float
    curve_start_mm: float
    tip_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A C-arm view from this patient's anatomy, patient frame of the scan.

    primary_deg: RAO(−)/LAO(+).  secondary_deg: caudal(−)/cranial(+) (DICOM XA signs).
    reachable: within usual mechanical limits.
    """

    name: str
    primary_deg: float
    secondary_deg: float
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """What happens under stated errors, by seeded draws.

    p_breach: probability of a breach of more than 0 mm; p_unsafe: of 2 mm or more.
    grade: Gertzbein–Robbins A–E → share of draws.  by_wall: wall → probability of a breach.
    p_reach: probability that the hub lies in the assumed lesion.
    """

    draws: int
    seed: int
    p_breach: Estimate
    p_unsafe: Estimate
    grade: Mapping[str, float]
    by_wall: Mapping[str, float]
    p_reach: Estimate
    errors: Mapping[str, float]


def worth(p_reach: float, p_breach: float) -> float:
    """What plans are compared by: the hub is reached and no wall breached, as if independent."""
    return p_reach * (1.0 - p_breach)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """One ranked plan of one side.

    route: `transpedicular`, `extrapedicular` or `S1`.  reach: target mass in the assumed lesion.
    path_hu, path_hu_by_part: mean HU of the bone from the gate to the tip, and in the pedicle, in
        the body along the straight shaft, and along what is deployed there.
    partner: the other probe of a pair, else None; reach and canal are then the pair's, everything
        else this side's.
    """

    level: str
    side: Side
    rank: int
    route: str
    instrument: Instrument
    path: Path
    partner: Path | None
    margins: tuple[Margin, ...]
    canal: CanalDistance
    reach: float
    depths: Depths
    views: tuple[View, ...]
    robustness: Robustness
    path_hu: Estimate
    path_hu_by_part: Mapping[str, Estimate]
    on_pareto: bool
    findings: tuple[Finding, ...]

    @property
    def worth(self) -> float:
        """Probability to reach the hub and to stay in bone."""
        return worth(self.robustness.p_reach.value, self.robustness.p_breach.value)

    @property
    def smallest_margin(self) -> Margin:
        """The tightest wall."""
        return min(self.margins, key=lambda margin: margin.value_mm.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one side has no plan, in numbers."""

    level: str
    side: Side
    reason: str
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelPlan:
    """One vertebra with all its plans, or why there are none.

    front: (n, 2) margin mm and reach of the candidates on the Pareto front, per side.
    """

    vertebra: Vertebra | Partial
    plans: tuple[Plan, ...]
    refusals: tuple[Refusal, ...]
    front: Mapping[Side, Matrix]

    @property
    def level(self) -> str:
        """Vertebral level."""
        return self.vertebra.level

    @property
    def status(self) -> str:
        """`planned`, `no_path`, `partial`, or `failed` where a self-check of the numbers failed."""
        if isinstance(self.vertebra, Partial):
            return "failed" if self.vertebra.failed else "partial"
        return "planned" if self.plans else "no_path"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CasePlan:
    """The whole answer: all levels, what was noticed, and what it was made from."""

    levels: tuple[LevelPlan, ...]
    findings: tuple[Finding, ...]
    instrument: Instrument
    provenance: Provenance
