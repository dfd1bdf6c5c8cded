"""How often something was tried: counted in the database, so that all processes count together."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select

from basivert.edge.store.sessions import digest
from basivert.edge.store.tables import ATTEMPT
from basivert.edge.store.work import Work


def tried(work: Work, subject: str, *, most: int, within: dt.timedelta) -> bool:
    """Count one try, and say whether it is still allowed.

    Args:
        subject: what is counted, such as `sign-in:USER` or `link:ADDRESS`; only its hash is kept.
        most: allowed tries in the moving window `within`.
    """
    kept = digest(subject)
    work.run(delete(ATTEMPT).where(ATTEMPT.c.subject == kept, ATTEMPT.c.at <= work.now - within))
    count = select(func.count()).select_from(ATTEMPT).where(ATTEMPT.c.subject == kept)
    if (work.connection.execute(count).scalar() or 0) >= most:
        return False
    work.add(ATTEMPT, subject=kept, at=work.now)
    return True


def forgive(work: Work, subject: str) -> None:
    """Forget the tries of a subject, after the right password."""
    work.run(delete(ATTEMPT).where(ATTEMPT.c.subject == digest(subject)))


def forget(work: Work, *, older: dt.timedelta) -> None:
    """Forget tries of anyone that are older, for the daily clean-up."""
    work.run(delete(ATTEMPT).where(ATTEMPT.c.at <= work.now - older))
