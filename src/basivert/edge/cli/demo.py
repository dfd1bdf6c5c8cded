"""`basivert demo`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.patient.model import Heat, HeatTables
from basivert.ablation.uncertainty.model import Mapper
from basivert.anatomy.model import Partial
from basivert.edge.cli.commands import NOTICE, digests, lines, summary, versions
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
from basivert.planning.model import CasePlan
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats
from basivert.volume.model import Case
from basivert.workflow.heat_setup import Asked, heat_tables, planned, setup, standard_protocol
from basivert.workflow.plan_case import plan_case
from basivert.workflow.progress import Progress, part

# Of the time: reading, then for each scan its plans, heat and files.
READ, PLANNED, HEATED = 0.1, 0.3, 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """One case of the demonstration.

    levels: to plan; None for all.  inputs: file name → SHA-256.  files: where they lie.
    """

    name: str
    case: Case
    levels: tuple[str, ...] | None
    inputs: dict[str, str]
    files: dict[str, str | int]


def demo(out: Path, *, seed: int, samples: int, offline: bool, as_json: bool) -> None:
    """Plans and heat of real scans when they can be had, else of the virtual patient."""
    say, tables = Shown(), heat_tables()
    scans = _virtual(seed) if offline else _real_or_virtual(say, seed)
    documents: list[dict[str, Any]] = []
    with plan_folder.new(out, mark="demo.json") as folder, workers(samples) as mapper:
        for number, scan in enumerate(scans):
            whole = 1.0 - READ
            share = part(say, READ + whole * number / len(scans),
                         READ + whole * (number + 1) / len(scans))  # fmt: skip
            # Intervals take most of the time: one scan shows them.
            drawn = samples if number == len(scans) - 1 else 0
            (folder / scan.name).mkdir()
            documents.append(
                _shown(folder / scan.name, scan, _choice(seed, drawn), tables, mapper, share)
            )
        shown = [{k: v for k, v in d.items() if k != "lines"} for d in documents]
        (folder / "demo.json").write_text(json.dumps(shown, indent=1), encoding="utf-8")
        say(1.0, "done")
    _tell(documents, out, as_json=as_json)


def _choice(seed: int, samples: int) -> Choice:
    return Choice(
        levels=None, side="auto", rank=None, protocol=PROTOCOL, samples=samples, cover=None,
        seed=seed, age_years=None, modic=None, log=None, log_columns=None, ct=None, labels=None,
    )  # fmt: skip


def _shown(
    folder: Path, scan: Scan, choice: Choice, tables: HeatTables, mapper: Mapper, say: Progress
) -> dict[str, Any]:  # fmt: skip
    """Plan one scan, heat the best plan of each vertebra, write both."""
    made = plan_case(
        scan.case, builtin_instrument(DEFAULT), seed=choice.seed, inputs=scan.inputs,
        versions=versions(), levels=scan.levels, progress=part(say, 0.0, PLANNED),
    )  # fmt: skip
    burns = _burns(scan.case, made, choice, tables, mapper, part(say, PLANNED, HEATED))
    say(HEATED, "writing the report")
    heats = Heats(
        burns=burns, tables=tables, protocol=protocol_table(choice.protocol),
        findings=made.findings,
    )  # fmt: skip
    plan_folder.write_plan(folder, scan.case, made, scan.files, heats)
    (folder / "heat").mkdir()
    used = made.provenance
    heat_folder.write_numbers(folder / "heat", heats, Provenance(
        inputs=used.inputs, editions={**used.editions, **tables.editions}, versions=used.versions,
        seed=used.seed,
    ))  # fmt: skip
    return {"name": scan.name, "levels": summary(made), "heat": [row(heat) for heat in burns],
            "lines": [line(heat) for heat in burns]}  # fmt: skip


def _burns(
    case: Case, made: CasePlan, choice: Choice, tables: HeatTables, mapper: Mapper, say: Progress
) -> tuple[Heat, ...]:  # fmt: skip
    asked = Asked(protocol=standard_protocol(tables), log=None, seed=choice.seed)
    levels = [level for level in made.levels if level.plans]
    found: list[Heat] = []
    for number, level in enumerate(levels):
        if isinstance(level.vertebra, Partial):
            continue
        first = [plan for plan in level.plans if plan.rank == 1]
        best = max(
            (planned(plan, level.vertebra.findings) for plan in first), key=lambda plan: plan.worth
        )
        ready = setup(level.vertebra, case, best, UNKNOWN, asked, tables)
        share = part(say, number / len(levels), (number + 1) / len(levels))
        found.append(heat_of(ready, choice, tables, mapper, share))
    return tuple(found)


def _real_or_virtual(say: Progress, seed: int) -> list[Scan]:
    try:
        fetched = demo_ct.fetch_demo(part(say, 0.0, 0.8 * READ))
    except ServiceError as cause:
        sys.stderr.write(f"basivert: {cause.what}\n  Going on with the virtual patient.\n")
        return _virtual(seed)
    scans: list[Scan] = []
    for scan in fetched:
        say(0.8 * READ, f"reading {scan.name}")
        sys.stderr.write(f"{scan.name}: {scan.licence}. {scan.attribution}\n")
        scans.append(Scan(
            name=scan.name, case=read_case(scan.ct, scan.labels), levels=scan.levels,
            inputs=digests(scan.ct, scan.labels), files=scan_of(scan.ct, scan.labels, None),
        ))  # fmt: skip
    return scans


def _virtual(seed: int) -> list[Scan]:
    return [Scan(
        name="virtual-patient", case=virtual_case(seed), levels=None,
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
