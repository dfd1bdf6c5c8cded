"""Editions of the schema: one way up, no step that loses rows, and no guess about another one."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from basivert.edge.store import engine as engines
from basivert.edge.store import migrate, people
from basivert.edge.store.audit import verify
from basivert.edge.store.engine import EDITIONS, HEAD, address, make_engine, open_store
from basivert.edge.store.tables import METADATA
from basivert.errors import RecordError, StoreError
from tests.edge.store.conftest import Clock, Team
from tests.edge.store.test_dossier import counts, fill


@pytest.fixture
def empty(empty_url):
    engine = make_engine(address(empty_url))
    yield engine
    engine.dispose()


def test_the_editions_named_are_those_of_the_scripts(empty):
    with empty.connect() as connection:
        scripts = ScriptDirectory.from_config(migrate.script_config(connection))
    known = [one.revision for one in scripts.walk_revisions()][::-1]
    assert tuple(known) == EDITIONS
    assert known[-1] == HEAD


def differences(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, METADATA)


def test_each_edition_goes_up_and_down_and_ends_as_the_tables_are_described(empty):
    for revision in EDITIONS:
        migrate.upgrade(empty, revision)
        assert migrate.edition(empty) == revision
    assert differences(empty) == []
    migrate.downgrade(empty, "base")
    with empty.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    migrate.upgrade(empty)
    assert differences(empty) == []


def test_rows_outlive_a_rebuild_of_their_parent_table(store, team, opened):
    """What an edition will do on SQLite: the table is copied, dropped and renamed."""
    fill(store, team, *opened)
    before = counts(store)

    def rebuild(config, command):
        from alembic.operations import Operations

        context = MigrationContext.configure(config.attributes["connection"])
        with Operations(context).batch_alter_table("care_case", recreate="auto") as batch:
            batch.alter_column("stage", nullable=True)

    migrate._migrate(store.engine, rebuild)
    assert counts(store) == before
    with store.engine.connect() as connection:
        assert verify(connection).problems == ()
        if store.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_step_that_fails_leaves_the_edition_before(empty):
    migrate.upgrade(empty)

    def fails(config, command):
        connection = config.attributes["connection"]
        connection.execute(text("alter table clinic add column extra integer"))
        connection.execute(text("drop table job"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        migrate._migrate(empty, fails)
    assert differences(empty) == []


def test_a_new_place_is_set_up_once_even_by_four_at_a_time(empty_url):
    failures = []

    def opens():
        try:
            open_store(empty_url).close()
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=opens) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = open_store(empty_url)
    Team(store, "north")
    store.close()


@pytest.mark.parametrize(
    ("found", "words"), [("9999", "newer than this version"), ("0001", "basivert db upgrade")]
)
def test_another_edition_is_refused(store, url, monkeypatch, found, words):
    if found == "0001":
        monkeypatch.setattr(engines, "HEAD", "0002")
        monkeypatch.setattr(engines, "EDITIONS", ("0001", "0002"))
    with store.engine.begin() as connection:
        connection.execute(text(f"update alembic_version set version_num = '{found}'"))
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_database_of_something_else_is_left_alone(empty, empty_url):
    with empty.begin() as connection:
        connection.execute(text("create table songs (id integer)"))
    with pytest.raises(StoreError, match="something else"):
        open_store(empty_url)
    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == ["songs"]


@pytest.mark.parametrize("wrong", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "http://["])
def test_an_address_that_cannot_be_used_says_how_to_write_one(wrong):
    with pytest.raises(RecordError, match="sqlite:///FILE"):
        address(wrong)


def test_a_server_that_is_down_is_told_without_the_password():
    with pytest.raises(StoreError) as told:
        open_store("postgresql://nurse:secret-word@127.0.0.1:1/clinic?connect_timeout=1")
    assert "secret-word" not in str(told.value)
    assert "127.0.0.1" in str(told.value)
    assert told.value.__suppress_context__


# Tables that came with a later edition than the dump's.
YOUNGER = {
    "0001": {"report", "own_rules", "generator_log"}, "0002": {"own_rules", "generator_log"},
    "0003": set(),
}  # fmt: skip


def test_every_edition_has_its_dump():
    there = {file.stem for file in Path(__file__).parent.glob("edition-*.sql")}
    assert there == {f"edition-{one}" for one in EDITIONS}


@pytest.mark.parametrize("released", EDITIONS)
def test_the_released_dump_goes_up_with_its_rows(tmp_path, released):
    """`edition-NNNN.sql` was written by that edition and is never changed."""
    dump = Path(__file__).with_name(f"edition-{released}.sql").read_text("utf-8")
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(dump)
    connection.close()
    engine = make_engine(address(str(file)))
    assert migrate.edition(engine) == released
    migrate.upgrade(engine)
    engine.dispose()
    store = open_store(str(file), clock=Clock())
    assert differences(store.engine) == []
    found = counts(store)
    assert all(
        count > 0 for name, count in found.items() if name not in YOUNGER[released] | {"attempt"}
    )
    with store.engine.connect() as connection:
        assert verify(connection).problems == ()
        clinic, nurse = connection.execute(text(
            "select clinic, id from account where role = 'nurse'")).one()  # fmt: skip
    with store.reading(people_actor(clinic, nurse)) as work:
        assert [one.name for one in people.people(work)] == ["Made-up Ångström"]
    store.close()


def people_actor(clinic, account):
    from basivert.edge.store.actor import Actor

    return Actor(role="nurse", clinic=clinic, account=account)


def test_times_come_back_in_utc_and_naive_ones_are_refused(store, team, opened):
    import datetime as dt

    from basivert.edge.store.tables import ATTEMPT

    there = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with store.engine.begin() as connection:
        connection.execute(ATTEMPT.insert().values(subject="x", at=there))
        back = connection.execute(select(ATTEMPT.c.at)).scalar()
        with pytest.raises(Exception, match="without time zone"):
            connection.execute(ATTEMPT.insert().values(subject="x", at=there.replace(tzinfo=None)))
    assert (back, back.tzinfo) == (there, dt.UTC)
