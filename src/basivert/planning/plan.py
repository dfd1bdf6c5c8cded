"""Ranked plans of one vertebra through each side, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Matrix, Point, Points, Vector
from basivert.constants.model import Table
from basivert.estimate import Z95
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.model import Instrument
from basivert.planning import choice
from basivert.planning.describe import Choice, Context, described
from basivert.planning.gates import Gate, lateral_gate, pedicle_gate
from basivert.planning.margins import around, margin_sd_mm
from basivert.planning.model import LevelPlan, Plan, Refusal
from basivert.planning.pairs import aims, paired
from basivert.planning.poses import POSE, lines
from basivert.planning.reach import HUB_POINTS, hub_points
from basivert.planning.robustness import errors_at, worth
from basivert.planning.search import Candidates, Found, Quest, search
from basivert.planning.stop import preferred
from basivert.planning.tracks import insertion
from basivert.volume.model import Case

VESSEL_REACH_MM = 60.0
SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """One route of one side.  why: what stopped it, "" where it has candidates."""

    route: str
    quest: Quest | None
    found: Found | None
    why: str

    def safe(self) -> tuple[Quest, Candidates] | None:
        """The search and its candidates where at least one keeps clear of every wall."""
        if self.why or self.quest is None or self.found is None:
            return None
        return self.quest, self.found.candidates


def plan_vertebra(
    vertebra: Vertebra, case: Case, instrument: Instrument, *, sides: Sequence[Side],
    errors: Table, thresholds: Table, technique: Table, carm: Table, seed: int,
    obstacles: Mapping[str, int],
) -> LevelPlan:  # fmt: skip
    """Plans through each wanted side: the pedicle first, beside it where that fails.

    Args:
        vertebra: what was measured.
        case: the scan and its labels.
        instrument: what is inserted; of a pair one probe goes through each side.
        sides: wanted sides; a pair uses both and is listed under the wanted ones.
        errors: table of one-SD insertion errors.
        thresholds: table of clinical thresholds.
        technique: table of what the usual technique asks; where the introducer stops counts here.
        carm: table of the C-arm that the views are checked against.
        seed: of hub places, refinement and robustness; the same seed gives the same plan.
        obstacles: vessel name → code in the case's label map.
    """
    context = Context(
        vertebra=vertebra, ct=case.ct, instrument=instrument, errors=errors,
        thresholds=thresholds, technique=technique, carm=carm, seed=seed,
        hubs=hub_points(vertebra.target, vertebra.lps_from_body, HUB_POINTS, seed),
        near=around(vertebra, _vessels(case, vertebra, obstacles)),
    )  # fmt: skip
    made = (_pair_plans if instrument.paired else _single_plans)(context, sides)
    return LevelPlan(
        vertebra=vertebra,
        plans=tuple(plan for plans, _, _ in made.values() for plan in plans),
        refusals=tuple(refusal for _, refusal, _ in made.values() if refusal is not None),
        front={side: front for side, (_, _, front) in made.items() if len(front)},
    )


SidePlans = tuple[list[Plan], Refusal | None, Matrix]


def _single_plans(context: Context, sides: Sequence[Side]) -> dict[Side, SidePlans]:
    target = moved(inverse(context.vertebra.lps_from_body), context.vertebra.target.centre)
    made: dict[Side, SidePlans] = {}
    for side in sides:
        plans: list[Plan] = []
        front = np.zeros((0, 2))
        tried: list[Tried] = []
        for gate in _gates(context.vertebra, side):
            tried.append(_tried(context, gate, target, np.zeros(3)))
            if (safe := tried[-1].safe()) is not None:
                plans = _checked(context, _choices(context, side, *safe))
                front = choice.front_points(safe[1])
            if plans:
                break
        made[side] = (plans, None if plans else _refusal(context, side, tried), front)
    return made


def _pair_plans(context: Context, sides: Sequence[Side]) -> dict[Side, SidePlans]:
    """Both probes together; each wanted side lists its half with the other as partner."""
    target = moved(inverse(context.vertebra.lps_from_body), context.vertebra.target.centre)
    tried: dict[Side, list[Tried]] = {}
    safe: dict[Side, tuple[Quest, Candidates]] = {}
    for side, aim in zip(SIDES, aims(target, context.instrument), strict=True):
        tried[side] = []
        for gate in _gates(context.vertebra, side):
            tried[side].append(_tried(context, gate, aim, aim - target))
            if (found := tried[side][-1].safe()) is not None:
                safe[side] = found
                break
    if set(safe) != set(SIDES):
        lost: list[Side] = [side for side in SIDES if side not in safe]
        return {side: ([], _refusal(context, side, tried[side], lost), np.zeros((0, 2)))
                for side in sides}  # fmt: skip
    pairs = paired(safe["left"], safe["right"], context.hubs, context.seed)
    gates = (safe["left"][0].gate, safe["right"][0].gate)
    chosen = _pair_choices(context, pairs, gates)
    front = choice.front_points(pairs)
    made: dict[Side, SidePlans] = {}
    for side in sides:
        plans = _checked(context, [pair[SIDES.index(side)] for pair in chosen])
        why = None if plans else _refusal(context, side, tried[side], [])
        made[side] = (plans, why, front)
    return made


def _gates(vertebra: Vertebra, side: Side) -> list[Gate | str]:
    """Gates in the order of trying; a sentence stands for a gate that is not there."""
    pedicle = vertebra.pedicles.get(side)
    first: Gate | str = (
        "Transpedicular: no bone bridge between body and arch was found on this side."
        if pedicle is None
        else pedicle_gate(vertebra, pedicle)
    )
    # Beside the sacrum's pedicle is its ala: nothing to go through.
    if vertebra.level == "S1":
        return [first]
    beside = lateral_gate(vertebra, side)
    return [
        first,
        "Extrapedicular: no body wall was found beside the pedicle." if beside is None else beside,
    ]


def _tried(context: Context, gate: Gate | str, aim: Point, shift: Point) -> Tried:
    if isinstance(gate, str):
        return Tried(route=gate.split(":")[0].lower(), quest=None, found=None, why=gate)
    quest = Quest(
        vertebra=context.vertebra, ct=context.ct, gate=gate, instrument=context.instrument,
        aim=aim, hubs=context.hubs + shift, thresholds=context.thresholds,
        technique=context.technique,
    )  # fmt: skip
    found = search(quest, context.seed)
    return Tried(route=gate.route, quest=quest, found=found, why=_why(quest, found))


def _why(quest: Quest, found: Found) -> str:
    """What stopped this route, in numbers; "" where a path keeps clear of every wall."""
    gate, instrument = quest.gate, quest.instrument
    diameter = instrument.introducer_diameter_mm.value
    name = gate.route[0].upper() + gate.route[1:]
    what = "opening" if gate.route == "extrapedicular" else "pedicle"
    if found.widest_mm < 0:
        return (
            f"{name}: {what} {gate.width_mm:.1f} × {gate.height_mm:.1f} mm, instrument "
            f"{diameter:.2f} mm: no path with margin ≥ 0 (best {found.widest_mm:.1f} mm)."
        )
    if found.too_long:
        return (
            f"{name}: from the skin every shaft that fits is longer than the introducer's "
            f"{instrument.introducer_length_mm.value:.0f} mm."
        )
    margin = found.candidates.margin_mm
    if not len(margin) or margin.max() < 0:
        best = f" (best margin {margin.max():.1f} mm)" if len(margin) else ""
        return f"{name}: the introducer passes, but nothing beyond it stays inside the bone{best}."
    return ""


def _choices(context: Context, side: Side, quest: Quest, found: Candidates) -> list[Choice]:
    looked = found.take(choice.shortlist(found))
    values = np.array([_worth(context, (quest.gate,), (pose,)) for pose in looked.poses])
    values = preferred(values, looked.margin_mm, looked.off_mm, context.technique)
    apart = choice.paths_apart(lines(looked.poses, quest.gate, quest.instrument))
    on_front = choice.front(looked).tolist()
    return [
        Choice(side=side, gates=(quest.gate,), poses=(looked.poses[number],),
               reach=float(looked.reach[number]), on_pareto=number in on_front)
        for number in choice.distinct(values, looked, apart)
    ]  # fmt: skip


def _pair_choices(
    context: Context, found: Candidates, gates: tuple[Gate, Gate]
) -> list[tuple[Choice, Choice]]:
    """Each chosen pair twice: from the left, and from the right."""
    looked = found.take(choice.shortlist(found))
    halves = (looked.poses[:, :POSE], looked.poses[:, POSE:])
    values = np.array([_worth(context, gates, both) for both in zip(*halves, strict=True)])
    apart = [choice.paths_apart(lines(half, gate, context.instrument))
             for half, gate in zip(halves, gates, strict=True)]  # fmt: skip
    on_front = choice.front(looked).tolist()
    chosen = []
    for number in choice.distinct(values, looked, lambda a, b: any(d(a, b) for d in apart)):
        poses = (halves[0][number], halves[1][number])
        reach, on = float(looked.reach[number]), number in on_front
        chosen.append((
            Choice(side="left", gates=gates, poses=poses, reach=reach, on_pareto=on),
            Choice(side="right", gates=gates[::-1], poses=poses[::-1], reach=reach, on_pareto=on),
        ))  # fmt: skip
    return chosen


def _worth(context: Context, gates: Sequence[Gate], poses: Sequence[Vector]) -> float:
    vertebra = context.vertebra
    insertions = [insertion(vertebra, gate, pose) for gate, pose in zip(gates, poses, strict=True)]
    errors = errors_at(vertebra.level, context.errors, vertebra.surface.sd_mm)
    return worth(vertebra, insertions, context.instrument, context.hubs, errors, context.seed)


def _checked(context: Context, choices: Sequence[Choice]) -> list[Plan]:
    """The choices described exactly; one that fails an exact check is dropped.

    A wall is cleared when the whole 95 % interval of its margin is: a path that touches it within
    what is known of bone and instrument claims nothing.
    """
    least = context.thresholds["margin.least"].value
    made: list[Plan] = []
    for chosen in choices:
        plan = described(context, chosen, rank=len(made) + 1)
        clear = all(margin.value_mm.low >= least for margin in plan.margins)
        if clear and not any(finding.severity == "stop" for finding in plan.findings):
            made.append(plan)
    return made


def _refusal(
    context: Context, side: Side, tried: Sequence[Tried], lost: Sequence[Side] = ()
) -> Refusal:
    unsure = Z95 * margin_sd_mm(context.vertebra, context.instrument)
    reasons = [one.why or f"{one.route.capitalize()}: no candidate keeps every wall further away "
               f"than the margin is uncertain ({unsure:.1f} mm) when checked on the exact surface "
               "and at its full length." for one in tried]  # fmt: skip
    if lost and side not in lost:
        reasons = [f"A pair needs both sides, and there is no path on the {lost[0]}."]
    return Refusal(
        level=context.vertebra.level, side=side, reason=" ".join(reasons),
        tried=tuple(one.route for one in tried),
    )  # fmt: skip


def _vessels(case: Case, vertebra: Vertebra, obstacles: Mapping[str, int]) -> dict[str, Points]:
    """Labelled vessels near the body as LPS points at voxel centres."""
    centre = vertebra.lps_from_body[:3, 3]
    near: dict[str, Points] = {}
    for name, code in obstacles.items():
        box = case.labels.pieces[code].box
        voxels = np.argwhere(case.labels.volume.values[box] == code) + [part.start for part in box]
        points = moved(case.labels.volume.lps_from_index, voxels.astype(float))
        points = points[np.linalg.norm(points - centre, axis=1) < VESSEL_REACH_MM]
        if len(points):
            near[name] = points
    return near
