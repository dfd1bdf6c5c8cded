"""Pages under load: one process, a clinic of many patients. p50 and p95 of each page.

`python -m benchmarks web [--patients N] [--database URL] [--requests N] [--json] [--save]`; without
a database a SQLite file is made for the run. The rows are made up.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import socket
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn

from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.registry_of import registry_of
from basivert.edge.store import accounts, reports, sessions
from basivert.edge.store.actor import Actor, operator
from basivert.edge.store.engine import open_store
from basivert.edge.store.store import Store
from basivert.edge.store.tables import CARE_CASE, FACT, OUTCOME, PATIENT, PERSON
from basivert.edge.web.app import create_app
from basivert.edge.web.settings import Settings

from . import tables
from .figures import figure

START = dt.datetime(2020, 1, 6, 15, tzinfo=dt.UTC)
AT_ONCE = 10_000
SEEN = {"baseline": 0, "w6": 42, "m3": 91, "m6": 183, "m12": 365}
REGISTRY_BOUND_MS = 300.0
TOGETHER = 8


def main(arguments: list[str]) -> int:
    """Fill, serve, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks web", description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(given.database or str(Path(folder) / "clinic.db"))
        figures = measured(store, given.patients, given.requests)
        kind = store.engine.dialect.name
        store.close()
    result = tables.result(f"web_{kind}_{given.patients}", figures, seed=1, count=given.patients)
    if given.save:
        tables.stored(result)
    tables.told(result, as_json=given.json)
    return 0


def measured(store: Store, patients: int, requests: int) -> list[dict[str, Any]]:
    """Figures of every page at this size."""
    who, cookie = staff(store)
    began = time.perf_counter()
    fill(store, who, patients)
    rows = [figure("filling the database", time.perf_counter() - began, "s")]
    began, busy = time.perf_counter(), time.process_time()
    with store.reading(who) as work:
        seq, registry = reports.position(work), registry_of(work)
    made = report(registry, outcome_rules())
    with store.writing(who) as work:
        reports.keep_report(work, "registry", made, seq=seq)
    rows.append(figure("computing the registry's report", time.perf_counter() - began, "s"))
    spent = time.process_time() - busy
    rows.append(figure("computing the registry's report: processor time", spent, "s"))
    with Served(store) as port:
        for name, at in pages(store, who).items():
            rows += timed(port, cookie, name, at, requests)
    return rows


def staff(store: Store) -> tuple[Actor, str]:
    """A physician of a new clinic, signed in."""
    with store.writing(operator()) as work:
        clinic = accounts.found_clinic(work, name="Load", time_zone="UTC", phone="0")
    with store.writing(operator(clinic)) as work:
        number = accounts.add_account(
            work, user=f"load-{clinic}", name="Load", role="physician", password="$argon2id$none"
        )
        account = accounts.account(work, number)
    with store.writing(account.actor) as work:
        return account.actor, sessions.open_session(work, account)


def fill(store: Store, who: Actor, patients: int) -> None:
    """Patients with a treated case each, two facts and pain at five visits, one in six missing."""
    rng, clinic = np.random.default_rng(1), who.clinic
    stamp = {"version": 1, "changed_by": who.reference, "changed_at": START}
    for first in range(0, patients, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, patients))
        with store.engine.begin() as connection:
            # Keys of an earlier run in the same database are left alone.
            names = [f"L{clinic}-{number:07d}" for number in numbers]
            connection.execute(PATIENT.insert(), [
                {"id": name, "clinic": clinic, "created_at": START} for name in names])  # fmt: skip
            connection.execute(PERSON.insert(), [
                {"patient": name, "name": f"Name {name}", "sought": f"name {name}".casefold(),
                 "language": "en", **stamp} for name in names])  # fmt: skip
            moments = [START + dt.timedelta(days=int(d)) for d in rng.integers(0, 2000, len(names))]
            connection.execute(CARE_CASE.insert(), [
                {"clinic": clinic, "patient": name, "stage": "outcomes", "opened_at": at,
                 "procedure_at": at, **stamp}
                for name, at in zip(names, moments, strict=True)])  # fmt: skip
            query = CARE_CASE.select().where(CARE_CASE.c.patient.in_(names))
            cases = [(row.id, row.procedure_at) for row in connection.execute(query)]
            connection.execute(FACT.insert(), facts(cases, rng, who))
            connection.execute(OUTCOME.insert(), pain(cases, rng, who))


def facts(cases: list[Any], rng: np.random.Generator, who: Actor) -> list[dict[str, Any]]:
    """Age and Modic type of each case."""
    usual = {"known": 1, "origin": "made up", "on": None, "entered_by": who.reference,
             "entered_at": START}  # fmt: skip
    return [
        {"case": case, "name": name, "value": value, **usual}
        for case, _ in cases
        for name, value in (("age_years", int(rng.integers(25, 80))),
                            ("modic", {"L4/L5": int(rng.integers(0, 4))}))
    ]  # fmt: skip


def pain(cases: list[Any], rng: np.random.Generator, who: Actor) -> list[dict[str, Any]]:
    """Pain at five visits; who is not seen has no row."""
    return [
        {"case": case, "instrument": "nrs", "visit": visit,
         "on": (at + dt.timedelta(days=day)).date(),
         "score": float(rng.integers(4, 11) if visit == "baseline" else rng.integers(0, 9)),
         "missing": None, "document": None, "entered_by": who.reference, "entered_at": at}
        for case, at in cases
        for visit, day in SEEN.items()
        if visit == "baseline" or rng.random() > 1 / 6
    ]  # fmt: skip


def pages(store: Store, who: Actor) -> dict[str, str]:
    """Name → address of the pages that are measured."""
    with store.reading(who) as work:
        row = work.connection.execute(
            CARE_CASE.select().where(CARE_CASE.c.clinic == who.clinic).limit(1)
        ).one()
    return {
        "today": "/", "patients": "/patients", "one patient": f"/patients/{row.patient}",
        "outcomes of a case": f"/cases/{row.id}/outcomes",
        "aftercare of a case": f"/cases/{row.id}/aftercare", "alerts": "/alerts",
        "registry": "/registry",
    }  # fmt: skip


def timed(port: int, cookie: str, name: str, at: str, requests: int) -> list[dict[str, Any]]:
    """One after the other, then eight at once."""
    ask(port, cookie, at)
    alone = [ask(port, cookie, at) for _ in range(requests)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: ask(port, cookie, at), range(requests)))
        spent = time.perf_counter() - began
    ranked = statistics.quantiles(alone, n=20)
    bound = REGISTRY_BOUND_MS if name == "registry" else None
    return [
        figure(f"{name}: p50", 1000 * statistics.median(alone), "ms"),
        figure(f"{name}: p95", 1000 * ranked[18], "ms", "≤", bound),
        figure(f"{name}: pages a second, {TOGETHER} at once", requests / spent, "1/s"),
    ]


def ask(port: int, cookie: str, at: str) -> float:
    """Seconds until a page was there. Raises RuntimeError for anything but a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", at, headers={"Cookie": f"basivert={cookie}"})
    answer = connection.getresponse()
    answer.read()
    spent = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{at} answered {answer.status}")
    return spent


class Served:
    """The pages on a free port, while the block lasts."""

    def __init__(self, store: Store) -> None:
        """Over an open store."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_app(store, Settings(idle_minutes=600)), log_level="warning", access_log=False
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True
        )

    def __enter__(self) -> int:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)
        return int(self.socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)
