"""A health record goes into a stored case without loss, and over nobody's answer."""

import json

import pytest

from basivert.care.candidacy.editions import edition
from basivert.care.facts import facts as checked
from basivert.edge.candidacy_codec import candidacy_document, considered
from basivert.edge.fhir.json_text import written
from basivert.edge.fhir.read import builtin_codes, read
from basivert.edge.fhir_into import take_in
from basivert.edge.store import cases, facts, records
from basivert.errors import ConflictError, ForbiddenError
from tests.edge.fhir.records import bundle, condition, observation, quantity
from tests.edge.store.conftest import MARK

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1961-05-04",
           "name": [{"family": MARK}]}  # fmt: skip
WARFARIN = {
    "resourceType": "MedicationStatement", "id": "m1", "status": "active",
    "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-10-01",
    "medicationCodeableConcept": {"text": "Warfarin Sodium 5 MG Oral Tablet", "coding": [
        {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "855332"}]},
}  # fmt: skip
ENDED = {**WARFARIN, "id": "m2", "status": "stopped",
         "medicationCodeableConcept": {"text": "Ibuprofen 200 MG"}}  # fmt: skip
PAIN = observation(valueQuantity=quantity(7), on="2026-11-01")
WHOLE = (PATIENT, condition(), PAIN, WARFARIN, ENDED)


def imported(clock, *resources, **more):
    text = json.dumps(bundle(*resources))
    return read(text, "x", today=clock.now.date(), **more)


def take(store, actor, case, found, **more):
    with store.writing(actor) as work:
        return take_in(work, case, found, **more)


def known(store, actor, case):
    with store.reading(actor) as work:
        return facts.facts(work, case)


def state(store, actor, case):
    """Everything of a case that taking in could change."""
    with store.reading(actor) as work:
        kept = [records.record(work, case, kind) for kind in ("fhir", "preparation")]
        return cases.case(work, case).version, facts.answers(work, case), kept


def test_facts_carry_their_resource_and_their_day(store, team, opened, clock):
    taken = take(store, team.nurse, opened[1], imported(clock, *WHOLE))
    now = known(store, team.nurse, opened[1])
    assert set(taken.new) == set(now) == {"heart_failure", "nrs", "age_years"}
    assert (now["heart_failure"].value, now["heart_failure"].origin) == (True, "FHIR Condition/c1")
    assert (now["nrs"].value, str(now["nrs"].on)) == (7, "2026-11-01")


def test_a_second_time_changes_nothing(store, team, opened, clock):
    found = imported(clock, *WHOLE)
    take(store, team.nurse, opened[1], found)
    before = state(store, team.nurse, opened[1])
    again = take(store, team.physician, opened[1], found)
    assert (dict(again.new), again.medicines, again.kept, again.conflicts) == ({}, (), (), ())
    assert state(store, team.nurse, opened[1]) == before


def test_nothing_goes_over_what_a_person_entered(store, team, opened, clock):
    case, known_kinds = opened[1], builtin_codes()[1]
    with store.writing(team.nurse) as work:
        given = checked({"heart_failure": False, "nrs": 7}, known_kinds, origin="entered")
        version = cases.case(work, case).version
        facts.enter(work, case, given, version=version, unknown=["age_years"])
    taken = take(store, team.nurse, case, imported(clock, *WHOLE))
    (one,) = taken.conflicts
    assert (one.said.name, one.said.value, one.stands.value) == ("heart_failure", True, False)
    assert taken.agreed == ("nrs",) and list(taken.new) == ["age_years"]
    now = known(store, team.nurse, case)
    assert (now["heart_failure"].value, now["heart_failure"].origin) == (False, "entered")
    assert now["nrs"].origin == "entered" and now["age_years"].value == 65


def test_a_newer_record_takes_the_place_of_an_older_one_and_not_the_other_way(
    store, team, opened, clock
):
    older = {**PAIN, "id": "o0", "effectiveDateTime": "2026-09-20",
             "valueQuantity": quantity(9)}  # fmt: skip
    take(store, team.nurse, opened[1], imported(clock, PATIENT, older))
    take(store, team.nurse, opened[1], imported(clock, PATIENT, PAIN))
    assert known(store, team.nurse, opened[1])["nrs"].value == 7
    taken = take(store, team.nurse, opened[1], imported(clock, PATIENT, older))
    assert [one.said.name for one in taken.conflicts] == ["nrs"]
    assert known(store, team.nurse, opened[1])["nrs"].value == 7


