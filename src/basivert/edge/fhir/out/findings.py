"""The patient, the facts and the medicines. What is unknown is not written, and so never a no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from basivert.care.facts import Fact, Facts, Kind, Vocabulary
from basivert.edge.fhir.case import Case
from basivert.edge.fhir.out.draft import Desk, Draft

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def patient(case: Case, desk: Desk) -> Draft:
    """The patient by pseudonym alone."""
    name = {"system": "urn:basivert:pseudonym", "value": case.pseudonym}
    return desk.draft("patient", "Patient", {"identifier": [name], "gender": case.gender})


def medicines(case: Case, desk: Desk) -> Iterator[Draft]:
    """Each medicine with its status."""
    for number, one in enumerate(case.medicines):
        concept: dict[str, Any] = {"text": one.name}
        if one.rxnorm:
            concept["coding"] = [desk.coding("rxnorm", one.rxnorm)]
        since = {"start": one.since.isoformat()} if one.since else None
        yield desk.draft(
            f"medicine {number}", "MedicationStatement",
            {"status": one.status, "medicationCodeableConcept": concept,
             "subject": desk.to("patient"), "effectivePeriod": since},
        )  # fmt: skip


def densities(case: Case, desk: Desk) -> Iterator[Draft]:
    """Bone density by CT, vertebra by vertebra."""
    code = {
        "coding": [desk.coding("observation", "spongiosa-density")],
        "text": "Mean density of the spongiosa in CT",
    }
    for number, one in enumerate(case.densities):
        yield desk.draft(
            f"density {number}", "Observation",
            {"status": "final", "code": code, "subject": desk.to("patient"),
             "effectiveDateTime": one.on.isoformat(), "bodySite": desk.place(one.level),
             "valueQuantity": desk.quantity(one.hu, desk.codes["unit"]["HU"])},
        )  # fmt: skip


def findings(facts: Facts, known: Vocabulary, desk: Desk) -> Iterator[Draft]:
    """Conditions and Observations of what is known."""
    for name, fact in facts.items():
        if name in desk.codes["condition"]:
            yield _condition(fact, desk)
        elif known[name].shape == "by_place" and isinstance(fact.value, Mapping):
            for place, value in fact.value.items():
                kind = "valueString" if isinstance(value, str) else "valueInteger"
                elements = {"bodySite": desk.place(place), kind: value}
                yield _observation(f"{name} {place}", fact, known[name], elements, desk)
        else:
            yield _observation(name, fact, known[name], _value(fact, known[name], desk), desk)


def _condition(fact: Fact, desk: Desk) -> Draft:
    row = desk.codes["condition"][fact.name]
    status = {"coding": [{"system": _CLINICAL, "code": "active"}]} if fact.value else None
    sure = "confirmed" if fact.value else "refuted"
    code = desk.coding(row["system"], row["code"], row["display"])
    return desk.draft(
        f"fact {fact.name}", "Condition",
        {"clinicalStatus": status,
         "verificationStatus": {"coding": [{"system": _VERIFIED, "code": sure}]},
         "code": {"coding": [code], "text": row["display"]}, "subject": desk.to("patient"),
         "recordedDate": _on(fact), "note": _note(fact)},
    )  # fmt: skip


def _observation(key: str, fact: Fact, kind: Kind, value: Mapping[str, Any], desk: Desk) -> Draft:
    row = desk.codes["observation"].get(fact.name)
    coding = (
        desk.coding("loinc", row["code"], row["display"]) if row else desk.coding("fact", fact.name)
    )
    return desk.draft(
        f"fact {key}", "Observation",
        {"status": "final", "code": {"coding": [coding], "text": kind.wording},
         "subject": desk.to("patient"), "effectiveDateTime": _on(fact), **value,
         "note": _note(fact)},
    )  # fmt: skip


def _value(fact: Fact, kind: Kind, desk: Desk) -> dict[str, Any]:
    value = fact.value
    match kind.shape:
        case "number" if isinstance(value, (int, float)):
            row = desk.codes["observation"].get(fact.name)
            unit = row["unit"] if row else desk.codes["unit"][kind.unit]
            return {"valueQuantity": desk.quantity(value, unit)}
        case "yes_no" if fact.name in desk.codes["answer"]:
            row = desk.codes["answer"][fact.name]["yes" if value else "no"]
            coding = desk.coding("snomed", row["code"], row["display"])
            return {"valueCodeableConcept": {"coding": [coding], "text": row["display"]}}
        case "yes_no":
            return {"valueBoolean": value}
        case "places" if isinstance(value, tuple):
            part = {"text": "vertebra"}
            return {
                "component": [
                    {"code": part, "valueCodeableConcept": desk.place(one)} for one in value
                ]
            }
        case _:
            return {"valueString": str(value)}


def _on(fact: Fact) -> str | None:
    return fact.on.isoformat() if fact.on else None


def _note(fact: Fact) -> list[dict[str, str]]:
    return [{"text": f"Origin: {fact.origin}"}]
