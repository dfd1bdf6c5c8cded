"""Sessions that end, links of one patient, and tries that are counted."""

import datetime as dt
import hashlib

import pytest
from sqlalchemy import select

from basivert.edge.store import accounts, limits, links, people, sessions
from basivert.edge.store.actor import VISITOR
from basivert.edge.store.tables import ATTEMPT, PATIENT_LINK, SESSION
from basivert.errors import ForbiddenError, NotFoundError, RecordError

TIMES = {"idle": dt.timedelta(minutes=20), "longest": dt.timedelta(hours=10)}


@pytest.fixture
def signed_in(store, team):
    with store.writing(VISITOR) as work:
        account, kept = accounts.password_of(work, " Nurse@NORTH")
        assert kept.startswith("$argon2id$")
        return sessions.open_session(work, account)


def of(store, secret):
    with store.reading(VISITOR) as work:
        return sessions.session_of(work, secret, **TIMES)


def test_a_session_knows_its_account_and_only_hashes_are_kept(store, team, signed_in):
    assert of(store, signed_in).account.actor == team.nurse
    assert of(store, signed_in + "x") is None
    with store.engine.connect() as connection:
        row = connection.execute(select(SESSION)).one()
    assert row.digest == hashlib.sha256(signed_in.encode()).hexdigest()
    assert signed_in not in repr(row)


def test_a_session_ends_by_silence_and_by_age(store, clock, signed_in):
    for _ in range(31):
        clock.move(minutes=19)
        found = of(store, signed_in)
        assert found.stale
        with store.writing(found.account.actor) as work:
            sessions.seen(work, found.id)
        assert not of(store, signed_in).stale
    clock.move(minutes=12)
    assert of(store, signed_in) is None


def test_a_silent_session_ends(store, clock, signed_in):
    clock.move(minutes=20)
    assert of(store, signed_in) is None


def test_sessions_end_by_sign_out_by_another_role_and_by_disabling(store, team, clock, signed_in):
    clock.move(minutes=1)
    with store.writing(team.admin) as work:
        accounts.change_account(work, team.nurse.account, version=1, role="registry")
    assert of(store, signed_in) is None
    with store.writing(VISITOR) as work:
        account, _ = accounts.password_of(work, "nurse@north")
        again = sessions.open_session(work, account)
        third = sessions.open_session(work, account)
    found = of(store, again)
    with store.writing(found.account.actor) as work:
        sessions.end_session(work, found)
    assert of(store, again) is None
    assert of(store, third) is not None
    with store.writing(team.admin) as work:
        assert sessions.end_sessions_of(work, team.nurse.account) == 2
    assert of(store, third) is None
    with store.writing(team.admin) as work:
        accounts.change_account(work, team.nurse.account, version=2, disabled=True)
    with pytest.raises(ForbiddenError), store.writing(VISITOR) as work:
        account, _ = accounts.password_of(work, "nurse@north")
        sessions.open_session(work, account)


@pytest.fixture
def link(store, team, opened):
    with store.writing(team.nurse) as work:
        return links.add_link(work, opened[0], purpose="checkin", lasts=dt.timedelta(days=3))


def follow(store, secret, year):
    with store.writing(VISITOR) as work:
        return links.follow_link(work, secret, year)


def patient_of(store, cookie):
    with store.reading(VISITOR) as work:
        return links.patient_session(work, cookie, **TIMES)


def test_a_link_lets_in_its_one_patient_with_the_birth_year(store, team, opened, link):
    cookie = follow(store, link, 1961)
    actor = patient_of(store, cookie).actor
    assert (actor.role, actor.clinic, actor.patient) == ("patient", team.clinic, opened[0])
    assert of(store, cookie) is None
    with pytest.raises(ForbiddenError), store.reading(actor) as work:
        people.person(work, opened[0])
    with store.engine.connect() as connection:
        assert link not in repr(connection.execute(select(PATIENT_LINK)).all())


def test_a_link_ends_by_time_by_hand_and_by_guessing(store, team, opened, link, clock):
    assert follow(store, link + "x", 1961) is None
    assert follow(store, link, 1960) is None
    cookie = follow(store, link, 1961)
    with store.writing(team.physician) as work:
        assert links.end_links(work, opened[0]) == 1
    assert patient_of(store, cookie) is None
    with store.writing(team.nurse) as work:
        second = links.add_link(work, opened[0], purpose="checkin", lasts=dt.timedelta(days=3))
    for year in (1950, 1951, 1952):
        assert follow(store, second, year) is None
    assert follow(store, second, 1961) is None
    with store.writing(team.nurse) as work:
        third = links.add_link(work, opened[0], purpose="checkin", lasts=dt.timedelta(days=3))
    clock.move(days=3)
    assert follow(store, third, 1961) is None


def test_a_visit_ends_with_its_link_by_silence_and_by_age(store, team, opened, clock):
    def visit(**lasts):
        with store.writing(team.nurse) as work:
            secret = links.add_link(work, opened[0], purpose="x", lasts=dt.timedelta(**lasts))
        return follow(store, secret, 1961)

    short = visit(minutes=10)
    clock.move(minutes=9)
    assert patient_of(store, short) is not None
    clock.move(minutes=1)
    assert patient_of(store, short) is None
    silent = visit(days=3)
    clock.move(minutes=20)
    assert patient_of(store, silent) is None
    busy = visit(days=3)
    for minutes in (19,) * 31 + (10,):
        clock.move(minutes=minutes)
        with store.writing(VISITOR) as work:
            sessions.seen(work, links.patient_session(work, busy, **TIMES).id)
    clock.move(minutes=1)
    assert patient_of(store, busy) is None


def test_a_link_needs_a_birth_year_and_ones_own_patient(store, team, other, opened):
    with store.writing(team.nurse) as work:
        nobody = people.add_patient(work, name="No birthday")
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        links.add_link(work, nobody, purpose="checkin", lasts=dt.timedelta(days=3))
    for call in (
        lambda work: links.add_link(work, opened[0], purpose="x", lasts=dt.timedelta(days=3)),
        lambda work: links.end_links(work, opened[0]),
    ):
        with pytest.raises(NotFoundError), store.writing(other.nurse) as work:
            call(work)


def test_tries_are_counted_in_a_moving_window(store, clock):
    rule = {"most": 5, "within": dt.timedelta(minutes=1)}

    def one(subject="sign-in:nurse"):
        with store.writing(VISITOR) as work:
            return limits.tried(work, subject, **rule)

    assert [one() for _ in range(6)] == [True] * 5 + [False]
    assert one("sign-in:other")
    clock.move(seconds=61)
    assert one()
    with store.writing(VISITOR) as work:
        limits.forgive(work, "sign-in:nurse")
        limits.forget(work, older=dt.timedelta(minutes=1))
    with store.engine.connect() as connection:
        assert connection.execute(select(ATTEMPT)).all() == []
