"""The plan of a procedure: approved by a physician, and compared with the one on display."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from basivert.care.procedure.reading import LEVELS
from basivert.edge.store import outcomes, records
from basivert.edge.store.outcomes import PlanLink, approved
from basivert.edge.store.work import Work
from basivert.edge.web import rates
from basivert.edge.web.heat_file import Heated, heat_file
from basivert.edge.web.plan_file import PlanFile, Planned, plan_file
from basivert.edge.web.procedures import KIND, Stored, stored, with_plan
from basivert.edge.web.routes.patients import seen
from basivert.edge.web.routes.procedure import back, show
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/procedure/plan", include_in_schema=False)
Approver = Annotated[Visit, Depends(allowed("case.read", "outcome.read", "plan.write"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "outcome.read", "procedure.write"))]


@router.post("/approve")
@keeps(show)
def approve(request: Request, visit: Approver, case: int) -> Response:
    """Approve levels and sides of a `plan.json`; its digest is computed here, not typed.

    Levels of the same plan that were approved before stay; another plan replaces all of them.
    With its `heat.json` the coverage that it promises is kept too.
    """
    given, sent = dict(fields(request)), _sent(request, visit, case)
    heats = heat_file(content, sent.digest) if (content := _file(request, "heat")) else ()
    chosen = [_chosen(sent, level, given) for level in LEVELS if given.get(f"side.{level}")]
    if not chosen:
        raise RecordError("No level was chosen.", fix="Say the side of each planned level.")
    with site_of(request).store.writing(visit.who) as work:
        there = approved(outcomes.plans(work, case))
        now = {(one.level, one.side) for one in there if one.digest == sent.digest}
        for one in chosen:
            if (one.level, one.side) in now:
                continue
            outcomes.link_plan(
                work, case, digest=sent.digest, level=one.level, side=one.side, coverage=None,
                margins_mm=one.margins_mm, document=one.document,
            )  # fmt: skip
        if not _covered(work, approved(outcomes.plans(work, case)), heats) and heats:
            has = ", ".join(f"{one.level} {one.side}" for one in heats)
            raise RecordError(f"The heat.json has the heat of {has} alone.",
                              fix="Send that of a level and side that you approve.")  # fmt: skip
    return back(case, "plan")


@router.post("/coverage")
@keeps(show)
def coverage(request: Request, visit: Approver, case: int) -> Response:
    """Keep the coverage of a `heat.json`: of the plan's heat, or as treated by a log."""
    # Whose case it is comes first: what was sent to another clinic's is not even looked at.
    with site_of(request).store.reading(visit.who) as work:
        stored(work, visit, case)
    content = _file(request, "heat")
    if not content:
        raise RecordError("No file was chosen.", fix="Choose the heat.json, then send it.")
    rates.check(site_of(request).store, f"upload:{visit.who.reference}")
    with site_of(request).store.writing(visit.who) as work:
        there = stored(work, visit, case)
        found = heat_file(content, there.plan[0].digest) if there.plan else ()
        if not _covered(work, there.plan, found):
            raise RecordError("The file has no heat of an approved level and side.",
                              fix="Approve the plan of the level first.")  # fmt: skip
    return back(case, "plan")


@router.post("/withdraw")
@keeps(show)
def withdraw(request: Request, visit: Approver, case: int) -> Response:
    """Take the approval of one level or of all back, with a reason, before the procedure."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        there = stored(work, visit, case)
        _not_begun(there)
        level = given.get("level", "")
        chosen = [one for one in there.approved if level in ("", one.level)]
        if not chosen:
            raise RecordError("No approved plan has this level.", fix="Look at the page again.")
        for one in chosen:
            outcomes.withdraw_plan(
                work, one.id, version=one.version, reason=given.get("reason", "")
            )
    return back(case, "plan")


@router.post("/shown")
@keeps(show)
def on_display(request: Request, visit: Writer, case: int) -> Response:
    """Keep edition and digest of the file on display."""
    given, sent = dict(fields(request)), _sent(request, visit, case)
    with site_of(request).store.writing(visit.who) as work:
        there = stored(work, visit, case)
        bodies = (there.document.get("plan") or {}).get("bodies", [])
        plan = {"shown_edition": sent.edition, "shown_sha256": sent.digest, "bodies": bodies}
        kept = with_plan({**there.document, "plan": plan}, there.approved)
        records.keep(work, case, KIND, kept, version=seen(given))
    return back(case, "plan")


def _not_begun(there: Stored) -> None:
    document = there.document
    if there.signed or document.get("bodies") or document.get("steps") or document.get("status"):
        raise RecordError(
            "The procedure has begun: its plan can no longer be withdrawn.",
            fix="Say in the record what was done differently.",
        )


def _covered(work: Work, links: Sequence[PlanLink], heats: Sequence[Heated]) -> int:
    """Keep the coverage of each link that has a heat; gives how many."""
    found = 0
    for link in links:
        for one in heats:
            if one.level != link.level or link.side not in (one.side, "both"):
                continue
            keep = outcomes.set_treated if one.treated else outcomes.set_planned
            version = keep(work, link.id, version=link.version, coverage=one.coverage)
            link = dataclasses.replace(link, version=version)
            found += 1
    return found


def _file(request: Request, name: str) -> bytes:
    file = request.state.form.get(name) if request.state.form else None
    return file.file.read() if isinstance(file, UploadFile) else b""


def _chosen(sent: PlanFile, level: str, given: Mapping[str, str]) -> Planned:
    side = given[f"side.{level}"]
    if (found := sent.plans.get((level, side))) is None:
        has = ", ".join(f"{a} {b}" for a, b in sorted(sent.plans)) or "none"
        raise RecordError(f"The file has no plan of {level} {side}.", fix=f"It has: {has}.")
    return found


def _sent(request: Request, visit: Visit, case: int) -> PlanFile:
    # Whose case it is comes first: what was sent to another clinic's is not even looked at.
    with site_of(request).store.reading(visit.who) as work:
        stored(work, visit, case)
    rates.check(site_of(request).store, f"upload:{visit.who.reference}")
    file = request.state.form.get("plan") if request.state.form else None
    if not isinstance(file, UploadFile):
        raise RecordError("No file was chosen.", fix="Choose the plan.json, then send it.")
    return plan_file(file.file.read())
