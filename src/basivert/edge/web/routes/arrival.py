"""A patient follows the clinic's link: the birth year is asked, then a session begins."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import links
from basivert.edge.store.actor import VISITOR
from basivert.edge.web import cookies, csrf, rates
from basivert.edge.web.pages import LANGUAGES, page, wished
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import check_form, fields

router = APIRouter(prefix="/p", include_in_schema=False)


@router.get("/{secret}")
def arrive(request: Request, secret: str) -> Response:
    """Ask for the year; says nothing about whether the link is a right one."""
    return _door(request)


@router.post("/{secret}")
async def enter(request: Request, secret: str) -> Response:
    """Exchange link and year for a session; the link itself is in no later address."""
    await check_form(request, csrf.token(cookies.cookie_of(request, cookies.DOOR) or ""))
    return await run_in_threadpool(_enter, request, secret, dict(fields(request)).get("year", ""))


def _enter(request: Request, secret: str, year: str) -> Response:
    store = site_of(request).store
    address = request.client.host if request.client else "?"
    rates.check(store, f"link:{secret}", f"address:{address}")
    plain = year.strip()
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) == 4 else 0
    with store.writing(VISITOR) as work:
        cookie = links.follow_link(work, secret, number)
    if cookie is None:
        return _door(request, wrong=True)
    answer = RedirectResponse("/my", status_code=303)
    cookies.give(request, answer, cookies.PATIENT, cookie)
    cookies.take(request, answer, cookies.DOOR)
    return answer


def _door(request: Request, *, wrong: bool = False) -> Response:
    secret = secrets.token_urlsafe(32)
    answer = page(
        request, "arrival.html.j2", status=401 if wrong else 200, wrong=wrong,
        csrf=csrf.token(secret), at=request.url.path,
        language=wished(request), languages=LANGUAGES,
    )  # fmt: skip
    cookies.give(request, answer, cookies.DOOR, secret)
    return answer
