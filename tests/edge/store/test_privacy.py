"""A marked name shows up in no log, no error and no trace; roles may do what the table says."""

import logging
import traceback

import pytest
from sqlalchemy import select, text

from basivert.edge.store import (
    accounts,
    cases,
    facts,
    jobs,
    outcomes,
    people,
    records,
    recovery,
    registry,
)
from basivert.edge.store.tables import PERSON
from basivert.errors import BasivertError, ConflictError, ForbiddenError, StoreError
from tests.edge.store.conftest import MARK
from tests.edge.store.test_dossier import fill


def told(problem):
    """Everything that a handler could print of an error, its causes and facts included."""
    lines = traceback.format_exception(problem, chain=True)
    return "".join(lines) + repr(problem) + repr(getattr(problem, "facts", ""))


def fails(store, actor, call):
    with pytest.raises(BasivertError) as raised, store.writing(actor) as work:
        call(work)
    return raised.value


def twice(work):
    for _ in range(2):
        work.add(PERSON, patient=MARK, name=MARK, sought=MARK, language="en")


def test_errors_and_logs_hold_no_name(store, team, opened, caplog):
    caplog.set_level(logging.DEBUG)
    fill(store, team, *opened)
    taken = fails(store, team.nurse, lambda work: work.add(
        PERSON, patient=opened[0], name=MARK, sought=MARK, language="en"))  # fmt: skip
    unknown = fails(store, team.nurse, twice)
    broken = fails(store, team.nurse, lambda work: work.run(
        text("select nothing from person where name = :name").bindparams(name=MARK)))  # fmt: skip
    stale = fails(store, team.nurse, lambda work: people.change_person(
        work, opened[0], version=9, name=MARK))  # fmt: skip
    kinds = [type(one) for one in (taken, unknown, broken, stale)]
    assert kinds == [ConflictError, ConflictError, StoreError, ConflictError]
    for problem in (taken, unknown, broken, stale):
        # The test's own lines stand in the trace, and name the mark by its variable only.
        assert MARK.lower() not in told(problem).lower()
    assert MARK.lower() not in caplog.text.lower()
    with store.engine.connect() as connection:
        assert MARK in connection.execute(select(PERSON.c.name)).scalar()


CALLS = {
    "person.read": lambda w, p, c: people.people(w),
    "person.write": lambda w, p, c: people.add_patient(w, name="x"),
    "case.read": lambda w, p, c: cases.case(w, c),
    "case.write": lambda w, p, c: cases.open_case(w, p),
    "verdict.write": lambda w, p, c: facts.keep_verdict(
        w, c, answer="unknown", edition="x", document={}),
    "procedure.write": lambda w, p, c: records.keep(w, c, "procedure", {}, version=None),
    "account.read": lambda w, p, c: accounts.accounts(w),
    "clinic.write": lambda w, p, c: accounts.change_clinic(w, version=1, phone="1"),
    "checkin.read": lambda w, p, c: recovery.checkins(w, c),
    "alert.read": lambda w, p, c: recovery.open_alerts(w),
    "outcome.read": lambda w, p, c: outcomes.outcomes(w, c),
    "outcome.write": lambda w, p, c: outcomes.add_event(w, c, kind="x", grade=1, on=None),
    "plan.write": lambda w, p, c: outcomes.link_plan(
        w, c, digest="a", level="L4", side="left", coverage=None, margins_mm={}, document={}),
    "registry.read": lambda w, p, c: registry.scores(w),
    "job.read": lambda w, p, c: jobs.jobs(w),
}  # fmt: skip


@pytest.mark.parametrize("role", ["physician", "nurse", "registry", "admin"])
def test_each_role_may_do_what_the_table_says_and_no_more(store, team, opened, role):
    actor = getattr(team, role)
    allowed = set()
    for deed, call in CALLS.items():
        try:
            with store.writing(actor) as work:
                call(work, *opened)
            allowed.add(deed)
        except ForbiddenError as refused:
            assert refused.facts["deed"] == deed
    assert allowed == {deed for deed in CALLS if role in store.roles.may[deed]}
    assert allowed
