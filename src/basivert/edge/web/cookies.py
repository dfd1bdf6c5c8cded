"""Cookies that hold nothing but a random secret."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from basivert.edge.web.site import site_of

STAFF, PATIENT, DOOR = "basivert", "basivert-patient", "basivert-door"


def cookie_of(request: Request, name: str) -> str | None:
    """The secret, where the browser has one."""
    return request.cookies.get(_full(request, name))


def give(request: Request, answer: Response, name: str, secret: str) -> None:
    """Ask the browser to keep a secret until it closes."""
    answer.set_cookie(
        _full(request, name), secret, httponly=True, samesite="lax", path="/",
        secure=site_of(request).settings.https,
    )  # fmt: skip


def take(request: Request, answer: Response, name: str) -> None:
    """Ask the browser to forget it."""
    answer.delete_cookie(
        _full(request, name), path="/", httponly=True, samesite="lax",
        secure=site_of(request).settings.https,
    )  # fmt: skip


def _full(request: Request, name: str) -> str:
    # Over TLS a cookie of this name cannot be set by another host of the domain.
    return f"__Host-{name}" if site_of(request).settings.https else name
