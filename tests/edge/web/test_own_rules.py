"""A clinic's own rules on the pages: looked at, in force with a name and a day, taken back."""

import datetime as dt
import json
import re
import subprocess
import sys
from html import unescape

import pytest

from basivert.care.preparation.prepare import shipped_tables
from basivert.edge.care_codec.preparation import preparation_document
from basivert.edge.store import accounts, cases, facts, own_rules, recovery
from basivert.edge.store.actor import operator
from basivert.edge.store.actor import patient as patient_actor
from basivert.edge.web import candidacies, checkins, preparations
from basivert.edge.web.contact import contact_of
from basivert.edge.web.own import looked, own, signs
from basivert.errors import RecordError
from tests.care.recovery.checkins import WELL

PAIN = """
name = "default"
edition = "Lakeside 3"
[criterion.pain_six_months]
kind = "indication"
wording = "Pain for 12 months"
source = "our protocol 4"
confidence = "ours"
when = { fact = "pain_months", at_least = 12 }
"""
FEVER = """
name = "warning_signs"
edition = "Lakeside signs 1"
[criterion.fever]
kind = "call_now"
wording = "Fever over 100 °F (37.8 °C)"
source = "our surgeons"
confidence = "ours"
when = { any = [
  { all = [{ fact = "unit", is = "F" }, { fact = "temperature", over = 100 }] },
  { all = [{ fact = "unit", is = "C" }, { fact = "temperature", over = 37.8 }] },
] }
"""
IN_F = '{ all = [{ fact = "unit", is = "F" }, { fact = "temperature", over = 100 }] },'
STOPS = """
based_on = "sir_2019"
edition = "Lakeside stops 2"
source = "our sheet 3"
[row]
clopidogrel = { before = { days = 6 }, confidence = "clinic" }
"""
ITEMS = """
edition = "Lakeside list 1"
ask_days_before_stop = 9
"""
FILES = {
    "candidacy:default": PAIN, "signs": FEVER, "list:sir_2019": STOPS, "checklist": ITEMS,
}  # fmt: skip


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def look(somebody, about, content):
    given = {"csrf": somebody.token("/settings"), "about": about}
    sent = {"file": ("own.toml", content if isinstance(content, bytes) else content.encode())}
    return somebody.client.post("/settings/rules/look", data=given, files=sent)


def force(somebody, about, content, **more):
    # A browser sends a text with other ends of lines.
    sent = {"about": about, "written": content.replace("\n", "\r\n"), **more}
    return somebody.post("/settings/rules", sent, page="/settings")


@pytest.fixture
def command(tmp_path):
    def answered(name, document, *words, files=()):
        made = []
        for flag, content in files:
            place = tmp_path / f"{len(made)}.toml"
            place.write_text(content, encoding="utf-8")
            made += [flag, str(place)]
        start = "from basivert.edge.cli.main import run; run()"
        done = subprocess.run(
            [sys.executable, "-c", start, name, "-", "--json", *words, *made],
            input=json.dumps(document), capture_output=True, text=True, check=True,
            encoding="utf-8",
        )  # fmt: skip
        return json.loads(done.stdout)

    return answered


@pytest.fixture
def all_in_force(browser):
    lead = browser("physician")
    for about, content in FILES.items():
        answer = force(lead, about, content)
        assert answer.status_code == 303, text(answer)
    return lead


def test_a_file_is_shown_rule_by_rule_before_anything_holds(browser, store, clinics):
    admin = browser("admin")
    shown = text(look(admin, "candidacy:default", PAIN))
    lasted = "“How long the low back pain has lasted” at least"
    assert f"{lasted} 6 months" in shown and f"{lasted} 12 months" in shown
    assert "our protocol 4" in shown and "Nothing holds yet" in shown
    assert "Decided by physician of north" in shown
    wrong = look(admin, "candidacy:default", PAIN.replace("pain_six_months", "pain_six"))
    assert wrong.status_code == 422 and "Did you mean pain_six_months" in text(wrong)
    with store.reading(clinics[0].physician) as work:
        assert own_rules.every(work) == []


