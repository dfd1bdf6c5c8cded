"""What became of all patients: the report that was computed last, and computing it anew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.registry_of import registry_of
from basivert.edge.store import reports
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed

router = APIRouter(prefix="/registry", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("registry.read"))]
KIND = "registry"


@router.get("")
def show(request: Request, visit: Reader) -> Response:
    """The kept report, when it was computed, and how much was entered since."""
    with site_of(request).store.reading(visit.who) as work:
        kept = reports.report(work, KIND)
        since = reports.changes_since(work, kept.seq) if kept else 0
    made = kept.document if kept else None
    return page(request, "registry.html.j2", made=made, kept=kept, since=since, zone=visit.zone)


@router.post("")
def compute(request: Request, visit: Reader) -> Response:
    """Compute it anew from everything that is stored now."""
    store, rules = site_of(request).store, outcome_rules()
    with store.reading(visit.who) as work:
        seq, rows = reports.position(work), registry_of(work)
    made = report(rows, rules)
    with store.writing(visit.who) as work:
        reports.keep_report(work, KIND, made, seq=seq)
    return RedirectResponse("/registry", status_code=303)
