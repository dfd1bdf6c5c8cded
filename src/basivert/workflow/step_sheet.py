"""From a vertebra and a plan's way to its step sheet."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.anatomy.model import Partial, Vertebra
from basivert.constants.load import TableOf, builtin
from basivert.constants.model import Table
from basivert.fluoroscopy.checks import Scene
from basivert.fluoroscopy.dose import dose
from basivert.fluoroscopy.landmarks import landmarks
from basivert.fluoroscopy.machine import machine
from basivert.fluoroscopy.model import StepSheet, Way, way_of
from basivert.fluoroscopy.steps import steps
from basivert.fluoroscopy.technique import technique_findings
from basivert.fluoroscopy.views import presets
from basivert.fluoroscopy.walls import medial_rule, wall_trap
from basivert.planning.model import CasePlan
from basivert.planning.robustness import errors_at

DEFAULT_CARM = "mobile"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTables:
    """All tables a step sheet reads; their editions are printed with it."""

    carm: Table
    dose: Table
    errors: Table
    technique: Table

    @property
    def editions(self) -> dict[str, str]:
        """Table name → edition."""
        return {
            table.name: table.edition
            for table in (self.carm, self.dose, self.errors, self.technique)
        }


def sheet_tables(carm: Table | None = None, table: TableOf = builtin) -> SheetTables:
    """The tables that ship, or those of `table`; `carm` replaces the usual mobile C-arm."""
    return SheetTables(
        carm=carm or table(f"carms/{DEFAULT_CARM}"), dose=table("fluoroscopy_dose"),
        errors=table("errors_model"), technique=table("technique"),
    )  # fmt: skip


def step_sheet(vertebra: Vertebra, way: Way, tables: SheetTables) -> StepSheet:
    """The step sheet of one plan.

    Args:
        vertebra: measured on the scan of the plan.
        way: of the plan (`way_of`).
        tables: C-arm, dose and errors of hand.

    Raises: InputError for a C-arm that cannot be.
    """
    arm = machine(tables.carm)
    marks, views = landmarks(vertebra, way), presets(vertebra, way, arm)
    scene = Scene(
        vertebra=vertebra, way=way, marks=marks, presets=views,
        errors=errors_at(vertebra.level, tables.errors, vertebra.surface.sd_mm),
    )  # fmt: skip
    made, rule = steps(scene, tables.dose), medial_rule(way, marks, views["ap"])
    return StepSheet(
        way=way, machine=f"{arm.name} ({arm.edition})", presets=views, marks=marks, steps=made,
        trap=wall_trap(vertebra, way, marks, views["lateral"]),
        rule=rule, findings=technique_findings(vertebra, way, views, rule, tables.technique),
        dose=dose([step.pictures for step in made], tables.dose), notes=_notes(way),
    )  # fmt: skip


def plan_sheets(case_plan: CasePlan, tables: SheetTables) -> tuple[StepSheet, ...]:
    """The sheets of the best plan of every vertebra, of a pair both probes."""
    found: list[StepSheet] = []
    for level in case_plan.levels:
        if isinstance(level.vertebra, Partial) or not level.plans:
            continue
        best = max((plan for plan in level.plans if plan.rank == 1), key=lambda plan: plan.worth)
        twins = [plan for plan in level.plans if plan.rank == 1 and plan is not best]
        wanted = [best, *(twins if best.partner is not None else ())]
        found += [step_sheet(level.vertebra, way_of(plan), tables) for plan in wanted]
    return tuple(found)


def _notes(way: Way) -> tuple[str, ...]:
    said = [
        "Angles are DICOM XA, patient-based, and say where the receptor stands; they refer to the "
        "scan, in which the patient lay supine. Prone on the table they shift: "
        "the picture decides, not the angle.",
        "Distances on a picture are divided by the magnification at the depth of the tip.",
    ]
    if way.depths.skin_to_bone_mm is None:
        said.append(
            "The skin lies outside the scan: every depth counts from the first contact with bone."
        )
    if way.level == "S1":
        said.append("S1 needs much cranial tilt; look at what the machine reaches.")
    if way.route == "extrapedicular":
        said.append(
            "The path enters beside the pedicle; the rule of the medial border does not apply "
            "there, roots and vessels do."
        )
    return tuple(said)
