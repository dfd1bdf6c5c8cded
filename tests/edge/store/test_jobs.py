"""Jobs: done once by one worker, tried again later, marked when a worker is gone."""

import datetime as dt
import threading
from collections import Counter

import pytest

from basivert.edge.store import jobs
from basivert.edge.store.actor import system
from basivert.errors import NotFoundError


@pytest.fixture
def me(team):
    return system(team.clinic)


def plan(store, me, count, clock):
    with store.writing(me) as work:
        for n in range(count):
            jobs.schedule(work, "mail", key=f"mail:{n}", due_at=clock.now)


def claimed(store, me, worker="a"):
    with store.writing(me) as work:
        return jobs.claim(work, worker)


def test_a_job_is_done_when_due_and_once(store, me, clock):
    with store.writing(me) as work:
        later = clock.now + dt.timedelta(hours=1)
        assert jobs.schedule(work, "mail", key="k", due_at=later, payload={"link": 3}, day=2)
        assert not jobs.schedule(work, "mail", key="k", due_at=clock.now)
    assert claimed(store, me) is None
    clock.move(hours=1)
    job = claimed(store, me)
    assert (job.key, job.state, job.attempts, job.payload, job.day) == (
        "k", "running", 1, {"link": 3}, 2,
    )  # fmt: skip
    assert claimed(store, me, "b") is None
    with store.writing(me) as work:
        jobs.done(work, job)
        assert [one.state for one in jobs.jobs(work)] == ["done"]


def test_a_failed_job_comes_back_later_each_time_and_is_given_up(store, me, clock):
    plan(store, me, 1, clock)
    waits = []
    for _ in range(jobs.MOST_ATTEMPTS):
        job = claimed(store, me)
        with store.writing(me) as work:
            again = jobs.failed(work, job, "SMTPServerDisconnected")
            (kept,) = jobs.jobs(work)
        waits.append((kept.due_at - clock.now).total_seconds() / 60 if again else None)
        assert claimed(store, me) is None
        clock.now = max(clock.now, kept.due_at)
    assert waits == [1, 4, 16, 64, 256, None]
    assert kept.state == "failed"
    clock.move(days=30)
    assert claimed(store, me) is None


def test_an_interrupted_job_is_marked_and_done_by_another(store, me, clock):
    plan(store, me, 2, clock)
    lost, mine = claimed(store, me, "a"), claimed(store, me, "b")
    with store.writing(me) as work:
        assert jobs.mark_interrupted(work) == 0
        assert jobs.mark_interrupted(work, "a") == 1
        assert [one.key for one in jobs.jobs(work, state="interrupted")] == [lost.key]
    again = claimed(store, me, "c")
    assert (again.id, again.attempts) == (lost.id, 2)
    with pytest.raises(NotFoundError), store.writing(me) as work:
        jobs.done(work, lost)
    clock.move(minutes=6)
    with store.writing(me) as work:
        assert jobs.mark_interrupted(work) == 2
    with pytest.raises(NotFoundError), store.writing(me) as work:
        jobs.done(work, mine)


def test_jobs_of_a_case_are_cancelled_and_those_of_another_clinic_unseen(
    store, team, other, me, opened, clock
):
    with store.writing(team.nurse) as work:
        jobs.schedule(work, "checkin", key="c", due_at=clock.now, case=opened[1], day=1)
        jobs.schedule(work, "visit", key="v", due_at=clock.now, case=opened[1])
    assert claimed(store, system(other.clinic)) is None
    with pytest.raises(NotFoundError), store.writing(other.nurse) as work:
        jobs.cancel(work, opened[1])
    with store.writing(team.nurse) as work:
        assert jobs.cancel(work, opened[1], kind="checkin") == 1
    assert claimed(store, me).key == "v"
    assert claimed(store, me) is None


def test_four_workers_do_every_job_exactly_once(store, me, clock):
    plan(store, me, 40, clock)
    finished, failures = Counter(), []

    def work_off(worker):
        try:
            while (job := claimed(store, me, worker)) is not None:
                finished[job.key] += 1
                with store.writing(me) as work:
                    jobs.done(work, job)
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work_off, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert finished == {f"mail:{n}": 1 for n in range(40)}
