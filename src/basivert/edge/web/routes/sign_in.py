"""Signing in and out."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import accounts, sessions
from basivert.edge.store.actor import VISITOR
from basivert.edge.web import cookies, csrf, passwords, rates
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, check_form, fields

router = APIRouter(include_in_schema=False)
WRONG = "Name or password is not right."


@router.get("/sign-in")
def door(request: Request) -> Response:
    """The form; its token goes with a cookie of its own, since nobody is signed in yet."""
    return _door(request)


@router.post("/sign-in")
async def enter(request: Request) -> Response:
    """Check name and password; a new session is opened, never an old one kept."""
    await check_form(request, csrf.token(cookies.cookie_of(request, cookies.DOOR) or ""))
    given = dict(fields(request))
    return await run_in_threadpool(_enter, request, given)


def _enter(request: Request, given: dict[str, str]) -> Response:
    store = site_of(request).store
    user = given.get("user", "")
    tried = rates.of_sign_in(request, user)
    rates.check(store, *tried)
    with store.reading(VISITOR) as work:
        found = accounts.password_of(work, user)
    right = passwords.fits(found[1] if found else None, given.get("password", ""))
    if not right or found is None or found[0].disabled:
        return _door(request, wrong=WRONG, user=user)
    rates.forgive(store, tried[0])
    with store.writing(found[0].actor) as work:
        secret = sessions.open_session(work, found[0])
    answer = RedirectResponse("/", status_code=303)
    cookies.give(request, answer, cookies.STAFF, secret)
    cookies.take(request, answer, cookies.DOOR)
    return answer


@router.post("/sign-out")
def leave(request: Request, visit: Annotated[Visit, Depends(allowed())]) -> Response:
    """End the session on the server, not only in the browser."""
    if visit.session is not None:
        with site_of(request).store.writing(visit.who) as work:
            sessions.end_session(work, visit.session)
    answer = RedirectResponse("/sign-in", status_code=303)
    cookies.take(request, answer, cookies.STAFF)
    return answer


def _door(request: Request, *, wrong: str = "", user: str = "") -> Response:
    secret = secrets.token_urlsafe(32)
    answer = page(
        request, "sign_in.html.j2", status=401 if wrong else 200, wrong=wrong, user=user,
        csrf=csrf.token(secret),
    )  # fmt: skip
    cookies.give(request, answer, cookies.DOOR, secret)
    return answer
