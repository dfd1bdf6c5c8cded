"""Synthetic records go in without loss; what they say was read by hand from their JSON."""

import collections
import datetime as dt
import json

import pytest

from basivert.edge.fhir.claims import asked
from basivert.edge.fhir.json_text import written
from basivert.edge.fhir.read import read
from tests.edge.fhir.records import TODAY

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")

# Name → facts on 2026-11-26, and facts that the record only raises. Read by hand: birthDate,
# deceasedDateTime, Condition.code with its clinicalStatus, Procedure 447365002.
PEOPLE = {
    # born 1993-05-21; "Chronic pain" has no site; sinusitis and pharyngitis resolved
    "Bradly_Douglas": ({"age_years": 33}, {"pain_months", "nrs", "bmi"}),
    # born 1968-05-19; rib fracture resolved
    "Jacki_Feil": ({"age_years": 58}, {"pain_months", "nrs", "bmi"}),
    # born 1988-02-14; three pregnancies, all resolved: neither pregnant nor not
    "Jessi_Parisian": ({"age_years": 38}, {"pain_months", "nrs", "bmi"}),
    # born 1971-02-26
    "Quintin_Parker": ({"age_years": 55}, {"pain_months", "nrs", "bmi"}),
    # died 2006; defibrillator 2006-05-08
    "Randolph_Wisoky": ({"implanted_electronics": True}, {"pain_months", "nrs", "bmi"}),
    # died 2020; chronic congestive heart failure active, osteoporosis without a T-score
    "Kendall_Keeling": (
        {"heart_failure": True, "metabolic_bone_disease": True},
        {"pain_months", "nrs", "bmi", "osteoporosis_t_score"},
    ),
    # died 2003; defibrillator 1997, osteoporosis, chronic sinusitis, fractures resolved; no pain
    "Keira_Huel": (
        {"implanted_electronics": True, "metabolic_bone_disease": True},
        {"nrs", "bmi", "osteoporosis_t_score", "active_infection"},
    ),
}


@pytest.fixture(scope="module")
def files(shared):
    return sorted((shared / "fhir").rglob("*.json"))


@pytest.fixture(scope="module")
def people(files):
    texts = {name: one.read_text("utf-8") for one in files for name in PEOPLE if name in one.name}
    return {name: (text, read(text, name, today=TODAY)) for name, text in texts.items()}


def resources(text):
    whole = json.loads(text, parse_float=str)
    return [one["resource"] for one in whole["entry"]] if "entry" in whole else [whole]


def test_all_files_were_found(files):
    assert len(files) == 7 + 26 + 22


def test_every_entry_of_every_file_is_mapped_kept_or_rejected_and_stays_as_it_was(files):
    total = collections.Counter()
    for file in files:
        text = file.read_text("utf-8")
        found = read(text, file.name, today=TODAY)
        given = resources(text)
        assert [json.loads(written(one.resource), parse_float=str) for one in found.kept] == given
        total.update(one.fate for one in found.kept)
        named = {one.reference for one in found.unmapped}
        for one in found.kept:
            assert one.fate != "as_is" or one.reference in named, one.reference
        rejected = [one for one in found.kept if one.fate == "rejected"]
        assert len(rejected) == len(found.rejected)
    assert sum(total.values()) == 348 + 257 + 329 + 611 + 478 + 339 + 230 + 26 + 22
    # A Questionnaire whose enableWhen lacks its operator, and a response with a made-up element.
    assert total["rejected"] == 2


@pytest.mark.parametrize("name", PEOPLE)
def test_facts_are_those_that_stand_in_the_record(people, name):
    _, found = people[name]
    known, questions = PEOPLE[name]
    assert {fact: one.value for fact, one in found.facts.items()} == known
    assert set(asked(found.facts, found.unmapped)) == questions


@pytest.mark.parametrize("name", PEOPLE)
def test_medicines_and_procedures_are_all_there_with_their_own_status(people, name):
    text, found = people[name]
    given = collections.Counter(
        (one["medicationCodeableConcept"]["coding"][0]["code"], one["status"])
        for one in resources(text)
        if one["resourceType"] == "MedicationRequest"
    )
    assert collections.Counter((one.codes[0][1], one.status) for one in found.medicines) == given
    done = [one for one in resources(text) if one["resourceType"] == "Procedure"]
    assert len(found.procedures) == len(done)


def test_the_pain_score_is_the_last_one_while_it_is_recent(people):
    text, _ = people["Bradly_Douglas"]
    scores = sorted(
        (one["effectiveDateTime"], float(one["valueQuantity"]["value"]))
        for one in resources(text)
        if one["resourceType"] == "Observation" and one["code"]["coding"][0]["code"] == "72514-3"
    )
    day, score = scores[-1]
    found = read(text, "x", today=dt.date.fromisoformat(day[:10]) + dt.timedelta(days=90))
    assert found.facts["nrs"].value == score
    assert found.facts["nrs"].on == dt.date.fromisoformat(day[:10])
    later = read(text, "x", today=dt.date.fromisoformat(day[:10]) + dt.timedelta(days=91))
    assert "nrs" not in later.facts


def test_where_a_fact_came_from_is_said(people):
    _, found = people["Randolph_Wisoky"]
    fact = found.facts["implanted_electronics"]
    assert fact.origin == "FHIR Procedure/6603b097-644e-4a6f-a852-47228a0fc384"
    assert fact.on == dt.date(2006, 5, 8)


def test_the_pregnancy_of_the_example_counts_while_it_can_last(shared):
    text = (shared / "fhir/us_core/observation-pregnancy-status.json").read_text("utf-8")
    assert read(text, "x", today=dt.date(2022, 9, 1)).facts["pregnant"].value is True
    assert "pregnant" not in read(text, "x", today=TODAY).facts