@pytest.mark.parametrize(
    ("about", "content", "told"),
    [
        ("candidacy:default", "", "empty"),
        ("candidacy:default", b"\xff\xfe", "not TOML"),
        ("candidacy:default", "a = [", "not TOML"),
        ("candidacy:default", "x = 1\n" * 20_000, "at most 64 kB"),
        ("candidacy:default", 'criterion = 3\nedition = "1"', "not written like"),
        ("candidacy:default", PAIN.replace("pain_six_months", "pain_six"), "no criterion"),
        ("candidacy:default", PAIN.replace("pain_months", "pain_month"), "pain_months"),
        ("candidacy:default", PAIN.replace('edition = "Lakeside 3"', ""), "no edition"),
        ("candidacy:label_2019", PAIN, "for the rule set default"),
        ("candidacy:default", FEVER, "warning_signs"),
        ("candidacy:default", re.sub("when = .*", 'when = { not = { fixed = "no" } }', PAIN),
         "an unknown would become yes or no"),
        ("candidacy:nothing", PAIN, "no rules"),
        ("signs", FEVER.replace("call_now", "watch"), "kind"),
        ("signs", FEVER.replace(IN_F, ""), "°F"),
        ("list:asra_2018", STOPS, "not on 'asra_2018'"),
        ("checklist", 'edition = "1"', "changes no rule"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_what_is_wrong(about, content, told):
    with pytest.raises(RecordError) as problem:
        looked(about, content if isinstance(content, bytes) else content.encode())
    assert told in str(problem.value)


def test_only_an_administrator_or_the_lead_changes_rules(browser, store, clinics):
    assert force(browser("nurse"), "candidacy:default", PAIN).status_code == 403
    assert browser("registry").get("/settings").status_code == 403
    with store.writing(operator(clinics[0].number)) as work:
        version = accounts.own_clinic(work).version
        accounts.change_clinic(work, version=version, settings={"lead_physician": None})
    physician, admin = browser("physician"), browser("admin")
    assert "Look at a file" not in text(physician.get("/settings"))
    assert force(physician, "candidacy:default", PAIN).status_code == 403
    nobody = force(admin, "candidacy:default", PAIN)
    assert nobody.status_code == 422 and "No lead physician" in text(nobody)


def test_who_decided_what_stays_readable_and_in_the_trail(all_in_force, browser, store, clinics):
    admin = browser("admin")
    with store.reading(clinics[0].physician) as work:
        kept = own_rules.standing(work)
    one = kept["candidacy:default"]
    assert (one.written, one.decided_by) == (PAIN, clinics[0].physician.reference)
    assert "in force" in text(browser("nurse").get("/settings"))
    assert admin.post(f"/settings/rules/{one.id}/end", page="/settings").status_code == 303
    again = admin.post(f"/settings/rules/{one.id}/end", page="/settings")
    assert again.status_code == 409 and "admin of north" in text(again)
    shown = text(admin.get("/settings"))
    assert "taken back admin of north" in shown and "physician of north entered by" in shown
    assert "Pain for 12 months" in text(admin.get(f"/settings/rules/{one.id}"))
    trail = text(admin.get("/trail"))
    assert "took the clinic's own rules back the clinic table: " in unescape(trail)
    assert "put the clinic's own rules into force" in unescape(trail)
    assert browser("admin", "south").get(f"/settings/rules/{one.id}").status_code == 404


def test_a_day_to_come_holds_from_then_and_an_edition_is_used_once(browser, store, clinics, clock):
    lead = browser("physician")
    past = force(lead, "candidacy:default", PAIN, from_on="2026-03-01")
    assert past.status_code == 422 and "is over" in text(past) and "Pain for 12" in text(past)
    assert force(lead, "candidacy:default", PAIN, from_on="2026-03-04").status_code == 303
    twice = force(lead, "candidacy:default", PAIN)
    assert twice.status_code == 422 and "new edition" in text(twice)
    held = []
    for _ in range(3):
        with store.reading(clinics[0].physician) as work:
            held.append(bool(own_rules.standing(work)))
        clock.passes(days=1)
    assert held == [False, False, True]


def test_taken_back_means_as_shipped_and_never_an_older_file(browser, store, clinics):
    lead = browser("physician")
    force(lead, "candidacy:default", PAIN)
    force(lead, "candidacy:default", PAIN.replace("Lakeside 3", "Lakeside 4"))
    assert lead.post("/settings/rules/2/end", page="/settings").status_code == 303
    with store.reading(clinics[0].physician) as work:
        assert own_rules.standing(work) == {}


def test_settings_show_the_clinics_own_edition_of_what_it_changed(all_in_force):
    shown = text(all_in_force.get("/settings"))
    assert re.search(r"Lists of stops in use[^<]*\+ Lakeside stops 2\)", shown)
    assert re.search(r"Candidacy starts with [^)]* \+ Lakeside 3\)", shown)
    assert "asra_2018" not in shown.partition("Lead physician")[0]


def test_one_list_of_a_topic(all_in_force):
    other = force(all_in_force, "list:asra_2018", STOPS.replace("sir_2019", "asra_2018"))
    assert other.status_code == 422 and "answers the same" in text(other)


def test_pages_and_command_line_give_the_same_candidacy(
    all_in_force, store, clinics, command, browser
):
    record = {"pain_months": 8, "modic": {"L4/L5": 1}}
    with store.reading(clinics[0].physician) as work:
        mine = own(work)
    known = candidacies.known()
    given = {k: facts.Fact(name=k, value=v, origin="entered") for k, v in record.items()}
    made = candidacies.answer(given, "default", mine)
    assert json.loads(json.dumps(made)) == command(
        "candidacy", record, files=[("--override", PAIN)]
    )
    assert known and made["rules_edition"].endswith("+ Lakeside 3")
    at = f"/cases/{clinics[0].case}/candidacy"
    sent = {"pain_months": "8", "version": "1"}
    assert all_in_force.post(at, sent, page=at).status_code == 303
    shown = text(all_in_force.get(at))
    own_rule = "own rule: Pain for 12 months (our protocol 4); shipped: Chronic low back pain for"
    assert own_rule in shown
    assert "not excluded only if this holds: Pain for 12 months" in shown
    assert "pain_six_months" not in shown and "pain six months" not in shown
    assert re.search(r"Answered by the rule set [^)]* \+ Lakeside 3\)", shown)
    assert "Not a candidate" in shown
    south = text(browser("physician", "south").get(f"/cases/{clinics[1].case}/candidacy"))
    assert "Lakeside" not in south


def test_pages_and_command_line_give_the_same_triage(all_in_force, store, clinics, command):
    north = clinics[0]
    given = {**{k: v for k, v in WELL.items() if k != "day"}, "temperature": 37.9, "unit": "C"}
    with store.reading(north.physician) as work:
        clinic = contact_of(accounts.own_clinic(work))
    from basivert.care.recovery.words import words

    with store.writing(patient_actor(north.number, north.patient)) as work:
        _, told = checkins.keep(
            work, north.case, WELL["day"], given, clinic, words("en"), origin="entered"
        )
    record = {**given, "day": WELL["day"], "clinic": {"name": "north", "phone": "555-1"}}
    assert json.loads(json.dumps(told)) == command("triage", record, files=[("--override", FEVER)])
    assert told["answer"] == "call_now" and told["rules_edition"].endswith("+ Lakeside signs 1")
    with store.reading(north.physician) as work:
        (kept,) = recovery.checkins(work, north.case)
    assert kept.edition == told["rules_edition"]


def test_pages_and_command_line_give_the_same_preparation(all_in_force, store, clinics, command):
    now = dt.datetime.now(dt.UTC)
    begin = dt.datetime(2027, 4, 20, 15, tzinfo=dt.UTC)
    document = {"medicines": [{"text": "Plavix 75 mg"}], "facts": {"anaesthesia": "general"}}
    with store.reading(clinics[0].physician) as work:
        clinic, mine = accounts.own_clinic(work), own(work)
    made = preparations.made(document, begin, clinic, contact_of(clinic), {}, now, mine)
    record = {
        **document, "procedure": {"start": "2027-04-20T10:00", "zone": "America/Chicago"},
        "clinic": {"name": "north", "phone": "555-1"},
    }  # fmt: skip
    files = [("--list", STOPS), ("--checklist", ITEMS)]
    assert preparation_document(made) == command("prepare", record, files=files)
    assert made.editions["list sir_2019"].endswith("+ Lakeside stops 2")
    assert made.chosen["bleeding"] == "sir_2019"
    assert shipped_tables().lists["sir_2019"].edition == "2019"
    lead, at = all_in_force, f"/cases/{clinics[0].case}/preparation"
    with store.reading(clinics[0].physician) as work:
        seen = cases.case(work, clinics[0].case).version
    lead.post(f"{at}/time", {"at": "2026-04-20T10:00", "version": str(seen)}, page=at)
    lead.post(at, {"asked": "some", "medicines": "Plavix"}, page=at)
    shown = text(lead.get(at))
    assert "SIR consensus, high-risk procedures (2019 + Lakeside stops 2)" in shown
    assert "+ Lakeside list 1" in shown


def test_rules_that_fit_no_more_are_told_but_a_patient_is_answered(
    all_in_force, store, clinics, monkeypatch
):
    from sqlalchemy import text as sql

    with store.engine.begin() as connection:
        connection.execute(sql("update own_rules set written = replace(written, 'fever', 'chill')"))
        connection.execute(sql("update own_rules set written = replace(written, '_six_', '_7_')"))
    at = f"/cases/{clinics[0].case}"
    told = all_in_force.get(f"{at}/candidacy")
    assert told.status_code == 422 and "do not fit this version" in text(told)
    assert all_in_force.get(f"{at}/candidacy?rules=label_2019").status_code == 200
    assert "Does not fit this version" in text(all_in_force.get("/settings"))
    with store.reading(clinics[0].physician) as work:
        found = signs(own(work))
    assert "without Lakeside signs 1" in found.edition and "fever" in found.criteria


def test_settings_are_changed_by_an_administrator_alone(browser, store, clinics):
    admin, lead = browser("admin"), browser("physician")
    assert "Change the settings" not in text(lead.get("/settings"))
    with store.reading(clinics[0].physician) as work:
        seen = str(accounts.own_clinic(work).version)
    given = {
        "name": "North Spine", "phone": "555-7", "time_zone": "America/Denver", "emergency": "911",
        "candidacy_rules": "default", "list.bleeding": "sir_2019", "version": seen,
        "lead": clinics[0].physician.reference.split(":")[1],
    }  # fmt: skip
    assert lead.post("/settings", given, page="/settings").status_code == 403
    for name, wrong in (("phone", " "), ("time_zone", "Mars"), ("lead", "1000"),
                        ("candidacy_rules", "x"), ("list.bleeding", "y")):  # fmt: skip
        answer = admin.post("/settings", {**given, name: wrong}, page="/settings")
        assert answer.status_code == 422, name
    assert admin.post("/settings", given, page="/settings").status_code == 303
    assert admin.post("/settings", given, page="/settings").status_code == 409
    shown = text(lead.get("/settings"))
    assert "North Spine" in shown and "911" in shown
    assert "SIR consensus, high-risk procedures" in shown
    with store.reading(clinics[0].physician) as work:
        assert contact_of(accounts.own_clinic(work)).emergency == "911"
