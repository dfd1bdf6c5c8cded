"""The audit trail in words: deeds, things and fields as a person calls them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from basivert.care.own_rules import subjects
from basivert.care.recovery.words import words
from basivert.care.roles import Roles
from basivert.constants.load import document
from basivert.edge.web import candidacies, preparations


def did(action: str) -> str:
    """What was done; the short name for a deed of a newer edition."""
    return _table("action").get(action, action)


def to_what(action: str, thing: str, roles: Roles) -> str:
    """What it was done to; of a refusal the deed that was not allowed."""
    if action == "denied":
        return roles.words.get(thing, thing)
    kind, _, number = thing.partition(":")
    said = _table("object").get(kind, kind)
    # A clinic's trail names no clinic but its own.
    return said if kind == "clinic" or not number else f"{said} {number}"


def which(body: str | None) -> str:
    """The ids and fields of a row, each under its name; "" for none."""
    given: dict[str, Any] = json.loads(body or "{}")
    return "; ".join(f"{field(name)}: {_value(name, value)}" for name, value in given.items())


def field(name: str) -> str:
    """What the pages call a field."""
    return _fields().get(name) or name.replace("_", " ")


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(field(str(one)) for one in cast("list[object]", value))
    if name == "about" and value in subjects():
        return subjects()[value].title
    return _table("field").get(str(value)) or str(value).replace("_", " ")


@cache
def _table(name: str) -> dict[str, str]:
    return document("care/trail")[name]


@cache
def _fields() -> dict[str, str]:
    kinds = (*preparations.fact_kinds(), *candidacies.known().kinds.values())
    facts = {kind.name: kind.wording for kind in kinds}
    return {**words("en").sections["question"], **facts, **_table("field")}
