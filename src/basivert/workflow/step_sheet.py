"""From a vertebra and a plan's way to its step sheet."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.anatomy.model import Vertebra
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.fluoroscopy.checks import Scene
from basivert.fluoroscopy.dose import dose
from basivert.fluoroscopy.landmarks import landmarks
from basivert.fluoroscopy.machine import machine
from basivert.fluoroscopy.model import StepSheet, Way
from basivert.fluoroscopy.steps import steps
from basivert.fluoroscopy.views import presets
from basivert.fluoroscopy.walls import medial_rule, wall_trap
from basivert.planning.robustness import errors_at

DEFAULT_CARM = "mobile"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTables:
    """All tables a step sheet reads; their editions are printed with it."""

    carm: Table
    dose: Table
    errors: Table

    @property
    def editions(self) -> dict[str, str]:
        """Table name → edition."""
        return {table.name: table.edition for table in (self.carm, self.dose, self.errors)}


def sheet_tables(carm: Table | None = None) -> SheetTables:
    """The tables that ship with the package; `carm` replaces the usual mobile C-arm."""
    return SheetTables(
        carm=carm or builtin(f"carms/{DEFAULT_CARM}"), dose=builtin("fluoroscopy_dose"),
        errors=builtin("errors_model"),
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
    made = steps(scene, tables.dose)
    return StepSheet(
        way=way, machine=f"{arm.name} ({arm.edition})", presets=views, steps=made,
        trap=wall_trap(vertebra, way, marks, views["lateral"]),
        rule=medial_rule(way, marks, views["ap"]),
        dose=dose([step.pictures for step in made], tables.dose), notes=_notes(way),
    )  # fmt: skip


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
        said.append("S1 needs much cranial tilt; look at what the machine reaches (tech.S1).")
    if way.route == "extrapedicular":
        said.append(
            "The path enters beside the pedicle; the rule of the medial border does not apply "
            "there, roots and vessels do (tech.extrapedicular)."
        )
    return tuple(said)
