"""Errors become one page or one JSON object, in one place; no value of a person is repeated."""

from __future__ import annotations

import datetime as dt
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from basivert.edge.web.pages import page, wished, words
from basivert.edge.web.refill import refilled
from basivert.edge.web.visit import (
    LinkFirst,
    OldForm,
    SignInFirst,
    fields,
    known_visit,
    own_page,
    token_of,
)
from basivert.errors import BasivertError, ConflictError, InputError, StoreError

WORDS = {
    400: "The server does not understand this request.",
    401: "Sign in first.",
    403: "You may not do that.",
    404: "There is no such page, or it is not yours to see.",
    405: "This page takes no such request.",
    413: "This is larger than the server takes.",
    415: "Send JSON, with the type application/json.",
    422: "Something in the request cannot be used.",
    429: "Too many tries. Wait a minute.",
}
# Where a patient is, whether or not a session is found.
PATIENTS = ("/my", "/p/")


def install(app: FastAPI) -> None:
    """Give the application its answers to everything that goes wrong."""

    @app.exception_handler(SignInFirst)
    def stranger(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, SignInFirst)
        if _typed(request) and own_page(request):
            patient = isinstance(problem, LinkFirst)
            language = wished(request) if patient else "en"
            say = words(language)
            what = say["link_there"] if patient else say["session_over"]
            return _again(request, 401, what, language, "" if patient else "/sign-in")
        if isinstance(problem, LinkFirst) and wished(request) != "en":
            language = wished(request)
            return page(
                request, "error.html.j2", status=401, what=words(language)["link_first"], fix="",
                language=language,
            )  # fmt: skip
        if wants_json(request):
            return _answer(request, 401, problem.code, problem.what, problem.fix)
        if isinstance(problem, LinkFirst):
            return _answer(request, 401, problem.code, problem.what, problem.fix)
        # A part of a page cannot show the form of a whole one.
        if request.headers.get("HX-Request"):
            return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
        return RedirectResponse("/sign-in", status_code=303)

    @app.exception_handler(OldForm)
    def old(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, OldForm)
        visit = getattr(request.state, "visit", None)
        if not _typed(request) or visit is None:
            return _answer(request, 403, problem.code, problem.what, problem.fix)
        say = words(visit.language)
        return _again(request, 403, say["form_old"], visit.language, "")

    @app.exception_handler(BasivertError)
    def known(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, BasivertError)
        # Nothing was done yet: who sent it could not even be looked up.
        stranger = getattr(request.state, "visit", None) is None
        if isinstance(problem, StoreError) and stranger and _typed(request) and own_page(request):
            what = f"{problem.what} {problem.fix}"
            return _again(request, 503, what, wished(request), "", token_of(request))
        if (shown := _as_typed(request, problem)) is not None:
            return shown
        return _answer(request, problem.http_status, problem.code, problem.what, problem.fix)

    @app.exception_handler(HTTPException)
    def standard(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)
        # No route took the request, so that nobody looked yet who sent it.
        if getattr(request.state, "visit", None) is None and not _for_others(request):
            request.state.visit = known_visit(request)
        words = WORDS.get(problem.status_code, "This did not work.")
        answer = _answer(request, problem.status_code, f"http-{problem.status_code}", words, "")
        answer.headers.update(problem.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, RequestValidationError)
        places = [".".join(map(str, one["loc"])) + ": " + one["msg"] for one in problem.errors()]
        return _answer(request, 422, "request", WORDS[422], "; ".join(places))

    @app.exception_handler(Exception)
    def unknown(request: Request, problem: Exception) -> Response:
        return _answer(
            request, 500, "internal", "The server made a mistake.", "Nothing was stored. Try again."
        )


def _typed(request: Request) -> list[tuple[str, str]]:
    """What was typed, without what no page may repeat."""
    if request.method != "POST" or getattr(request.state, "form", None) is None:
        return []
    return [(name, value) for name, value in fields(request) if "password" not in name]


def _again(
    request: Request, status: int, what: str, language: str, door: str, token: str = ""
) -> Response:
    more = {"csrf": token} if token else {}
    return page(
        request, "again.html.j2", status=status, what=what, door=door, at=request.url.path,
        typed=_typed(request), language=language, **more,
    )  # fmt: skip


def _as_typed(request: Request, problem: BasivertError) -> Response | None:
    """The page of the form with all that was typed; None where it was no slip of a form."""
    show = getattr(request.scope.get("endpoint"), "form_of", None)
    visit = getattr(request.state, "visit", None)
    slip = isinstance(problem, InputError) and problem.http_status == 422
    if show is None or visit is None or not (slip or isinstance(problem, ConflictError)):
        return None
    asked = signature(show).parameters
    try:
        places = {
            k: int(v) if k == "case" else v for k, v in request.path_params.items() if k in asked
        }
        shown = show(request, visit, **places)
    except BasivertError:
        return None
    why = f"{told(problem, visit.zone)} {problem.fix}".strip()
    body = refilled(
        bytes(shown.body).decode(), request.url.path, _typed(request), why,
        compare=isinstance(problem, ConflictError),
    )  # fmt: skip
    return HTMLResponse(body, status_code=problem.http_status)


def told(problem: BasivertError, zone: ZoneInfo) -> str:
    """What is wrong, with the time of a conflict as the clinic's clocks show it."""
    when = problem.facts.get("changed_at")
    if not isinstance(when, str):
        return problem.what
    at = dt.datetime.fromisoformat(when).astimezone(zone)
    return problem.what.replace(when, f"{at:%Y-%m-%d %H:%M}")


def too_large(request: Request) -> Response:
    """What is said of a body that was not read to its end."""
    return _answer(request, 413, "http-413", WORDS[413], "Send a smaller file.")


def _for_others(request: Request) -> bool:
    return wants_json(request) or request.url.path.startswith(("/p/", "/static/"))


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def _answer(request: Request, status: int, code: str, what: str, fix: str) -> Response:
    if wants_json(request):
        body: dict[str, Any] = {"error": {"code": code, "what": what, "fix": fix}}
        return JSONResponse(body, status_code=status)
    visit = getattr(request.state, "visit", None)
    if not (visit.own if visit else request.url.path.startswith(PATIENTS)):
        return page(request, "error.html.j2", status=status, what=what, fix=fix)
    language = visit.language if visit else wished(request)
    if language != "en":
        # Sentences of errors are English; a patient reads the general one in their language.
        say = words(language)
        what, fix = say.get(f"error_{status}", say["error"]), say["no_phone"]
    return page(
        request, "error.html.j2", status=status, what=what, fix=fix, language=language, home="/my"
    )
