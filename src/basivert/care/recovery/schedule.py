"""What the patient is told, day by day to three months, each line with whose rule it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.constants.load import document
from basivert.errors import InputError

_FIELDS = {"topic", "days", "body", "source", "confidence", "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to tell.

    days: first and last day on which it is told, both included; 0 is the procedure's day.
    body: whose rule it is.
    text: language → words of a clinic's own line; empty for those that ship with words.
    """

    name: str
    topic: str
    days: tuple[int, int]
    body: str
    source: str
    confidence: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercare:
    """All lines in one edition; relief_days: when pain relievers are spoken of."""

    edition: str
    lines: Mapping[str, Line]
    relief_days: tuple[int, int]


def aftercare() -> Aftercare:
    """The lines as they ship."""
    read = document("care/recovery/aftercare")
    first, last = read["relief"]["days"]
    return Aftercare(
        edition=read["edition"], lines=_lines(read, needs_text=False), relief_days=(first, last)
    )


def with_lines(plan: Aftercare, changes: Mapping[str, Any]) -> Aftercare:
    """The same plan with a clinic's own lines, in place of those of the same name or added.

    Raises: InputError for a line without words, author or days, or a document without edition.
    """
    if "edition" not in changes:
        raise InputError("The clinic's lines have no edition.", fix='Add edition = "…".')
    return dataclasses.replace(
        plan, edition=f"{plan.edition} + {changes['edition']}",
        lines={**plan.lines, **_lines(changes, needs_text=True)},
    )  # fmt: skip


def told_on(day: int, plan: Aftercare) -> tuple[Line, ...]:
    """The lines of one day, in the plan's order."""
    return tuple(one for one in plan.lines.values() if one.days[0] <= day <= one.days[1])


def _lines(read: Mapping[str, Any], *, needs_text: bool) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for name, row in read["line"].items():
        if unknown := sorted(set(row) - _FIELDS):
            raise InputError(f"Line {name} has unknown fields: {', '.join(unknown)}.")
        wanted = _FIELDS if needs_text else _FIELDS - {"text"}
        if missing := sorted(wanted - set(row)):
            raise InputError(f"Line {name} lacks {', '.join(missing)}.")
        first, last = row["days"]
        if not 0 <= first <= last:
            raise InputError(f"Line {name} is told from day {first} to day {last}.")
        rest = {key: row[key] for key in ("topic", "body", "source", "confidence")}
        found[name] = Line(name=name, days=(first, last), text=row.get("text", {}), **rest)
    return found
