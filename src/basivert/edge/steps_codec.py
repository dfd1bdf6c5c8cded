"""`steps.json`: the stable form of step sheets for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from basivert.edge.codec import heading, interval, rounded, warning
from basivert.fluoroscopy.machine import from_dorsal_deg
from basivert.fluoroscopy.model import Check, Dose, Preset, Step, StepSheet
from basivert.provenance import Provenance

SCHEMA = "basivert.steps/1"


def steps_document(sheets: Sequence[StepSheet], provenance: Provenance) -> dict[str, Any]:
    """The document; points are LPS mm, angles DICOM XA degrees, every number carries its unit."""
    return {
        **heading(SCHEMA, provenance),
        "sheets": [_sheet(sheet) for sheet in sheets],
    }


def _sheet(sheet: StepSheet) -> dict[str, Any]:
    way, trap, rule = sheet.way, sheet.trap, sheet.rule
    return {
        "level": way.level, "side": way.side, "rank": way.rank, "route": way.route,
        "instrument": way.instrument.name, "machine": sheet.machine,
        "skin_to_bone_mm": way.depths.skin_to_bone_mm,
        "views": [_view(preset) for preset in sheet.presets.values()],
        "steps": [_step(step) for step in sheet.steps],
        "posterior_wall": {
            "off_midline_mm": trap.off_midline_mm, "shown_at_mm": trap.line_mm,
            "true_at_mm": trap.true_mm, "along_shaft": interval(trap.along_shaft_mm),
            "on_picture": interval(trap.on_picture_mm), "shape": trap.shape,
            "measured_to_mm": trap.measured_to_mm, "words": trap.words,
        },
        "medial_rule": {
            "border_at_mm": rule.border_mm, "wall_at_mm": rule.wall_mm, "kept": rule.kept,
            "words": rule.words,
        },
        "dose": _dose(sheet.dose), "warnings": [warning(one) for one in sheet.findings],
        "notes": list(sheet.notes),
    }  # fmt: skip


def _view(preset: Preset) -> dict[str, Any]:
    arm = preset.carm
    return {
        "name": preset.name, "title": preset.title,
        "primary_deg": arm.primary_deg, "secondary_deg": arm.secondary_deg,
        "from_dorsal_deg": from_dorsal_deg(arm.primary_deg),
        "isocentre_mm": rounded(arm.isocentre), "source_mm": rounded(arm.source),
        "source_isocentre_mm": arm.source_isocentre_mm,
        "source_detector_mm": arm.source_detector_mm,
        "detector_side_mm": list(arm.detector.side_mm),
        "detector_pixels": list(arm.detector.pixels), "centred_on": preset.centred_on,
        "seen": preset.seen, "reachable": not preset.beyond, "beyond": preset.beyond,
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "number": step.number, "key": step.key, "title": step.title,
        "instruction": step.instruction, "source": step.source,
        "depth_from_bone_mm": step.from_bone_mm, "depth_from_skin_mm": step.from_skin_mm,
        "tip_mm": None if step.tip is None else rounded(step.tip), "views": list(step.views),
        "checks": [_check(check) for check in step.checks], "wrong": step.wrong,
        "exposures": interval(step.pictures),
    }  # fmt: skip


def _check(check: Check) -> dict[str, Any]:
    return {
        "view": check.view, "key": check.key, "what": check.what,
        "expected_mm": check.expected_mm, "tolerance_mm": check.tolerance_mm,
        "at_depth_of": "tip", "positive": check.plus, "negative": check.minus,
        "wrong": check.wrong,
    }  # fmt: skip


def _dose(dose: Dose) -> dict[str, Any]:
    return {
        "exposures": interval(dose.exposures), "fluoroscopy_time": interval(dose.minutes),
        "dose_area_product": interval(dose.dose_area_gy_cm2), "basis": dose.basis,
        "published": [{"what": what, "value": value, "source": source}
                      for what, value, source in dose.neighbours],
    }  # fmt: skip
