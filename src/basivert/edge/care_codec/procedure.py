"""`note.json`: a procedure's record for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from basivert.care.answers import Answer
from basivert.care.procedure.checklist import Phase
from basivert.care.procedure.completed import Completed
from basivert.care.procedure.discharge import Discharge

SCHEMA = "basivert.procedure/1"


def procedure_document(made: Completed) -> dict[str, Any]:
    """The document; units are in the names, moments carry their offset, null is not known."""
    return {
        "schema": SCHEMA, "research_use_only": True, "record": _plain(asdict(made.record)),
        "checklist": {one.name: _phase(one) for one in made.phases},
        "may_begin": _word(made.begin),
        "deviations": [{**asdict(one), "kept": _word(one.kept)} for one in made.compared],
        "discharge": None if made.leaving is None else _leaving(made.leaving),
        "findings": [asdict(one) for one in made.findings], "editions": dict(made.editions),
    }  # fmt: skip


def _phase(one: Phase) -> dict[str, Any]:
    return {
        "passes": _word(one.passes),
        "items": [
            {"name": item.item.name, "wording": item.item.wording, "body": item.item.body,
             "given": item.given, "passes": _word(item.passes)}
            for item in one.items
        ],
    }  # fmt: skip


def _leaving(one: Discharge) -> dict[str, Any]:
    return {
        "passes": _word(one.passes),
        "scores": [
            {"version": each.score.name, "title": each.score.title, "source": each.score.source,
             "threshold": each.score.threshold, "points": dict(each.points), "total": each.total,
             "low": each.low, "high": each.high, "passes": _word(each.passes)}
            for each in one.scores
        ],
        "criteria": {wording: _word(each) for wording, each in one.criteria.items()},
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _word(given: Answer) -> str:
    return given.name.lower()
