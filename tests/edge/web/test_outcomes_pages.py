"""Scores entered on the pages are the registry's, to the last digit."""

import datetime as dt
import html
import re

import pytest

from basivert.care.facts import Fact
from basivert.care.outcomes.events import harms
from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.computing.turn import turn
from basivert.edge.registry_of import registry_of
from basivert.edge.store import cases, computing, facts, outcomes, reports


@pytest.fixture
def done(store, clinics, clock):
    """The north's patient, 52 years old, treated today."""
    north = clinics[0]
    with store.writing(north.physician) as work:
        case = cases.case(work, north.case)
        age = Fact(name="age_years", value=52, origin="entered")
        facts.enter(work, north.case, {"age_years": age}, version=case.version)
        case = cases.case(work, north.case)
        cases.set_procedure(work, north.case, version=case.version, at=clock())
    return north


def score(somebody, case, **given):
    at = f"/cases/{case}/outcomes"
    return somebody.post(at, given, page=at)


def test_a_score_becomes_a_responder(browser, done, store, clock):
    nurse = browser("nurse")
    began = clock.now.date()
    score(nurse, done.case, visit="baseline", instrument="nrs", score="7", on=str(began))
    clock.passes(days=91)
    nurse, registry = browser("nurse"), browser("registry")
    assert "No report was computed yet" in registry.get("/registry").text
    later = str(began + dt.timedelta(days=91))
    assert (
        score(nurse, done.case, visit="m3", instrument="nrs", score="3", on=later).status_code
        == 303
    )
    clock.passes(days=15)
    registry = browser("registry")
    assert registry.post("/registry", page="/registry").status_code == 303
    assert "is computed next" in registry.get("/registry").text
    assert turn(store, done.number, "w") == 1
    shown = re.sub(r"<[^>]+>|\s+", " ", registry.get("/registry").text)
    assert re.search(r"3 months +100\.0 % \(2\.5 to 100\.0\) +1 +1 +1", shown), shown


def test_ten_points_with_blanks_are_the_published_index(browser, done):
    points = dict(zip([f"item{n}" for n in range(1, 11)], "2222222200", strict=True))
    nurse = browser("nurse")
    given = {**points, "item10": "", "visit": "baseline", "instrument": "odi"}
    assert score(nurse, done.case, **given).status_code == 303
    assert "35.56" in nurse.get(f"/cases/{done.case}/outcomes").text


@pytest.mark.parametrize(
    "given",
    [
        {"score": "11"}, {"score": "x"}, {"score": ""}, {"visit": "m4"}, {"instrument": "sf36"},
        {"score": "3", "on": "yesterday"}, {"instrument": "odi", "item1": "6"},
        {"instrument": "odi", "item1": "2"},
    ],
)  # fmt: skip
def test_a_slip_is_refused(browser, done, given):
    usual = {"visit": "m3", "instrument": "nrs", "score": ""}
    assert score(browser("nurse"), done.case, **{**usual, **given}).status_code == 422


def test_a_missing_score_says_why_and_two_people_are_told(browser, done):
    nurse, physician = browser("nurse"), browser("physician")
    given = {"visit": "m3", "instrument": "nrs", "missing": "not reached"}
    assert score(nurse, done.case, **given).status_code == 303
    late = score(physician, done.case, visit="m3", instrument="nrs", score="4")
    assert late.status_code == 409 and "nurse of north" in late.text
    assert "missing: not reached" in physician.get(f"/cases/{done.case}/outcomes").text


def test_events_and_leaving_are_kept(browser, done, clock):
    nurse, at = browser("nurse"), f"/cases/{done.case}/outcomes"
    today = str(clock.now.date())
    event = {"kind": "infection", "grade": "2", "level": "L4", "on": today}
    assert nurse.post(f"{at}/event", event, page=at).status_code == 303
    assert nurse.post(f"{at}/event", {**event, "grade": "9"}, page=at).status_code == 422
    again = {"kind": "fusion", "on": today}
    assert nurse.post(f"{at}/follow-up", again, page=at).status_code == 303
    assert nurse.post(f"{at}/follow-up", again, page=at).status_code == 422
    left = {"why": "withdrawn", "on": today, "version": "1"}
    assert nurse.post(f"{at}/follow-up", left, page=at).status_code == 303
    shown = nurse.get(at).text
    assert "fusion" in shown and "left the registry (withdrawn)" in shown and "grade 2" in shown


