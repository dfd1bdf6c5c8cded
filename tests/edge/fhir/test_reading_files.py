"""Files as they come: broken entries, several people, lines; no message holds a patient's value."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.edge.fhir.case import case
from basivert.edge.fhir.json_text import parsed, written
from basivert.edge.fhir.read import read
from basivert.errors import MissingExtra, RecordError
from tests.edge.fhir.records import (
    TODAY,
    bundle,
    concept,
    condition,
    observation,
    quantity,
    reading,
    values,
)

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
MARK = "Zzyzx-4711"
GOOD = condition(id="good")

# Each defect of one Observation, and where it is told. Most carry the patient's value.
DEFECTS = {
    "required code": ({"status": "nonsense" + MARK}, "Observation.status"),
    "status missing": ({"status": ...}, "Observation.status"),
    "unknown element": ({"foo": MARK}, "Observation.foo"),
    "month 13": ({"effectiveDateTime": "2020-13-01"}, "Observation.effectiveDateTime"),
    "time without zone": (
        {"effectiveDateTime": "2020-12-01T10:00:00"}, "Observation.effectiveDateTime",
    ),
    "two values": ({"valueString": MARK, "valueInteger": 4}, "Observation"),
    "id with a space": ({"id": "a " + MARK}, "Observation.id"),
    "nested without its child": ({"component": [{"valueString": MARK}]}, "component[0].code"),
    "null": ({"valueString": None}, "Observation.valueString"),
    "deep null": ({"note": [{"text": MARK, "authorString": None}]}, "note[0].authorString"),
    "empty list": ({"note": []}, "Observation.note"),
    "empty object": ({"method": {}}, "Observation.method"),
    "empty text": ({"issued": ""}, "Observation.issued"),
    "number for a date": ({"effectiveDateTime": 20201201}, "Observation.effectiveDateTime"),
    "number for an end": ({"effectivePeriod": {"end": 5}}, "Observation.effectivePeriod.end"),
    "text for a number": ({"valueInteger": MARK}, "Observation.valueInteger"),
    "text for a decimal": ({"valueQuantity": {"value": MARK}}, "valueQuantity.value"),
    "decimal as text": ({"valueQuantity": {"value": "7.1"}}, "valueQuantity.value"),
    "whole number as text": ({"valueInteger": "7"}, "Observation.valueInteger"),
    "whole number with a point": ({"valueInteger": 7.0}, "Observation.valueInteger"),
    "true for a number": ({"valueInteger": True}, "Observation.valueInteger"),
    "control character": ({"valueString": "a\x00" + MARK}, "Observation.valueString"),
    "half a character": ({"valueString": "a\ud800" + MARK}, "Observation.valueString"),
    "text for an object": ({"code": MARK}, "Observation.code"),
    "object as text": ({"code": json.dumps({"text": MARK})}, "Observation.code"),
    "narrative": ({"text": {"status": MARK, "div": "<div>a</div>"}}, "text.status"),
    "no such resource": ({"resourceType": "Meinung"}, "resourceType"),
}  # fmt: skip


def broken(changes):
    whole = {**observation(id="bad", valueQuantity=quantity(4)), **changes}
    if "valueString" in changes or "valueInteger" in changes:
        del whole["valueQuantity"]
    return {name: value for name, value in whole.items() if value is not ...}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_told_with_its_path_and_the_rest_is_read(name):
    changes, path = DEFECTS[name]
    found = reading(GOOD, broken(changes), {**GOOD, "id": "good2"})
    (one,) = found.rejected
    assert one.place == "Bundle.entry[1]"
    assert one.path.endswith(path)
    assert values(found) == {"heart_failure": True}
    assert [kept.fate for kept in found.kept] == ["mapped", "rejected", "mapped"]
    assert MARK not in f"{found.rejected}{found.unmapped}"


@pytest.mark.parametrize(
    "text",
    [
        MARK,
        f'{{"resourceType": "Patient", "name": "{MARK}"',
        f'["{MARK}"]',
        f'{{"a": "{MARK}", "a": 1}}',
        f'{{"resourceType": "Bundle", "type": "{MARK}"}}',
        f'{{"resourceType": "Bundle", "type": "batch", "entry": "{MARK}"}}',
        f'{{"{MARK}": NaN}}',
        "",
        "[" * 100_000,
    ],
)
def test_what_is_no_fhir_is_refused_without_its_content(text):
    with pytest.raises(RecordError) as caught:
        read(text, "x.json", today=TODAY)
    assert MARK not in str(caught.value)


def test_lines_are_read_one_by_one():
    lines = [json.dumps(GOOD), '{"broken": ' + MARK, "", json.dumps({**GOOD, "id": "two"})]
    found = read("\n".join(lines), "x.ndjson", today=TODAY)
    assert len(found.kept) == 2
    (bad,) = found.rejected
    assert (bad.place, bad.why) == ("line 2", "is not JSON")


@pytest.mark.parametrize("kind", ["transaction", "batch", "searchset", "collection", "document"])
def test_every_kind_of_bundle_is_opened(kind):
    found = read(json.dumps(bundle(GOOD, kind=kind)), "x", today=TODAY)
    assert values(found) == {"heart_failure": True}


def test_an_entry_without_a_resource_is_told():
    whole = bundle(GOOD)
    whole["entry"] += [{"request": {"method": "DELETE", "url": "Patient/1"}}, MARK]
    found = read(json.dumps(whole), "x", today=TODAY)
    assert [one.place for one in found.rejected] == ["Bundle.entry[1]", "Bundle.entry[2]"]


@pytest.mark.parametrize(
    "text",
    ['{"resourceType": "Observation", "valueInteger": ' + "1" * 5000 + "}",
     '{"resourceType": "Observation", "valueDecimal": 1e999}'],
)  # fmt: skip
def test_numbers_that_no_one_means_are_refused(text):
    with pytest.raises(RecordError, match="number"):
        read(text, "x", today=TODAY)


def test_depth_is_refused_not_a_crash():
    deep = {"url": "u", "valueString": "a"}
    for _ in range(300):
        deep = {"url": "u", "extension": [deep]}
    found = reading(GOOD, {**GOOD, "id": "deep", "extension": [deep]})
    assert values(found) == {"heart_failure": True}
    assert len(found.kept) == 2


def test_a_modifier_that_is_not_understood_is_not_passed_over():
    modifier = [{"url": "http://x.org/not", "valueBoolean": True}]
    found = reading({**GOOD, "modifierExtension": modifier})
    assert values(found) == {}
    assert [one.fate for one in found.kept] == ["as_is"]
    assert "modifier" in found.unmapped[0].why


def version(sure, updated, **more):
    meta = {"meta": {"lastUpdated": updated}} if updated else {}
    return condition(sure=sure, clinical=None if sure == "refuted" else "active", **meta, **more)


@pytest.mark.parametrize(
    ("versions", "answer"),
    [
        ((version("confirmed", "2026-01-01T00:00:00Z"),
          version("refuted", "2026-02-01T00:00:00Z")), False),
        ((version("refuted", "2026-02-01T00:00:00+02:00"),
          version("confirmed", "2026-01-31T23:00:00Z")), True),
        ((version("confirmed", None), version("refuted", "2026-02-01T00:00:00Z")), None),
        ((version("confirmed", None), version("confirmed", None)), True),
    ],
)  # fmt: skip
def test_only_the_latest_version_of_a_resource_speaks(versions, answer):
    for order in (versions, versions[::-1]):
        found = read(json.dumps(bundle(*order, kind="history")), "x", today=TODAY)
        assert values(found).get("heart_failure") is answer
        assert len(found.kept) == 2
        assert sum("version" in one.why or "already" in one.why for one in found.unmapped) >= 1


def test_two_versions_of_a_patient_are_one_person():
    def patient(born, updated):
        return person("p1", birthDate=born, meta={"lastUpdated": updated})

    found = reading(patient("1970-01-01", "2026-02-01T00:00:00Z"),
                    patient("1960-01-01", "2026-01-01T00:00:00Z"))  # fmt: skip
    assert values(found) == {"age_years": 56}


def person(name, **more):
    return {"resourceType": "Patient", "id": name, **more}


def test_facts_of_two_people_never_meet():
    other = condition("64779008", id="c2", subject={"reference": "Patient/p2"})
    whole = (person("p1"), person("p2"), condition(), other)
    with pytest.raises(RecordError, match="Patient/p1, Patient/p2"):
        reading(*whole)
    assert values(reading(*whole, patient="p1")) == {"heart_failure": True}
    assert values(reading(*whole, patient="Patient/p2")) == {"bleeding_disorder": True}
    with pytest.raises(RecordError, match="not in the file"):
        reading(*whole, patient="p3")
    with pytest.raises(RecordError, match="2 people"):
        reading(condition(), other)


@pytest.mark.parametrize(
    "subject",
    [{"reference": "Patient/p2"}, {"display": "P One"}, {"identifier": {"value": "p1"}},
     {"reference": "http://other.org/Patient/p1"}, {"reference": "#p1"}],
)  # fmt: skip
def test_what_may_be_about_someone_else_is_kept_not_mapped(subject):
    found = reading(person("p1"), condition(subject=subject))
    assert values(found) == {}
    assert [one.fate for one in found.kept] == ["mapped", "as_is"]
    assert any("not surely about this patient" in one.why for one in found.unmapped)


def test_what_names_nobody_is_not_the_patients_where_the_file_names_one():
    pain = observation(valueQuantity=quantity(7))
    device = {"resourceType": "Device", "id": "d1", "status": "active",
              "type": concept("http://snomed.info/sct", "14106009")}  # fmt: skip
    assert values(reading(person("p1"), pain)) == {"nrs": 7}
    found = reading(person("p1"), {k: v for k, v in pain.items() if k != "subject"}, device)
    assert values(found) == {}
    assert [one.fate for one in found.kept] == ["mapped", "as_is", "as_is"]
    told = {one.reference for one in found.unmapped if "says by no reference" in one.why}
    assert told == {"Observation/o1", "Device/d1"}


def test_the_patient_is_known_by_full_url_id_and_version():
    for reference in ("urn:uuid:7", "Patient/p1", "Patient/p1/_history/3"):
        whole = bundle(person("p1"), condition(subject={"reference": reference}))
        whole["entry"][0]["fullUrl"] = "urn:uuid:7"
        found = read(json.dumps(whole), "x", today=TODAY)
        assert values(found) == {"heart_failure": True}


@pytest.mark.parametrize(
    "text", ['{"a": 7.10, "b": [1e3, -0.0, 12345678901234567890, 0.1000000000000000055511151]}',
             '{"s": "ä\\u2028\\"", "n": null, "t": true, "e": {}, "l": []}'],
)  # fmt: skip
def test_numbers_keep_their_digits(text):
    again = written(parsed(text, "x"))
    assert json.loads(again, parse_float=str) == json.loads(text, parse_float=str)


leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(
    allow_nan=False, allow_infinity=False
)  # fmt: skip
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["coding", "code", "system", "value", "reference", "start", "item"]),
        inner, max_size=3,
    ), max_leaves=8,
)  # fmt: skip


@given(
    kind=st.sampled_from(
        ["Condition", "Observation", "Procedure", "Device", "MedicationRequest", "Patient",
         "QuestionnaireResponse", "DiagnosticReport", "Claim", "DeviceUseStatement"]
    ),
    name=st.sampled_from(
        ["code", "subject", "status", "onsetDateTime", "valueQuantity", "bodySite", "type", "item",
         "patient", "medicationCodeableConcept", "clinicalStatus", "device", "birthDate", "text"]
    ),
    value=trees,
)  # fmt: skip
def test_no_content_breaks_the_reading(kind, name, value):
    found = reading(GOOD, {"resourceType": kind, "id": "x", name: value})
    assert len(found.kept) == 2
    assert values(found).get("heart_failure") is True


ANSWERS = {
    "valueDecimal": "7.1", "valueInteger": "7", "valueBoolean": "true",
    "valueQuantity": {"value": "7.1"},
}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_written_as_text_is_refused_and_as_itself_is_read(kind):
    def answered(value):
        return reading({
            "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed",
            "item": [{"linkId": "a", "answer": [{kind: value}]}],
        })  # fmt: skip

    (one,) = answered(ANSWERS[kind]).rejected
    assert one.path.startswith(f"QuestionnaireResponse.item[0].answer[0].{kind}")
    proper = {"valueDecimal": 7.1, "valueInteger": 7, "valueBoolean": True,
              "valueQuantity": {"value": 7.1}}  # fmt: skip
    assert answered(proper[kind]).rejected == ()


def test_an_order_not_to_give_written_as_text_is_not_taken_for_an_order():
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
             "medicationCodeableConcept": {"text": "warfarin"}, "doNotPerform": "true",
             "subject": {"reference": "Patient/p1"}}  # fmt: skip
    found = reading(order)
    assert [one.path for one in found.rejected] == ["MedicationRequest.doNotPerform"]
    assert found.medicines == ()


def test_a_missing_package_is_named_with_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B", None)
    with pytest.raises(MissingExtra, match=r"fhir\.resources") as caught:
        reading(GOOD)
    assert "pip install 'basivert[fhir]'" in caught.value.fix
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(MissingExtra, match=r"fhir\.resources") as caught:
        case({"pseudonym": "P-1"})
    assert "pip install 'basivert[fhir]'" in caught.value.fix


def test_one_resource_that_names_nobody_can_be_vouched_for():
    lone = condition(subject={"display": "P One"})
    (why,) = [one.why for one in reading(lone).unmapped]
    assert "--patient Patient/ID" in why
    assert values(reading(lone, patient="Patient/p1")) == values(reading(condition()))
    with pytest.raises(RecordError, match="not in the file"):
        reading(lone, lone | {"id": "c2"}, patient="Patient/p1")
