"""The trail: every deed in it, nothing about a person in it, and no way to mend it."""

import datetime as dt
import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from basivert.edge.store import cases, dossier, people
from basivert.edge.store.audit import Head, verify
from basivert.edge.store.engine import open_store
from basivert.edge.store.tables import AUDIT
from basivert.errors import ForbiddenError
from tests.edge.store.conftest import MARK, Team, fresh_database

OPEN = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["DROP TRIGGER audit_append_only ON audit"],
}


def rows(store):
    with store.engine.connect() as connection:
        return connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).all()


def checked(store, known=None):
    with store.engine.connect() as connection:
        return verify(connection, known)


@pytest.fixture
def filled(store, team):
    with store.writing(team.nurse) as work:
        patient = people.add_patient(
            work, name=MARK, birth_date=dt.date(1950, 1, 1), email=f"{MARK}@x.org"
        )
        case = cases.open_case(work, patient)
    with store.reading(team.physician) as work:
        cases.case(work, case)
        people.person(work, patient)
    return store


def test_changes_and_reads_are_in_the_trail_without_values(filled, team):
    found = [(row.actor, row.action) for row in rows(filled)[-4:]]
    assert found == [
        (team.nurse.reference, "person.added"), (team.nurse.reference, "case.opened"),
        (team.physician.reference, "case.read"), (team.physician.reference, "person.read"),
    ]  # fmt: skip
    whole = repr([(row.actor, row.action, row.object, row.body) for row in rows(filled)])
    assert MARK not in whole
    assert "1950" not in whole
    assert checked(filled).problems == ()


def test_what_was_rolled_back_left_no_row_and_a_refusal_left_one(filled, team):
    before = len(rows(filled))
    with pytest.raises(RuntimeError), filled.writing(team.nurse) as work:
        people.add_patient(work, name="X")
        raise RuntimeError
    assert len(rows(filled)) == before
    with pytest.raises(ForbiddenError), filled.reading(team.registry) as work:
        people.people(work)
    last = rows(filled)[-1]
    assert (last.actor, last.action, last.object) == (
        team.registry.reference, "denied", "person.read",
    )  # fmt: skip


def test_a_deed_whose_row_cannot_be_written_is_not_done(filled, team):
    before = len(rows(filled))
    with pytest.raises(TypeError), filled.writing(team.nurse) as work:
        people.add_patient(work, name="Nobody noted")
        work.note("no.json", "x", number=object())
    assert len(rows(filled)) == before
    with filled.reading(team.nurse) as work:
        assert people.people(work, "nobody") == []


@pytest.mark.parametrize("deed", ["update audit set actor = 'x'", "delete from audit"])
def test_the_database_itself_refuses_changes(filled, deed):
    with pytest.raises(DBAPIError), filled.engine.begin() as connection:
        connection.execute(text(deed))
    assert checked(filled).problems == ()


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("update audit set actor = 'account:99' where seq = 3", "Row 3 was changed"),
        ("update audit set body = '{}' where seq = 2", "Row 2 was changed"),
        ("delete from audit where seq = 4", "Rows 4 to 4 are missing"),
        ("delete from audit where seq < 3", "Rows 1 to 2 are missing"),
    ],
)
def test_tampering_below_the_triggers_is_found(filled, deed, found):
    with filled.engine.begin() as connection:
        for statement in [*OPEN[filled.engine.dialect.name], deed]:
            connection.execute(text(statement))
    assert found in " ".join(checked(filled).problems)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'2001-01-01 00:00:00'"), ("clinic", "99"), ("clinic", "null"),
        ("actor", "'account:99'"), ("action", "'case.opened'"), ("object", "'case:99'"),
        ("body", "'{}'"), ("prev", f"'{'1' * 64}'"), ("hash", f"'{'1' * 64}'"),
    ],
)  # fmt: skip
def test_the_chain_holds_every_column(filled, column, value):
    with filled.engine.begin() as connection:
        for statement in OPEN[filled.engine.dialect.name]:
            connection.execute(text(statement))
        changed = text(f'update audit set "{column}" = {value} where seq = 3')
        assert connection.execute(changed).rowcount == 1
    assert "Row 3" in " ".join(checked(filled).problems)


def test_a_server_with_rights_of_its_own_adds_to_the_trail_and_no_more(server, made_database):
    """What `docs/store.md` grants on PostgreSQL is enough for a clinic, and for nothing else."""
    url = fresh_database(server, made_database)
    owner = create_engine(url)
    rights = (Path(__file__).parents[3] / "docs/store.md").read_text("utf-8")
    granted = re.search(r"```sql\n(.*?)```", rights, re.DOTALL).group(1)
    with owner.begin() as connection:
        for statement in ["create role clinic_server login", *granted.strip().split(";\n")]:
            connection.execute(text(statement))
    store = open_store(str(make_url(url).set(username="clinic_server")))
    team = Team(store, "north")
    with store.writing(team.nurse) as work:
        patient = people.add_patient(work, name="Somebody")
        cases.open_case(work, patient)
    with store.writing(team.admin) as work:
        dossier.delete_person(work, patient)
    for deed in (
        "update audit set actor = 'x'", "delete from audit", "truncate audit",
        "drop trigger audit_append_only on audit",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            with store.engine.begin() as connection:
                connection.execute(text(deed))
    assert checked(store).problems == ()
    store.close()
    owner.dispose()


def test_a_cut_tail_is_found_against_a_noted_head(filled, team):
    noted = checked(filled).head
    with filled.engine.begin() as connection:
        for statement in OPEN[filled.engine.dialect.name]:
            connection.execute(text(statement))
        connection.execute(text(f"delete from audit where seq >= {noted.seq - 1}"))
    assert checked(filled).problems == ()
    assert len(checked(filled, noted).problems) == 1
    with filled.writing(team.nurse) as work:
        for name in "abc":
            people.add_patient(work, name=name)
    assert len(checked(filled, noted).problems) == 1
    assert checked(filled, Head(seq=0, hash="")).problems == ()


def test_four_threads_write_one_chain_and_lose_nothing(filled, team):
    before, failures = len(rows(filled)), []

    def fill(number):
        try:
            for n in range(25):
                with filled.writing(team.nurse) as work:
                    people.add_patient(work, name=f"t{number} {n}")
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=fill, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(rows(filled)) == before + 100
    assert checked(filled).problems == ()
    with filled.reading(team.nurse) as work:
        assert len(people.people(work, "t", most=1000)) == 101
