"""`basivert demo`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.patient.model import Heat, HeatTables
from basivert.anatomy.model import Partial
from basivert.edge.cli.commands import NOTICE, digests, lines, summary, versions
from basivert.edge.cli.crew import cores, crew
from basivert.edge.cli.heat import Choice, heat_of, line, row, workers
from basivert.edge.cli.progress import Shown
from basivert.edge.documents.protocol_file import DEFAULT as PROTOCOL
from basivert.edge.documents.protocol_file import protocol_table
from basivert.edge.imaging import demo_ct, heat_folder, plan_folder
from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.phantom_files import virtual_case
from basivert.edge.imaging.stored_plan import scan_of
from basivert.errors import ServiceError
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.planning.model import CasePlan, LevelPlan
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats, with_heat
from basivert.volume.model import Case
from basivert.workflow.heat_setup import Asked, heat_tables, planned, setup, standard_protocol
from basivert.workflow.plan_case import plan_case
from basivert.workflow.progress import Mapper, Progress, part, together

# Of the time: fetching, then for each scan until it is read, planned and heated.
FETCHED, READ, PLANNED, HEATED = 0.05, 0.1, 0.4, 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """One case of the demonstration.

    read: gives it.  levels: to plan; None for all.  inputs: file name → SHA-256.  files: where they
    lie.
    """

    name: str
    read: Callable[[], Case]
    levels: tuple[str, ...] | None
    inputs: dict[str, str]
    files: dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Who works.  levels: threads for several vertebrae.  samples: processes for many solves."""

    levels: Mapper
    samples: Mapper


def demo(out: Path, *, seed: int, samples: int, offline: bool, as_json: bool) -> None:
    """Plans and heat of real scans when they can be had, else of the virtual patient."""
    say, tables = Shown(), heat_tables()
    scans = _virtual(seed) if offline else _real_or_virtual(part(say, 0.0, FETCHED), seed)
    # Intervals take most of the time: one scan shows them.
    drawn = [0] * (len(scans) - 1) + [samples]
    shares = together(part(say, FETCHED, 1.0), len(scans))
    with plan_folder.new(out, mark="demo.json") as folder:
        with (
            workers(samples) as mapper, crew(say, cores()) as levels,
            crew(say, len(scans)) as beside,
        ):  # fmt: skip
            pools = Pools(levels=levels, samples=mapper)

            def made(number: int) -> dict[str, Any]:
                scan, choice = scans[number], _choice(seed, drawn[number])
                return _made(folder / scan.name, scan, choice, tables, pools, shares[number])

            documents = list(beside(made, range(len(scans))))
        shown = [{k: v for k, v in d.items() if k != "lines"} for d in documents]
        (folder / "demo.json").write_text(json.dumps(shown, indent=1), encoding="utf-8")
        say(1.0, "done")
    _tell(documents, out, as_json=as_json)


def _choice(seed: int, samples: int) -> Choice:
    return Choice(
        levels=None, side="auto", rank=None, protocol=PROTOCOL, samples=samples, cover=None,
        seed=seed, age_years=None, modic=None, log=None, log_columns=None, ct=None, labels=None,
    )  # fmt: skip


def _made(
    folder: Path, scan: Scan, choice: Choice, tables: HeatTables, pools: Pools, say: Progress
) -> dict[str, Any]:  # fmt: skip
    """Plan one scan, heat the best plan of each vertebra, write both."""
    say(0.0, f"reading {scan.name}")
    case = scan.read()
    made = plan_case(
        case, builtin_instrument(DEFAULT), seed=choice.seed, inputs=scan.inputs,
        versions=versions(), levels=scan.levels, progress=part(say, READ, PLANNED),
        mapper=pools.levels,
    )  # fmt: skip
    burning = _burns(case, made, choice, tables, pools, part(say, PLANNED, HEATED))
    # Threads heat from here on; what needs no heat is written meanwhile.
    folder.mkdir()
    plan_folder.write_files(folder, case, made, scan.files)
    report = plan_folder.reported(case, made)
    heats = Heats(
        burns=tuple(burning), tables=tables, protocol=protocol_table(choice.protocol),
        findings=made.findings,
    )  # fmt: skip
    say(HEATED, f"writing the report of {scan.name}")
    plan_folder.write_report(folder, with_heat(report, case, heats))
    (folder / "heat").mkdir()
    used = made.provenance
    heat_folder.write_numbers(folder / "heat", heats, Provenance(
        inputs=used.inputs, editions={**used.editions, **tables.editions}, versions=used.versions,
        seed=used.seed,
    ))  # fmt: skip
    say(1.0, f"{scan.name} written")
    return {"name": scan.name, "levels": summary(made), "heat": [row(heat) for heat in heats.burns],
            "lines": [line(heat) for heat in heats.burns]}  # fmt: skip


def _burns(
    case: Case, made: CasePlan, choice: Choice, tables: HeatTables, pools: Pools, say: Progress
) -> Iterable[Heat]:  # fmt: skip
    asked = Asked(protocol=standard_protocol(tables), log=None, seed=choice.seed)
    found = [level for level in made.levels if level.plans]

    def heated(task: tuple[LevelPlan, Progress]) -> Heat:
        level, share = task
        assert not isinstance(level.vertebra, Partial), "a partial vertebra has no plans"
        first = [plan for plan in level.plans if plan.rank == 1]
        best = max(
            (planned(plan, level.vertebra.findings) for plan in first), key=lambda plan: plan.worth
        )
        ready = setup(level.vertebra, case, best, UNKNOWN, asked, tables)
        return heat_of(ready, choice, tables, pools.samples, share)

    return pools.levels(heated, zip(found, together(say, len(found)), strict=True))


def _real_or_virtual(say: Progress, seed: int) -> list[Scan]:
    try:
        fetched = demo_ct.fetch_demo(say)
    except ServiceError as cause:
        sys.stderr.write(f"basivert: {cause.what}\n  Going on with the virtual patient.\n")
        return _virtual(seed)
    for scan in fetched:
        sys.stderr.write(f"{scan.name}: {scan.licence}. {scan.attribution}\n")
    return [Scan(
        name=scan.name, read=partial(read_case, scan.ct, scan.labels), levels=scan.levels,
        inputs=digests(scan.ct, scan.labels), files=scan_of(scan.ct, scan.labels, None),
    ) for scan in fetched]  # fmt: skip


def _virtual(seed: int) -> list[Scan]:
    return [Scan(
        name="virtual-patient", read=partial(virtual_case, seed), levels=None,
        inputs={"virtual patient": f"seed {seed}"}, files={"virtual_seed": seed},
    )]  # fmt: skip


def _tell(documents: Sequence[dict[str, Any]], out: Path, *, as_json: bool) -> None:
    if as_json:
        cases = [{k: v for k, v in d.items() if k != "lines"} for d in documents]
        result = {"research_use_only": True, "folder": str(out.resolve()), "cases": cases}
        sys.stdout.write(json.dumps(result) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n")
    for document in documents:
        sys.stdout.write(f"\n{document['name']}\n")
        lines(document["levels"])
        for words in document["lines"]:
            sys.stdout.write(f"{words}\n")
        sys.stdout.write(f"  report: {(out / document['name'] / 'report.html').resolve()}\n")
