"""A clinic's year through the real pages, on SQLite and PostgreSQL, counted again by hand."""

import datetime as dt
import json
import re

import pytest

from basivert.edge.cli.candidacy import candidacy
from basivert.edge.cli.outcomes import reported
from basivert.edge.cli.triage import triaged
from basivert.edge.computing.turn import turn
from basivert.edge.store import facts, recovery, reports
from basivert.edge.store.actor import Actor
from basivert.edge.store.engine import open_store
from basivert.edge.web.app import create_app
from basivert.edge.web.settings import Settings
from tests.edge.store.conftest import empty_url, server
from tests.edge.web.conftest import Browser, _clinic, kept_password

from .clinic_year import FIRST, VISITS, candidate, expected, people, triage

__all__ = ["empty_url", "kept_password", "server"]

SEED = 20260105
UNTIL = FIRST + dt.timedelta(days=364)
NOON = dt.time(18, tzinfo=dt.UTC)  # midday in Chicago
# Every so many patients the command line is asked the same.
ASKED_TOO = 10


class Clock:
    """The script moves it on."""

    def __init__(self):
        self.now = dt.datetime.combine(FIRST, NOON)

    def __call__(self):
        return self.now


class Clinic:
    """The pages, and who uses them."""

    def __init__(self, store, clock, password):
        self.store, self.clock = store, clock
        self.made = _clinic(store, "north", password)
        settings = Settings(idle_minutes=10**7, longest_hours=10**6)
        self.app = create_app(store, settings)
        self.nurse, self.physician, self.registry = map(
            self.staff, ("nurse", "physician", "registry")
        )
        self.cases, self.links = {}, {}

    def staff(self, role):
        somebody = Browser(self.app)
        assert somebody.sign_in(f"{role}-north").status_code == 303
        somebody.known = somebody.token()
        return somebody

    def does(self, who, at, /, **form):
        answer = who.client.post(at, data={"csrf": who.known, **form})
        assert answer.status_code == 303, (at, form, answer.text)
        return answer.headers["location"]


def happenings(persons):
    """(day, order, what, person, detail) of the whole year."""
    for person in persons:
        yield person.comes, 0, comes, person, None
        if person.procedure is None:
            continue
        yield person.procedure, 1, treated, person, None
        for day, answers in person.checkins:
            yield person.procedure + dt.timedelta(days=day), 2, checks_in, person, answers
        for visit, (day, _) in VISITS.items():
            if visit in person.pain:
                yield person.procedure + dt.timedelta(days=day), 3, visits, person, visit
        if person.event:
            on = person.procedure + dt.timedelta(days=person.event["day"])
            yield on, 4, harmed, person, on


