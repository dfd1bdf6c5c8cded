"""How often somebody may try: counted by account and by address."""

from __future__ import annotations

from functools import cache

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

# Of wrong sign-ins, link codes and uploads; a person mistypes, a program guesses.
_MOST = {"account": 5, "address": 30, "link": 5, "upload": 20}


def check(limiter: MovingWindowRateLimiter, *subjects: str) -> None:
    """Raises HTTP 429 where one of the subjects tried too often in the last minute."""
    for subject in subjects:
        item = _item(subject)
        if not limiter.test(item, subject):
            raise HTTPException(429, headers={"Retry-After": "60"})


def count(limiter: MovingWindowRateLimiter, *subjects: str) -> None:
    """Note a try of each subject, such as `account:nurse` or `address:10.0.0.7`."""
    for subject in subjects:
        limiter.hit(_item(subject), subject)


def limiter() -> MovingWindowRateLimiter:
    """A fresh one; counts live in this process, which is the only one that serves."""
    return MovingWindowRateLimiter(MemoryStorage())


@cache
def _limit(kind: str) -> RateLimitItemPerMinute:
    return RateLimitItemPerMinute(_MOST[kind])


def _item(subject: str) -> RateLimitItemPerMinute:
    return _limit(subject.partition(":")[0])
