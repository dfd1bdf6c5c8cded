"""Step sheets as parts of a plan's report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from basivert.constants.model import Table
from basivert.fluoroscopy.attenuation import attenuation
from basivert.fluoroscopy.beam import Beam, beam
from basivert.fluoroscopy.fluoroscope import Patient
from basivert.fluoroscopy.model import Preset, Step, StepSheet
from basivert.report.cards import said
from basivert.report.model import (
    Card,
    Cell,
    Picture,
    Report,
    Row,
    Sheet,
    StepEntry,
    StepPart,
)
from basivert.report.sources import in_words
from basivert.report.steps.pictures import (
    Film,
    backgrounds,
    film,
    monitor_picture,
    narrowed,
    step_picture,
)
from basivert.report.steps.words import (
    VIEW_NAMES,
    angles_words,
    check_words,
    depth_words,
    dicom_words,
    dose_words,
    source_words,
)
from basivert.volume.model import Case


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheets:
    """Step sheets to report.  xray, spectrum: tables for the grey pictures."""

    sheets: tuple[StepSheet, ...]
    xray: Table
    spectrum: Table


def with_steps(report: Report, case: Case, sheets: Sheets) -> Report:
    """A plan's report with the step sheets of its plans."""
    whole = attenuation(case.ct, sheets.xray)
    wanted = [preset for sheet in sheets.sheets for preset in _drawn(sheet)]
    views = [narrowed(preset.carm) for preset in wanted]
    taken = film(whole, sheets.xray, views)
    patient = Patient(whole=whole, xray=sheets.xray, views=views)
    rays = beam(sheets.spectrum)
    parts = [(sheet.way.level, _part(sheet, taken, patient, rays)) for sheet in sheets.sheets]
    return replace(report, sections=tuple(
        replace(section, steps=tuple(part for level, part in parts if level == section.level))
        for section in report.sections
    ))  # fmt: skip


def _part(sheet: StepSheet, taken: Film, patient: Patient, rays: Beam) -> StepPart:
    way = sheet.way
    name = f"steps-{way.level}-{way.side}-{way.rank}"
    greys = backgrounds(taken, _drawn(sheet))
    shared = {view: f"{name}-{view}" for view in greys}
    entries: list[StepEntry] = []
    for step in sheet.steps:
        # Marking has no instrument yet and probe and heat look like the tip's own step.
        drawn = step.views if step.key not in ("mark", "probe", "close") else ()
        pictures = [
            step_picture(sheet.presets[view], step, way, sheet.marks, shared[view], greys[view])
            for view in drawn
        ]
        if step.key == "tip":
            pictures += [
                monitor_picture(sheet.presets[view], step, way, patient, rays) for view in drawn
            ]
        entries.append(_entry(step, tuple(pictures)))
    return StepPart(
        name=name, title=f"Step sheet of {way.level}, {way.side}, plan {way.rank}",
        sentences=(sheet.trap.words, sheet.rule.words, dose_words(sheet.dose)),
        warnings=_warnings(sheet), views=_views(sheet), entries=tuple(entries),
        cards=(_wall_card(sheet), _dose_card(sheet)), notes=sheet.notes,
        backgrounds=tuple((shared[view], greys[view]) for view in greys),
    )  # fmt: skip


def _drawn(sheet: StepSheet) -> list[Preset]:
    """The views that some step asks for."""
    wanted = {view for step in sheet.steps for view in step.views}
    return [preset for preset in sheet.presets.values() if preset.name in wanted]


def _warnings(sheet: StepSheet) -> tuple[tuple[str, str, str], ...]:
    found = [
        ("caution", f"{preset.title}: {preset.beyond}.", f"C-arm {sheet.machine}")
        for preset in sheet.presets.values() if preset.beyond
    ]  # fmt: skip
    found += [("caution", finding.what, in_words(finding.source)) for finding in sheet.findings]
    return tuple(found)


def _views(sheet: StepSheet) -> Sheet:
    return Sheet(
        title="Views", columns=("View", "Receptor, patient prone", "DICOM", "Centred on",
                                "Right when"),
        rows=tuple(
            (Cell(text=preset.title), Cell(text=angles_words(preset), note=preset.beyond,
                                           grade="caution" if preset.beyond else ""),
             Cell(text=dicom_words(preset)), Cell(text=preset.centred_on), Cell(text=preset.seen))
            for preset in sheet.presets.values()),
        note=f"C-arm: {sheet.machine}. DICOM primary / secondary angle: ±180 behind the back, +90 "
        "at the patient's left; cranial +.",
    )  # fmt: skip


def _entry(step: Step, pictures: tuple[Picture, ...]) -> StepEntry:
    rows = tuple(
        (Cell(text=check.what), Cell(text=VIEW_NAMES[check.view]), Cell(text=check_words(check)),
         Cell(text=check.wrong)) for check in step.checks
    )  # fmt: skip
    return StepEntry(
        number=step.number, title=step.title, depth=depth_words(step),
        instruction=step.instruction, source=source_words(step.source),
        views=", ".join(VIEW_NAMES[view] for view in step.views) or "none", wrong=step.wrong,
        checks=Sheet(title="", columns=("Distance on the picture", "View", "Planned", "Otherwise"),
                     rows=rows), pictures=pictures,
    )  # fmt: skip


def _wall_card(sheet: StepSheet) -> Card:
    trap, rule = sheet.trap, sheet.rule
    border = "never" if rule.border_mm is None else f"{rule.border_mm:.1f} mm"
    return Card(title="Posterior wall in two views", rows=(
        Row(name="Reached on the lateral view", value=f"{trap.line_mm:.1f} mm",
            note="from bone entry; the midline's wall"),
        Row(name="Reached in truth", value=f"{trap.true_mm:.1f} mm",
            note=f"{trap.off_midline_mm:.0f} mm beside the midline"),
        Row(name="The lateral view deceives by", value=said(trap.along_shaft_mm),
            note="along the shaft; + means that it shows the tip inside too early"),
        Row(name="The two lines on the picture", value=said(trap.on_picture_mm),
            note=f"{trap.shape} wall"),
        Row(name="Medial border passed in AP", value=border,
            note="rule kept" if rule.kept else "rule not kept", grade="" if rule.kept else
            "caution"),
    ), note=source_words("L5.wall [part]; tech.medial_rule [read]"))  # fmt: skip


def _dose_card(sheet: StepSheet) -> Card:
    dose = sheet.dose
    own = (
        Row(name="Exposures", value=said(dose.exposures, 0).replace(" 1 (", " ("),
            note=dose.exposures.basis),
        Row(name="Fluoroscopy time", value=said(dose.minutes), note=dose.minutes.basis),
        Row(name="Dose-area product", value=said(dose.dose_area_gy_cm2),
            note=dose.dose_area_gy_cm2.basis),
    )  # fmt: skip
    published = tuple(Row(name=what, value=value, note=source_words(source))
                      for what, value, source in dose.neighbours)  # fmt: skip
    return Card(title="Exposures and dose: an estimate", rows=own + published, note=dose.basis)
