"""Published lists of when to stop a medicine, by author and edition; one is the clinic's choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.expressions import Expression, must_ask, parsed
from basivert.care.facts import Vocabulary, close
from basivert.care.preparation.dates import Span
from basivert.care.preparation.medicines import Catalogue
from basivert.constants.load import document, names
from basivert.errors import InputError

FOLDER = "care/preparation/lists"
Action = Literal["stop", "hold_that_day", "continue", "decide"]
ACTIONS = ("stop", "hold_that_day", "continue", "decide")
_HEAD = {"name", "topic", "title", "edition", "body", "source", "note"}
_ROW = {"action", "before", "doses_a_day", "restart", "condition", "confidence", "cases", "source"}
_CASE = {"when", "wording", "action", "before", "restart"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a list says in one case.

    action: `stop` a span before, `hold_that_day` not on the procedure's day, `continue`, or
        `decide`: the list leaves it to the doctors.
    before: only with `stop`.  restart: after the procedure, where the list says it.
    """

    action: Action
    before: Span | None
    restart: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A rule that replaces the usual one when a condition holds."""

    when: Expression
    wording: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list.

    about: the medicine or class that it names.  condition: what else the list asks, in words.
    confidence: `read` in the source; `recall`, `part`: unverified, and shown so.
    """

    about: str
    rule: Rule
    cases: tuple[Case, ...]
    condition: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopList:
    """The rows of one author in one edition.

    topic: lists of one topic answer the same question, and may disagree.
    overridden: rows that a clinic changed → the row as it shipped.
    """

    name: str
    topic: str
    title: str
    edition: str
    body: str
    source: str
    note: str
    rows: Mapping[str, Row]
    overridden: Mapping[str, Row]


def shipped_lists(known: Catalogue, facts: Vocabulary) -> dict[str, StopList]:
    """Every list that ships with the package, by name."""
    read = (stop_list(document(place), known, facts) for place in names(FOLDER))
    return {one.name: one for one in read}


def stop_list(read: Mapping[str, Any], known: Catalogue, facts: Vocabulary) -> StopList:
    """A list from its TOML document.

    Raises: InputError naming list and row for anything unknown, missing or contradictory.
    """
    name = str(read.get("name", "?"))
    if missing := sorted((_HEAD | {"row"}) - set(read)):
        raise InputError(f"List {name} lacks {', '.join(missing)}.")
    if unknown := sorted(set(read) - _HEAD - {"row"}):
        raise InputError(f"List {name} has unknown fields: {', '.join(unknown)}.")
    rows = {key: _row(name, key, row, read, known, facts) for key, row in read["row"].items()}
    return StopList(**{key: str(read[key]) for key in _HEAD}, rows=rows, overridden={})


def overridden(
    base: StopList, read: Mapping[str, Any], known: Catalogue, facts: Vocabulary
) -> StopList:
    """A list with single rows replaced or added by a clinic; the edition says so."""
    head = {key: getattr(base, key) for key in _HEAD} | {"body": "clinic", "name": base.name}
    changed = stop_list({**head, **read}, known, facts)
    for key, row in changed.rows.items():
        for case in row.cases:
            must_ask(case.when, f"{base.name}.{key}")
    return dataclasses.replace(
        base,
        edition=f"{base.edition} + {changed.edition}",
        rows={**base.rows, **changed.rows},
        overridden={key: base.rows[key] for key in changed.rows if key in base.rows},
    )


def _row(
    name: str, key: str, row: Mapping[str, Any], head: Mapping[str, Any], known: Catalogue,
    facts: Vocabulary,
) -> Row:  # fmt: skip
    where = f"{name}.{key}"
    if key not in known.medicines and key not in known.classes:
        raise InputError(
            f"List {name}: there is no medicine or class {key!r}.",
            fix=close(key, {**known.medicines, **known.classes}),
        )
    _only(where, row, _ROW)
    if "confidence" not in row:
        raise InputError(f"{where} lacks confidence.", fix="Write read, recall or clinic.")
    return Row(
        about=key, rule=_rule(where, row, row), condition=str(row.get("condition", "")),
        source=str(row.get("source", head["source"])), confidence=str(row["confidence"]),
        cases=tuple(_case(where, one, row, facts) for one in row.get("cases", ())),
    )  # fmt: skip


def _case(where: str, case: Mapping[str, Any], row: Mapping[str, Any], facts: Vocabulary) -> Case:
    _only(f"{where}.cases", case, _CASE)
    return Case(
        when=parsed(case["when"], facts, where), wording=str(case["wording"]),
        rule=_rule(where, case, row),
    )  # fmt: skip


def _rule(where: str, given: Mapping[str, Any], row: Mapping[str, Any]) -> Rule:
    action = given.get("action", "stop")
    if action not in ACTIONS:
        raise InputError(
            f"{where}: there is no action {action!r}.", fix=f"Use {', '.join(ACTIONS)}."
        )
    if (action == "stop") != ("before" in given):
        raise InputError(f"{where}: a stop needs before, and only a stop.")
    before = _span(where, given["before"], row.get("doses_a_day")) if action == "stop" else None
    restart = _span(where, given["restart"], None) if "restart" in given else None
    return Rule(action=action, before=before, restart=restart)


def _span(where: str, given: Mapping[str, Any], doses_a_day: float | int | None) -> Span:
    if len(given) != 1 or not set(given) <= {"days", "hours", "doses"}:
        raise InputError(f"{where}: {dict(given)} is no span.", fix="Write { days = 3 } or [3, 5].")
    unit, amount = next(iter(given.items()))
    if unit == "doses" and doses_a_day is None:
        raise InputError(f"{where} counts doses without doses_a_day.")
    low, high = amount if isinstance(amount, list) else (amount, amount)
    if not 0 < low <= high:
        raise InputError(f"{where}: {amount} is no span.")
    counted = float(doses_a_day) if unit == "doses" and doses_a_day is not None else None
    return Span(low=float(low), high=float(high), unit=unit, doses_a_day=counted)


def _only(where: str, row: Mapping[str, Any], fields: set[str]) -> None:
    if unknown := sorted(set(row) - fields):
        raise InputError(f"{where} has unknown fields: {', '.join(unknown)}.")
