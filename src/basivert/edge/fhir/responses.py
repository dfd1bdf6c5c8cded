"""Answers to questionnaires, question by question, as they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from basivert.edge.fhir.dates import when
from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.found import Context, Yield, left
from basivert.edge.fhir.records import Resource, Response


def response(resource: Resource, context: Context) -> Yield:
    """One QuestionnaireResponse; its answers are not taken for facts."""
    del context
    reference, status = reference_of(resource), str(resource.get("status", ""))
    if status == "entered-in-error":
        return left(reference, "QuestionnaireResponse.status", "was entered in error")
    answers: dict[str, tuple[Any, ...]] = {}
    for link, given in _answers(resource):
        answers[link] = (*answers.get(link, ()), *given)
    at = when(resource, "authored")
    return Yield(
        records=[
            Response(
                questionnaire=str(resource.get("questionnaire", "")), status=status,
                answers=answers, origin=f"FHIR {reference}", on=at.exact if at else None,
            )
        ]
    )  # fmt: skip


def _answers(part: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for item in _objects(part.get("item")):
        answers = list(_objects(item.get("answer")))
        yield (
            str(item.get("linkId", "")),
            [value for one in answers for key, value in one.items() if key.startswith("value")],
        )
        for inner in [item, *answers]:
            yield from _answers(inner)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one
