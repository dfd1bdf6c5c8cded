"""Errors become one page or one JSON object, in one place; no value of a person is repeated."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from basivert.edge.web.pages import page
from basivert.edge.web.visit import LinkFirst, SignInFirst
from basivert.errors import BasivertError

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


def install(app: FastAPI) -> None:
    """Give the application its answers to everything that goes wrong."""

    @app.exception_handler(SignInFirst)
    def stranger(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, SignInFirst)
        if wants_json(request):
            return _answer(request, 401, problem.code, problem.what, problem.fix)
        if isinstance(problem, LinkFirst):
            return _answer(request, 401, problem.code, problem.what, problem.fix)
        # A part of a page cannot show the form of a whole one.
        if request.headers.get("HX-Request"):
            return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
        return RedirectResponse("/sign-in", status_code=303)

    @app.exception_handler(BasivertError)
    def known(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, BasivertError)
        return _answer(request, problem.http_status, problem.code, problem.what, problem.fix)

    @app.exception_handler(HTTPException)
    def standard(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)
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


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def _answer(request: Request, status: int, code: str, what: str, fix: str) -> Response:
    if wants_json(request):
        body: dict[str, Any] = {"error": {"code": code, "what": what, "fix": fix}}
        return JSONResponse(body, status_code=status)
    return page(request, "error.html.j2", status=status, what=what, fix=fix)
