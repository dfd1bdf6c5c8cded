"""Scores entered on the pages are the registry's, to the last digit."""

import datetime as dt
import re

import pytest

from basivert.care.facts import Fact
from basivert.edge.computing.turn import turn
from basivert.edge.registry_of import registry_of
from basivert.edge.store import cases, facts, outcomes


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
