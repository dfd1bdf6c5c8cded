"""Who works here: only for the clinic's administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import accounts, sessions
from basivert.edge.web import passwords
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps

router = APIRouter(prefix="/accounts", include_in_schema=False)
Writer = Annotated[Visit, Depends(allowed("account.read", "account.write"))]


@router.get("")
def every(request: Request, visit: Writer) -> Response:
    """All accounts of the clinic."""
    store = site_of(request).store
    with store.reading(visit.who) as work:
        found = accounts.accounts(work)
    return page(request, "accounts.html.j2", accounts=found, roles=store.roles.staff)


@router.post("")
@keeps(every)
def add(request: Request, visit: Writer) -> Response:
    """A new account with a first password."""
    given = dict(fields(request))
    kept = passwords.hashed(given.get("password", ""))
    with site_of(request).store.writing(visit.who) as work:
        accounts.add_account(
            work, user=given.get("user", ""), name=given.get("name", "").strip(),
            role=given.get("role", ""), password=kept,
        )  # fmt: skip
    return RedirectResponse("/accounts", status_code=303)


@router.post("/{number}")
@keeps(every)
def change(request: Request, visit: Writer, number: int) -> Response:
    """Role and whether it is closed; ends its sessions."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        accounts.change_account(
            work, number, version=version(given), role=given.get("role", ""),
            disabled=given.get("disabled") == "yes",
        )  # fmt: skip
        sessions.end_sessions_of(work, number)
    return RedirectResponse("/accounts", status_code=303)
