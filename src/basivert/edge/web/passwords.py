"""Passwords: Argon2id with the library's defaults (RFC 9106, low memory), two at a time."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from basivert.errors import RecordError

# NIST SP 800-63B asks for at least 8; longer is worth more than odd characters.
SHORTEST, LONGEST = 12, 256
# Each takes 64 MiB and 0.1 s: many at once would stop the server.
_TURN = BoundedSemaphore(2)
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """What is kept of a password. Raises RecordError where it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise RecordError(
            f"A password needs {SHORTEST} to {LONGEST} characters.",
            fix="Four words that nobody else would put together are easy to keep in mind.",
        )
    with _TURN:
        return _HASHER.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether it is the right one; a name that does not exist takes as long."""
    with _TURN:
        try:
            return _HASHER.verify(kept or _other(), password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _other() -> str:
    return _HASHER.hash("of nobody")
