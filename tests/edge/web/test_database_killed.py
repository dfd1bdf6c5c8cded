"""kill -9 of PostgreSQL under the running application: nothing told is lost, pages come back."""

import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from sqlalchemy import func, select

from basivert.edge.store import accounts
from basivert.edge.store.actor import operator
from basivert.edge.store.audit import verify
from basivert.edge.store.engine import open_store
from basivert.edge.store.tables import AUDIT, PERSON
from tests.edge.store.real import PostgresServer, free_port
from tests.edge.web.conftest import PASSWORD

WRITERS, ROUNDS = 3, 2


class Person:
    """A browser of one person over a real connection."""

    def __init__(self, at):
        self.at = at
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar, Unfollowed())
        self.csrf = ""

    def asked(self, path, given=None):
        """Status and text; a form carries the token of the last page."""
        body = None
        if given is not None:
            body = urllib.parse.urlencode({"csrf": self.csrf, **given}).encode()
        sent = urllib.request.Request(self.at + path, body, {"Origin": self.at})
        try:
            with self.opener.open(sent, timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            status, text = answer.code, answer.read().decode()
        if found := re.search(r'name="csrf" value="([0-9a-f]+)"', text):
            self.csrf = found.group(1)
        return status, text

    def signed_in(self, user):
        self.asked("/sign-in")
        status, _ = self.asked("/sign-in", {"user": user, "password": PASSWORD})
        assert status == 303
        self.asked("/patients")
        return self


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given):
        return None


@pytest.fixture
def database():
    server = PostgresServer(fsync=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def staffed(database, kept_password):
    store = open_store(database.url)
    with store.writing(operator()) as work:
        clinic = accounts.found_clinic(work, name="north", time_zone="UTC", phone="555-1")
    with store.writing(operator(clinic)) as work:
        for role in ("nurse", "physician"):
            accounts.add_account(work, user=role, name=role, role=role, password=kept_password)
    store.close()
    return clinic


@pytest.fixture
def at(database, staffed, tmp_path):
    """The application as it is started, on its own port."""
    port = free_port()
    start = "from basivert.edge.cli.main import run; run()"
    call = [sys.executable, "-c", start, "serve", "--db", database.url, "--port", str(port)]
    with (tmp_path / "said").open("wb") as said:
        pages = subprocess.Popen(
            call, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=dict(os.environ)
        )
        at = f"http://127.0.0.1:{port}"
        try:
            for _ in range(120):
                try:
                    Person(at).asked("/sign-in")
                    break
                except OSError:
                    assert pages.poll() is None, (tmp_path / "said").read_text()
                    threading.Event().wait(0.5)
            yield at
        finally:
            pages.terminate()
            pages.wait(timeout=30)


def writing(person, name, told, ended, enough):
    """Enter patients until the pages say that they cannot; a name is told once it was answered."""
    number = 0
    while not ended.is_set():
        number += 1
        mine = f"{name} {number}"
        status, text = person.asked("/patients", {"name": mine})
        if status != 303:
            told["refused"].append((status, text))
            return
        told["kept"].append(mine)
        if number == 5:
            enough.release()


def test_nothing_told_is_lost_and_the_pages_come_back(database, staffed, at):
    nurses = [Person(at).signed_in("nurse") for _ in range(WRITERS)]
    told = {"kept": [], "refused": []}
    for turn in range(ROUNDS):
        ended, enough = threading.Event(), threading.Semaphore(0)
        threads = [
            threading.Thread(
                target=writing, args=(one, f"Zz{turn} {place}", told, ended, enough), daemon=True
            )
            for place, one in enumerate(nurses)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert enough.acquire(timeout=120)
        database.kill()
        for thread in threads:
            thread.join(timeout=120)
        ended.set()
        # While it is down, every page says so and none hangs or blames itself.
        status, text = nurses[0].asked("/patients")
        assert status == 503 and "The database does not answer" in text
        status, text = nurses[0].asked("/patients", {"name": f"Typed {turn}"})
        assert status == 503 and f"Typed {turn}" in text and nurses[0].csrf
        database.start()
        for one in nurses:
            status, text = one.asked("/patients")
            assert status == 200, text
        # What was typed meanwhile goes through as it stood on that page.
        status, _ = nurses[0].asked("/patients", {"name": f"Typed {turn}"})
        assert status == 303
        told["kept"].append(f"Typed {turn}")
    assert len(told["refused"]) == WRITERS * ROUNDS
    assert {status for status, _ in told["refused"]} == {503}
    assert not any("Traceback" in text or "psycopg" in text for _, text in told["refused"])
    store = open_store(database.url)
    with store.engine.connect() as connection:
        kept = set(connection.execute(select(PERSON.c.name)).scalars())
        noted = connection.execute(
            select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "case.opened")
        ).scalar()
        found = verify(connection)
    store.close()
    assert set(told["kept"]) <= kept and len(told["kept"]) > 5 * WRITERS
    # Of each writer at most the one in flight was kept without having been told.
    assert len(kept) <= len(told["kept"]) + WRITERS * ROUNDS
    assert noted == len(kept) and found.problems == ()


def test_what_is_computed_beside_the_pages_comes_back_too(database, staffed, at):
    physician = Person(at).signed_in("physician")
    physician.asked("/registry")
    assert physician.asked("/registry", {})[0] == 303
    database.kill()
    # The rounds beside the pages meet a dead server at least once.
    threading.Event().wait(3)
    assert physician.asked("/registry")[0] == 503
    database.start()
    for _ in range(60):
        status, text = physician.asked("/registry")
        assert status == 200
        if "No report was computed yet" not in text:
            break
        threading.Event().wait(1)
    assert "Computed " in text, json.dumps(text[:2000])
