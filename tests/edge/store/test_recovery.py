"""Check-ins, alerts that a named person closes, photographs."""

import datetime as dt

import pytest

from basivert.edge.store import accounts, photos, recovery
from basivert.edge.store.actor import patient, system
from basivert.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RecordError,
    StoreError,
)
from tests.edge.store.pictured import grey

JPEG = grey()


@pytest.fixture
def asked(store, team, opened):
    """A patient's check-in that raised an alert: (case, check-in, alert)."""
    pseudonym, case = opened
    with store.writing(patient(team.clinic, pseudonym)) as work:
        number = recovery.add_checkin(
            work, case, day=3, answers={"chills": True}, answer="call_now", edition="2026-11",
            document={"reasons": ["chills"]},
        )  # fmt: skip
        alert = recovery.open_alert(
            work, case, kind="warning_sign", severity="call_now", document={}, checkin=number
        )
    return case, number, alert


def test_a_checkin_of_a_patient_is_kept_with_its_reasons(store, team, asked):
    with store.reading(team.nurse) as work:
        (kept,) = recovery.checkins(work, asked[0])
        (alert,) = recovery.open_alerts(work)
    assert (kept.day, kept.answers, kept.answer) == (3, {"chills": True}, "call_now")
    assert kept.entered_by.startswith("patient:")
    assert (alert.checkin, alert.closed) == (asked[1], False)


def test_a_patient_writes_for_themselves_alone(store, team, asked, opened):
    from basivert.edge.store import cases, people

    with store.writing(team.nurse) as work:
        second = people.add_patient(work, name="Another")
        case = cases.open_case(work, second)
    me = patient(team.clinic, opened[0])
    with pytest.raises(NotFoundError), store.writing(me) as work:
        recovery.add_checkin(
            work, case, day=1, answers={}, answer="incomplete", edition="x", document={}
        )
    with pytest.raises(NotFoundError), store.writing(me) as work:
        photos.add_photo(work, case, JPEG)
    with pytest.raises(ForbiddenError), store.reading(me) as work:
        recovery.checkins(work, asked[0])


def test_an_alert_stays_open_until_a_named_person_says_what_was_done(store, team, other, asked):
    number = asked[2]
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        recovery.close_alert(work, number, version=1, note="  ")
    for nobody in (system(team.clinic), team.registry):
        with pytest.raises(ForbiddenError), store.writing(nobody) as work:
            recovery.close_alert(work, number, version=1, note="x")
    with pytest.raises(NotFoundError), store.writing(other.nurse) as work:
        recovery.close_alert(work, number, version=1, note="x")
    with store.writing(team.nurse) as work:
        recovery.close_alert(work, number, version=1, note="Called, seen today")
    with (
        pytest.raises(ConflictError, match="Nurse of north"),
        store.writing(team.physician) as work,
    ):
        recovery.close_alert(work, number, version=1, note="x")
    with pytest.raises(ConflictError), store.writing(team.physician) as work:
        recovery.close_alert(work, number, version=2, note="x")
    with store.reading(team.physician) as work:
        assert recovery.open_alerts(work) == []
        (closed,) = recovery.alerts(work, asked[0])
        assert closed.closed_by == team.nurse.account
        assert accounts.account(work, team.physician.account).name == "Physician of north"


def test_an_open_alert_escalates_and_a_change_in_between_is_told(store, team, asked, clock):
    with store.writing(system(team.clinic)) as work:
        (alert,) = recovery.open_alerts(work)
        recovery.escalate(work, alert)
    with pytest.raises(ConflictError), store.writing(system(team.clinic)) as work:
        recovery.escalate(work, alert)
    with store.reading(team.nurse) as work:
        (now,) = recovery.open_alerts(work)
    assert (now.escalation, now.escalated_at) == (1, clock.now)


def test_a_photograph_comes_back_whole_and_a_changed_file_is_refused(store, team, asked, opened):
    with store.writing(patient(team.clinic, opened[0])) as work:
        number = photos.add_photo(work, asked[0], JPEG, checkin=asked[1])
    with store.reading(team.nurse) as work:
        found, content = photos.photo(work, number)
        assert [one.id for one in photos.photos(work, asked[0])] == [number]
    assert (content, found.mime, found.bytes) == (JPEG, "image/jpeg", len(JPEG))
    file = photos.path(store.photos, found.file)
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(JPEG[:-1])
    with pytest.raises(StoreError), store.reading(team.nurse) as work:
        photos.photo(work, number)


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"GIF89a", JPEG + bytes(12_000_000)]
)
def test_what_is_no_picture_or_too_large_leaves_nothing(store, team, asked, content):
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        photos.add_photo(work, asked[0], content)
    assert [p for p in store.photos.rglob("*") if p.is_file()] == []


def test_a_photograph_of_a_transaction_that_failed_is_taken_away(store, team, asked, clock):
    with pytest.raises(RuntimeError), store.writing(team.nurse) as work:
        photos.add_photo(work, asked[0], JPEG)
        raise RuntimeError
    assert [p for p in store.photos.rglob("*") if p.is_file()] == []
    with store.writing(team.nurse) as work:
        number = photos.add_photo(work, asked[0], JPEG)
    lost = store.photos / "ab" / "ab12"
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(JPEG)
    clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    with store.writing(system(team.clinic)) as work:
        assert photos.sweep(work, older=dt.timedelta(days=1)) == 1
    assert not lost.exists()
    with store.reading(team.nurse) as work:
        assert photos.photo(work, number)[1] == JPEG


def test_a_lost_answer_to_the_commit_takes_no_photograph_away(store, team, asked, monkeypatch):
    commit = store.engine.dialect.do_commit

    def lost(connection):
        commit(connection)
        raise store.engine.dialect.loaded_dbapi.OperationalError("connection lost")

    with pytest.raises(StoreError), store.writing(team.nurse) as work:
        number = photos.add_photo(work, asked[0], JPEG)
        monkeypatch.setattr(store.engine.dialect, "do_commit", lost)
    monkeypatch.undo()
    with store.reading(team.nurse) as work:
        assert photos.photo(work, number)[1] == JPEG


def test_a_commit_that_was_refused_leaves_a_file_that_the_sweep_finds(
    store, team, asked, clock, monkeypatch
):
    def refused(connection):
        connection.rollback()
        raise store.engine.dialect.loaded_dbapi.OperationalError("refused")

    with pytest.raises(StoreError), store.writing(team.nurse) as work:
        photos.add_photo(work, asked[0], JPEG)
        monkeypatch.setattr(store.engine.dialect, "do_commit", refused)
    monkeypatch.undo()
    assert len([one for one in store.photos.rglob("*") if one.is_file()]) == 1
    clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    with store.writing(system(team.clinic)) as work:
        assert photos.sweep(work, older=dt.timedelta(days=1)) == 1
    assert [one for one in store.photos.rglob("*") if one.is_file()] == []
