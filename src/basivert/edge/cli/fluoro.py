"""`basivert fluoro`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import numpy as np

from basivert.edge.cli.choices import side_of
from basivert.edge.cli.commands import NOTICE, versions
from basivert.edge.cli.progress import Shown
from basivert.edge.cli.steps import Choice as SheetChoice
from basivert.edge.cli.steps import carm_table, sheets_of
from basivert.edge.documents.xray_marks import monitor_pixels, pixels, write_png
from basivert.edge.imaging.stored_plan import case_of, read_plan
from basivert.edge.imaging.xa_file import Origin, write_xa
from basivert.edge.whole_file import whole_file
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.fluoroscope import Frame, Patient
from basivert.fluoroscopy.image import Exposure, usual_exposure
from basivert.fluoroscopy.metal import Tool
from basivert.fluoroscopy.model import StepSheet, ViewName
from basivert.fluoroscopy.stages import MOST_STEPS
from basivert.workflow.fluoro_frame import (
    KILOVOLTS,
    FluoroTables,
    bone_shown,
    fluoro_tables,
    instruments,
    integrals,
    patient_of,
    picture,
    placed,
    skin_ruler,
    turned,
)
from basivert.workflow.progress import part
from basivert.workflow.step_sheet import sheet_tables

KINDS = (".png", ".dcm", ".npy")
# Below this share of the vertebra the picture is said to lack it; a rounded edge is no lack.
WHOLE_BONE = 0.98
FEWEST_PIXELS, MOST_PIXELS = 32, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for; None where it was left open."""

    level: str | None
    side: str
    rank: int | None
    view: str
    primary_deg: float | None
    secondary_deg: float | None
    step: int | None
    size: int
    bits: int
    dose_ngy: float | None
    round_field: bool
    blades_mm: tuple[float, float] | None
    bare: bool
    ruler: bool
    carm: Path | None
    ct: Path | None
    labels: Path | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What was drawn; the first sheet is the one whose view it is.

    shown: share of the field that the scan shows.  bone: the same of the vertebra itself.
    """

    sheets: Sequence[StepSheet]
    carm: CArm
    words: str
    shown: float
    bone: float
    bare: bool


def fluoro(folder: Path, out: Path, choice: Choice, *, as_json: bool) -> None:
    """One picture of a plan into a file."""
    _check(out, choice)
    side_of(choice.side)
    tables = fluoro_tables()
    with whole_file(out) as work:
        made = _drawn(folder, work, out.suffix.lower(), choice, tables)
    _tell(out, made, choice, tables, as_json=as_json)


def _drawn(folder: Path, work: Path, kind: str, choice: Choice, tables: FluoroTables) -> Drawn:
    say, stored = Shown(), read_plan(folder)
    say(0.0, "reading the scan")
    case = case_of(stored, choice.ct, choice.labels)
    asked = SheetChoice(
        levels=(choice.level or next(iter(stored.plans)),), side=choice.side, rank=choice.rank,
        carm=choice.carm, ct=choice.ct, labels=choice.labels,
    )  # fmt: skip
    arm = sheet_tables(carm_table(choice.carm))
    sheets = sheets_of(case, stored, asked, arm, part(say, 0.3, 0.6))
    carm = turned(placed(sheets[0], choice.view, choice.size), choice.primary_deg,
                  choice.secondary_deg)  # fmt: skip
    drawn = () if choice.bare else instruments(sheets, choice.step, tables)
    if choice.ruler:
        drawn = (*drawn, *skin_ruler(carm, tables))
    say(0.7, "drawing")
    patient = patient_of(case.ct, tables)
    study = "+".join(sorted(stored.inputs.values()))
    words = _words(sheets[0], carm, choice)
    made = _write(work, kind, patient, drawn, carm, choice, tables, Origin(
        study=study, view=words.replace("\n", ", "), kilovolts=KILOVOLTS))  # fmt: skip
    shown = bone = 1.0
    if made is not None:
        shown = float(made.known[made.free].mean())
        bone = bone_shown(case.labels, sheets[0].way.level, made)
    say(1.0, "done")
    return Drawn(sheets=sheets, carm=carm, words=words, shown=shown, bone=bone, bare=choice.bare)


def _check(out: Path, choice: Choice) -> None:
    if out.suffix.lower() not in KINDS:
        raise InputError(
            f"{out.name} is none of {', '.join(KINDS)}.", fix="Name the file by one of these."
        )
    if choice.bits not in (8, 16):
        raise InputError(f"{choice.bits} bits were asked for.", fix="Choose 8 or 16.")
    if not FEWEST_PIXELS <= choice.size <= MOST_PIXELS:
        raise InputError(
            f"A picture of {choice.size} pixels a side was asked for.",
            fix=f"Choose {FEWEST_PIXELS} to {MOST_PIXELS}.",
        )
    views = get_args(ViewName)
    if choice.view not in views:
        near = get_close_matches(choice.view, views, n=1, cutoff=0.5)
        raise InputError(
            f"View {choice.view!r} is unknown.",
            fix=f"Did you mean {near[0]}?" if near else f"Choose {', '.join(views)}.",
        )
    if choice.step is not None and not 1 <= choice.step <= MOST_STEPS:
        raise InputError(
            f"There is no step {choice.step}.",
            fix=f"A sheet has at most {MOST_STEPS}; basivert steps lists them.",
        )


def _write(
    work: Path, kind: str, patient: Patient, drawn: Sequence[Tool], carm: CArm, choice: Choice,
    tables: FluoroTables, origin: Origin,
) -> Frame | None:  # fmt: skip
    """Write the file; returns the frame on the monitor, None for line integrals."""
    if kind == ".npy":
        with work.open("wb") as file:
            np.save(file, integrals(patient, drawn, carm))
        return None
    frame = picture(patient, drawn, carm, _exposure(choice, tables), tables, choice.seed)
    caption = origin.view.replace(", ", "\n")
    if kind == ".png":
        write_png(work, monitor_pixels(frame, caption, choice.bits), frame.window)
    else:
        write_xa(work, pixels(frame, caption, choice.bits), frame, origin)
    return frame


def _exposure(choice: Choice, tables: FluoroTables) -> Exposure:
    usual = usual_exposure(tables.xray)
    return replace(
        usual, dose_ngy=usual.dose_ngy if choice.dose_ngy is None else choice.dose_ngy,
        field="round" if choice.round_field else "full", blades_mm=choice.blades_mm,
    )  # fmt: skip


def _words(sheet: StepSheet, carm: CArm, choice: Choice) -> str:
    name = "own angles" if _own_angles(choice) else choice.view
    step = "" if choice.step is None else f" step {choice.step}"
    angles = f"{carm.primary_deg:+.0f}/{carm.secondary_deg:+.0f} deg"
    head = f"{sheet.way.level} {sheet.way.side} {name}{step}"
    return f"{head}\n{angles}\nSDD {carm.source_detector_mm:.0f} mm"


def _own_angles(choice: Choice) -> bool:
    return choice.primary_deg is not None or choice.secondary_deg is not None


def document(out: Path, made: Drawn, choice: Choice, tables: FluoroTables) -> dict[str, Any]:
    """One picture for programs: what it shows, and where the C-arm stood. LPS mm, degrees.

    `view` is null for angles of one's own, `step` where the probe is in place (no step was asked
    for); `instrument_sides` is empty for a picture without instruments.
    """
    way, carm = made.sheets[0].way, made.carm
    return {
        "research_use_only": True, "simulated": True, "file": str(out.resolve()),
        "level": way.level, "side": way.side, "rank": way.rank,
        "view": None if _own_angles(choice) else choice.view, "step": choice.step,
        "instrument_sides": [] if made.bare else [one.way.side for one in made.sheets],
        "caption": made.words.replace("\n", ", "), "primary_deg": carm.primary_deg,
        "secondary_deg": carm.secondary_deg, "isocentre_lps_mm": carm.isocentre.tolist(),
        "source_detector_mm": carm.source_detector_mm,
        "source_isocentre_mm": carm.source_isocentre_mm,
        "detector_side_mm": list(carm.detector.side_mm), "pixels": list(carm.detector.pixels),
        "shown_share": made.shown, "vertebra_shown_share": made.bone, "seed": choice.seed,
        "editions": tables.editions, "versions": versions(),
    }  # fmt: skip


def _tell(out: Path, made: Drawn, choice: Choice, tables: FluoroTables, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(document(out, made, choice, tables)) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n{made.words.replace(chr(10), ', ')}\n")
    if made.shown < 1.0:
        sys.stdout.write(
            f"{1 - made.shown:.0%} of the field lies outside the scan and is striped.\n"
        )
    if made.bone < WHOLE_BONE:
        sys.stdout.write(
            f"{1 - made.bone:.0%} of {made.sheets[0].way.level} itself lies there: the rays "
            "through it leave the scan, so the picture is empty where it should be seen. Take "
            "another angle, or a scan that reaches further to the head and the feet.\n"
        )
    sys.stdout.write(f"{out.resolve()}\n")
