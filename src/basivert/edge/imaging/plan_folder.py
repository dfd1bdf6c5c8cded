"""The folder of a result: whole or not there at all."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from basivert.constants.load import TableOf, builtin
from basivert.edge.codec import plan_document
from basivert.edge.documents.html import rendered
from basivert.edge.imaging import meshes, slicer
from basivert.edge.whole_folder import whole
from basivert.planning.model import CasePlan
from basivert.report.model import Report
from basivert.report.plan import plan_report
from basivert.report.steps.document import Sheets, with_steps
from basivert.volume.model import Case
from basivert.workflow.fluoro_frame import fluoro_tables
from basivert.workflow.step_sheet import plan_sheets, sheet_tables

MARK = "plan.json"


@contextmanager
def new(out: Path, mark: str = MARK) -> Generator[Path]:
    """A folder that becomes `out` only when everything is written; see `whole_folder.whole`."""
    with whole(out, mark) as work:
        yield work


def write_plan(
    folder: Path, case: Case, case_plan: CasePlan, scan: Mapping[str, str | int] | None = None,
    table: TableOf = builtin,
) -> None:  # fmt: skip
    """plan.json, report.html, and the exchange files of every planned vertebra.

    Args:
        folder: to write into.
        case: scan and labels.
        case_plan: what was planned.
        scan: where they lie (`stored_plan.scan_of`), so that `basivert ablate` finds them again.
        table: gives each table by name.
    """
    write_files(folder, case, case_plan, scan)
    write_report(folder, reported(case, case_plan, table))


def write_files(
    folder: Path, case: Case, case_plan: CasePlan, scan: Mapping[str, str | int] | None
) -> None:
    """All but the report; arguments as of `write_plan`."""
    document = json.dumps(plan_document(case_plan, scan), indent=1, allow_nan=False)
    (folder / MARK).write_text(document, encoding="utf-8")
    slicer.write(folder / "slicer", case, case_plan)
    meshes.write(folder / "meshes", case_plan)


def reported(case: Case, case_plan: CasePlan, table: TableOf = builtin) -> Report:
    """The report of plans with their step sheets."""
    report = plan_report(case, case_plan, table("thresholds"))
    sheets, rays = plan_sheets(case_plan, sheet_tables(table=table)), fluoro_tables(table)
    return with_steps(report, case, Sheets(sheets=sheets, xray=rays.xray, spectrum=rays.spectrum))


def write_report(folder: Path, report: Report) -> None:
    """report.html."""
    (folder / "report.html").write_text(rendered(report), encoding="utf-8")
