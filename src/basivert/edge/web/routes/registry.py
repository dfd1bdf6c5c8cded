"""What became of all patients: the report that was computed last, and asking for a new one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.own_rules import OUTCOMES
from basivert.edge.documents.registry_page import sections
from basivert.edge.store import computing, own_rules, reports
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed

router = APIRouter(prefix="/registry", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("registry.read"))]
Asker = Annotated[Visit, Depends(allowed("registry.read", "registry.compute"))]
KIND = computing.KIND


@router.get("")
def show(request: Request, visit: Reader) -> Response:
    """The kept report, when it was computed, how much was entered since, and what is under way."""
    with site_of(request).store.reading(visit.who) as work:
        kept = reports.report(work, KIND)
        since = reports.changes_since(work, kept.seq) if kept else 0
        under_way = computing.last(work)
        own = own_rules.standing(work).get(OUTCOMES)
    made = kept.document if kept else None
    return page(
        request, "registry.html.j2", made=made, kept=kept, since=since, under_way=under_way,
        own=own.edition if own else "", sections=sections(made) if made else "", zone=visit.zone,
        watched=under_way is not None and under_way.open,
    )  # fmt: skip


@router.get("/state")
def state(request: Request, visit: Reader) -> Response:
    """How far the computation is; once it has ended the whole page is asked for again."""
    with site_of(request).store.reading(visit.who) as work:
        under_way = computing.last(work)
    open_ = under_way is not None and under_way.open
    if "hx-request" not in request.headers:
        return RedirectResponse("/registry", status_code=303)
    told = page(request, "registry_state.html.j2", under_way=under_way, zone=visit.zone,
                watched=open_)  # fmt: skip
    if not open_:
        told.headers["HX-Refresh"] = "true"
    return told


@router.post("")
def compute(request: Request, visit: Asker) -> Response:
    """Ask for a report of everything that is stored when its turn comes."""
    with site_of(request).store.writing(visit.who) as work:
        computing.order(work)
    return RedirectResponse("/registry", status_code=303)
