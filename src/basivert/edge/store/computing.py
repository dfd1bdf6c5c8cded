"""The computing of a clinic's registry report: asked for, under way, failed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select, update

from basivert.edge.store import jobs
from basivert.edge.store.jobs import Job
from basivert.edge.store.tables import JOB
from basivert.edge.store.work import Work, asked

KIND = "registry"
_OPEN = ("waiting", "interrupted", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """The newest computation, as a page tells it.

    state: of the job.  since: when it was asked for, or begun once it runs.
    share, step: how much is done, 0-1, and what is being computed.
    why: the kind of failure of the last try; again_at: when it is tried again.
    """

    state: str
    since: dt.datetime
    share: float
    step: str
    why: str | None
    again_at: dt.datetime | None

    @property
    def open(self) -> bool:
        """Whether a report is still to come of it."""
        return self.state in _OPEN


def order(work: Work) -> bool:
    """Ask for a new report; False where one is asked for already, which is then tried at once."""
    work.needs("registry.compute")
    mine = (JOB.c.clinic == work.clinic) & (JOB.c.kind == KIND)
    if work.connection.execute(select(JOB.c.id).where(mine, JOB.c.state.in_(_OPEN))).first():
        waiting = mine & (JOB.c.state == "waiting") & (JOB.c.due_at > work.now)
        work.run(update(JOB).where(waiting).values(due_at=work.now))
        return False
    # Numbered in a row, so that two who ask at the same moment ask for one.
    count = work.connection.execute(select(func.count()).select_from(JOB).where(mine)).scalar()
    return jobs.schedule(
        work, KIND, key=f"{KIND}:{work.clinic}:{count}", due_at=work.now, deed="registry.compute"
    )


def last(work: Work) -> Computing | None:
    """The newest computation; None where none was asked for."""
    job = newest(work)
    if job is None:
        return None
    told = job.payload
    again = job.due_at if job.failure and job.state == "waiting" else None
    begun = told.get("since") if job.state == "running" else None
    return Computing(
        state=job.state, since=dt.datetime.fromisoformat(begun) if begun else job.created_at,
        share=float(told.get("share", 0.0)), step=str(told.get("step", "")),
        why=job.failure, again_at=again,
    )  # fmt: skip


def newest(work: Work) -> Job | None:
    """The job of the newest computation."""
    work.needs("registry.read")
    query = asked(Job, JOB).where(JOB.c.clinic == work.clinic, JOB.c.kind == KIND)
    found = work.all(Job, query.order_by(JOB.c.id.desc()).limit(1))
    return found[0] if found else None
