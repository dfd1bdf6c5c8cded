"""`basivert ablate`: loaded only when it runs."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from basivert.ablation.change import check_coverage
from basivert.ablation.patient.known import Known, Plate
from basivert.ablation.patient.model import Heat, HeatTables, Planned, Setup
from basivert.ablation.uncertainty.model import Mapper
from basivert.constants.model import Table
from basivert.edge.cli.choices import measured_again, side_of
from basivert.edge.cli.commands import NOTICE, versions
from basivert.edge.cli.crew import cores, crew
from basivert.edge.cli.own_tables import Own, own_tables
from basivert.edge.cli.progress import Shown
from basivert.edge.codec import interval
from basivert.edge.documents.generator_log import read_generator_log
from basivert.edge.documents.protocol_file import chosen_protocol, protocol_table
from basivert.edge.heat_codec import heat_document
from basivert.edge.imaging import heat_folder, plan_folder
from basivert.edge.imaging.stored_plan import StoredPlan, case_of, chosen, read_plan
from basivert.errors import InputError
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats
from basivert.volume.model import Case
from basivert.workflow.ablate_plan import ablate_plan, with_adjustment, with_uncertainty
from basivert.workflow.heat_setup import Asked, heat_tables, setup
from basivert.workflow.progress import Progress, part, together

if TYPE_CHECKING:
    from basivert.workflow.heat_as_inserted import InsertedPose

WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for; None where it was left open."""

    levels: tuple[str, ...] | None
    side: str
    rank: int | None
    protocol: str
    samples: int
    cover: float | None
    seed: int
    age_years: float | None
    modic: str | None
    log: Path | None
    log_columns: Path | None
    ct: Path | None
    labels: Path | None
    pose: Path | None = None
    tables: Path | None = None


def ablate(folder: Path, out: Path, choice: Choice, *, as_json: bool) -> None:
    """Heat of a plan into a folder of its own."""
    side = side_of(choice.side)
    if choice.log is None and choice.log_columns is not None:
        raise InputError(
            "The columns of a generator's log were named, but no log was given.", fix="Give --log."
        )
    if choice.cover is not None:
        check_coverage(choice.cover)
    own = own_tables(choice.tables)
    tables = heat_tables(own.table)
    # What is wrong in these is told before plan and scan are read.
    asked, modic = _asked(choice, tables), modic_of(choice.modic)
    say, stored = Shown(), read_plan(folder)
    pose = None if choice.pose is None else _pose(choice.pose, stored)
    if pose is None:
        plans = chosen(stored, choice.levels, side, choice.rank)
    else:
        plans = chosen(stored, _only(choice, pose), side or pose.side, choice.rank or pose.rank)
    if unused := sorted(set(modic) - set(plans)):
        raise InputError(
            f"A Modic reading is given for {', '.join(unused)}, which is not heated "
            f"(heated: {', '.join(plans)}).",
            fix="Name levels of this plan, or leave the reading out.",
        )
    say(0.01, "reading the scan")
    case = case_of(stored, choice.ct, choice.labels)
    with plan_folder.new(out, mark=heat_folder.MARK) as work:
        with workers(choice.samples) as mapper, crew(say, cores()) as threads:
            heats = _heats(
                case,
                plans,
                choice,
                asked,
                pose,
                tables,
                own,
                mapper,
                threads,
                part(say, 0.05, 0.95),
            )
        say(0.95, "writing the report")
        made_from = _provenance(stored, choice, tables)
        table = protocol_table(choice.protocol)
        reported = Heats(
            burns=tuple(heats), tables=tables, protocol=table,
            findings=(*stored.findings, *own.findings),
        )  # fmt: skip
        heat_folder.write_heats(work, case, reported, made_from)
        say(1.0, "done")
    _tell(heats, made_from, out, as_json=as_json)


