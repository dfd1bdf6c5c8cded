"""The same tests on SQLite and on a PostgreSQL that is really started."""

import datetime as dt
import itertools
import shutil

import pytest

from basivert.edge.store import accounts, cases, people
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


def fresh_database(server: str, template: str = "template1") -> str:
    """A new database on the server, empty or like another one."""
    import psycopg

    name = f"clinic{next(_NUMBERS)}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def made_file(tmp_path_factory):
    """A SQLite file with the newest schema, to copy."""
    file = tmp_path_factory.mktemp("made") / "made.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def made_database(server):
    """A database with the newest schema, to copy."""
    url = fresh_database(server)
    open_store(url).close()
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """Where no database was set up yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clinic.db'}"
    return fresh_database(request.getfixturevalue("server"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A database with the newest schema and no rows."""
    if request.param == "sqlite":
        file = tmp_path / "clinic.db"
        shutil.copy(request.getfixturevalue("made_file"), file)
        return f"sqlite:///{file}"
    made = request.getfixturevalue("made_database")
    return fresh_database(request.getfixturevalue("server"), made)


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


@pytest.fixture
def opened(store, team):
    """A marked patient with an open case: (pseudonym, number of the case)."""
    with store.writing(team.nurse) as work:
        patient = people.add_patient(
            work, name=f"{MARK} Ångström", birth_date=dt.date(1961, 5, 4), phone="555 0199",
            email=f"{MARK.lower()}@example.org",
        )  # fmt: skip
        return patient, cases.open_case(work, patient)


@pytest.fixture
def other_place(url, tmp_path, request):
    """An empty place for a restore, of the same kind as `url`."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'elsewhere' / 'copy.db'}"
    return fresh_database(request.getfixturevalue("server"))
