"""Work that is due later, kept in the database: each job is done by one worker, and not lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite

from basivert.edge.store import cases
from basivert.edge.store.tables import JOB
from basivert.edge.store.work import Query, Work, asked

# How long a worker may be silent before its job counts as interrupted.
LEASE = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 6
_FIRST_WAIT = dt.timedelta(minutes=1)
_OPEN = ("waiting", "interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something due. payload: ids only; key: the same thing is never scheduled twice."""

    id: int
    clinic: int
    case: int | None
    kind: str
    key: str
    day: int | None
    payload: Mapping[str, Any]
    due_at: dt.datetime
    state: str
    attempts: int
    worker: str | None
    failure: str | None
    created_at: dt.datetime
    ended_at: dt.datetime | None


def schedule(
    work: Work, kind: str, *, key: str, due_at: dt.datetime, case: int | None = None,
    day: int | None = None, payload: Mapping[str, Any] | None = None, deed: str = "job.write",
) -> bool:  # fmt: skip
    """Schedule a job; False where one of this key is there, unless it was cancelled.

    Args:
        deed: what the actor must be allowed to do.
    """
    work.needs(deed)
    if case is not None:
        cases.held(work, case)
    values = {
        "clinic": work.clinic, "case": case, "kind": kind, "key": key, "day": day, "attempts": 0,
        "payload": dict(payload or {}), "due_at": due_at, "state": "waiting",
        "created_at": work.now,
    }  # fmt: skip
    again = {"state": "waiting", "due_at": due_at, "attempts": 0, "ended_at": None}
    # In one statement: two workers may schedule the same notice at the same moment.
    insert = {"sqlite": sqlite, "postgresql": postgresql}[work.connection.dialect.name].insert
    statement = (
        insert(JOB).values(**values)
        .on_conflict_do_update(
            index_elements=["key"], set_=again,
            where=(JOB.c.state == "cancelled") & (JOB.c.clinic == work.clinic),
        )
        .returning(JOB.c.id)
    )  # fmt: skip
    number = work.connection.execute(statement).scalar()
    if number is not None:
        work.note("job.scheduled", f"job:{number}", kind=kind, case=case)
    return number is not None


def cancel(
    work: Work, case: int, *, kind: str | None = None, keep: Collection[str] = ()
) -> int:  # fmt: skip
    """Cancel the jobs of a case that have not begun; gives how many.

    Args:
        kind: of this kind alone.
        keep: keys of jobs that stay.
    """
    work.needs("job.write")
    cases.held(work, case)
    mine = (JOB.c.case == case) & JOB.c.key.not_in(keep)
    if kind is not None:
        mine = mine & (JOB.c.kind == kind)
    ended = work.run(
        update(JOB).where(mine, JOB.c.state.in_(_OPEN))
        .values(state="cancelled", ended_at=work.now)
    )  # fmt: skip
    if ended:
        work.note("jobs.cancelled", f"case:{case}", jobs=ended)
    return ended


def claim(work: Work, worker: str, kinds: Collection[str] | None = None) -> Job | None:
    """The next due job of the clinic, now this worker's; None where nothing is due.

    Two workers never get the same: SQLite writes one after the other, PostgreSQL skips rows
    that another one holds.

    Args:
        kinds: of these kinds alone; None for all.
    """
    work.needs("job.write")
    due = (
        _due(work, kinds)
        .order_by(JOB.c.due_at, JOB.c.id).limit(1).with_for_update(skip_locked=True)
    )  # fmt: skip
    found = work.all(Job, due)
    if not found:
        return None
    number = found[0].id
    work.run(
        update(JOB).where(JOB.c.id == number).values(
            state="running", worker=worker, attempts=found[0].attempts + 1,
            lease_until=work.now + LEASE,
        )
    )  # fmt: skip
    work.note("job.claimed", f"job:{number}", worker=worker)
    return work.one(Job, asked(Job, JOB).where(JOB.c.id == number), f"job {number}")


def is_due(work: Work, kinds: Collection[str]) -> bool:
    """Whether `claim` would find a job of these kinds."""
    work.needs("job.read")
    return work.connection.execute(_due(work, kinds).limit(1)).first() is not None


def _due(work: Work, kinds: Collection[str] | None) -> Query:
    query = asked(Job, JOB).where(
        JOB.c.clinic == work.clinic, JOB.c.state.in_(_OPEN), JOB.c.due_at <= work.now
    )
    return query if kinds is None else query.where(JOB.c.kind.in_(kinds))


def told(work: Work, job: Job, payload: Mapping[str, Any]) -> None:
    """Keep how far a job is, and that its worker is not silent."""
    values = {"payload": dict(payload), "lease_until": work.now + LEASE}
    _held(work, job, **values)


def done(work: Work, job: Job) -> None:
    """Note that a job was done."""
    _end(work, job, state="done", ended_at=work.now, failure=None)
    work.note("job.done", f"job:{job.id}")


def failed(work: Work, job: Job, why: str) -> bool:
    """Note that a job failed; it is tried again later, each time later. False: given up.

    Args:
        why: a kind of failure, such as the name of an exception; never what it says.
    """
    again = job.attempts < MOST_ATTEMPTS
    if again:
        wait = _FIRST_WAIT * 4 ** (job.attempts - 1)
        _end(work, job, state="waiting", due_at=work.now + wait, failure=why)
    else:
        _end(work, job, state="failed", ended_at=work.now, failure=why)
    work.note("job.failed", f"job:{job.id}", again=int(again))
    return again


def give_up(work: Work, job: Job, why: str) -> None:
    """Note that a job cannot be done at all, such as a letter to nobody."""
    _end(work, job, state="failed", ended_at=work.now, failure=why)
    work.note("job.failed", f"job:{job.id}", again=0)


def mark_interrupted(work: Work, worker: str | None = None) -> int:
    """Mark running jobs whose worker is silent, or is `worker` started anew; gives how many.

    They are due again: a reminder may be sent twice, but never not at all.
    """
    work.needs("job.write")
    silent = JOB.c.lease_until < work.now
    gone = silent if worker is None else or_(silent, JOB.c.worker == worker)
    marked = work.run(
        update(JOB).where(JOB.c.clinic == work.clinic, JOB.c.state == "running", gone)
        .values(state="interrupted", lease_until=None)
    )  # fmt: skip
    if marked:
        work.note("jobs.interrupted", f"clinic:{work.clinic}", jobs=marked)
    return marked


def jobs(work: Work, *, state: str | None = None, most: int = 200) -> list[Job]:
    """Jobs of the clinic, those due first at the top; noted."""
    work.needs("job.read")
    query = asked(Job, JOB).where(JOB.c.clinic == work.clinic)
    if state is not None:
        query = query.where(JOB.c.state == state)
    found = work.all(Job, query.order_by(JOB.c.due_at, JOB.c.id).limit(most))
    work.note("jobs.listed", f"clinic:{work.clinic}", shown=len(found))
    return found


def _end(work: Work, job: Job, **values: Any) -> None:
    _held(work, job, lease_until=None, **values)


def _held(work: Work, job: Job, **values: Any) -> None:
    work.needs("job.write")
    # A worker that was silent too long has lost its job to another one.
    still = (JOB.c.id == job.id) & (JOB.c.state == "running") & (JOB.c.worker == job.worker)
    if work.run(update(JOB).where(still).values(**values)) != 1:
        work.missing(f"job {job.id} of {job.worker}")
