"""The first page of staff: who needs something now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from basivert.care.contact import dialable
from basivert.edge.store import accounts, cases, recovery
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, visit: Annotated[Visit, Depends(allowed())]) -> Response:
    """Open cases by stage for those who treat; the way on for others."""
    store = site_of(request).store
    found: list[cases.Listed] = []
    sees = store.roles.allow(visit.who.role, "case.read")
    manages = store.roles.allow(visit.who.role, "account.read")
    watches = store.roles.allow(visit.who.role, "alert.read")
    with store.reading(visit.who) as work:
        if sees:
            found = cases.case_list(work)
        waiting = recovery.open_numbers(work) if watches else {}
        alone = manages and len(accounts.accounts(work)) == 1
    return page(
        request, "today.html.j2", cases=found, zone=visit.zone, clinic=visit.clinic, sees=sees,
        alone=alone, watches=watches, waiting=waiting, callable=dialable(visit.clinic.phone),
    )  # fmt: skip
