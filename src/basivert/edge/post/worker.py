"""The worker that does what is due; several may run, on one machine or more."""

from __future__ import annotations

from collections.abc import Callable

from basivert.care.recovery.escalation import Escalation
from basivert.edge.post.letters import Pages, answered, letter
from basivert.edge.post.reminders import notify
from basivert.edge.post.smtp import Letter
from basivert.edge.store import jobs
from basivert.edge.store.actor import Actor, system
from basivert.edge.store.jobs import Job
from basivert.edge.store.store import Store
from basivert.errors import BasivertError

Send = Callable[[Letter], None]
# Kinds of job that are a mail.
MAILS = ("checkin", "visit", "notice")


def start(store: Store, clinic: int, name: str) -> int:
    """Mark what a worker of this name left when it was interrupted; gives how many jobs."""
    with store.writing(system(clinic)) as work:
        return jobs.mark_interrupted(work, name)


def turn(
    store: Store, clinic: int, name: str, *, send: Send, pages: Pages, rules: Escalation
) -> int:
    """Do everything of one clinic that is due now; gives how many jobs were taken up.

    A mail is sent outside of any transaction: nobody waits for a slow mail server.
    """
    me = system(clinic)
    with store.writing(me) as work:
        jobs.mark_interrupted(work)
        notify(work, rules)
    taken = 0
    while (job := _claimed(store, me, name)) is not None:
        taken += 1
        _do(store, me, job, send, pages)
    return taken


def _claimed(store: Store, me: Actor, name: str) -> Job | None:
    with store.writing(me) as work:
        return jobs.claim(work, name, MAILS)


def _do(store: Store, me: Actor, job: Job, send: Send, pages: Pages) -> None:
    with store.writing(me) as work:
        if answered(work, job):
            jobs.done(work, job)
            return
        written = letter(work, job, pages)
        if written is None:
            jobs.give_up(work, job, "no address")
            return
    try:
        send(written)
    except BasivertError as problem:
        with store.writing(me) as work:
            jobs.failed(work, job, str(problem.facts.get("kind", problem.code)))
        return
    with store.writing(me) as work:
        jobs.done(work, job)
