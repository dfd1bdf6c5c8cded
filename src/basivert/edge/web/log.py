"""One line a request, without anything of a person: route, status, time, a number."""

from __future__ import annotations

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("basivert.web")


class Logged:
    """Writes the route's template, never the address that was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        """Around everything else."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Times one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, number, status = time.monotonic(), secrets.token_hex(6), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            route = getattr(scope.get("route"), "path", "(no route)")
            spent = (time.monotonic() - began) * 1000
            LOG.info("%s %s %d %.0f ms %s", scope["method"], route, status, spent, number)