def comes(clinic, person, _):
    given = {"name": person.name, "birth_date": str(person.born)}
    patient = clinic.does(clinic.nurse, "/patients", **given)
    case = int(re.search(r"/cases/(\d+)/", clinic.nurse.get(patient).text).group(1))
    clinic.cases[person.name] = case
    form = {}
    for name, value in person.facts.items():
        if isinstance(value, dict):
            form |= {f"{name}.{place}": str(kind) for place, kind in value.items()}
        else:
            form[name] = (
                {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            )
    clinic.does(clinic.nurse, f"/cases/{case}/candidacy", version="1", **form)
    clinic.does(clinic.physician, f"/cases/{case}/candidacy/verdict", version="2")


def treated(clinic, person, _):
    case = clinic.cases[person.name]
    at = dt.datetime.combine(person.procedure, dt.time(9))
    version = re.search(
        r'name="version" value="(\d+)"', clinic.nurse.get(f"/cases/{case}/preparation").text
    )
    form = {"at": at.isoformat(timespec="minutes"), "version": version.group(1)}
    clinic.does(clinic.nurse, f"/cases/{case}/preparation/time", **form)
    on = str(person.procedure)
    for instrument, scores in (("nrs", person.pain), ("odi", person.odi)):
        score = {
            "visit": "baseline",
            "instrument": instrument,
            "score": scores["baseline"],
            "on": on,
        }
        clinic.does(clinic.nurse, f"/cases/{case}/outcomes", **score)
    shown = clinic.nurse.client.post(
        f"/cases/{case}/aftercare/link", data={"csrf": clinic.nurse.known}
    )
    clinic.links[person.name] = re.search(r"/p/[\w-]+", shown.text).group(0)


def checks_in(clinic, person, answers):
    patient, link = Browser(clinic.app), clinic.links[person.name]
    assert patient.post(link, {"year": str(person.born.year)}, page=link).status_code == 303
    sent = patient.post("/my/check-in", answers, page="/my/check-in")
    assert sent.status_code == 303, sent.text


def visits(clinic, person, visit):
    on = str(clinic.clock.now.date())
    for instrument, scores in (("nrs", person.pain), ("odi", person.odi)):
        form = {"visit": visit, "instrument": instrument, "score": scores[visit], "on": on}
        clinic.does(clinic.nurse, f"/cases/{clinic.cases[person.name]}/outcomes", **form)


def harmed(clinic, person, on):
    form = {"kind": person.event["kind"], "grade": person.event["grade"], "on": str(on)}
    clinic.does(clinic.nurse, f"/cases/{clinic.cases[person.name]}/outcomes/event", **form)


@pytest.fixture(scope="module")
def persons():
    return people(SEED)


@pytest.fixture
def year(empty_url, tmp_path, kept_password, persons):
    """The clinic at the end of its year."""
    clock = Clock()
    store = open_store(empty_url, photos=tmp_path / "photos", clock=clock)
    clinic = Clinic(store, clock, kept_password)
    for day, _, does, person, detail in sorted(happenings(persons), key=lambda one: one[:2]):
        if day > UNTIL:
            break
        clock.now = dt.datetime.combine(day, NOON)
        does(clinic, person, detail)
    clock.now = dt.datetime.combine(UNTIL, NOON)
    yield clinic
    store.close()


@pytest.mark.longest
def test_the_year_comes_out_as_the_script_says(year, persons, tmp_path, capsys):
    verdicts_are_right(year, persons, tmp_path, capsys)
    check_ins_are_right(year, persons, tmp_path, capsys)
    registry_is_right(year, persons, tmp_path, capsys)


def verdicts_are_right(year, persons, tmp_path, capsys):
    with year.store.reading(year.made.physician) as work:
        found = {p.name: facts.verdicts(work, year.cases[p.name])[0] for p in persons}
    assert {name: one.answer for name, one in found.items()} == {
        p.name: candidate(p.facts) for p in persons
    }
    for person in persons[::ASKED_TOO]:
        told = asked(
            candidacy, person.facts, tmp_path, capsys, rules="default", override=None, anatomy=None
        )
        kept = found[person.name].document
        for name in ("answer", "missing", "rules_edition", "would_change", "reasons", "editions"):
            assert without_origin(told[name]) == without_origin(kept[name]), (person.name, name)


def check_ins_are_right(year, persons, tmp_path, capsys):
    sent = [(p, day, a) for p in persons for day, a in p.checkins
            if p.procedure + dt.timedelta(days=day) <= UNTIL]  # fmt: skip
    with year.store.reading(year.made.physician) as work:
        kept = {(p.name, c.day): c for p in persons if p.procedure
                for c in recovery.checkins(work, year.cases[p.name])}  # fmt: skip
        alerts = recovery.open_alerts(work)
    answers = {(p.name, day): triage(a) for p, day, a in sent}
    assert {key: one.answer for key, one in kept.items()} == answers
    called = [one for one in answers.values() if one in ("emergency", "call_now")]
    assert sorted(one.severity for one in alerts) == sorted(called)
    for person, day, _ in sent[::ASKED_TOO]:
        one = kept[person.name, day]
        told = asked(
            triaged, one.answers, tmp_path, capsys, clinic=None, override=None, language="en"
        )
        assert (told["answer"], told["missing"]) == (one.answer, one.document["missing"])


def registry_is_right(year, persons, tmp_path, capsys):
    year.does(year.registry, "/registry")
    assert turn(year.store, year.made.number, "w") == 1
    who = Actor(role="registry", clinic=year.made.number, account=None, patient=None)
    with year.store.reading(who) as work:
        made = reports.report(work, "registry").document
    rows = {(row["visit"], row["definition"]): row for row in made["responders"]}
    page = re.sub(r"<[^>]+>|\s+", " ", year.registry.get("/registry").text)
    for key, (due, seen, hits, share, low, high) in expected(persons, UNTIL).items():
        row = rows[key]
        assert (row["due"], row["seen"], row["responders"]) == (due, seen, hits), key
        assert row["rate"] == share
        assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-9)
        shown = f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f}) {hits} {seen} {due}"
        assert shown in re.sub(" +", " ", page), (key, shown)
    told = asked(
        reported, document(persons), tmp_path, capsys, out=None, as_of_day=None, rules=None
    )
    again = {(row["visit"], row["definition"]): row for row in told["responders"]}
    assert {key: again[key] for key in rows} == rows


def document(persons):
    """The year as a registry's file, for the command line."""
    treated_then = [p for p in persons if p.procedure is not None and p.procedure <= UNTIL]
    return {
        "as_of": str(UNTIL), "name": "north",
        "patients": [{"id": p.name.replace(" ", "-"), "procedure_on": str(p.procedure),
                      "scores": scores(p)} for p in treated_then],
    }  # fmt: skip


def scores(person):
    """Those that were entered before the year's end."""
    days = {"baseline": 0, **{visit: day for visit, (day, _) in VISITS.items()}}
    return [
        {"instrument": name, "value": value, "day": days[visit]}
        for name, given in (("nrs", person.pain), ("odi", person.odi))
        for visit, value in given.items()
        if person.procedure + dt.timedelta(days=days[visit]) <= UNTIL
    ]


def asked(command, record, tmp_path, capsys, **options):
    """What the command line prints for the same record."""
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record, default=str), encoding="utf-8")
    capsys.readouterr()
    command(file, as_json=True, **options)
    return json.loads(capsys.readouterr().out)


def without_origin(told):
    """Who entered a fact, and when, differs between a page and a file; nothing else may."""
    if isinstance(told, dict):
        return {k: without_origin(v) for k, v in told.items() if k not in ("origin", "on")}
    return [without_origin(one) for one in told] if isinstance(told, list) else told
