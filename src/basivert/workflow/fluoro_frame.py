"""One simulated picture of a plan: where the C-arm stands, what is in, what the monitor shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from basivert.constants.load import TableOf, builtin
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.attenuation import attenuation
from basivert.fluoroscopy.beam import Beam, beam
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.fluoroscope import Frame, Patient, frame
from basivert.fluoroscopy.image import Exposure
from basivert.fluoroscopy.metal import Tool, chords
from basivert.fluoroscopy.model import StepSheet
from basivert.fluoroscopy.tools import final_stage, ruler, stage_of, tools
from basivert.geometry.rigid import moved
from basivert.volume.model import Labels, Volume

KILOVOLTS = 80
# Of a vertebra's voxels one in so many is asked whether the picture shows it.
EVERY = 7
# Beside the isocentre, to the patient's right and back, mm: where a ruler is laid on the skin.
RULER_BESIDE, RULER_LENGTH_MM = np.array([-70.0, 70.0, -50.0]), 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FluoroTables:
    """Constants that the pictures read; their editions are told with them."""

    xray: Table
    spectrum: Table

    @property
    def editions(self) -> dict[str, str]:
        """Table name → edition."""
        return {table.name: table.edition for table in (self.xray, self.spectrum)}


def fluoro_tables(table: TableOf = builtin) -> FluoroTables:
    """The tables that ship with the package, or those of `table`."""
    return FluoroTables(xray=table("xray"), spectrum=table(f"beams/{KILOVOLTS}kvp"))


def patient_of(ct: Volume, tables: FluoroTables) -> Patient:
    """A scan ready for pictures of any view."""
    return Patient(whole=attenuation(ct, tables.xray), xray=tables.xray)


def placed(sheet: StepSheet, view: str, pixels: int) -> CArm:
    """The C-arm of a named view of a sheet, with a receptor of so many pixels a side.

    Raises: InputError for a view the sheet does not have.
    """
    for name, preset in sheet.presets.items():
        if name == view:
            plate = replace(preset.carm.detector, pixels=(pixels, pixels))
            return replace(preset.carm, detector=plate)
    raise InputError(f"View {view!r} is unknown.", fix=f"Choose {', '.join(sheet.presets)}.")


def turned(carm: CArm, primary_deg: float | None, secondary_deg: float | None) -> CArm:
    """The same about the same isocentre, with angles of one's own where given."""
    return replace(
        carm, primary_deg=carm.primary_deg if primary_deg is None else primary_deg,
        secondary_deg=carm.secondary_deg if secondary_deg is None else secondary_deg,
    )  # fmt: skip


def instruments(
    sheets: Sequence[StepSheet], step: int | None, tables: FluoroTables
) -> tuple[Tool, ...]:
    """What is in at a step of the sheets, or with the probe in place where no step is asked for.

    Raises: InputError for a step the sheets do not have.
    """
    found: list[Tool] = []
    for sheet in sheets:
        path, kit = sheet.way.path, sheet.way.instrument
        stage = final_stage(path)
        if step is not None:
            here = next((one for one in sheet.steps if one.number == step), None)
            if here is None:
                raise InputError(
                    f"There is no step {step}.", fix=f"Choose 1 to {len(sheet.steps)}; see "
                    "basivert steps.",
                )  # fmt: skip
            stage = stage_of(here, path)
        found += tools(path, kit, stage, tables.xray) if stage is not None else ()
    return tuple(found)


def skin_ruler(carm: CArm, tables: FluoroTables) -> tuple[Tool, ...]:
    """A steel ruler along the patient beside the isocentre."""
    return ruler(carm.isocentre + RULER_BESIDE, np.array([0.0, 0.0, 1.0]),
                 np.array([-1.0, 0.0, 0.0]), RULER_LENGTH_MM, tables.xray)  # fmt: skip


def picture(
    patient: Patient, drawn: Sequence[Tool], carm: CArm, exposure: Exposure, tables: FluoroTables,
    seed: int,
) -> Frame:  # fmt: skip
    """The frame on the monitor; the same seed draws the same noise."""
    return frame(patient, drawn, carm, exposure, spectrum_of(tables), np.random.default_rng(seed))


def bone_shown(labels: Labels, level: str, made: Frame) -> float:
    """Share of a vertebra within the picture whose rays the scan knows, 0-1; 1 where it has none.

    Rays that leave the scan at its head or foot end show nothing of what they cross.
    """
    inside = np.argwhere(labels.mask(level))[::EVERY]
    at = made.carm.pixel(moved(labels.volume.lps_from_index, inside.astype(float)))
    column, row = np.rint(at).astype(int).T
    rows, columns = made.known.shape
    held = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return float(made.known[row[held], column[held]].mean()) if held.any() else 1.0


def spectrum_of(tables: FluoroTables) -> Beam:
    """The beam of the tables."""
    return beam(tables.spectrum)


def integrals(patient: Patient, drawn: Sequence[Tool], carm: CArm) -> np.ndarray:
    """Line integrals at 60 keV, instruments and all: float32 (rows, columns)."""
    xray = patient.xray
    low, high = xray["mu.water"].value, xray["mu.bone"].value
    found = low * patient.lengths("water", carm) + (high - low) * patient.lengths("bone", carm)
    seen = chords(drawn, carm)
    for material in seen.lengths_mm:
        more = xray[f"metal.{material}"].value - low
        found += np.float32(more) * seen.mean(carm.detector.pixels, material)
    return found.astype(np.float32)
