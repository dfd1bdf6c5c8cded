"""What the interface for programs takes and gives, as JSON Schema; made from the vocabularies."""

from __future__ import annotations

from typing import Any

from basivert.care.candidacy.editions import candidate_facts, edition_names
from basivert.care.facts import Kind, Vocabulary
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.recovery.checkin import questions

Schema = dict[str, Any]
ERROR: Schema = {
    "type": "object", "required": ["error"],
    "properties": {"error": {
        "type": "object", "required": ["code", "what", "fix"],
        "properties": {name: {"type": "string"} for name in ("code", "what", "fix")},
    }},
}  # fmt: skip


def candidacy() -> Schema:
    """The body of /api/candidacy: any facts of a candidate."""
    return _facts(candidate_facts())


def rule_sets() -> list[str]:
    """Names that `rules` may have."""
    return list(edition_names())


def triage() -> Schema:
    """The body of /api/triage: a check-in, and perhaps the clinic that is to be called."""
    made = _facts(questions().known)
    names = ("name", "phone", "after_hours", "emergency")
    clinic = {
        "type": ["object", "null"], "additionalProperties": False,
        "properties": {name: {"type": "string", "minLength": 1} for name in names},
    }  # fmt: skip
    return {**made, "properties": {**made["properties"], "clinic": clinic}}


def scores() -> Schema:
    """The body of /api/outcomes/score: a questionnaire of either instrument."""
    row = outcome_rules()["scores"]["odi"]
    point = {"type": "integer", "minimum": 0, "maximum": int(row["highest"])}
    several = {"type": "array", "items": point, "minItems": 1}
    count = {"minItems": int(row["items"]), "maxItems": int(row["items"])}
    whole = {"type": ["integer", "null"], "minimum": 0}
    odi = {
        "type": "object", "title": "odi", "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": {"anyOf": [point, several, {"type": "null"}]}}
            | count,
            "total": whole, "answered": whole, "version": {"type": ["string", "null"]},
        },
    }  # fmt: skip
    nrs = {
        "type": "object", "title": "nrs", "additionalProperties": False, "required": ["value"],
        "properties": {
            "value": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
            "unit": {"enum": ["points", "cm", "mm"]}, "window": {"type": ["string", "null"]},
        },
    }  # fmt: skip
    return {"anyOf": [odi, nrs]}


def body(schema: Schema) -> Schema:
    """A route's addition to the description: this body, as JSON."""
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def answers(what: str, *fields: str) -> dict[int | str, dict[str, Any]]:
    """The answers that a route gives."""
    shown = {
        "type": "object", "required": ["research_use_only", *fields],
        "properties": {"research_use_only": {"const": True}},
    }  # fmt: skip
    told = {
        403: "not from this machine", 413: "too large", 415: "not JSON", 422: "cannot be used",
        429: "too many in a minute", 503: "the database refuses",
    }  # fmt: skip
    wrong = {"application/json": {"schema": ERROR}}
    return {
        200: {"description": what, "content": {"application/json": {"schema": shown}}},
        **{code: {"description": words, "content": wrong} for code, words in told.items()},
    }


def _facts(known: Vocabulary) -> Schema:
    return {
        "type": "object", "additionalProperties": False,
        "description": "A name that is left out, or null, is unknown; another name is an error.",
        "properties": {name: _fact(kind) for name, kind in known.kinds.items()},
    }  # fmt: skip


def _fact(kind: Kind) -> Schema:
    told = {
        "type": "object", "required": ["value"], "additionalProperties": False,
        "properties": {
            "value": _value(kind), "origin": {"type": "string"},
            "on": {"type": ["string", "null"], "format": "date"},
        },
    }  # fmt: skip
    words = f"{kind.wording}{f' ({kind.unit})' if kind.unit else ''}"
    return {"description": words, "anyOf": [_value(kind), {"type": "null"}, told]}


def _value(kind: Kind) -> Schema:
    match kind.shape:
        case "number":
            limits = {"minimum": kind.low, "maximum": kind.high}
            return {"type": "number", **{k: v for k, v in limits.items() if v is not None}}
        case "yes_no":
            return {"type": "boolean"}
        case "choice":
            return {"enum": list(kind.choices)}
        case "by_place":
            each = {"enum": [*kind.choices, None]}
            return {
                "type": "object", "additionalProperties": False,
                "properties": dict.fromkeys(kind.places, each),
            }  # fmt: skip
        case "places":
            return {"type": "array", "items": {"enum": list(kind.places)}, "minItems": 1}
