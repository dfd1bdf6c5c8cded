"""The plan of a procedure: approved by a physician, and compared with the one on display."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from basivert.care.procedure.reading import LEVELS
from basivert.edge.store import outcomes, records
from basivert.edge.web import rates
from basivert.edge.web.plan_file import PlanFile, Planned, plan_file
from basivert.edge.web.procedures import KIND, approved, stored, with_plan
from basivert.edge.web.routes.patients import seen
from basivert.edge.web.routes.procedure import back
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/procedure/plan", include_in_schema=False)
Approver = Annotated[Visit, Depends(allowed("case.read", "outcome.read", "plan.write"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "outcome.read", "procedure.write"))]


@router.post("/approve")
def approve(request: Request, visit: Approver, case: int) -> Response:
    """Approve levels and sides of a `plan.json`; its digest is computed here, not typed.

    Levels of the same plan that were approved before stay; another plan replaces all of them.
    """
    given, sent = dict(fields(request)), _sent(request, visit, case)
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
    return back(case, "plan")


@router.post("/shown")
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