def test_what_the_registry_knows_of_a_case(browser, done, store, clock):
    """Sex, site, levels, coverage and margins of the plan that holds, events at their level."""
    with store.writing(done.physician) as work:
        usual = {"side": "left", "document": {}}
        old = outcomes.link_plan(work, done.case, digest="a" * 64, level="L3", coverage=0.2,
                                 margins_mm={"canal": 9.0}, **usual)  # fmt: skip
        number = outcomes.link_plan(work, done.case, digest="b" * 64, level="L4", coverage=0.9,
                                    margins_mm={"canal": 3.0, "lateral": 1.5}, **usual)  # fmt: skip
        wrong = outcomes.link_plan(work, done.case, digest="b" * 64, level="S1", coverage=0.9,
                                   margins_mm={"canal": 3.0}, **usual)  # fmt: skip
        outcomes.withdraw_plan(work, wrong, version=1, reason="not this one")
        outcomes.set_treated(work, number, version=1, coverage=0.7)
        for plan in (number, old):
            outcomes.add_event(
                work, done.case, kind="nerve_damage", grade=2, on=clock.now.date(), plan=plan
            )
    nurse, at = browser("nurse"), f"/cases/{done.case}/outcomes"
    given = {"sex": "female", "site": "west"}
    assert nurse.post(f"{at}/registry", {"sex": "x"}, page=at).status_code == 422
    assert nurse.post(f"{at}/registry", given, page=at).status_code == 303
    with store.reading(done.physician) as work:
        (found,) = registry_of(work).patients
    assert (found.sex, found.site, found.levels) == ("female", "west", ("L4",))
    assert found.margins_mm == {"L4": 1.5}
    assert (found.coverage_planned, found.coverage_treated) == ({"L4": 0.9}, {"L4": 0.7})
    assert [event.level for event in found.events] == ["L4", "L3"]


def test_an_event_without_a_day_is_counted_all_the_same(browser, done, store):
    nurse, at = browser("nurse"), f"/cases/{done.case}/outcomes"
    assert (
        nurse.post(f"{at}/event", {"kind": "infection", "grade": "3"}, page=at).status_code == 303
    )
    with store.reading(done.physician) as work:
        held = registry_of(work)
    assert [(one.kind, one.grade, one.day) for one in held.patients[0].events] == [
        ("infection", 3, None)
    ]  # fmt: skip
    kinds = {one.kind: one for one in harms(held, outcome_rules())}
    assert (kinds["infection"].rate.hits, kinds["any"].serious.hits) == (1, 1)
    assert report(held, outcome_rules())["events"]["kinds"][0]["events"] == 1


OWN = """
edition = "Lakeside outcomes 1"
[responders.definition.odi_15]
threshold = 12
[schedule.visit.w12]
name = "12 weeks"
day = 70
before = 5
after = 5
[events.kind]
haematoma = "Haematoma"
"""


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_clinics_own_rules_decide_in_its_report_alone(browser, done, store, clock, clinics):
    lead, nurse, began = browser("physician"), browser("nurse"), clock.now.date()
    given = {"about": "outcomes", "written": OWN}
    assert lead.post("/settings/rules", given, page="/settings").status_code == 303
    score(nurse, done.case, visit="baseline", instrument="odi", score="40", on=str(began))
    clock.passes(days=70)
    nurse, on = browser("nurse"), str(began + dt.timedelta(days=70))
    shown = words(nurse.get(f"/cases/{done.case}/outcomes"))
    assert "12 weeks" in shown and "Haematoma" in shown and "Lakeside outcomes 1" in shown
    at_w12 = score(nurse, done.case, visit="w12", instrument="odi", score="27", on=on)
    assert at_w12.status_code == 303
    event = {"kind": "haematoma", "grade": "1", "level": "", "on": on}
    at = f"/cases/{done.case}/outcomes"
    assert nurse.post(f"{at}/event", event, page=at).status_code == 303
    clock.passes(days=10)
    registry = browser("registry")
    assert registry.post("/registry", page="/registry").status_code == 303
    assert turn(store, done.number, "w") == 1
    with store.reading(done.physician) as work:
        made = reports.report(work, computing.KIND).document
    assert made["rules_edition"].endswith("+ Lakeside outcomes 1")
    rows = {(row["definition"], row["visit"]): row for row in made["responders"]}
    # 13 points: a response by the clinic's 12, none by the 15 that ship.
    assert rows["odi_15", "w12"]["responders"] == 1
    assert next(k for k in made["events"]["kinds"] if k["kind"] == "haematoma")["events"] == 1
    said = words(registry.get("/registry"))
    assert "own rules Lakeside outcomes 1" in said and "compute it anew" not in said
    assert "responders 2026-11 + Lakeside outcomes 1" in said and "analysis 2026-11," in said
    assert browser("admin").post("/settings/rules/1/end", page="/settings").status_code == 303
    assert "Today the rules as they ship would decide" in words(registry.get("/registry"))
    after = browser("nurse").get(at)
    assert after.status_code == 200 and "haematoma, grade 1" in words(after)
    south = words(browser("nurse", "south").get(f"/cases/{clinics[1].case}/outcomes"))
    assert "12 weeks" not in south and "Lakeside" not in south


def test_rules_that_fit_no_more_are_told_on_the_registrys_page(browser, done, store):
    from sqlalchemy import text

    lead, registry = browser("physician"), browser("registry")
    given = {"about": "outcomes", "written": OWN}
    assert lead.post("/settings/rules", given, page="/settings").status_code == 303
    with store.engine.begin() as connection:
        connection.execute(text("update own_rules set written = replace(written, 'odi_15', 'o')"))
    assert registry.post("/registry", page="/registry").status_code == 303
    turn(store, done.number, "w")
    said = html.unescape(words(registry.get("/registry")))
    assert "RecordError while reading the clinic's own rules" in said
    told = lead.get(f"/cases/{done.case}/outcomes")
    assert told.status_code == 422 and "do not fit this version" in words(told)
