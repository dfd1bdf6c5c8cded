"""What is known of a case: every answer with its origin, author and history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from basivert.care.facts import Fact, Facts
from basivert.edge.store import cases
from basivert.edge.store.tables import FACT, VERDICT
from basivert.edge.store.work import Work, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer as it was entered.

    known: False for "asked, and not known": that is not the same as never asked.
    replaced_at: when a later answer took its place, or None.
    """

    id: int
    name: str
    known: bool
    value: Any
    origin: str
    on: dt.date | None
    entered_by: str
    entered_at: dt.datetime
    replaced_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule set said of the facts of that moment; `document` is its derivation."""

    id: int
    answer: str
    edition: str
    document: Mapping[str, Any]
    decided_by: str
    decided_at: dt.datetime


def enter(work: Work, case: int, given: Facts, *, version: int, unknown: Iterable[str] = ()) -> int:
    """Enter answers; those that did not change keep their origin. Gives the case's new version.

    Args:
        given: checked facts (`care.facts`).
        version: of the case as it was shown.
        unknown: names that were asked and are not known.

    Raises: ConflictError where someone else changed the case since.
    """
    work.needs("case.write")
    new = cases.touch(work, case, version)
    now = {row.name: row for row in _current(work, case)}
    rows = [_row(fact) for fact in given.values()] + [_unknown(name) for name in unknown]
    changed = [row for row in rows if not _same(now.get(row["name"]), row)]
    for row in changed:
        _replace(work, case, row["name"])
        work.add(FACT, case=case, entered_by=work.actor.reference, entered_at=work.now, **row)
    work.note("facts.entered", f"case:{case}", *(row["name"] for row in changed))
    return new


def facts(work: Work, case: int) -> dict[str, Fact]:
    """What is known now, for the rules; noted as read."""
    return {
        row.name: Fact(name=row.name, value=_value(row.value), origin=row.origin, on=row.on)
        for row in answers(work, case)
        if row.known
    }


def answers(work: Work, case: int) -> list[Answered]:
    """The answers that hold now, known or not, by name; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.note("facts.read", f"case:{case}")
    return _current(work, case)


def history(work: Work, case: int, name: str) -> list[Answered]:
    """All answers to one question, the oldest first; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.note("facts.read", f"case:{case}", name)
    query = asked(Answered, FACT).where(FACT.c.case == case, FACT.c.name == name)
    return work.all(Answered, query.order_by(FACT.c.id))


def keep_verdict(
    work: Work, case: int, *, answer: str, edition: str, document: Mapping[str, Any]
) -> int:
    """Keep what a rule set said; earlier verdicts stay."""
    work.needs("verdict.write")
    cases.held(work, case)
    number = work.add(
        VERDICT, case=case, answer=answer, edition=edition, document=dict(document),
        decided_by=work.actor.reference, decided_at=work.now,
    )  # fmt: skip
    work.note("verdict.kept", f"case:{case}", verdict=number)
    return number


def verdicts(work: Work, case: int) -> list[Verdict]:
    """All verdicts of a case, the newest first; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.saw(case, "verdicts")
    query = asked(Verdict, VERDICT).where(VERDICT.c.case == case)
    return work.all(Verdict, query.order_by(VERDICT.c.id.desc()))


def _current(work: Work, case: int) -> list[Answered]:
    query = asked(Answered, FACT).where(FACT.c.case == case, FACT.c.replaced_at.is_(None))
    return work.all(Answered, query.order_by(FACT.c.name))


def _replace(work: Work, case: int, name: str) -> None:
    work.run(
        update(FACT)
        .where(FACT.c.case == case, FACT.c.name == name, FACT.c.replaced_at.is_(None))
        .values(replaced_at=work.now)
    )


def _row(fact: Fact) -> dict[str, Any]:
    value: Any = list(fact.value) if isinstance(fact.value, tuple) else fact.value
    plain = dict(value) if isinstance(value, Mapping) else value
    return {"name": fact.name, "known": 1, "value": plain, "origin": fact.origin, "on": fact.on}


def _unknown(name: str) -> dict[str, Any]:
    return {"name": name, "known": 0, "value": None, "origin": "entered", "on": None}


def _same(old: Answered | None, row: Mapping[str, Any]) -> bool:
    # In Python True == 1, but an answer "yes" is not the number one.
    return old is not None and all(
        type(getattr(old, name)) is type(row[name]) and getattr(old, name) == row[name]
        for name in ("known", "value", "origin", "on")
    )


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
