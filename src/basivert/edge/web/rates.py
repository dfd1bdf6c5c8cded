"""How often somebody may try: counted in the store, by account and by address."""

from __future__ import annotations

import datetime as dt

from fastapi import Request
from starlette.exceptions import HTTPException

from basivert.edge.store import limits
from basivert.edge.store.actor import VISITOR
from basivert.edge.store.store import Store

# In a minute; a person mistypes, a program guesses.
MOST = {"account": 5, "address": 30, "link": 5, "upload": 20, "api": 600}
WITHIN = dt.timedelta(minutes=1)


def of_sign_in(request: Request, user: str) -> tuple[str, str]:
    """The subjects of a try of somebody's password: the account, and from where it is tried."""
    address = request.client.host if request.client else "?"
    return f"account:{user.strip().casefold()}", f"address:{address}"


def check(store: Store, *subjects: str) -> None:
    """Count a try of each subject, such as `account:nurse`. Raises HTTP 429 for one too many."""
    with store.writing(VISITOR) as work:
        open_to = [
            limits.tried(work, one, most=MOST[one.partition(":")[0]], within=WITHIN)
            for one in subjects
        ]
    if not all(open_to):
        raise HTTPException(429, headers={"Retry-After": f"{WITHIN.total_seconds():.0f}"})


def forgive(store: Store, subject: str) -> None:
    """Forget the tries of a subject that was right in the end."""
    with store.writing(VISITOR) as work:
        limits.forgive(work, subject)
