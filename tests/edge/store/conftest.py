"""The same tests on SQLite and on a PostgreSQL that is really started."""

import datetime as dt
import itertools

import pytest

from basivert.edge.store import accounts
from basivert.edge.store.actor import Actor, operator
from basivert.edge.store.engine import open_store
from tests.edge.store.real import postgres

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"
MARK = "Zzqpatient"
_NUMBERS = itertools.count(1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += dt.timedelta(**by)


@pytest.fixture(scope="session")
def server():
    yield from postgres()


def fresh_database(server: str) -> str:
    """A new empty database on the server."""
    import psycopg

    name = f"clinic{next(_NUMBERS)}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clinic.db'}"
    return fresh_database(request.getfixturevalue("server"))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(url, tmp_path, clock):
    opened = open_store(url, photos=tmp_path / "photos", clock=clock)
    yield opened
    opened.close()


class Team:
    """One clinic with one account of every role."""

    def __init__(self, store, name):
        with store.writing(operator()) as work:
            self.clinic = accounts.found_clinic(
                work, name=name, time_zone="America/Chicago", phone="555 0100"
            )
        with store.writing(operator(self.clinic)) as work:
            for role in ("physician", "nurse", "registry", "admin"):
                user, shown = f"{role}@{name}", f"{role.title()} of {name}"
                number = accounts.add_account(work, user=user, name=shown, role=role, password=HASH)
                setattr(self, role, Actor(account=number, role=role, clinic=self.clinic))


@pytest.fixture
def team(store):
    return Team(store, "north")


@pytest.fixture
def other(store, team):
    return Team(store, "south")
