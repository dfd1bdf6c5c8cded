"""Who did what: the audit trail of the clinic."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from basivert.edge.store.tables import AUDIT
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.trail_words import did, to_what, which
from basivert.edge.web.visit import Visit, allowed

router = APIRouter(prefix="/trail", include_in_schema=False)
SHOWN = 200


@router.get("")
def newest(request: Request, visit: Annotated[Visit, Depends(allowed("audit.read"))]) -> Response:
    """The newest rows; `basivert audit verify` proves the whole chain."""
    with site_of(request).store.reading(visit.who) as work:
        query = select(AUDIT).where(AUDIT.c.clinic == work.clinic)
        rows = work.connection.execute(query.order_by(AUDIT.c.seq.desc()).limit(SHOWN)).all()
        names = {one: work.called(one) for one in {row.actor for row in rows}}
    roles = site_of(request).store.roles
    told = [
        (row.at, names[row.actor], did(row.action), to_what(row.action, row.object, roles),
         which(row.body)) for row in rows
    ]  # fmt: skip
    return page(request, "trail.html.j2", rows=told, zone=visit.zone)
