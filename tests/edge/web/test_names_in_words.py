"""People read what a thing is called, never its name in the tables."""

import datetime as dt
import re
from html import unescape

import pytest

from basivert.care.candidacy.editions import candidate_facts
from basivert.care.own_changes import changes
from basivert.edge.store import cases
from basivert.edge.toml_file import toml_of
from basivert.edge.web.candidacies import worded
from basivert.edge.web.routes.trail import which

from .test_own_rules import FEVER


def text(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def outcomes_at(store, clinics, clock):
    north = clinics[0]
    with store.writing(north.physician) as work:
        case = cases.case(work, north.case)
        cases.set_procedure(work, north.case, version=case.version, at=clock())
    return f"/cases/{north.case}/outcomes"


def test_a_refused_score_is_told_by_the_instruments_name(browser, outcomes_at):
    nurse = browser("nurse")
    given = {"visit": "w6", "instrument": "nrs", "score": "12"}
    told = text(nurse.post(outcomes_at, given, page=outcomes_at))
    assert "Numeric rating of pain is 12; only 0 to 10 can be true." in told
    assert "nrs is" not in told
    items = {"visit": "w6", "instrument": "odi", "item1": "7"}
    told = text(nurse.post(outcomes_at, items, page=outcomes_at))
    assert "nothing where it was not answered" in told and "null" not in told


def test_a_score_that_is_there_is_told_and_listed_by_visit_and_instrument(browser, outcomes_at):
    nurse = browser("nurse")
    given = {"visit": "w6", "instrument": "odi", "score": "20"}
    assert nurse.post(outcomes_at, given, page=outcomes_at).status_code == 303
    again = nurse.post(outcomes_at, given, page=outcomes_at)
    assert again.status_code == 409
    assert "Oswestry disability index, 6 weeks, was entered by nurse of north" in text(again)
    listed = text(nurse.get(outcomes_at))
    assert "6 weeks, Oswestry disability index: 20" in listed and "w6 odi" not in listed


def test_lists_of_stops_are_called_by_their_titles(browser, store, clinics, clock):
    shown = text(browser("admin").get("/settings"))
    assert "ASRA pain guideline, second edition (2018)" in shown
    assert "List of stops: blood thinners and pain killers" in shown
    assert "asra_2018" not in shown and "glp1" not in shown
    with store.writing(clinics[0].physician) as work:
        case = cases.case(work, clinics[0].case)
        at = clock() + dt.timedelta(days=20)
        cases.set_procedure(work, case.id, version=case.version, at=at)
    nurse, at = browser("nurse"), f"/cases/{clinics[0].case}/preparation"
    given = {"asked": "some", "medicines": "Plavix 75 mg"}
    assert nurse.post(at, given, page=at).status_code == 303
    shown = text(nurse.get(at))
    assert "ASRA pain guideline, second edition (2018)" in shown and "asra_2018" not in shown


def test_a_threshold_of_a_thermometer_has_no_two_units():
    (fever,) = changes("signs", toml_of(FEVER.encode(), "The file"))
    assert "“Body temperature as the thermometer shows it” over 100" in fever.now
    assert "°C or °F" not in fever.now + fever.before


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "candidate if this holds: X; not known yet: levels, pain_months",
            "not known yet: “{levels}”, “{pain_months}”",
        ),
        ("not excluded by at_l3 only if this holds: X; levels is L1, L2; nrs is 3",
         "not excluded only if this holds: X; “{levels}” is L1, L2; “{nrs}” is 3"),
        ("candidate if the levels are known", "candidate if the levels are known"),
    ],
)  # fmt: skip
def test_a_fact_of_one_word_is_told_by_its_label_where_facts_are_listed(sentence, told):
    wording = {name: kind.wording for name, kind in candidate_facts().kinds.items()}
    assert told.format_map(wording) in worded(sentence)


def test_what_a_role_may_not_do_is_said_in_words(browser, store):
    told = text(browser("registry").get("/patients"))
    assert "The role registry may not see who patients are." in told
    assert "person.read" not in told
    assert len(set(store.roles.words.values())) == len(store.roles.may)


def test_an_unknown_address_keeps_the_menu_of_who_is_signed_in(browser):
    lost = browser("nurse").get("/nothing")
    assert lost.status_code == 404
    assert 'href="/alerts"' in lost.text and "Sign out" in lost.text
    assert "Sign out" not in browser().get("/nothing").text


def test_the_trail_is_told_without_the_signs_of_json():
    named = ", ".join(candidate_facts()[name].wording for name in ("modic", "odi"))
    told = which('{"fields":["modic","odi"],"version":2}')
    assert told == f"what: {named}; version: 2"
    assert which("{}") == which(None) == which("") == ""
