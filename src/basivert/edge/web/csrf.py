"""A form counts only if this server gave it to this session."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from basivert.errors import ForbiddenError

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD, HEADER = "csrf", "X-CSRF-Token"


def token(cookie: str) -> str:
    """The token that goes with a secret cookie; only who holds the cookie can make it."""
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()


def check(given: str | None, wanted: str, headers: Mapping[str, str], origins: set[str]) -> None:
    """Raises ForbiddenError unless the token fits and the browser names one of our own origins."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    foreign = (origin is not None and origin not in origins) or site == "cross-site"
    if foreign or not hmac.compare_digest((given or "").encode(), wanted.encode()):
        raise ForbiddenError(
            "This form is not from an open page of yours.", fix="Open the page again and send it."
        )
