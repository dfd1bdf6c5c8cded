"""Check-ins after the procedure: what was answered, and what the warning list said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from basivert.care.recovery.checkin import questions
from basivert.edge.fhir.case import Case, CheckIn
from basivert.edge.fhir.out.draft import Desk, Draft

_URL = "urn:basivert:questionnaire:check-in"


def check_ins(case: Case, desk: Desk) -> Iterator[Draft]:
    """A response for each check-in, and an Observation of its answer derived from it."""
    for number, one in enumerate(case.check_ins):
        at = one.at.isoformat()
        yield desk.draft(
            f"check-in {number}", "QuestionnaireResponse",
            {"questionnaire": f"{_URL}|{questions().known.edition}", "status": "completed",
             "subject": desk.to("patient"), "authored": at, "item": _items(one)},
        )  # fmt: skip
        yield desk.draft(
            f"check-in {number} answer", "Observation",
            {"status": "final", "subject": desk.to("patient"), "effectiveDateTime": at,
             "code": {"coding": [desk.coding("observation", "check-in-answer")],
                      "text": f"Answer of the warning list, day {one.day}"},
             "valueString": one.answer, "note": [{"text": f"Rules {one.edition}"}],
             "derivedFrom": [desk.to(f"check-in {number}")]},
        )  # fmt: skip


def _items(one: CheckIn) -> list[dict[str, Any]]:
    known = questions().known
    given = {"day": one.day, **one.answers}
    return [
        {"linkId": name, "text": known[name].wording, "answer": [_answer(value)]}
        for name, value in given.items()
    ]


def _answer(value: float | int | bool | str) -> dict[str, Any]:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int() | float():
            return {"valueDecimal": value}
        case _:
            return {"valueString": value}
