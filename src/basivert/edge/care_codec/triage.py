"""What a check-in was answered, as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from basivert.care.contact import contact
from basivert.care.recovery.checkin import UNITS, CheckIn, check_in, converted, questions
from basivert.care.recovery.saying import sentences
from basivert.care.recovery.signs import fever_limits, warning_signs
from basivert.care.recovery.triage import Triage, triage
from basivert.care.recovery.words import Contact, Words
from basivert.care.rules import Judged


def answered(record: Mapping[str, Any], say: Words) -> dict[str, Any]:
    """The answer to a record by the signs that ship: its facts, and perhaps `clinic`.

    Raises: RecordError for anything in it that is unknown or cannot be.
    """
    asked, given = questions(), dict(record)
    named = given.pop("clinic", None)
    entered = check_in(given, asked, origin="entered")
    found = triage(entered, warning_signs(asked.known))
    return document(found, entered, Contact() if named is None else contact(named), say)


def document(found: Triage, entered: CheckIn, clinic: Contact, say: Words) -> dict[str, Any]:
    """The answer with its derivation; facts with their origin, temperatures in both units."""
    return {
        "research_use_only": True, "answer": found.answer,
        "reasons": [_reason(row, entered) for row in found.reasons],
        "missing": list(found.missing), "rules_edition": found.edition,
        "temperature": _temperature(found, entered),
        "say": " ".join(sentences(found, entered, clinic, say)), "language": say.language,
        "words_edition": say.edition,
    }  # fmt: skip


def _reason(row: Judged, entered: CheckIn) -> dict[str, Any]:
    sign = row.criterion
    effect = {"YES": sign.kind, "UNKNOWN": "open", "NO": "none"}[row.answer.name]
    read = {name: asdict(entered.answered[name]) for name in row.read}
    return {
        "rule": sign.name, "wording": sign.wording, "body": sign.body, "source": sign.source,
        "confidence": sign.confidence, "effect": effect,
        "facts": {
            name: {"value": one["value"], "origin": one["origin"]} for name, one in read.items()
        },
        "missing": list(row.missing),
    }  # fmt: skip


def _temperature(found: Triage, entered: CheckIn) -> dict[str, Any] | None:
    if "temperature" not in entered.answered:
        return None
    value: Any = entered.answered["temperature"].value
    unit, fever = str(entered.answered["unit"].value), found.fever.criterion
    return {
        "entered": {"value": value, "unit": unit}, unit: value,
        UNITS[unit]: round(converted(value, unit), 2),
        "over_limit": found.fever.answer.name == "YES",
        "limits": {one: asdict(limit) for one, limit in fever_limits(fever).items()},
        "whose_limit": fever.body,
    }  # fmt: skip
