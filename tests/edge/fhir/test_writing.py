"""What is written is valid, hangs together, and says unknown by saying nothing."""

import collections
import copy
import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings

from basivert.care.outcomes.rules import outcome_rules
from basivert.constants.load import document
from basivert.edge.fhir.case import case
from basivert.edge.fhir.check import problem
from basivert.edge.fhir.read import builtin_codes, read
from basivert.edge.fhir.write import bundle
from basivert.errors import RecordError
from tests.edge.fhir.cases import BARE, NOW, WHOLE, any_facts, made
from tests.edge.fhir.records import TODAY

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")


@pytest.fixture(scope="module")
def whole():
    return bundle(case(WHOLE), now=NOW)


def of(whole, kind):
    found = [one["resource"] for one in whole["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def mappings(value):
    """Every mapping in a document, at any depth."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from mappings(one)


def references(value):
    found = (one.get("reference") for one in mappings(value))
    return (name for name in found if isinstance(name, str))


def codes(concept):
    return {one["code"] for one in concept["coding"]}


def test_every_resource_is_there(whole):
    kinds = collections.Counter(one["resource"]["resourceType"] for one in whole["entry"])
    assert kinds == {
        "Patient": 1, "Condition": 3, "Observation": 13 + 1 - 3 + 3 + 1 + 1 + 2,
        "Questionnaire": 2, "QuestionnaireResponse": 3 + 1, "MedicationStatement": 3,
        "Device": 2, "Procedure": 4,
        "AdverseEvent": 2, "Task": 2, "CarePlan": 1, "GuidanceResponse": 1, "Provenance": 1,
    }  # fmt: skip


def test_three_checkers_find_nothing(whole):
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs not installed: pip install it")
    assert problem(whole) is None
    assert fhirkit.validate(whole) == []
    for one in whole["entry"]:
        assert problem(one["resource"]) is None
        assert fhirkit.validate(one["resource"]) == []


def test_every_reference_is_to_an_entry(whole):
    names = [one["fullUrl"] for one in whole["entry"]]
    assert len(set(names)) == len(names)
    assert {one for one in references(whole) if one[0] != "#"} <= set(names)
    assert all(one["request"]["method"] == "POST" for one in whole["entry"])


def test_ids_are_the_same_at_every_time_and_others_for_another_seed(whole):
    def names(one):
        return [entry["fullUrl"] for entry in one["entry"]]

    assert names(bundle(case(WHOLE), now=NOW.replace(year=2027))) == names(whole)
    assert not set(names(bundle(case(WHOLE), now=NOW, seed="x"))) & set(names(whole))
    other = copy.deepcopy(WHOLE) | {"pseudonym": "P-002"}
    assert not set(names(bundle(case(other), now=NOW))) & set(names(whole))


def test_a_check_in_carries_its_answer_and_says_nothing_that_was_not_said(whole):
    (one,) = [q for q in of(whole, "QuestionnaireResponse") if "check-in" in q["questionnaire"]]
    assert len(one["item"]) == 6
    (told,) = [o for o in of(whole, "Observation") if o.get("valueString") == "call_today"]
    assert told["derivedFrom"] == [{"reference": f"urn:uuid:{one['id']}"}]


def test_a_plan_names_its_file_and_what_was_reached(whole):
    (one,) = [o for o in of(whole, "Observation") if "identifier" in o]
    assert one["identifier"][0]["value"] == "a" * 64
    told = {c["code"]["text"]: c["valueQuantity"] for c in one["component"]}
    assert {name: (q["value"], q["code"]) for name, q in told.items()} == {
        "Share of the nerve, planned": (0.93, "1"), "Share of the nerve, treated": (0.88, "1"),
        "Planned distance, posterior": (6.2, "mm"), "Planned distance, medial": (1.4, "mm"),
    }  # fmt: skip


def test_instruments_without_a_public_code_have_a_local_one():
    scores = [{"instrument": "vas_mm", "value": 31}, {"instrument": "opioids", "value": 0}]
    vas, opioids = of(bundle(made(scores=scores), now=NOW), "Observation")
    assert vas["valueQuantity"]["code"] == "mm" and opioids["valueBoolean"] is False


@pytest.mark.parametrize("name", outcome_rules()["scores"]["instrument"])
def test_every_instrument_has_a_unit_that_others_know(name):
    (found,) = of(bundle(made(scores=[{"instrument": name, "value": 1}]), now=NOW), "Observation")
    quantity = found.get("valueQuantity")
    assert "valueBoolean" in found or not set(quantity["code"]) & set(" ,")


def test_what_nobody_wrote_down_is_not_filled_in():
    bodies = [{"level": "L4"}]
    done = {"start": "2026-11-24T08:00:00+01:00", "bodies": bodies, "status": "unknown"}
    events = [{"what": "bleeding"}]
    whole = bundle(made(operation=done, events=events, tasks=[{"what": "Driver"}]), now=NOW)
    parent, part = of(whole, "Procedure")
    assert parent["status"] == "unknown" and "end" not in parent["performedPeriod"]
    assert part["bodySite"][0]["text"] == "L4"
    assert "date" not in of(whole, "AdverseEvent")[0]
    assert "owner" not in of(whole, "Task")[0]
    assert problem(whole) is None


def test_version_and_notice_go_along(whole):
    assert codes({"coding": whole["meta"]["tag"]}) == {"4.0.1", "research-use-only"}


def test_the_procedure_has_one_part_for_each_vertebra(whole):
    parent, *parts = of(whole, "Procedure")
    assert codes(parent["code"]) == {"879916008", "64628", "64629"}
    assert [codes(one) for one in parent["bodySite"]] == [
        {"11994002", "L4"}, {"49668003", "L5"}, {"54735007", "S1"},
    ]  # fmt: skip
    assert len(parts) == 3
    for part in parts:
        assert part["partOf"] == [{"reference": f"urn:uuid:{parent['id']}"}]
        assert part["performedPeriod"]["start"] == "2026-11-24T08:00:00+01:00"
    assert [len(part.get("usedReference", [])) for part in parts] == [1, 0, 2]


def test_the_side_of_access_stands_with_its_vertebra(whole):
    parts = [one for one in of(whole, "Procedure") if "partOf" in one]
    told = [one["bodySite"][0]["text"] for one in parts]
    assert told == ["L4, access left", "L5, access right", "S1, access left"]


def test_up_to_two_vertebrae_need_no_further_number():
    two = WHOLE["operation"] | {"bodies": WHOLE["operation"]["bodies"][:2]}
    parent = of(bundle(made(operation=two), now=NOW), "Procedure")[0]
    assert codes(parent["code"]) == {"879916008", "64628"}


def test_the_dose_names_its_units(whole):
    (dose,) = [one for one in of(whole, "Observation") if "partOf" in one]
    found = {
        part["code"]["coding"][0]["code"]: (part["valueQuantity"]["value"],
                                            part["valueQuantity"]["code"])
        for part in dose["component"]
    }  # fmt: skip
    assert found == {"113730": (312, "s"), "113722": (0.0021, "Gy.m2")}


def quantities(value):
    return (one for one in mappings(value) if {"value", "unit"} <= set(one))


def test_the_dose_at_the_reference_point_is_in_gray():
    done = WHOLE["operation"] | {"dose_point_gy": 0.031}
    whole = bundle(made(operation=done), now=NOW)
    (dose,) = [one for one in of(whole, "Observation") if "partOf" in one]
    told = {one["code"]["coding"][0]["code"]: one["valueQuantity"] for one in dose["component"]}
    assert (told["113725"]["value"], told["113725"]["code"]) == (0.031, "Gy")


def test_every_number_with_a_unit_is_in_ucum(whole):
    found = list(quantities(whole))
    assert len(found) > 10
    assert {one["system"] for one in found} == {"http://unitsofmeasure.org"}
    assert all(one["unit"] == one["code"] for one in found)


def test_every_time_keeps_the_zone_that_it_was_written_in(whole):
    (dose,) = [one for one in of(whole, "Observation") if "partOf" in one]
    assert dose["effectiveDateTime"] == WHOLE["operation"]["end"]
    (asked,) = [q for q in of(whole, "QuestionnaireResponse") if "check-in" in q["questionnaire"]]
    (told,) = [o for o in of(whole, "Observation") if o.get("valueString") == "call_today"]
    assert asked["authored"] == told["effectiveDateTime"] == WHOLE["check_ins"][0]["at"]
    assert of(whole, "Task")[0]["restriction"]["period"]["end"] == WHOLE["tasks"][0]["due"]


def test_an_event_is_as_severe_and_serious_as_was_said():
    for severity in ("mild", "moderate", "severe"):
        event = {"what": "bleeding", "severity": severity, "serious": severity == "severe"}
        (one,) = of(bundle(made(events=[event]), now=NOW), "AdverseEvent")
        assert codes(one["severity"]) == {severity}
        told = "serious" if severity == "severe" else "not serious"
        assert one["seriousness"]["text"] == told
    (unsaid,) = of(bundle(made(events=[{"what": "bleeding"}]), now=NOW), "AdverseEvent")
    assert "severity" not in unsaid and "seriousness" not in unsaid


def test_a_server_that_has_the_patient_or_a_questionnaire_takes_its_own(whole):
    once = {}
    for entry in whole["entry"]:
        resource, asked = entry["resource"], entry["request"].get("ifNoneExist")
        if resource["resourceType"] in ("Patient", "Questionnaire"):
            once[resource.get("url", "Patient")] = parse_qs(asked, strict_parsing=True)
        else:
            assert asked is None
    urls = {f"urn:basivert:questionnaire:{name}-score" for name in ("odi", "nrs")}
    assert set(once) == {"Patient"} | urls
    assert once["Patient"] == {"identifier": ["urn:basivert:pseudonym|P-001"]}
    edition = builtin_codes()[0].edition
    assert all(once[url] == {"url": [url], "version": [edition]} for url in urls)


def test_density_names_vertebra_and_unit(whole):
    sited = [one for one in of(whole, "Observation") if {"valueQuantity", "bodySite"} <= set(one)]
    units = {one["valueQuantity"]["code"]: codes(one["bodySite"]) for one in sited}
    assert units == {"[hnsf'U]": {"36470004", "L3"}}


def test_a_score_is_derived_from_its_response_and_ships_no_item_text(whole):
    odi, _ = of(whole, "Questionnaire")
    assert [item["linkId"] for item in odi["item"]] == ["score"]
    assert "Fairbank" in odi["copyright"]
    responses = {f"urn:uuid:{one['id']}" for one in of(whole, "QuestionnaireResponse")}
    derived = [one for one in of(whole, "Observation") if "derivedFrom" in one]
    assert {one["derivedFrom"][0]["reference"] for one in derived} == responses


def test_an_unknown_verdict_says_what_is_required(whole):
    (one,) = of(whole, "GuidanceResponse")
    assert one["status"] == "data-required"
    asked = [next(iter(codes({"coding": row["codeFilter"][0]["code"]})))
             for row in one["dataRequirement"]]  # fmt: skip
    assert asked == ["radicular_pain_dominant", "84114007", "72514-3"]
    assert "not a medical device" in one["note"][0]["text"]
    told = {row["name"]: row.get("valueCode") for row in one["contained"][0]["parameter"]}
    assert told["answer"] == "unknown"


@pytest.mark.parametrize("answer", ["candidate", "not_candidate"])
def test_a_definite_verdict_keeps_its_reasons(answer):
    verdict = WHOLE["verdict"] | {"answer": answer, "missing": []}
    (one,) = of(bundle(made(verdict=verdict), now=NOW), "GuidanceResponse")
    assert one["status"] == "success" and "dataRequirement" not in one
    parts = one["contained"][0]["parameter"][2]["part"]
    assert [part["valueString"] for part in parts] == ["pain", "fda.2016", "for", "pain_months"]


def test_who_recorded_it_answers_for_all(whole):
    (one,) = of(whole, "Provenance")
    assert len(one["target"]) == len(whole["entry"]) - 1
    assert [agent["who"]["display"] for agent in one["agent"]] == ["nurse 3", "basivert"]


def test_nothing_known_is_a_patient_and_who_recorded_it():
    empty = bundle(case(BARE), now=NOW)
    assert [one["resource"]["resourceType"] for one in empty["entry"]] == ["Patient", "Provenance"]
    assert read(json.dumps(empty), "x", today=TODAY).facts == {}


def test_every_unit_of_the_vocabulary_can_be_written():
    table, known = builtin_codes()
    units = {kind.unit for kind in known.kinds.values() if kind.shape == "number"}
    assert units <= set(document("care/fhir_codes")["write"]["unit"])
    assert {row.fact for row in table.rows} <= set(known.kinds)


@settings(max_examples=40)
@given(facts=any_facts())
def test_facts_come_back_as_they_were_and_unknown_stays_unknown(facts):
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs not installed: pip install it")
    text = json.dumps(bundle(made(facts=facts), now=NOW))
    assert fhirkit.validate(text) == []
    found = read(text, "x", today=TODAY)
    assert found.rejected == ()
    for name, given_fact in facts.items():
        value = given_fact["value"]
        back = found.facts[name]
        assert back.value == (tuple(value) if isinstance(value, list) else value)
        assert (back.on.isoformat() if back.on else None) == given_fact["on"]
    assert set(found.facts) == set(facts)


def test_medicines_scores_and_procedures_come_back(whole):
    found = read(json.dumps(whole), "x", today=TODAY)
    assert [(one.name, one.status) for one in found.medicines] == [
        ("Warfarin 5 MG", "active"), ("garlic", "unknown"), ("aspirin", "not-taken"),
    ]  # fmt: skip
    assert found.facts["odi"].value == 12.5 and found.facts["nrs"].value == 2
    assert [one.answers for one in found.responses] == [
        {"score": (44,)}, {"score": (12.5,)}, {"score": (2,)},
        {"day": (1,), "temperature": (37.2,), "unit": ("C",), "chills": (False,),
         "swelling": ("same",), "drainage": (True,)},
    ]  # fmt: skip
    assert len(found.procedures) == 4


MARK = "Zzyzx-4711"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"facts": {"pain_month": 3}}, "pain_months"),
        ({"facts": {"nrs": 11}}, "0 to 10"),
        ({"scores": [{"instrument": "odi", "value": 101, "on": "2026-11-20"}]}, "0 to 100"),
        ({"scores": [{"instrument": "odi", "value": 1, "on": MARK}]}, "scores.0.on"),
        ({"scores": [{"instrument": "vas_mm", "value": 101}]}, "0 to 100"),
        ({"check_ins": [WHOLE["check_ins"][0] | {"answers": {"chill": True}}]}, "chills"),
        ({"check_ins": [WHOLE["check_ins"][0] | {"at": "2026-11-25T18:00:00"}]}, "zone"),
        ({"plans": [WHOLE["plans"][0] | {"level": "L9"}]}, "L9"),
        ({"wrong": MARK}, "wrong"),
        ({"medicines": [{"name": MARK}]}, "medicines.0.status"),
        ({"medicines": [{"name": "a", "status": MARK}]}, "medicines.0.status"),
        ({"operation": WHOLE["operation"] | {"start": "2026-11-24T08:00:00"}}, "zone"),
        ({"operation": WHOLE["operation"] | {"bodies": [{"level": "L9", "side": "left"}]}}, "L9"),
        ({"operation": WHOLE["operation"] | {"instruments": []}}, "does not list"),
        ({"operation": WHOLE["operation"] | {"bodies": [{"level": "L4", "side": "left"}] * 2}},
         "twice"),
        ({"pseudonym": None}, "pseudonym"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_told_with_its_place(changes, says):
    with pytest.raises(RecordError, match=says) as caught:
        bundle(case({**BARE, **changes}), now=NOW)
    assert MARK not in str(caught.value)
