"""The course of care: plan, tasks, the verdict on candidacy, and who answers for all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from basivert.edge.fhir.case import Case, Verdict
from basivert.edge.fhir.out.draft import Desk, Draft

_ROLE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def course(case: Case, desk: Desk) -> Iterator[Draft]:
    """Tasks, and the plan that they belong to."""
    for number, one in enumerate(case.tasks):
        period = {"end": one.due.isoformat()} if one.due else None
        yield desk.draft(
            f"task {number}", "Task",
            {"status": one.status, "intent": "order", "description": one.what,
             "basedOn": [desk.to("plan")] if case.course else None, "for": desk.to("patient"),
             "owner": {"display": one.owner} if one.owner else None,
             "restriction": {"period": period} if period else None},
        )  # fmt: skip
    if case.course is not None:
        details = [
            {"detail": {"status": "not-started", "description": one}}
            for one in case.course.activities
        ]
        tasks = [{"reference": desk.to(f"task {number}")} for number in range(len(case.tasks))]
        yield desk.draft(
            "plan", "CarePlan",
            {"status": "active", "intent": "plan", "title": case.course.title,
             "subject": desk.to("patient"), "activity": [*details, *tasks]},
        )  # fmt: skip


def verdict(case: Case, desk: Desk) -> Iterator[Draft]:
    """The verdict with its reasons and what is missing; never a bare yes or no."""
    made = case.verdict
    if made is None:
        return
    status = "data-required" if made.answer == "unknown" else "success"
    yield desk.draft(
        "verdict", "GuidanceResponse",
        {"moduleUri": "urn:basivert:candidacy", "status": status, "subject": desk.to("patient"),
         "occurrenceDateTime": (made.decided_at or desk.now).isoformat(),
         "contained": [{"resourceType": "Parameters", "id": "answer",
                        "parameter": _parameters(made)}],
         "outputParameters": {"reference": "#answer"},
         "note": [{"text": "Research use only, not a medical device. "
                           f"Rules {made.rules_edition}."}],
         "dataRequirement": [_requirement(name, desk) for name in made.missing]},
    )  # fmt: skip


def provenance(case: Case, made: Sequence[Draft], desk: Desk) -> Draft:
    """Who recorded everything, and that this program put it together."""
    agents = [_agent("author", case.recorded_by), _agent("assembler", "basivert")]
    return desk.draft(
        "provenance", "Provenance",
        {"target": [desk.to(one.key) for one in made], "recorded": desk.now.isoformat(),
         "agent": agents},
    )  # fmt: skip


def _parameters(made: Verdict) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "answer", "valueCode": made.answer},
        {"name": "rules_edition", "valueString": made.rules_edition},
    ]
    for reason in made.reasons:
        facts = reason.get("facts", ())
        listed = list(facts) if isinstance(facts, (list, tuple, dict)) else [facts]
        words = [(name, reason.get(name)) for name in ("rule", "source", "effect")]
        parts = [{"name": name, "valueString": str(word)} for name, word in words if word]
        parts += [{"name": "fact", "valueString": str(one)} for one in listed]
        if parts:
            found.append({"name": "reason", "part": parts})
    return found


def _requirement(name: str, desk: Desk) -> dict[str, Any]:
    row = desk.codes["condition"].get(name)
    kind = "Condition" if row else "Observation"
    loinc = desk.codes["observation"].get(name)
    coding = (
        desk.coding(row["system"], row["code"], row["display"]) if row
        else desk.coding("loinc", loinc["code"], loinc["display"]) if loinc
        else desk.coding("fact", name)
    )  # fmt: skip
    return {"type": kind, "codeFilter": [{"path": "code", "code": [coding]}]}


def _agent(role: str, name: str) -> dict[str, Any]:
    return {"type": {"coding": [{"system": _ROLE, "code": role}]}, "who": {"display": name}}
