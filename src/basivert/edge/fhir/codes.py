"""The table of codes: which code of a health record says what of which fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.facts import Vocabulary
from basivert.errors import InputError

Says = Literal["yes", "ask", "onset", "number", "answer"]
_ROW = {
    "resources", "system", "codes", "prefix", "fact", "says", "scope", "wording", "source",
    "confidence", "units", "raw", "raw_full", "yes", "no",
}  # fmt: skip
_NEEDED = ("resources", "system", "codes", "fact", "says", "scope", "wording", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table.

    system: URL of the code system.
    whole: whether the code covers all that the fact asks, so that refuting it is a no.
    units: UCUM codes in which the number is the fact's own; `raw` those that leave it open
        whether it is the fact's own or points of `raw_full`.
    yes, no: `system|code` of coded answers.
    """

    resources: tuple[str, ...]
    system: str
    codes: tuple[str, ...]
    prefix: bool
    fact: str
    says: Says
    whole: bool
    wording: str
    units: tuple[str, ...]
    raw: tuple[str, ...]
    raw_full: float
    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """All rows of one edition.

    differ: fact → how resources that differ are settled.
    stale: fact, or fact_yes and fact_no → days after which it no longer speaks of today.
    least_certain_months: of pain, where its start is known only roughly.
    """

    edition: str
    systems: Mapping[str, str]
    rows: tuple[Code, ...]
    differ: Mapping[str, str]
    stale: Mapping[str, int]
    least_certain_months: int


def code_table(document: Mapping[str, Any], known: Vocabulary) -> CodeTable:
    """The table from its TOML document. Raises InputError for a wrong row, with its codes."""
    systems = dict(document["system"])
    return CodeTable(
        edition=str(document["edition"]), systems=systems, differ=dict(document["differ"]),
        rows=tuple(_row(row, systems, known) for row in document["code"]),
        stale={name: row["value"] for name, row in document["stale"].items()},
        least_certain_months=document["least_certain_months"]["value"],
    )  # fmt: skip


def codings(concept: Any) -> tuple[tuple[str, str], ...]:
    """(system, code) of each coding of a CodeableConcept."""
    listed = concept.get("coding", []) if isinstance(concept, Mapping) else []
    found = (one for one in listed if isinstance(one, Mapping))
    return tuple((str(one.get("system", "")), str(one.get("code", ""))) for one in found)


def wording(concept: Any) -> str:
    """What a person reads of a CodeableConcept: its text, else a display, else a code."""
    if not isinstance(concept, Mapping):
        return ""
    listed = [one for one in concept.get("coding", []) if isinstance(one, Mapping)]
    words = [concept.get("text"), *(one.get("display") for one in listed)]
    words += [one.get("code") for one in listed]
    return next((str(word) for word in words if word), "")


def rows_for(table: CodeTable, kind: str, concept: Any) -> Iterator[Code]:
    """Rows that a resource with this code meets, one a fact; an answer before a question."""
    given = codings(concept)
    met = [
        row for row in table.rows if kind in row.resources and any(_meets(row, *c) for c in given)
    ]
    answers = {row.fact: row for row in sorted(met, key=lambda row: row.says != "ask")}
    yield from answers.values()


def _meets(row: Code, system: str, code: str) -> bool:
    if system != row.system:
        return False
    return any(code == one or (row.prefix and code.startswith(one)) for one in row.codes)


def _row(row: Mapping[str, Any], systems: Mapping[str, str], known: Vocabulary) -> Code:
    where = f"Codes {', '.join(row.get('codes', ['?']))}"
    if missing := [name for name in _NEEDED if name not in row]:
        raise InputError(f"{where} lack {', '.join(missing)}.")
    if unknown := sorted(set(row) - _ROW):
        raise InputError(f"{where} have unknown fields: {', '.join(unknown)}.")
    if row["system"] not in systems:
        raise InputError(f"{where}: there is no system {row['system']!r}.")
    if row["fact"] not in known.kinds:
        raise InputError(f"{where}: there is no fact {row['fact']!r}.")
    return Code(
        resources=tuple(row["resources"]), system=systems[row["system"]],
        codes=tuple(row["codes"]), prefix=row.get("prefix", False), fact=row["fact"],
        says=row["says"], whole=row["scope"] == "whole", wording=row["wording"],
        units=tuple(row.get("units", ())), raw=tuple(row.get("raw", ())),
        raw_full=row.get("raw_full", 0), yes=tuple(row.get("yes", ())), no=tuple(row.get("no", ())),
    )  # fmt: skip
