"""Every deed and every read of a person leaves its row in the trail, under who did it."""

import datetime as dt

import pytest
from sqlalchemy import select

from basivert.edge.store import (
    accounts,
    cases,
    dossier,
    facts,
    jobs,
    links,
    outcomes,
    own,
    people,
    photos,
    records,
    recovery,
    registry,
    sessions,
)
from basivert.edge.store.actor import VISITOR, patient, system
from basivert.edge.store.tables import AUDIT
from basivert.errors import NotFoundError
from tests.edge.store.conftest import HASH
from tests.edge.store.test_dossier import fill

LASTS = dt.timedelta(days=1)


def trail(store):
    with store.engine.connect() as connection:
        query = select(AUDIT.c.actor, AUDIT.c.action).order_by(AUDIT.c.seq)
        return [tuple(row) for row in connection.execute(query)]


def deeds(store, actor, call):
    """What the trail holds of one call: actions of the actor, in order."""
    before = len(trail(store))
    with store.writing(actor) as work:
        call(work)
    new = trail(store)[before:]
    assert {who for who, _ in new} <= {actor.reference}
    return [action for _, action in new]


def test_what_changes_or_shows_a_person_is_in_the_trail(store, team, opened):
    who, case = opened
    fill(store, team, who, case)
    physician = [
        ("case.moved", lambda w: cases.move(w, case, version=2, stage="aftercare")),
        ("case.changed", lambda w: cases.set_procedure(w, case, version=3, at=w.now)),
        ("cases.listed", lambda w: cases.case_list(w)),
        ("facts.read", lambda w: facts.facts(w, case)),
        ("record.signed", lambda w: records.sign(w, case, "procedure", version=1)),
        ("record.reopened", lambda w: records.reopen(w, case, "procedure", version=2)),
        ("record.read", lambda w: records.record(w, case, "procedure")),
        ("checklist.changed", lambda w: records.change_item(w, 1, version=1, state="done")),
        ("event.changed", lambda w: outcomes.change_event(w, 1, version=1, grade=2)),
        ("plan.treated", lambda w: outcomes.set_treated(w, 1, version=1, coverage=0.9)),
        ("plan.heated", lambda w: outcomes.set_planned(w, 1, version=2, coverage=0.9)),
        ("plan.withdrawn", lambda w: outcomes.withdraw_plan(w, 1, version=3, reason="r")),
        ("outcomes.read", lambda w: outcomes.outcomes(w, case)),
        ("checkins.read", lambda w: recovery.checkins(w, case)),
        ("photo.read", lambda w: photos.photo(w, 1)),
        ("people.listed", lambda w: people.people(w)),
        ("person.changed", lambda w: people.change_person(w, who, version=1, phone="1")),
        ("link.ended", lambda w: links.end_links(w, who)),
        ("registry.read", lambda w: registry.scores(w)),
        ("person.exported", lambda w: dossier.dossier(w, who)),
    ]
    for action, call in physician:
        assert deeds(store, team.physician, call) == [action], action


def test_what_anybody_enters_is_in_the_trail_in_order(store, team, opened):
    before = len(trail(store))
    fill(store, team, *opened)
    assert [action for _, action in trail(store)[before:]] == [
        "facts.entered", "verdict.kept", "record.kept", "checklist.laid_out", "plan.linked",
        "outcome.entered", "event.added", "link.added", "log.added", "job.scheduled",
        "checkin.added", "photo.added", "alert.opened", "alert.closed",
    ]  # fmt: skip


def test_accounts_sessions_and_a_deletion_are_in_the_trail(store, team, opened):
    nurse = team.nurse.account
    admin = [
        ("clinic.changed", lambda w: accounts.change_clinic(w, version=1, phone="2")),
        ("account.changed", lambda w: accounts.set_password(w, nurse, version=1, password=HASH)),
        ("account.changed", lambda w: accounts.change_account(w, nurse, version=2, name="N")),
        ("session.opened", lambda w: sessions.open_session(w, accounts.account(w, nurse))),
        ("session.ended", lambda w: sessions.end_sessions_of(w, nurse)),
        ("person.deleted", lambda w: dossier.delete_person(w, opened[0])),
    ]
    for action, call in admin:
        assert deeds(store, team.admin, call) == [action], action


def test_a_patient_sees_nothing_of_another_one_in_the_same_clinic(store, team, opened):
    with store.writing(team.nurse) as work:
        second = people.add_patient(work, name="Another")
        theirs = cases.open_case(work, second)
        records.keep(work, theirs, "preparation", {"medicines": ["warfarin"]}, version=None)
        records.lay_out(work, theirs, "preparation", [{"code": "a", "wording": "a"}])
        (item,) = records.checklist(work, theirs, "preparation")
        records.change_item(work, item.id, version=1, state="done")
        recovery.add_checkin(
            work, theirs, day=1, answers={}, answer="all_right", edition="x", document={}
        )
    with store.reading(patient(team.clinic, opened[0])) as work:
        assert own.own_checkins(work, theirs) == []
        found = own.own_preparation(work, theirs)
        assert (found.document, found.items) == (None, {})
    with store.reading(patient(team.clinic, second)) as work:
        assert len(own.own_checkins(work, theirs)) == 1
        found = own.own_preparation(work, theirs)
        assert found.document == {"medicines": ["warfarin"]}
        assert set(found.items) == {"a"}


def test_an_administrator_reaches_no_account_of_another_clinic(store, team, other):
    with store.writing(VISITOR) as work:
        account, _ = accounts.password_of(work, "nurse@north")
        cookie = sessions.open_session(work, account)
    nurse = team.nurse.account
    for call in (
        lambda work: accounts.account(work, nurse),
        lambda work: accounts.set_password(work, nurse, version=1, password=HASH),
        lambda work: accounts.change_account(work, nurse, version=1, name="N"),
    ):
        with pytest.raises(NotFoundError), store.writing(other.admin) as work:
            call(work)
    with store.writing(other.admin) as work:
        assert sessions.end_sessions_of(work, nurse) == 0
    with store.reading(VISITOR) as work:
        assert accounts.password_of(work, "nurse@north")[1] == HASH
        times = {"idle": LASTS, "longest": LASTS}
        assert sessions.session_of(work, cookie, **times).account.id == nurse


def test_the_scheduler_notes_what_it_took_up(store, team, opened):
    fill(store, team, *opened)
    done = deeds(store, system(team.clinic), lambda w: jobs.done(w, jobs.claim(w, "one")))
    assert done == ["job.claimed", "job.done"]
