"""One computation of a registry's report: taken up, told how far it is, kept or failed."""

from __future__ import annotations

from basivert.care.outcomes.report import report
from basivert.edge.registry_of import registry_of
from basivert.edge.store import computing, jobs, reports
from basivert.edge.store.actor import Actor, system
from basivert.edge.store.jobs import Job
from basivert.edge.store.own_outcomes import own_outcome_rules
from basivert.edge.store.store import Store

READING = "reading what was entered"
RULES = "reading the clinic's own rules of outcomes (see Settings)"
# Share of the whole that reading takes.
_READ = 0.4


def turn(store: Store, clinic: int, name: str) -> int:
    """Compute the report of a clinic where it is due; gives how many jobs were taken up.

    Args:
        name: of the worker, the same after a restart.
    """
    me = system(clinic)
    taken = 0
    while (job := _claimed(store, me, name)) is not None:
        taken += 1
        _do(store, me, job)
    return taken


def _claimed(store: Store, me: Actor, name: str) -> Job | None:
    with store.writing(me) as work:
        jobs.mark_interrupted(work)
        return jobs.claim(work, name, (computing.KIND,))


class _Told:
    """Keeps how far a job is where its page finds it."""

    def __init__(self, store: Store, me: Actor, job: Job) -> None:
        self.store, self.me, self.job = store, me, job
        self.since = store.clock().isoformat()
        self.step = READING

    def __call__(self, share: float, step: str) -> None:
        self.step = step
        payload = {"since": self.since, "share": round(share, 3), "step": step}
        with self.store.writing(self.me) as work:
            jobs.told(work, self.job, payload)


def _do(store: Store, me: Actor, job: Job) -> None:
    say = _Told(store, me, job)
    try:
        say(0.0, READING)
        with store.reading(me) as work:
            say.step = RULES
            rules = own_outcome_rules(work)
            say.step = READING
            seq, rows = reports.position(work), registry_of(work)
        made = report(rows, rules, say=lambda share, step: say(_READ + (1 - _READ) * share, step))
    # Whatever it is, the page has to say that there will be no report, and at what it failed.
    except Exception as problem:
        with store.writing(me) as work:
            jobs.failed(work, job, f"{type(problem).__name__} while {say.step}")
        return
    with store.writing(me) as work:
        reports.keep_report(work, computing.KIND, made, seq=seq)
        jobs.done(work, job)
