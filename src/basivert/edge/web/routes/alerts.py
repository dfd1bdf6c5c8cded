"""Every alert that nobody closed yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import cases, people, recovery
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps

router = APIRouter(prefix="/alerts", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("alert.read", "person.read"))]
Closer = Annotated[Visit, Depends(allowed("alert.close"))]


@router.get("")
def every(request: Request, visit: Reader) -> Response:
    """The most urgent first, then the oldest."""
    order = ("emergency", "call_now", "call_today")
    with site_of(request).store.reading(visit.who) as work:
        found = recovery.open_alerts(work)
        who = {one.case: people.person(work, cases.case(work, one.case).patient) for one in found}
    found.sort(key=lambda one: (order.index(one.severity) if one.severity in order else 9, one.id))
    return page(request, "alerts.html.j2", alerts=found, who=who, zone=visit.zone)


@router.post("/{number}/close")
@keeps(every)
def close(request: Request, visit: Closer, number: int) -> Response:
    """Close one in one's own name, with what was done."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        recovery.close_alert(work, number, version=version(given), note=given.get("note", ""))
    return RedirectResponse("/alerts", status_code=303)
