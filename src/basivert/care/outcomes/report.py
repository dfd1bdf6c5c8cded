"""The registry's report: every number with its interval, who is missing, and whose rule it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from basivert.care.outcomes.registry import Registry
from basivert.care.outcomes.responders import Response, definitions, responses
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import assigned, visits

NOTICE = "Research use only. Not a medical device."


def report(registry: Registry, rules: OutcomeRules) -> dict[str, Any]:
    """All sections for programs; `docs/outcomes.md` explains each.

    The registry's own day decides what is due (`registry.known_by` sets it back).
    """
    return {
        "research_use_only": True, "notice": NOTICE, "registry": registry.name,
        "as_of_day": registry.as_of_day, "patients": len(registry.patients),
        "rules_edition": rules.edition,
        "editions": {name: table["edition"] for name, table in rules.tables.items()},
        "definitions": [_definition(one.key, rules) for one in definitions(rules)],
        "visits": [asdict(visit) for visit in visits(rules)],
        "scores": scores(registry, rules),
        "responders": [response_row(one) for one in responses(registry, rules)],
    }  # fmt: skip


def response_row(one: Response) -> dict[str, Any]:
    """A rate for programs, its counts beside it."""
    counts = asdict(one)
    rate = counts.pop("rate")
    return {
        "definition": counts.pop("definition"), "visit": counts.pop("visit"),
        "responders": rate["hits"], "seen": rate["n"], **counts,
        **{key: rate[key] for key in ("rate", "low", "high", "level")},
    }  # fmt: skip


def scores(registry: Registry, rules: OutcomeRules) -> dict[str, Any]:
    """How many scores there are, and which belong to no visit."""
    spare, outside = [], []
    for patient in registry.patients:
        for name in dict.fromkeys(score.instrument for score in patient.scores):
            found = assigned([s for s in patient.scores if s.instrument == name], rules)
            spare += [{"patient": patient.id, **asdict(score)} for score in found.spare]
            outside += [{"patient": patient.id, **asdict(score)} for score in found.outside]
    return {
        "entered": sum(len(patient.scores) for patient in registry.patients),
        "unscored": registry.unscored, "spare": spare, "outside_windows": outside,
    }  # fmt: skip


def _definition(key: str, rules: OutcomeRules) -> dict[str, Any]:
    row = rules["responders"]["definition"][key]
    names = ("of", "measure", "sign", "threshold", "wording", "source", "confidence")
    return {"key": key, **{name: row[name] for name in names}}
