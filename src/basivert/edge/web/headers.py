"""What every answer carries, and what no request may be."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from basivert.edge.web.errors import too_large

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # With "no-referrer" browsers send forms with the origin "null", like a foreign page would.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guarded:
    """Sets the headers above and refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, largest_body: int) -> None:
        """`largest_body` in bytes, photographs included."""
        self.app = app
        self.largest_body = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what is received, since a length may be missing or a lie."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                kept = path.startswith("/static/")
                headers["Cache-Control"] = "public, max-age=3600" if kept else "no-store"
            await send(message)

        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > self.largest_body:
            await _too_large(scope, receive, sent)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.largest_body:
                raise TooLarge
            return message

        try:
            await self.app(scope, counted, sent)
        except TooLarge:
            await _too_large(scope, receive, sent)


class TooLarge(Exception):
    """More was sent than is taken."""


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await too_large(Request(scope))(scope, receive, send)
