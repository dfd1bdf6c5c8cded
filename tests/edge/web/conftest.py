"""Two clinics with everybody who works there, over a real database, and browsers that sign in."""

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from basivert.edge.store import accounts, cases, people
from basivert.edge.store.actor import Actor, operator
from basivert.edge.store.engine import open_store
from basivert.edge.web import passwords
from basivert.edge.web.app import create_app
from basivert.edge.web.settings import Settings

ROLES = ("physician", "nurse", "registry", "admin")
PASSWORD = "four words nobody guesses"
ADDRESS = "http://127.0.0.1"
BEGAN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class Clock:
    """Time stands still until a test lets it pass."""

    def __init__(self):
        self.now = BEGAN

    def __call__(self):
        return self.now

    def passes(self, **time):
        self.now += dt.timedelta(**time)


@dataclass(frozen=True)
class Clinic:
    """Numbers of what was set up: one patient with one case."""

    number: int
    patient: str
    case: int
    physician: Actor


class Browser:
    """One person's browser: takes the token of the last page along, as its forms do."""

    def __init__(self, app):
        self.client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
        self.client.follow_redirects = False

    def get(self, at, **more):
        return self.client.get(at, **more)

    def token(self, at="/"):
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(at).text)
        return found.group(1) if found else ""

    def post(self, at, data=None, *, page="/", **more):
        return self.client.post(at, data={"csrf": self.token(page), **(data or {})}, **more)

    def sign_in(self, user, password=PASSWORD):
        return self.post("/sign-in", {"user": user, "password": password}, page="/sign-in")


@pytest.fixture(scope="session")
def kept_password():
    return passwords.hashed(PASSWORD)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    opened = open_store(str(tmp_path / "clinic.db"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def clinics(store, kept_password):
    return [_clinic(store, name, kept_password) for name in ("north", "south")]


@pytest.fixture
def app(store, clinics):
    return create_app(store, Settings())


@pytest.fixture
def browser(app):
    """Give somebody's browser: `browser("nurse")`, `browser("nurse", "south")`, or a stranger's."""

    def opened(role=None, clinic="north"):
        made = Browser(app)
        if role is not None:
            assert made.sign_in(f"{role}-{clinic}").status_code == 303
        return made

    return opened


def _clinic(store, name, password):
    with store.writing(operator()) as work:
        number = accounts.found_clinic(work, name=name, time_zone="America/Chicago", phone="555-1")
    with store.writing(operator(number)) as work:
        made = {
            role: accounts.add_account(
                work, user=f"{role}-{name}", name=f"{role} of {name}", role=role, password=password
            )
            for role in ROLES
        }
    with store.writing(operator(number)) as work:
        lead = {"lead_physician": made["physician"]}
        accounts.change_clinic(work, version=1, settings=lead)
    who = Actor(role="physician", clinic=number, account=made["physician"])
    with store.writing(who) as work:
        patient = people.add_patient(work, name=f"Zzqpatient {name}")
        case = cases.open_case(work, patient)
    return Clinic(number=number, patient=patient, case=case, physician=who)
