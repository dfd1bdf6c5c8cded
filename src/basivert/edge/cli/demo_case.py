"""One scan of the demonstration: planned, heated, written. Loaded while the scans are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.patient.model import Heat, HeatTables
from basivert.anatomy.model import Partial
from basivert.edge.cli.commands import NOTICE, digests, lines, summary, versions
from basivert.edge.cli.crew import cores, crew
from basivert.edge.cli.demo_scans import Scan
from basivert.edge.cli.heat import Choice, heat_of, line, row, workers
from basivert.edge.cli.own_tables import Own
from basivert.edge.cli.progress import Shown
from basivert.edge.documents.protocol_file import DEFAULT as PROTOCOL
from basivert.edge.documents.protocol_file import protocol_table
from basivert.edge.imaging import heat_folder, plan_folder
from basivert.edge.imaging.stored_plan import digest, scan_of
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.planning.model import CasePlan, LevelPlan
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats, heat_part, with_heat
from basivert.report.model import HeatPart
from basivert.volume.model import Case
from basivert.workflow.heat_setup import Asked, heat_tables, planned, setup, standard_protocol
from basivert.workflow.plan_case import builtin_tables, plan_case
from basivert.workflow.progress import Mapper, Progress, part, together

# Of each scan's time: until it is read, planned and heated.
READ, PLANNED, HEATED = 0.1, 0.4, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Who works with what.

    levels: threads for several vertebrae.  samples: processes for many solves.
    own: tables by name.  heat: those that heat reads.
    """

    levels: Mapper
    samples: Mapper
    own: Own
    heat: HeatTables


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Burnt:
    """One burn, and its part of the report."""

    heat: Heat
    part: HeatPart


def demonstrate(
    out: Path, scans: Sequence[Scan], cases: Sequence[Callable[[], Case]], say: Shown,
    progress: Progress, *, seed: int, samples: int, own: Own, as_json: bool,
) -> None:  # fmt: skip
    """Plans and heat of all scans in a folder; cases: each gives its scan once it is read."""
    # Intervals take most of the time: one scan shows them.
    drawn = [0] * (len(scans) - 1) + [samples]
    shares = together(progress, len(scans))
    with plan_folder.new(out, mark="demo.json") as folder:
        with (
            workers(samples) as mapper, crew(say, cores()) as levels,
            crew(say, len(scans)) as beside,
        ):  # fmt: skip
            work = Work(levels=levels, samples=mapper, own=own, heat=heat_tables(own.table))

            def made(number: int) -> dict[str, Any]:
                scan, choice = scans[number], _choice(seed, drawn[number])
                shares[number](0.0, f"reading {scan.name}")
                case = own.told(cases[number]())
                return _made(folder / scan.name, scan, case, choice, work, shares[number])

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
    folder: Path, scan: Scan, case: Case, choice: Choice, work: Work, say: Progress
) -> dict[str, Any]:  # fmt: skip
    """Plan one scan, heat the best plan of each vertebra, write both."""
    made = plan_case(
        case, builtin_instrument(DEFAULT), seed=choice.seed, inputs=_inputs(scan),
        versions=versions(), levels=scan.levels, progress=part(say, READ, PLANNED),
        tables=builtin_tables(work.own.table), mapper=work.levels,
    )  # fmt: skip
    burning = _burns(case, made, choice, work, part(say, PLANNED, HEATED))
    # Threads heat from here on; what needs no heat is written meanwhile.
    folder.mkdir()
    plan_folder.write_files(folder, case, made, _files(scan))
    report = plan_folder.reported(case, made, work.own.table)
    burns = list(burning)
    heats = Heats(
        burns=tuple(burn.heat for burn in burns), tables=work.heat,
        protocol=protocol_table(choice.protocol), findings=made.findings,
    )  # fmt: skip
    say(HEATED, f"writing the report of {scan.name}")
    plan_folder.write_report(folder, with_heat(report, heats, [burn.part for burn in burns]))
    (folder / "heat").mkdir()
    used = made.provenance
    heat_folder.write_numbers(folder / "heat", heats, Provenance(
        inputs={**used.inputs, plan_folder.MARK: digest(folder / plan_folder.MARK)},
        editions={**used.editions, **work.heat.editions},
        versions=used.versions, seed=used.seed,
    ))  # fmt: skip
    say(1.0, f"{scan.name} written")
    return {"name": scan.name, "levels": summary(made), "heat": [row(heat) for heat in heats.burns],
            "lines": [line(heat) for heat in heats.burns]}  # fmt: skip


def _burns(
    case: Case, made: CasePlan, choice: Choice, work: Work, say: Progress
) -> Iterable[Burnt]:  # fmt: skip
    asked = Asked(protocol=standard_protocol(work.heat), log=None, seed=choice.seed)
    found = [level for level in made.levels if level.plans]
    errors = work.own.table("errors_model")

    def heated(task: tuple[LevelPlan, Progress]) -> Burnt:
        level, share = task
        assert not isinstance(level.vertebra, Partial), "a partial vertebra has no plans"
        first = [plan for plan in level.plans if plan.rank == 1]
        best = max(
            (planned(plan, level.vertebra.findings) for plan in first), key=lambda plan: plan.worth
        )
        ready = setup(level.vertebra, case, best, UNKNOWN, asked, work.heat)
        heat = heat_of(ready, choice, work.heat, errors, work.samples, share)
        return Burnt(heat=heat, part=heat_part(case, heat, work.heat))

    return work.levels(heated, zip(found, together(say, len(found)), strict=True))


def _inputs(scan: Scan) -> dict[str, str]:
    """File name → SHA-256."""
    if scan.files is None:
        return {"virtual patient": f"seed {scan.seed}"}
    return digests(*scan.files)


def _files(scan: Scan) -> dict[str, str | int]:
    """Where scan and labels lie, for `plan.json`."""
    return {"virtual_seed": scan.seed} if scan.files is None else scan_of(*scan.files, None)


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