def test_medicines_are_added_to_the_list_that_is_there(store, team, opened, clock):
    with store.writing(team.nurse) as work:
        own = {"medicines": [{"text": "ibuprofen 200 mg"}, {"text": "garlic"}], "facts": {}}
        records.keep(work, opened[1], "preparation", own, version=None)
    taken = take(store, team.nurse, opened[1], imported(clock, *WHOLE))
    assert taken.doubted == ("Ibuprofen 200 MG",)
    with store.reading(team.nurse) as work:
        kept = records.record(work, opened[1], "preparation").document
    assert kept["facts"] == {} and kept["medicines"] == [
        {"text": "ibuprofen 200 mg"}, {"text": "garlic"},
        {"text": "Warfarin Sodium 5 MG Oral Tablet", "status": "active", "rxnorm": "855332",
         "origin": "FHIR MedicationStatement/m1", "on": "2026-10-01"},
    ]  # fmt: skip


def test_a_record_without_medicines_is_no_answer_none(store, team, opened, clock):
    take(store, team.nurse, opened[1], imported(clock, PATIENT, ENDED))
    with store.reading(team.nurse) as work:
        assert records.record(work, opened[1], "preparation") is None


def test_every_resource_is_kept_digit_for_digit(store, team, opened, clock):
    text = json.dumps(bundle(*WHOLE, {"resourceType": "Meinung"})).replace(
        '"value": 7', '"value": 7.10'
    )
    found = read(text, "x", today=clock.now.date())
    take(store, team.nurse, opened[1], found)
    with store.reading(team.nurse) as work:
        rows = records.record(work, opened[1], "fhir").document["resources"].values()
    assert sorted(row["text"] for row in rows) == sorted(
        written(one.resource) for one in found.kept
    )
    assert any("7.10" in row["text"] for row in rows) and len(rows) == 6
    assert {row["fate"] for row in rows} == {"mapped", "rejected"}


def test_the_trail_holds_names_of_fields_and_never_a_value(store, team, opened, clock):
    take(store, team.nurse, opened[1], imported(clock, *WHOLE))
    with store.reading(team.nurse) as work:
        rows = work.connection.exec_driver_sql("select body, object, action from audit").all()
    text = repr(rows)
    assert "fhir.taken_in" in text and "heart_failure" in text
    assert MARK not in text and "Warfarin" not in text


def test_what_changed_meanwhile_is_told_and_who_may_not_write_may_not(store, team, opened, clock):
    found = imported(clock, *WHOLE)
    with store.reading(team.nurse) as work:
        seen = cases.case(work, opened[1]).version
    with store.writing(team.physician) as work:
        cases.move(work, opened[1], version=seen, stage="preparation")
    with pytest.raises(ConflictError):
        take(store, team.nurse, opened[1], found, version=seen)
    with pytest.raises(ForbiddenError):
        take(store, team.registry, opened[1], found)
    assert known(store, team.nurse, opened[1]) == {}


def test_a_synthea_patient_gets_a_verdict_whose_reasons_name_the_record(
    shared, store, team, opened, clock
):
    (file,) = (shared / "fhir" / "synthea_r4").glob("Randolph_Wisoky_*.json")
    found = read(file.read_text("utf-8"), file.name, today=clock.now.date())
    taken = take(store, team.nurse, opened[1], found)
    assert len(taken.kept) == len(found.kept) > 100
    rules = builtin_codes()[1]
    now = known(store, team.nurse, opened[1])
    document = candidacy_document(considered(now, edition("label_2019", rules), rules))
    assert document["answer"] == "not_candidate"
    origins = [fact["origin"] for row in document["reasons"] for fact in row["facts"].values()]
    assert origins and all(one.startswith("FHIR ") for one in origins)
