"""What a clinic's file changes, row by row, in words: before and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer
from basivert.care.expressions import Comparison, Expression, Fixed
from basivert.care.facts import Vocabulary
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.own_rules import Changed, changed, subject
from basivert.care.preparation.checklist import DAYS, Table, Template
from basivert.care.preparation.questions import span_words
from basivert.care.preparation.stop_lists import Row, Rule, StopList
from basivert.care.procedure.checklist import Checklist
from basivert.constants.model import Table as Constants

_TESTS = {
    "at_least": "at least", "over": "over", "at_most": "at most", "under": "under", "is": "is",
    "one_of": "one of", "within": "within", "most_in_a_row": "in a row, at most",
}  # fmt: skip
NEW = "not there"
_MAY_NOT = " [may not apply]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rule: how it ships and how the clinic has it; before is `not there` for a new one."""

    rule: str
    before: str
    now: str
    source: str
    confidence: str


def changes(about: str, written: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every rule of a file beside the one that ships. Raises InputError as `changed`."""
    one, made = subject(about), changed(about, written)
    if isinstance(one.shipped, OutcomeRules) and isinstance(made, OutcomeRules):
        return tuple(_outcomes(one.shipped, made, written))
    before, now = _rows(one.shipped, one.known), _rows(made, one.known)
    names = _changed(made, written)
    found = [
        Change(rule=name, before=before[name][0] if name in before else NEW, now=now[name][0],
               source=now[name][1], confidence=now[name][2])
        for name in now if name in names
    ]  # fmt: skip
    if isinstance(one.shipped, Table):
        found += [
            Change(rule=name, before=f"{getattr(one.shipped, name)} days",
                   now=f"{int(written[name])} days", source=str(written["edition"]),
                   confidence="clinic") for name in DAYS if name in written
        ]  # fmt: skip
    return tuple(found)


def condition_words(when: Expression, known: Vocabulary) -> str:
    """A condition as a person reads it, such as `“Months of pain” at least 12 months`."""
    if isinstance(when, Fixed):
        return "never" if when.answer is Answer.NO else "a text that was not read"
    if isinstance(when, Comparison):
        kind = known[when.fact]
        # Of two units another fact says which one was meant.
        unit = "" if " or " in kind.unit else kind.unit
        at = f" at {', '.join(when.somewhere)}" if when.somewhere else ""
        return f"“{kind.wording}”{at} {_TESTS[when.test]} {_bound(when.bound)} {unit}".rstrip()
    parts = [condition_words(part, known) for part in when.parts]
    if when.joined == "not":
        return f"not ({parts[0]})"
    word = " and " if when.joined == "all" else " or "
    return word.join(
        one if len(parts) == 1 or isinstance(part, Comparison) else f"({one})"
        for one, part in zip(parts, when.parts, strict=True)
    )


def _changed(made: Changed, written: Mapping[str, Any]) -> set[str]:
    """Names of the rows that a file writes."""
    if isinstance(made, Checklist):
        return {f"{phase} {name}" for phase in made.phases for name in written.get(phase, ())}
    if isinstance(made, Constants):
        return set(made.overridden)
    return {*written.get("criterion", ()), *written.get("row", ()), *written.get("item", ())}


def _outcomes(
    before: OutcomeRules, now: OutcomeRules, written: Mapping[str, Any]
) -> Iterator[Change]:
    """Each field that a file of outcomes changes, such as `schedule visit m3 day`."""
    for path in _leaves({name: written[name] for name in now.tables if name in written}):
        old, new = _at(before.tables, path), _at(now.tables, path)
        row = _at(now.tables, path[:-1])
        yield Change(
            rule=" ".join(path), before=NEW if old is None else _bound(old), now=_bound(new),
            source=str(row.get("source", written["edition"])), confidence="clinic",
        )  # fmt: skip


def _leaves(rows: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in rows.items():
        if isinstance(value, Mapping):
            yield from ((name, *rest) for rest in _leaves(value))  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield (name,)


def _at(tables: Any, path: Sequence[str]) -> Any:
    for name in path:
        tables = tables.get(name) if isinstance(tables, Mapping) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return tables  # pyright: ignore[reportUnknownVariableType]


def _rows(table: Changed, known: Vocabulary) -> dict[str, tuple[str, str, str]]:
    """Rule → what it says, its source, its confidence."""
    if isinstance(table, StopList):
        return {k: (_row(one, known), one.source, one.confidence) for k, one in table.rows.items()}
    if isinstance(table, OutcomeRules):
        return {}
    if isinstance(table, Checklist):
        return {
            f"{phase} {one.name}": (one.wording + _MAY_NOT * one.may_not_apply, one.body, one.body)
            for phase, items in table.phases.items() for one in items
        }  # fmt: skip
    if isinstance(table, Constants):
        return {k: (f"{one.value:g} {one.unit}", one.source, one.confidence)
                for k, one in table.rows.items()}  # fmt: skip
    if isinstance(table, Table):
        return {one.name: (_item(one, known), one.source, one.confidence) for one in table.items}
    return {
        name: (f"{one.kind.replace('_', ' ')}: {one.wording} "
               f"[{condition_words(one.when, known)}]", one.source, one.confidence)
        for name, one in table.criteria.items()
    }  # fmt: skip


def _row(row: Row, known: Vocabulary) -> str:
    cases = [
        f"{one.wording} [{condition_words(one.when, known)}]: {_rule(one.rule)}"
        for one in row.cases
    ]
    more = f", {row.condition}" if row.condition else ""
    return "; ".join([f"{_rule(row.rule)}{more}", *cases])


def _rule(rule: Rule) -> str:
    told = {
        "hold_that_day": "not on the day of the procedure", "continue": "go on with it",
        "decide": "the doctors decide",
    }  # fmt: skip
    first = told[rule.action] if rule.before is None else f"{span_words(rule.before)} before"
    return first if rule.restart is None else f"{first}, again {span_words(rule.restart)} after"


def _item(item: Template, known: Vocabulary) -> str:
    due = f"{item.days} days" if item.days is not None else f"{item.hours:g} hours"
    rest = [
        f"{word} [{condition_words(when, known)}]"
        for word, when in (("asked where", item.when), ("settled where", item.met))
        if when is not None
    ]
    classes = [f"asked with {', '.join(item.classes)}"] if item.classes else []
    return "; ".join([f"{item.owner}, {due} before: {item.wording}", *classes, *rest])


def _bound(bound: Any) -> str:
    if isinstance(bound, bool):
        return "yes" if bound else "no"
    if isinstance(bound, (list, tuple)):
        return ", ".join(map(str, bound))
    return f"{bound:g}" if isinstance(bound, (int, float)) else str(bound)
