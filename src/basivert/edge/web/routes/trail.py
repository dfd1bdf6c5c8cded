"""Who did what: the audit trail of the clinic."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from basivert.edge.store.tables import AUDIT
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
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
    return page(request, "trail.html.j2", rows=rows, names=names, zone=visit.zone, which=which)


def which(body: str | None) -> str:
    """The ids and names of fields of a row, without the signs of JSON; "" for none."""
    given: dict[str, Any] = json.loads(body or "{}")
    told = {k: ", ".join(map(str, v)) if isinstance(v, list) else v for k, v in given.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    return "; ".join(f"{name}: {value}" for name, value in told.items())
