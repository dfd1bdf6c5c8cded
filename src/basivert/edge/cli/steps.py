"""`basivert steps`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from basivert.constants.load import parsed
from basivert.constants.model import Table
from basivert.edge.cli.choices import measured_again, side_of
from basivert.edge.cli.commands import NOTICE, versions
from basivert.edge.cli.progress import Shown
from basivert.edge.imaging.stored_plan import StoredPlan, case_of, chosen, read_plan, way_to
from basivert.edge.steps_codec import steps_document
from basivert.errors import InputError
from basivert.fluoroscopy.model import Preset, Step, StepSheet
from basivert.provenance import Provenance
from basivert.report.steps.words import (
    VIEW_NAMES,
    angles_words,
    check_words,
    depth_words,
    dicom_words,
    dose_words,
)
from basivert.volume.model import Case
from basivert.workflow.progress import Progress, part
from basivert.workflow.step_sheet import SheetTables, sheet_tables, step_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for; None where it was left open."""

    levels: tuple[str, ...] | None
    side: str
    rank: int | None
    carm: Path | None
    ct: Path | None
    labels: Path | None


def steps(folder: Path, choice: Choice, *, as_json: bool) -> None:
    """Step sheets of a plan, as text or JSON."""
    side_of(choice.side)  # a wrong word is told before the scan is read
    say, stored, tables = Shown(), read_plan(folder), sheet_tables(carm_table(choice.carm))
    say(0.0, "reading the scan")
    case = case_of(stored, choice.ct, choice.labels)
    sheets = sheets_of(case, stored, choice, tables, part(say, 0.2, 1.0))
    made_from = Provenance(
        inputs=stored.inputs,
        editions=tables.editions | {"instrument": stored.instrument.edition}, versions=versions(),
        seed=stored.seed,
    )  # fmt: skip
    if as_json:
        document = steps_document(sheets, made_from)
        sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n")
    for sheet in sheets:
        sys.stdout.write("\n".join(lines(sheet)) + "\n")


def sheets_of(
    case: Case, stored: StoredPlan, choice: Choice, tables: SheetTables, say: Progress
) -> list[StepSheet]:
    """The sheets of the chosen plans; each vertebra is measured again on the plan's own scan."""
    plans = chosen(stored, choice.levels, side_of(choice.side), choice.rank)
    found: list[StepSheet] = []
    for number, (level, planned) in enumerate(plans.items()):
        say(number / len(plans), f"anatomy of {level}")
        vertebra = measured_again(case, level)
        found += [step_sheet(vertebra, way, tables) for way in way_to(stored, level, planned)]
    say(1.0, "done")
    return found


def carm_table(file: Path | None) -> Table | None:
    """A machine's own sheet, TOML with the rows of the shipped one; None for the usual machine."""
    if file is None:
        return None
    try:
        return parsed(file.stem, tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause
    except tomllib.TOMLDecodeError as cause:
        raise InputError(f"{file} is not TOML: {cause}.") from cause


def lines(sheet: StepSheet) -> list[str]:
    """One sheet for a terminal."""
    way = sheet.way
    return [
        f"\n{way.level} {way.side}, plan {way.rank}: step sheet",
        *(f"{one.severity}: {one.what}" for one in sheet.findings), "views:",
        *(_view_line(preset) for preset in sheet.presets.values()),
        *(text for step in sheet.steps for text in _step_lines(step)),
        f"posterior wall: {sheet.trap.words}", f"two views: {sheet.rule.words}",
        f"{dose_words(sheet.dose)} {sheet.dose.basis}", *(f"note: {note}" for note in sheet.notes),
    ]  # fmt: skip


def _view_line(preset: Preset) -> str:
    words = f"  {preset.name:9} {angles_words(preset)}  (DICOM {dicom_words(preset)})"
    return f"{words}  NOT REACHED: {preset.beyond}" if preset.beyond else words


def _step_lines(step: Step) -> list[str]:
    depth = depth_words(step)
    found = [f"{step.number:2}. {step.title}" + (f"  [{depth}]" if depth else "")]
    found.append(f"      {step.instruction}")
    found += [
        f"      {VIEW_NAMES[check.view]:8} {check.what}: {check_words(check)}"
        for check in step.checks
    ]
    return [*found, f"      wrong: {step.wrong}"] if step.wrong else found