@contextmanager
def workers(samples: int) -> Generator[Mapper]:
    """`map` over processes, where there is enough to do."""
    if samples == 0:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    # Forked processes would inherit the threads of compiled code in an unknown state.
    spawned = get_context("spawn")
    pool = ProcessPoolExecutor(WORKERS, mp_context=spawned, initializer=_deaf)
    try:
        yield pool.map
    except BaseException:
        for child in active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _deaf() -> None:
    """Leave Ctrl-C, which a terminal sends to every process, to the one that started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _heats(
    case: Case, plans: dict[str, Planned], choice: Choice, asked: Asked,
    pose: InsertedPose | None, tables: HeatTables, own: Own, mapper: Mapper, threads: Mapper,
    say: Progress,
) -> list[Heat]:  # fmt: skip
    modic = modic_of(choice.modic)
    errors = own.table("errors_model")

    def heated(task: tuple[str, Progress]) -> Heat:
        level, share = task
        vertebra = measured_again(case, level, own.table)
        known = Known(age_years=choice.age_years, modic=modic.get(level, {}))
        made = setup(vertebra, case, plans[level], known, asked, tables)
        if pose is None:
            return heat_of(made, choice, tables, errors, mapper, share)
        from basivert.workflow.heat_as_inserted import compared, inserted

        moved = setup(vertebra, case, inserted(plans[level], pose), known, asked, tables)
        as_planned = ablate_plan(made, tables, part(share, 0.0, 0.1))
        real = heat_of(moved, choice, tables, errors, mapper, part(share, 0.1, 1.0))
        return compared(as_planned, real, pose)

    return list(threads(heated, zip(plans, together(say, len(plans)), strict=True)))


def _pose(file: Path, stored: StoredPlan) -> InsertedPose:
    # Loads the registration, which most runs do not need.
    from basivert.edge.documents.pose_file import read_pose

    return read_pose(file, stored.inputs)


def _only(choice: Choice, pose: InsertedPose) -> tuple[str, ...]:
    if choice.levels not in (None, (pose.level,)):
        raise InputError(
            f"The pose is of {pose.level}, heat was asked for {', '.join(choice.levels or ())}.",
            fix="Leave --levels out.",
        )
    return (pose.level,)


def _asked(choice: Choice, tables: HeatTables) -> Asked:
    body = tables.tissues.tissue["body.temperature"].value
    log = None
    if choice.log is not None:
        log = read_generator_log(choice.log, choice.log_columns)
    return Asked(protocol=chosen_protocol(choice.protocol, body), log=log, seed=choice.seed)


def heat_of(
    made: Setup, choice: Choice, tables: HeatTables, errors: Table, mapper: Mapper, say: Progress
) -> Heat:
    """Everything that was asked for about one burn; errors: table of one-SD insertion errors."""
    nominal = 0.2 if choice.samples else 1.0
    burnt = nominal if choice.cover is None else 0.5 * nominal
    heat = ablate_plan(made, tables, part(say, 0.0, burnt))
    if choice.cover is not None:
        heat = with_adjustment(heat, tables, choice.cover, part(say, burnt, nominal))
    if choice.samples == 0:
        return heat
    return with_uncertainty(
        heat, tables, errors, samples=choice.samples, seed=choice.seed,
        mapper=mapper, progress=part(say, 0.2, 1.0),
    )  # fmt: skip


def modic_of(text: str | None) -> dict[str, dict[Plate, int]]:
    """Level → endplate → type, from words like `L4:upper:1,L4:lower:2`."""
    found: dict[str, dict[Plate, int]] = {}
    for word in (text or "").split(","):
        if not word.strip():
            continue
        parts = word.strip().split(":")
        if len(parts) != 3 or not parts[2].isdigit():
            raise InputError(
                f"{word.strip()!r} is not a Modic reading.",
                fix="Write level, endplate and type: --modic L4:upper:1,L5:lower:2.",
            )
        level, plate = parts[0].upper(), cast(Plate, parts[1].lower())
        if plate in found.setdefault(level, {}):
            raise InputError(
                f"Two Modic readings are given for the {plate} endplate of {level}.",
                fix="Give one; a mixed change counts by its larger part.",
            )
        found[level][plate] = int(parts[2])
    return found


def _provenance(stored: StoredPlan, choice: Choice, tables: HeatTables) -> Provenance:
    return Provenance(
        inputs={**stored.inputs, plan_folder.MARK: stored.digest},
        editions=tables.editions | {"instrument": stored.instrument.edition},
        versions=versions(), seed=choice.seed,
    )  # fmt: skip


def _tell(heats: Sequence[Heat], made_from: Provenance, out: Path, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(heat_document(heats, made_from), allow_nan=False) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n")
    for heat in heats:
        sys.stdout.write(f"{line(heat)}\n")
        told = [one.what for one in heat.findings if one.code == "as-inserted"]
        sys.stdout.write("".join(f"      {what}\n" for what in told))
    sys.stdout.write(f"report: {(out / 'report.html').resolve()}\n")


def line(heat: Heat) -> str:
    """One line for a terminal."""
    made, lesion = heat.setup, heat.lesion
    head = f"  {made.vertebra.level}  {made.planned.side:5}  {f'heat: {heat.verdict}':13}"
    if lesion.region is None:
        return f"{head}  no lesion"
    size = " × ".join(f"{a:.0f}" for a in lesion.region.lengths_mm)
    words = (
        f"{head}  lesion {size} mm, {lesion.region.volume_ml:.2f} ml; hub in it with probability "
        f"{lesion.coverage:.2f}"
    )
    if heat.uncertainty is None:
        return words
    q = heat.uncertainty.quantities["coverage"].estimate
    mean = heat.uncertainty.quantities["coverage"].mean
    return (
        f"{words} as tabled, {mean:.2f} over all uncertainties ({100 * q.level:.0f} %: "
        f"{q.low:.2f} to {q.high:.2f})"
    )


def row(heat: Heat) -> dict[str, object]:
    """The same for a program."""
    made, lesion, sampled = heat.setup, heat.lesion, heat.uncertainty
    return {
        "level": made.vertebra.level, "side": made.planned.side, "rank": made.planned.rank,
        "verdict": heat.verdict,
        "volume_ml": 0.0 if lesion.region is None else lesion.region.volume_ml,
        "coverage": lesion.coverage,
        "coverage_interval": None if sampled is None
        else interval(sampled.quantities["coverage"].estimate),
    }  # fmt: skip
