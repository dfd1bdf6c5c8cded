"""Small FHIR resources for tests, and one way to read them."""

import datetime as dt
import json

from basivert.edge.fhir.read import read

TODAY = dt.date(2026, 11, 26)
SNOMED = "http://snomed.info/sct"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def condition(code="84114007", *, system=SNOMED, clinical="active", sure="confirmed", **more):
    found = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
             "code": concept(system, code), **more}  # fmt: skip
    if clinical:
        found["clinicalStatus"] = concept(CLINICAL, clinical)
    if sure:
        found["verificationStatus"] = concept(VERIFIED, sure)
    return found


def observation(code="72514-3", *, system="http://loinc.org", on="2026-11-20", **more):
    return {
        "resourceType": "Observation", "id": "o1", "status": "final",
        "subject": {"reference": "Patient/p1"}, "code": concept(system, code),
        "effectiveDateTime": on, **more,
    }  # fmt: skip


def quantity(value, code="{score}", **more):
    return {"value": value, "code": code, "system": "http://unitsofmeasure.org", **more}


def bundle(*resources, kind="collection"):
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources]}


def reading(*resources, today=TODAY, patient=None):
    whole = resources[0] if len(resources) == 1 else bundle(*resources)
    return read(json.dumps(whole), "test.json", today=today, patient=patient)


def values(found):
    return {name: fact.value for name, fact in found.facts.items()}


def asks(found):
    return {one.asks for one in found.unmapped if one.asks}
