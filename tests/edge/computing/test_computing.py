"""A report is computed beside the pages: asked for once, resumed, and a failure says why."""

import datetime as dt
import threading

import pytest

from basivert.edge.computing import rounds as beside
from basivert.edge.computing import turn as one_turn
from basivert.edge.computing.nightly import last_night, order_nightly
from basivert.edge.computing.turn import turn
from basivert.edge.post import worker
from basivert.edge.store import cases, computing, jobs, outcomes, reports
from basivert.edge.store.actor import system
from basivert.errors import ForbiddenError


@pytest.fixture
def treated(store, team, opened, clock):
    """One patient, treated today, pain 7."""
    _, number = opened
    with store.writing(team.physician) as work:
        case = cases.case(work, number)
        cases.set_procedure(work, number, version=case.version, at=clock.now)
        outcomes.enter_outcome(
            work, number, instrument="nrs", visit="baseline", on=clock.now.date(), score=7.0
        )
    return number


def order(store, who):
    with store.writing(who) as work:
        return computing.order(work)


def last(store, who):
    with store.reading(who) as work:
        return computing.last(work)


def report(store, who):
    with store.reading(who) as work:
        return reports.report(work, computing.KIND)


def test_it_is_asked_for_once_and_computed_once(store, team, treated):
    assert order(store, team.registry) and not order(store, team.physician)
    assert last(store, team.registry).state == "waiting"
    assert report(store, team.registry) is None
    assert turn(store, team.clinic, "w") == 1
    assert turn(store, team.clinic, "w") == 0
    assert report(store, team.registry).document["patients"] == 1
    assert last(store, team.registry).state == "done"
    assert order(store, team.registry)


def test_a_nurse_may_not_ask_for_it(store, team):
    with pytest.raises(ForbiddenError):
        order(store, team.nurse)


def test_another_clinic_computes_its_own_alone(store, team, other, treated):
    order(store, team.registry)
    assert turn(store, other.clinic, "w") == 0
    assert last(store, other.registry) is None


def test_how_far_it_is_can_be_seen_meanwhile(store, team, treated, clock, monkeypatch):
    seen = []

    def looked(rows, rules, say):
        say(0.5, "harm")
        clock.move(minutes=4)
        seen.append(last(store, team.registry))
        say(0.9, "subgroups")
        clock.move(minutes=4)
        # Whoever tells how far it is was not silent, however long all of it takes.
        with store.writing(system(team.clinic)) as work:
            seen.append(jobs.mark_interrupted(work))
        return {"patients": 1}

    monkeypatch.setattr(one_turn, "report", looked)
    began = clock.now
    order(store, team.registry)
    turn(store, team.clinic, "w")
    assert (seen[0].state, seen[0].step, seen[0].since) == ("running", "harm", began)
    assert 0.5 < seen[0].share < 1 and seen[0].open and seen[1] == 0
    assert last(store, team.registry).state == "done"


def test_a_failure_says_why_and_is_tried_again_or_at_once_when_asked(
    store, team, treated, clock, monkeypatch
):
    def broken(rows, rules, say):
        say(0.5, "harm")
        raise MemoryError("Zzqpatient")

    with monkeypatch.context() as patched:
        patched.setattr(one_turn, "report", broken)
        order(store, team.registry)
        turn(store, team.clinic, "w")
    found = last(store, team.registry)
    assert (found.state, found.why) == ("waiting", "MemoryError while harm")
    assert found.again_at == clock.now + dt.timedelta(minutes=1)
    assert turn(store, team.clinic, "w") == 0
    assert not order(store, team.registry)
    assert turn(store, team.clinic, "w") == 1
    assert last(store, team.registry).state == "done"


def test_a_killed_process_and_a_restart_lose_nothing(store, team, treated, monkeypatch):
    order(store, team.registry)
    rounds = beside.Rounds(store=store, name="w")

    def killed(self, clinic, ended):
        with store.writing(system(clinic)) as work:
            jobs.claim(work, "w", (computing.KIND,))
        return -9

    monkeypatch.setattr(beside.Rounds, "_run", killed)
    rounds.once(team.clinic, threading.Event(), nightly=False)
    assert last(store, team.registry).why == "its process ended (-9) while beginning"
    order(store, team.registry)
    with store.writing(system(team.clinic)) as work:
        jobs.claim(work, "w", (computing.KIND,))
    assert turn(store, team.clinic, "w") == 0
    ended = threading.Event()
    monkeypatch.setattr(
        beside.Rounds,
        "_run",
        lambda self, clinic, ended: ended.set() or turn(store, clinic, "w") - 1,
    )
    rounds.until(ended)
    assert last(store, team.registry).state == "done"


def test_it_is_computed_by_a_process_of_its_own(store, team, treated):
    order(store, team.registry)
    beside.Rounds(store=store, name="w").once(team.clinic, threading.Event(), nightly=False)
    assert last(store, team.registry).state == "done"
    assert report(store, team.registry).document["patients"] == 1


def test_the_worker_that_sends_mails_leaves_it_alone(store, team, treated):
    order(store, team.registry)
    assert worker._claimed(store, system(team.clinic), "mails") is None


def nightly(store, team):
    with store.writing(system(team.clinic)) as work:
        return order_nightly(work)


def test_every_night_once_and_only_where_anybody_was_treated(store, team, other, treated, clock):
    assert nightly(store, team) and not nightly(store, other)
    assert not nightly(store, team)
    turn(store, team.clinic, "w")
    assert not nightly(store, team)
    clock.move(hours=24)
    assert nightly(store, team) and not nightly(store, team)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-02T08:00+00:00", "2026-11-02T08:00+00:00"),
        ("2026-11-02T07:59+00:00", "2026-11-01T08:00+00:00"),
        # A clock that stood at 1 o'clock twice that night.
        ("2026-11-01T12:00+00:00", "2026-11-01T08:00+00:00"),
    ],
)
def test_the_night_is_the_clinics(now, night):
    from zoneinfo import ZoneInfo

    found = last_night(dt.datetime.fromisoformat(now), ZoneInfo("America/Chicago"))
    assert found == dt.datetime.fromisoformat(night)
