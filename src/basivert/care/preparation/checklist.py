"""What is to be settled, by whom and when; what is not known to be done is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.answers import Answer, any_of
from basivert.care.expressions import Expression, must_ask, names, parsed, value
from basivert.care.facts import Facts, Vocabulary
from basivert.care.preparation.dates import Start, days_before, hours_before
from basivert.care.preparation.medicines import Catalogue
from basivert.care.preparation.request import Done
from basivert.errors import InputError

Owner = Literal["patient", "nurse", "physician", "anaesthetist", "prescriber"]
OWNERS = ("patient", "nurse", "physician", "anaesthetist", "prescriber")
DAYS = ("ask_days_before_stop", "ask_still_taken_after_days")
"""Numbers of days that stand above the items."""
_FIELDS = {"owner", "due", "wording", "source", "confidence", "when", "met", "classes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An item as the table has it.

    when: leaves the item out where it is known to be false; None keeps it.
    classes: kinds of medicines that call for it too; a list that is not known may hold one.
    met: what facts may already say about it.
    """

    name: str
    owner: Owner
    days: int | None
    hours: float | int | None
    wording: str
    source: str
    confidence: str
    when: Expression | None
    classes: tuple[str, ...]
    met: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All templates of one edition, and how early prescribers are asked.

    ask_still_taken_after_days: older records of a medicine leave open whether it is taken.
    overridden: items that a clinic changed → the item as it shipped.
    """

    edition: str
    ask_days_before_stop: int
    ask_still_taken_after_days: int
    items: tuple[Template, ...]
    overridden: Mapping[str, Template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be settled for one patient.

    due: in the clinic's zone.
    settled: YES where a person ticked it or a fact says so, NO where a fact says that it is not
        so, whoever ticked; else UNKNOWN. All but YES is open.
    done: who ticked it.  overdue: open after its due time.
    """

    name: str
    owner: Owner
    due: dt.datetime
    wording: str
    source: str
    confidence: str
    settled: Answer
    done: Done | None
    overdue: bool

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.settled is not Answer.YES


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that does not concern this patient, and the facts that say so."""

    name: str
    wording: str
    facts: tuple[str, ...]


def table(read: Mapping[str, Any], known: Catalogue, facts: Vocabulary) -> Table:
    """The checklist's table from its TOML document. Raises InputError naming a wrong item."""
    return Table(
        edition=str(read["edition"]), ask_days_before_stop=int(read["ask_days_before_stop"]),
        ask_still_taken_after_days=int(read["ask_still_taken_after_days"]),
        items=tuple(_template(name, row, known, facts) for name, row in read["item"].items()),
        overridden={},
    )  # fmt: skip


def overridden(base: Table, read: Mapping[str, Any], known: Catalogue, facts: Vocabulary) -> Table:
    """The checklist with items replaced or added by a clinic; the edition says so.

    Raises: InputError for a field that there is not, or a file without edition.
    """
    if unknown := sorted(set(read) - {"edition", "item", *DAYS}):
        raise InputError(f"The checklist has unknown fields: {', '.join(unknown)}.")
    if "edition" not in read:
        raise InputError("The clinic's checklist has no edition.", fix='Add edition = "…".')
    shipped = {name: getattr(base, name) for name in DAYS}
    own = table({**shipped, "item": {}, **read}, known, facts)
    for one in own.items:
        for condition in (one.when, one.met):
            must_ask(condition, f"checklist.{one.name}")
    before = {one.name: one for one in base.items}
    changed = {one.name: one for one in own.items}
    return Table(
        edition=f"{base.edition} + {own.edition}", ask_days_before_stop=own.ask_days_before_stop,
        ask_still_taken_after_days=own.ask_still_taken_after_days,
        items=tuple((before | changed).values()),
        overridden={name: before[name] for name in changed if name in before},
    )  # fmt: skip


def due(item: Template, begin: Start) -> dt.datetime:
    """When an item must be settled."""
    if item.days is not None:
        return days_before(begin, item.days)
    return hours_before(begin, item.hours or 0.0)


def concerns(item: Template, facts: Facts, taken: frozenset[str], *, all_known: bool) -> Answer:
    """Whether an item concerns the patient.

    Args:
        item: of the table.
        facts: what is known.
        taken: classes of the medicines that were recognised.
        all_known: whether every medicine is recognised; else one more may belong to any class.
    """
    if item.when is None and not item.classes:
        return Answer.YES
    by_fact = Answer.NO if item.when is None else value(item.when, facts)
    if not item.classes:
        return by_fact
    takes = Answer.YES if taken & set(item.classes) else Answer.NO if all_known else Answer.UNKNOWN
    return any_of((by_fact, takes))


def placed(
    item: Template, begin: Start, facts: Facts, done: Mapping[str, Done], now: dt.datetime
) -> Item:
    """An item with its due time and state."""
    return settled(
        Item(
            name=item.name, owner=item.owner, due=due(item, begin), wording=item.wording,
            source=item.source, confidence=item.confidence, settled=Answer.UNKNOWN, done=None,
            overdue=False,
        ),
        Answer.UNKNOWN if item.met is None else value(item.met, facts), done.get(item.name), now,
    )  # fmt: skip


def settled(item: Item, by_fact: Answer, done: Done | None, now: dt.datetime) -> Item:
    """The item's state: a fact that says no is stronger than a tick, a tick than not knowing."""
    state = Answer.YES if by_fact is Answer.UNKNOWN and done is not None else by_fact
    return Item(
        name=item.name, owner=item.owner, due=item.due, wording=item.wording, source=item.source,
        confidence=item.confidence, settled=state, done=done,
        overdue=state is not Answer.YES and item.due < now,
    )  # fmt: skip


def left_out(item: Template) -> LeftOut:
    """A template that does not concern the patient."""
    read = names(item.when) if item.when is not None else ()
    return LeftOut(name=item.name, wording=item.wording, facts=read)


def _template(name: str, row: Mapping[str, Any], known: Catalogue, facts: Vocabulary) -> Template:
    where = f"checklist.{name}"
    if unknown := sorted(set(row) - _FIELDS):
        raise InputError(f"{where} has unknown fields: {', '.join(unknown)}.")
    if missing := sorted({"owner", "due", "wording", "source", "confidence"} - set(row)):
        raise InputError(f"{where} lacks {', '.join(missing)}.")
    if row["owner"] not in OWNERS:
        raise InputError(f"{where}: nobody is {row['owner']!r}.", fix=f"Use {', '.join(OWNERS)}.")
    if len(row["due"]) != 1 or not set(row["due"]) <= {"days", "hours"}:
        raise InputError(f"{where}: {row['due']} is no due time.", fix="Write { days = 7 }.")
    if strange := [one for one in row.get("classes", ()) if one not in known.classes]:
        raise InputError(f"{where}: there is no class {', '.join(strange)}.")
    return Template(
        name=name, owner=row["owner"], days=row["due"].get("days"),
        hours=row["due"].get("hours"), wording=row["wording"], source=row["source"],
        confidence=row["confidence"], classes=tuple(row.get("classes", ())),
        when=parsed(row["when"], facts, where) if "when" in row else None,
        met=parsed(row["met"], facts, where) if "met" in row else None,
    )  # fmt: skip
