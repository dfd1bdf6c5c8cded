"""Who is signed in: rows on the server, found by the hash of a random id."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from basivert.edge.store.accounts import Account
from basivert.edge.store.tables import ACCOUNT, SESSION
from basivert.edge.store.work import Work, columns
from basivert.errors import ForbiddenError

# Writing at every page would make readers wait; a minute is exact enough for half an hour.
SEEN_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in. `stale` asks for `seen`."""

    id: int
    account: Account
    created_at: dt.datetime
    last_seen_at: dt.datetime
    stale: bool


def open_session(work: Work, account: Account) -> str:
    """Sign somebody in whose password was right; gives the id for the cookie, kept nowhere."""
    if account.disabled:
        raise ForbiddenError("This account is closed.", fix="Ask the clinic's administrator.")
    secret = secrets.token_urlsafe(32)
    number = work.add(
        SESSION, digest=digest(secret), account=account.id, created_at=work.now,
        last_seen_at=work.now,
    )  # fmt: skip
    work.note("session.opened", f"account:{account.id}", session=number)
    return secret


def session_of(
    work: Work, secret: str, *, idle: dt.timedelta, longest: dt.timedelta
) -> Session | None:
    """The session behind a cookie; None where it ended, was revoked, or its account was changed.

    Args:
        idle: longest time between two pages.
        longest: longest time from the sign-in.
    """
    chosen = [column.label(f"account_{column.name}") for column in columns(Account, ACCOUNT)]
    query = (
        select(SESSION.c.id, SESSION.c.created_at, SESSION.c.last_seen_at, *chosen)
        .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account)
        .where(
            SESSION.c.digest == digest(secret), SESSION.c.revoked_at.is_(None),
            ACCOUNT.c.disabled.is_(False), SESSION.c.last_seen_at > work.now - idle,
            SESSION.c.created_at > work.now - longest,
            ACCOUNT.c.changed_at <= SESSION.c.created_at,
        )
    )  # fmt: skip
    row = work.connection.execute(query).mappings().first()
    if row is None:
        return None
    given = {str(name): value for name, value in row.items()}
    held = {k[8:]: v for k, v in given.items() if k.startswith("account_")}
    return Session(
        id=given["id"], account=Account(**held), created_at=given["created_at"],
        last_seen_at=given["last_seen_at"], stale=work.now - given["last_seen_at"] > SEEN_EVERY,
    )  # fmt: skip


def seen(work: Work, session: int) -> None:
    """Note that somebody is still there; not in the audit trail, which tells of deeds."""
    work.run(update(SESSION).where(SESSION.c.id == session).values(last_seen_at=work.now))


def end_session(work: Work, session: Session) -> None:
    """Sign out."""
    work.run(update(SESSION).where(SESSION.c.id == session.id).values(revoked_at=work.now))
    work.note("session.ended", f"account:{session.account.id}", session=session.id)


def end_sessions_of(work: Work, account: int) -> int:
    """Sign somebody out everywhere; gives how many sessions that ended."""
    if account != work.actor.account:
        work.needs("account.write")
    ended = work.run(
        update(SESSION)
        .where(
            SESSION.c.account == account, SESSION.c.revoked_at.is_(None),
            SESSION.c.account.in_(select(ACCOUNT.c.id).where(ACCOUNT.c.clinic == work.clinic)),
        )
        .values(revoked_at=work.now)
    )  # fmt: skip
    work.note("session.ended", f"account:{account}", sessions=ended)
    return ended


def digest(secret: str) -> str:
    """What is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
