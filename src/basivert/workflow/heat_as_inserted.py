"""The heat of a probe where it really lies, beside the same burn as it was planned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.patient.model import Heat, HeatTables, Planned
from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Point
from basivert.errors import Finding, InputError
from basivert.geometry.rigid import unit
from basivert.volume.model import Case
from basivert.workflow.ablate_plan import ablate_plan
from basivert.workflow.as_inserted import moved_path
from basivert.workflow.curve_as_inserted import with_curve
from basivert.workflow.heat_setup import Asked, setup

# Lesion margins that are told beside the plan's; the others stand in the tables.
TOLD = ("canal", "posterior_wall", "upper_endplate", "lower_endplate")
SOURCE = "basivert ablate --pose"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BentTo:
    """The arc that looks out of an introducer.

    bend: (3,) LPS of the CT, where it turns to.  deployed_mm, bend_radius_mm: of the arc.
    """

    bend: Point
    deployed_mm: float
    bend_radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InsertedPose:
    """Where an introducer lies.

    side, rank: of the plan it belongs to; None where that is not said.
    tip, axis: (3,) LPS mm of the CT, and unit towards the tip.
    measured: whether the direction was seen and not taken from the plan.
    curve: what looks out of it, as seen; None: the plan's, carried along.
    """

    level: str
    side: Side | None
    rank: int | None
    tip: Point
    axis: Point
    measured: bool
    curve: BentTo | None = None


def inserted(planned: Planned, pose: InsertedPose) -> Planned:
    """The plan carried to where its introducer lies.

    Raises: InputError for a pair, of which one pose tells too little.
    """
    if planned.partner is not None:
        raise InputError(
            f"The plan of {pose.level} has two probes, the pose is of one.",
            fix="Choose a plan with one probe, or heat it as planned.",
        )
    path = moved_path(planned.path, pose.tip, pose.axis)
    if pose.curve is not None:
        bend = unit(pose.curve.bend - (pose.curve.bend @ pose.axis) * pose.axis)
        path = with_curve(path, planned.instrument, bend, pose.curve.deployed_mm,
                          pose.curve.bend_radius_mm)  # fmt: skip
    return replace(planned, path=path)


def predicted(
    case: Case, vertebra: Vertebra, planned: Planned, pose: InsertedPose, asked: Asked,
    tables: HeatTables,
) -> Heat:  # fmt: skip
    """The nominal burn as inserted, told beside the planned one; of the patient nothing is known.

    Raises: InputError for a pair or for a probe outside the bone.
    """
    real, plan = (
        ablate_plan(setup(vertebra, case, one, UNKNOWN, asked, tables), tables)
        for one in (inserted(planned, pose), planned)
    )
    return compared(plan, real, pose)


def compared(as_planned: Heat, real: Heat, pose: InsertedPose) -> Heat:
    """The real heat with a finding that tells it beside the planned one."""
    level, rows = pose.level, [_words(as_planned, real)]
    if not pose.measured:
        rows.append("The introducer's direction was not measured: it is the plan's.")
    rows.append(
        "The curve is the plan's, carried along." if pose.curve is None
        else f"The curve is the one seen, {pose.curve.deployed_mm:.0f} mm long."
    )  # fmt: skip
    found = Finding(
        code="as-inserted", severity="info", level=level, what=" ".join(rows), source=SOURCE
    )
    return replace(real, findings=(found, *real.findings))


def off_plan(as_planned: Planned, real: Planned) -> tuple[float, float]:
    """How far the introducer's tip lies from its planned place, mm, and its turn, degrees."""
    one, other = as_planned.path, real.path
    away = float(np.linalg.norm(other.curve_start - one.curve_start))
    return away, float(np.degrees(np.arccos(np.clip(one.axis @ other.axis, -1.0, 1.0))))


def _words(as_planned: Heat, real: Heat) -> str:
    away, turn = off_plan(as_planned.setup.planned, real.setup.planned)
    one, other = as_planned.lesion, real.lesion
    margins = ", ".join(
        f"{name.replace('_', ' ')} {other.margins_mm[name]:.1f} mm ({one.margins_mm[name]:.1f})"
        for name in TOLD if name in other.margins_mm and name in one.margins_mm
    )  # fmt: skip
    return (
        f"As inserted, {away:.1f} mm and {turn:.1f}° off the plan (the plan's burn in brackets, "
        f"nominal constants): hub in the lesion with {other.coverage:.2f} ({one.coverage:.2f}); "
        f"lesion to {margins}."
    )
