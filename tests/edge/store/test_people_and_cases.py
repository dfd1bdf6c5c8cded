"""Persons, cases and facts: kept, scoped to a clinic, locked, and remembered."""

import datetime as dt

import pytest

from basivert.care.facts import Fact
from basivert.edge.store import accounts, cases, facts, people
from basivert.errors import ConflictError, ForbiddenError, NotFoundError, RecordError
from tests.edge.store.conftest import MARK


def fact(name, value, **more):
    return Fact(name=name, value=value, origin=more.pop("origin", "entered"), **more)


def test_a_person_comes_back_as_entered_and_is_found_without_accents(store, team, opened):
    with store.reading(team.physician) as work:
        found = people.person(work, opened[0])
        assert (found.name, found.birth_date) == (f"{MARK} Ångström", dt.date(1961, 5, 4))
        assert [one.patient for one in people.people(work, "ANG zzq")] == [opened[0]]
        assert people.people(work, "ang_") == []


def test_pages_of_people_hold_everyone_once(store, team):
    with store.writing(team.nurse) as work:
        every = {people.add_patient(work, name=f"Same Name {n % 3}") for n in range(11)}
    seen, after = [], ""
    with store.reading(team.nurse) as work:
        while page := people.people(work, "name", after=after, most=4):
            seen += [one.patient for one in page]
            after = seen[-1]
    assert len(seen) == 11
    assert set(seen) == every


def test_nothing_of_another_clinic_is_given(store, opened, other):
    patient, case = opened
    for call in (
        lambda work: people.person(work, patient),
        lambda work: cases.case(work, case),
        lambda work: cases.open_case(work, patient),
        lambda work: cases.move(work, case, version=1, stage="closed"),
        lambda work: facts.enter(work, case, {}, version=1),
        lambda work: facts.facts(work, case),
        lambda work: facts.verdicts(work, case),
        lambda work: people.change_person(work, patient, version=1, phone="1"),
    ):
        with pytest.raises(NotFoundError), store.writing(other.physician) as work:
            call(work)
    with store.reading(other.physician) as work:
        assert people.people(work) == []
        assert cases.case_list(work) == []
        assert cases.cases_of(work, patient) == []


def test_the_second_of_two_nurses_is_told_who_and_when(store, team, opened, clock):
    with store.reading(team.nurse) as work:
        shown = cases.case(work, opened[1])
    clock.move(minutes=5)
    with store.writing(team.physician) as work:
        facts.enter(work, shown.id, {"nrs": fact("nrs", 7)}, version=shown.version)
    with pytest.raises(ConflictError) as told, store.writing(team.nurse) as work:
        facts.enter(work, shown.id, {"nrs": fact("nrs", 3)}, version=shown.version)
    assert told.value.facts["changed_by"] == "Physician of north"
    assert "2026-11-02T08:05:00+00:00" in told.value.what
    with store.reading(team.nurse) as work:
        assert facts.facts(work, shown.id)["nrs"].value == 7


def test_facts_keep_type_origin_unknown_and_history(store, team, opened, clock):
    _, case = opened
    first = {
        "modic": fact("modic", {"L4/L5": 1}, origin="MRI report", on=dt.date(2026, 10, 1)),
        "levels": fact("levels", ("L4", "L5")),
        "pregnant": fact("pregnant", value=False),
        "nrs": fact("nrs", 7.5),
    }
    with store.writing(team.nurse) as work:
        version = facts.enter(work, case, first, version=1, unknown=["odi"])
    clock.move(days=1)
    with store.writing(team.physician) as work:
        again = first | {"nrs": fact("nrs", 6), "odi": fact("odi", 44)}
        facts.enter(work, case, again, version=version)
    with store.reading(team.nurse) as work:
        now = facts.facts(work, case)
        assert now == again
        assert now["pregnant"].value is False
        odi = facts.history(work, case, "odi")
        assert [(row.known, row.value) for row in odi] == [(False, None), (True, 44)]
        assert odi[0].replaced_at == odi[1].entered_at == clock.now
        assert len(facts.history(work, case, "modic")) == 1


def test_a_verdict_keeps_its_derivation(store, team, opened):
    reasons = {"reasons": [{"rule": "pain", "facts": ["pain_months"]}], "missing": ["modic"]}
    with store.writing(team.physician) as work:
        facts.keep_verdict(work, opened[1], answer="unknown", edition="x", document=reasons)
    with store.reading(team.nurse) as work:
        (kept,) = facts.verdicts(work, opened[1])
    assert (kept.answer, kept.document) == ("unknown", reasons)
    with pytest.raises(ForbiddenError), store.writing(team.nurse) as work:
        facts.keep_verdict(work, opened[1], answer="candidate", edition="x", document={})


def test_a_case_moves_through_its_stages(store, team, opened, clock):
    _, case = opened
    at = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=-6)))
    with store.writing(team.nurse) as work:
        version = cases.set_procedure(work, case, version=1, at=at)
        cases.move(work, case, version=version, stage="closed")
    with store.reading(team.nurse) as work:
        found = cases.case(work, case)
        listed = cases.case_list(work, stage="closed")
    assert (found.procedure_at, found.closed_at, found.version) == (at, clock.now, 3)
    assert found.procedure_at.tzinfo == dt.UTC
    assert [(one.id, one.name) for one in listed] == [(case, f"{MARK} Ångström")]
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        cases.move(work, case, version=3, stage="healed")


def test_accounts_are_unique_hashed_and_not_their_own_judge(store, team, other):
    with store.reading(team.admin) as work:
        assert len(accounts.accounts(work)) == 4
    for wrong in (
        dict(user="NURSE@south ", password="$argon2id$x", role="nurse"),
        dict(user="new", password="secret", role="nurse"),
        dict(user="new", password="$argon2id$x", role="patient"),
    ):
        with pytest.raises(RecordError), store.writing(team.admin) as work:
            accounts.add_account(work, name="N", **wrong)
    with pytest.raises(RecordError), store.writing(team.admin) as work:
        accounts.change_account(work, team.admin.account, version=1, role="physician")
    with pytest.raises(NotFoundError), store.writing(team.admin) as work:
        accounts.change_account(work, other.nurse.account, version=1, disabled=True)
    with pytest.raises(ForbiddenError), store.writing(team.nurse) as work:
        accounts.set_password(work, team.physician.account, version=1, password="$argon2id$x")
