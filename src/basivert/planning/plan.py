"""Ranked plans of one vertebra through each pedicle, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Points
from basivert.constants.model import Table
from basivert.geometry.rigid import moved
from basivert.instruments.model import Instrument
from basivert.planning import choice
from basivert.planning.describe import Context, described
from basivert.planning.model import LevelPlan, Plan, Refusal
from basivert.planning.poses import Approach, approach, lines
from basivert.planning.reach import HUB_POINTS, hub_points
from basivert.planning.search import Candidates, candidates
from basivert.volume.model import Case

# Pedicle walls count this far behind the isthmus: its own length to the arch.
PEDICLE_BEHIND_MM = 5.0
VESSEL_REACH_MM = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideSearch:
    """What was found through one pedicle."""

    way: Approach
    found: Candidates
    widest_mm: float


def plan_vertebra(
    vertebra: Vertebra, case: Case, instrument: Instrument, *, sides: Sequence[Side],
    errors: Table, thresholds: Table, seed: int, obstacles: Mapping[str, int],
) -> LevelPlan:  # fmt: skip
    """Plans through each wanted pedicle.

    Args:
        obstacles: vessel name → code in the case's label map.
        seed: of hub places, refinement and robustness; the same seed gives the same plan.
    """
    context = Context(
        vertebra=vertebra, ct=case.ct, instrument=instrument, errors=errors,
        thresholds=thresholds, seed=seed,
        hubs=hub_points(vertebra.target, vertebra.lps_from_body, HUB_POINTS, seed),
        vessels=_vessels(case, vertebra, obstacles),
    )  # fmt: skip
    plans: list[Plan] = []
    refusals: list[Refusal] = []
    fronts: dict[Side, Points] = {}
    for side in sides:
        pedicle = vertebra.pedicles.get(side)
        if pedicle is None:
            refusals.append(Refusal(
                level=vertebra.level, side=side, tried=("transpedicular",),
                reason="No bone bridge between body and arch was found on this side.",
            ))  # fmt: skip
            continue
        way = approach(vertebra, pedicle, PEDICLE_BEHIND_MM)
        found, widest = candidates(vertebra, way, instrument, context.hubs, seed)
        fronts[side] = choice.front_points(found)
        made = _plans(context, side, way, found)
        plans.extend(made)
        if not made:
            refusals.append(_refusal(vertebra, side, instrument, way, found, widest))
    return LevelPlan(vertebra=vertebra, plans=tuple(plans), refusals=tuple(refusals), front=fronts)


def _plans(context: Context, side: Side, way: Approach, found: Candidates) -> list[Plan]:
    """The chosen candidates, described exactly; one that fails the exact check is dropped."""
    paths = lines(found.poses, way, context.instrument) if len(found.poses) else None
    if paths is None:
        return []
    on_front = set(choice.front(found).tolist())
    made = []
    for number in choice.distinct(found, paths):
        plan = described(context, side, way, found.poses[number], rank=len(made) + 1,
                         reach=float(found.reach[number]), on_pareto=number in on_front)  # fmt: skip
        if plan.smallest_margin.value_mm.value >= context.thresholds["margin.least"].value:
            made.append(plan)
    return made


def _refusal(
    vertebra: Vertebra, side: Side, instrument: Instrument, way: Approach, found: Candidates,
    widest_mm: float,
) -> Refusal:  # fmt: skip
    diameter = instrument.introducer_diameter_mm.value
    if not len(found.poses):
        reason = (
            f"Pedicle {way.width_mm:.1f} × {way.height_mm:.1f} mm, instrument {diameter:.2f} mm: "
            f"no path with margin ≥ 0 (best {widest_mm:.1f} mm)."
        )
    else:
        reason = (
            f"The introducer passes the pedicle, but no curve stays inside the bone "
            f"(best margin {found.margin_mm.max():.1f} mm)."
        )
    return Refusal(level=vertebra.level, side=side, reason=reason, tried=("transpedicular",))


def _vessels(case: Case, vertebra: Vertebra, obstacles: Mapping[str, int]) -> dict[str, Points]:
    """Labelled vessels near the body as LPS points at voxel centres."""
    centre = vertebra.lps_from_body[:3, 3]
    near: dict[str, Points] = {}
    for name, code in obstacles.items():
        voxels = np.argwhere(case.labels.volume.values == code).astype(float)
        points = moved(case.labels.volume.lps_from_index, voxels)
        points = points[np.linalg.norm(points - centre, axis=1) < VESSEL_REACH_MM]
        if len(points):
            near[name] = points
    return near
