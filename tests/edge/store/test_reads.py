"""Whatever gives a person's data leaves a row in the trail, once for each block."""

import inspect
import pkgutil
from importlib import import_module

import pytest
from sqlalchemy import select

import basivert.edge.store as package
from basivert.edge.store import facts, outcomes, photos, recovery
from basivert.edge.store.actor import patient, system
from basivert.edge.store.tables import AUDIT
from tests.edge.store.test_dossier import fill

# Not read by anybody of the staff about a person: why each gives no row.
NOT_A_PERSON = {
    "accounts.account": "staff", "accounts.accounts": "staff", "accounts.clinics": "clinics",
    "accounts.own_clinic": "clinic", "accounts.password_of": "sign-in",
    "sessions.session_of": "sign-in", "sessions.open_session": "sign-in",
    "links.patient_session": "the pseudonym alone, opened by a link",
    "links.add_link": "a new secret", "links.follow_link": "a new secret",
    "logs.add_log": "a digest of what was sent", "people.add_patient": "a new pseudonym",
    "people.held": "the pseudonym that was given", "own_rules.lead": "staff",
    "computing.last": "the registry's job", "computing.newest": "the registry's job",
    "own_outcomes.own_outcome_rules": "rules", "recovery.open_numbers": "counts of the clinic",
    "reports.made_at": "a moment", "own_rules.rules": "rules", "own_rules.every": "rules",
    "own_rules.standing": "rules", "own_rules.today": "a day", "cases.ours": "a query",
    "photos.folder": "a place", "cases.one_of": "the row's caller notes what it shows",
}  # fmt: skip
PLAIN = {"None", "int", "bool", "NoReturn"}
# Their arguments after the case's number or the pseudonym.
MORE = {
    "facts.history": ("nrs",), "records.record": ("procedure",), "records.versions": ("procedure",),
    "records.checklist": ("preparation",), "registry.answers": (["nrs"],),
    "registry.documents": ("procedure",), "reports.report": ("outcomes",), "photos.photo": (1,),
    "jobs.claim": ("w",),
}  # fmt: skip
OF_THE_CLINIC = {"people.people", "cases.case_list", "recovery.open_alerts", "jobs.jobs"}
ONCE = {"parts.read", "facts.read", "record.read", "checkins.read", "outcomes.read", "case.read",
        "person.read", "photo.read", "own.read", "registry.read"}  # fmt: skip


def readers():
    """Every function of the store that takes a transaction and gives more than a number."""
    for one in pkgutil.iter_modules(package.__path__):
        if one.ispkg:
            continue
        module = import_module(f"{package.__name__}.{one.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            kinds = list(inspect.signature(function).parameters.values())
            given = inspect.signature(function).return_annotation
            if (
                function.__module__ == module.__name__ and not name.startswith("_")
                and kinds and kinds[0].annotation == "Work" and given not in PLAIN
            ):  # fmt: skip
                yield f"{one.name}.{name}", function


READERS = dict(readers())
SHOWN = sorted(set(READERS) - set(NOT_A_PERSON))


def arguments(name, who, case):
    kinds = list(inspect.signature(READERS[name]).parameters)[1:]
    first = {"case": [case], "patient": [who], "who": [who], "number": [case]}
    own = MORE.get(name, ())
    lead = [] if name in OF_THE_CLINIC or name == "photos.photo" or not kinds else first.get(
        kinds[0], [])  # fmt: skip
    return [*lead, *own]


def rows(store):
    with store.engine.connect() as connection:
        query = select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.object).order_by(AUDIT.c.seq)
        return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def full(store, team, opened):
    fill(store, team, *opened)
    return opened


def test_no_exception_is_left_over():
    assert set(NOT_A_PERSON) <= set(READERS)
    assert {"facts.verdicts", "recovery.alerts", "outcomes.plans", "logs.logs"} <= set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_what_gives_a_persons_data_is_noted_once_for_each_block(store, team, full, name):
    who, case = full
    actor = patient(team.clinic, who) if name.startswith("own.") else team.physician
    if name in ("jobs.jobs", "dossier.delete_person"):
        actor = team.admin
    if name == "jobs.claim":
        actor = system(team.clinic)
    before, given = len(rows(store)), arguments(name, who, case)
    with store.writing(actor) as work:
        READERS[name](work, *given)
        if any(entry.action in ONCE for entry in work.trail):
            READERS[name](work, *given)
    new = rows(store)[before:]
    assert len(new) == 1, new
    ((by, _, thing),) = new
    places = {f"case:{case}", f"patient:{who}", f"clinic:{team.clinic}", "job:1"}
    assert by == actor.reference and thing in places


def test_parts_of_a_case_are_one_row(store, team, full):
    _, case = full
    with store.reading(team.physician) as work:
        for _ in range(3):
            outcomes.plans(work, case)
            outcomes.events(work, case)
            recovery.alerts(work, case)
            facts.verdicts(work, case)
            photos.photos(work, case)
        (entry,) = work.trail
    assert (entry.action, entry.object) == ("parts.read", f"case:{case}")
    assert entry.body == {"fields": ["alerts", "events", "photos", "plans", "verdicts"]}
    assert rows(store)[-1][1] == "parts.read"


def test_the_workers_look_at_open_alerts_is_no_row(store, team, full):
    before = len(rows(store))
    with store.reading(system(team.clinic)) as work:
        recovery.open_alerts(work)
    assert len(rows(store)) == before
