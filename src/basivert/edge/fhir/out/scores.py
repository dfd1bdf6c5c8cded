"""Scores: a questionnaire that holds the score alone, its answer, and what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.fhir.case import Case, Score
from basivert.edge.fhir.out.draft import Desk, Draft

_LINK = "score"
# Unit of the instruments that only say yes or no.
YES_NO = "1 yes, 0 no"


def scores(case: Case, desk: Desk) -> Iterator[Draft]:
    """Questionnaires in use, then a response and an Observation for each score."""
    coded = desk.codes["observation"]
    for name in dict.fromkeys(one.instrument for one in case.scores if one.instrument in coded):
        yield _questionnaire(name, desk)
    for number, one in enumerate(case.scores):
        if one.instrument in coded:
            yield from _answered(number, one, desk)
        else:
            yield _plain(number, one, desk)


def _url(name: str) -> str:
    return f"urn:basivert:questionnaire:{name}-score"


def _questionnaire(name: str, desk: Desk) -> Draft:
    row = desk.codes["observation"][name]
    item: dict[str, Any] = {
        "linkId": _LINK, "text": row["display"], "type": "decimal", "required": True,
        "code": [desk.coding("loinc", row["code"], row["display"])],
    }  # fmt: skip
    return desk.draft(
        f"questionnaire {name}", "Questionnaire",
        {"url": _url(name), "version": desk.table.edition, "status": "active",
         "title": row["display"], "copyright": desk.codes["owner"].get(name),
         "subjectType": ["Patient"], "item": [item]},
    )  # fmt: skip


def _answered(number: int, score: Score, desk: Desk) -> Iterator[Draft]:
    row = desk.codes["observation"][score.instrument]
    on = score.on.isoformat() if score.on else None
    answer = {"linkId": _LINK, "answer": [{"valueDecimal": score.value}]}
    yield desk.draft(
        f"response {number}", "QuestionnaireResponse",
        {"questionnaire": f"{_url(score.instrument)}|{desk.table.edition}", "status": "completed",
         "subject": desk.to("patient"), "authored": on, "item": [answer]},
    )  # fmt: skip
    coding = desk.coding("loinc", row["code"], row["display"])
    yield desk.draft(
        f"score {number}", "Observation",
        {"status": "final", "code": {"coding": [coding], "text": row["display"]},
         "subject": desk.to("patient"), "effectiveDateTime": on,
         "valueQuantity": desk.quantity(score.value, row["unit"]),
         "note": _visit(score), "derivedFrom": [desk.to(f"response {number}")]},
    )  # fmt: skip


def _plain(number: int, score: Score, desk: Desk) -> Draft:
    """An instrument without a public code that is certain."""
    row = outcome_rules()["scores"]["instrument"][score.instrument]
    value: dict[str, Any] = (
        {"valueBoolean": bool(score.value)} if row["unit"] == YES_NO
        else {"valueQuantity": desk.quantity(score.value, desk.codes["unit"][row["unit"]])}
    )  # fmt: skip
    return desk.draft(
        f"score {number}", "Observation",
        {"status": "final", "subject": desk.to("patient"), "note": _visit(score), **value,
         "code": {"coding": [desk.coding("instrument", score.instrument)], "text": row["wording"]},
         "effectiveDateTime": score.on.isoformat() if score.on else None},
    )  # fmt: skip


def _visit(score: Score) -> list[dict[str, str]]:
    return [{"text": f"Visit: {score.visit}"}] if score.visit else []
