"""`basivert register`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from basivert.ablation.patient.model import Heat, Planned
from basivert.anatomy.levels import centres
from basivert.anatomy.model import Side, Vertebra
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.edge.cli.choices import measured_again, side_of
from basivert.edge.cli.commands import NOTICE, REFUSED
from basivert.edge.cli.progress import Shown
from basivert.edge.cli.register_document import register_document
from basivert.edge.cli.register_words import heat_lines, lines
from basivert.edge.documents.frame_outline import write_outline
from basivert.edge.imaging import plan_folder
from basivert.edge.imaging.frames import Shot, read_shots
from basivert.edge.imaging.stored_plan import StoredPlan, case_of, chosen, digest, read_plan
from basivert.errors import InputError
from basivert.fluoroscopy.angles import apart_deg
from basivert.geometry.rigid import moved
from basivert.volume.model import Case, Labels
from basivert.workflow.angle_doubt import Angles
from basivert.workflow.from_frames import Told, Wanted, told
from basivert.workflow.heat_as_inserted import BentTo, InsertedPose, predicted
from basivert.workflow.heat_setup import Asked, heat_tables, standard_protocol
from basivert.workflow.progress import part

MARK = "register.json"
# Angles closer than this are printed alike.
SAME_DEG = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for; None where it was left open.

    start_mm: expected shift of the bone from the scan to the frames, LPS.
    angles: exact, near or unknown.
    heat: whether the burn of the tool as it lies is computed.
    """

    level: str | None
    side: str
    rank: int | None
    carm: Path | None
    start_mm: tuple[float, float, float] | None
    level_check: bool
    angles: str
    heat: bool
    ct: Path | None
    labels: Path | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What was found, and in what."""

    document: dict[str, Any]
    result: Told
    shots: Sequence[Shot]
    vertebra: Vertebra
    burn: Heat | None
    table: Table


def register(
    folder: Path, files: Sequence[Path], out: Path | None, choice: Choice, *, as_json: bool
) -> None:
    """Find a planned vertebra in frames; exit code 4 when it is not found."""
    side, angles = side_of(choice.side), angles_of(choice.angles)
    if out is None:
        made = _registered(folder, files, choice, side, angles)
    else:
        # Opened before the work: a folder that may not be written is told at once.
        with plan_folder.new(out, mark=MARK) as work:
            made = _registered(folder, files, choice, side, angles)
            _write(work, made)
    _tell(out, made, as_json=as_json)
    if made.result.found.trust.verdict == "failed":
        sys.exit(REFUSED)


def _registered(
    folder: Path, files: Sequence[Path], choice: Choice, side: Side | None, angles: Angles
) -> Registered:
    say, stored, table = Shown(), read_plan(folder), builtin("registration")
    level = choice.level or _best(stored)
    planned = chosen(stored, (level,), side, choice.rank)[level]
    say(0.0, "reading the scan")
    case = case_of(stored, choice.ct, choice.labels)
    vertebra = measured_again(case, level)
    shots = read_shots(
        files, choice.carm, vertebra.lps_from_body[:3, 3], table, builtin("xray"),
        angles_needed=angles != "unknown",
    )  # fmt: skip
    start = np.eye(4)
    start[:3, 3] = choice.start_mm or (0.0, 0.0, 0.0)
    result = told(
        case, [shot.frame for shot in shots], [shot.polarity is not None for shot in shots],
        Wanted(
            vertebra=vertebra, path=planned.path, instrument=planned.instrument, start=start,
            angles=angles,
            neighbours=neighbours(case.labels, level) if choice.level_check else (),
            seed=choice.seed,
        ), table, part(say, 0.2, 1.0),
    )  # fmt: skip
    inputs = {shot.name: digest(file) for shot, file in zip(shots, files, strict=True)}
    burn = _burn(case, vertebra, planned, result, choice)
    document = register_document(
        result,
        shots,
        vertebra,
        planned,
        burn,
        {**stored.inputs, **inputs},
        {table.name: table.edition},
        choice.seed,
    )
    return Registered(document=document, result=result, shots=shots, vertebra=vertebra, burn=burn,
                      table=table)  # fmt: skip


def angles_of(word: str) -> Angles:
    """The word of the command line. Raises InputError for another one."""
    if word not in ("exact", "near", "unknown"):
        raise InputError(f"--angles {word} is unknown.", fix="Choose exact, near or unknown.")
    return word


def _burn(
    case: Case, vertebra: Vertebra, planned: Planned, result: Told, choice: Choice
) -> Heat | None:
    """The nominal burn of the tool as it lies, where it was asked for and a tool was seen."""
    one, seen = result.inserted, result.seen
    if not choice.heat or one is None or seen is None or result.found.trust.verdict != "good":
        return None
    tables, bent = heat_tables(), one.curve
    pose = InsertedPose(
        level=vertebra.level, side=planned.side, rank=planned.rank, tip=one.tip, axis=one.axis,
        measured=seen.axis_sd_deg is not None,
        curve=None if bent is None or bent.unknown else BentTo(
            bend=bent.bend, deployed_mm=bent.deployed_mm, bend_radius_mm=bent.bend_radius_mm),
    )  # fmt: skip
    asked = Asked(protocol=standard_protocol(tables), log=None, seed=choice.seed)
    return predicted(case, vertebra, planned, pose, asked, tables)


def _best(stored: StoredPlan) -> str:
    """The level whose best plan is worth most."""
    worth = {level: max(p.worth for p in plans) for level, plans in stored.plans.items() if plans}
    if not worth:
        raise InputError("The plan holds no path.", fix="Plan the case with another instrument.")
    return max(worth, key=lambda level: worth[level])


def neighbours(labels: Labels, level: str) -> tuple[str, ...]:
    """The labelled levels above and below, as far as there are any."""
    names = [name for name in centres(labels) if labels.centre(name) is not None]
    at = names.index(level)
    return tuple(names[n] for n in (at - 1, at + 1) if 0 <= n < len(names))


def _write(folder: Path, made: Registered) -> None:
    result = made.result
    hub = moved(result.found.room_from_ct, made.vertebra.target.centre)
    for number, (frame, shot, tool) in enumerate(
        zip(result.frames, made.shots, result.shadows, strict=True), 1
    ):
        carm = frame.carm
        words = (
            f"{shot.name}\n{carm.primary_deg:+.0f}/{carm.secondary_deg:+.0f}°, "
            f"{result.found.trust.verdict}, evidence {result.found.by_view[number - 1]:.2f}"
        )
        write_outline(
            folder / f"frame_{number}.png", frame, result.bone.fine, result.found, hub, tool,
            words, made.table,
        )  # fmt: skip
    text = json.dumps(made.document, indent=1, allow_nan=False)
    (folder / MARK).write_text(text, encoding="utf-8")


def _tell(out: Path | None, made: Registered, *, as_json: bool) -> None:
    result, shots = made.result, made.shots
    if as_json:
        place = {} if out is None else {"folder": str(out.resolve())}
        sys.stdout.write(json.dumps(made.document | place, allow_nan=False) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n")
    for shot, used, over in zip(shots, result.frames, result.inverted, strict=True):
        carm, fits = shot.carm, used.carm
        words = f"{carm.primary_deg:+.1f}/{carm.secondary_deg:+.1f}°"
        if apart_deg(carm, fits) > SAME_DEG:
            words += f" (used as {fits.primary_deg:+.1f}/{fits.secondary_deg:+.1f}°)"
        sys.stdout.write(
            f"{shot.name}: {words}, {shot.masked:.1%} blank or text, not looked at"
            + ("; inverted: its bone is bright, turned over" if over else "") + "\n"
        )  # fmt: skip
        sys.stdout.write("".join(f"  note: {note}\n" for note in shot.notes))
    sys.stdout.write(
        "\n".join([*lines(result, made.vertebra), *heat_lines(result, made.burn, out)]) + "\n"
    )
    if out is not None:
        sys.stdout.write(f"{out.resolve()}\n")
