"""A case's preparation: what was entered, what follows from it, and its list in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.contact import Contact
from basivert.care.facts import Kind
from basivert.care.preparation.prepare import (
    Preparation,
    Tables,
    chosen_lists,
    prepare,
    shipped_tables,
)
from basivert.care.preparation.request import Done, request
from basivert.care.preparation.words import languages, words
from basivert.edge.store import records
from basivert.edge.store.accounts import Clinic
from basivert.edge.store.work import Work
from basivert.edge.web.own import Own, bases
from basivert.edge.web.own import tables as own_tables

KIND = LIST = "preparation"
# Written as the note of an item that left the list, so that it comes back with what calls for it.
GONE = "It is not asked for any more."
STATES = {"open": "open", "done": "done", "not_applicable": "does not apply"}
LISTS = ("asra_2018",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item: as computed now, and as it stands in the store (None before it is kept)."""

    item: Any
    kept: records.Item | None
    overdue: bool


@cache
def tables() -> Tables:
    """The tables that ship."""
    return shipped_tables()


def fact_kinds() -> list[Kind]:
    """What may be known before a procedure."""
    return list(tables().facts.kinds.values())


def list_titles(mine: Own) -> dict[str, str]:
    """List of stops → its title and edition, the clinic's own where it changed the list."""
    lists = own_tables(tables(), mine).lists
    return {name: f"{one.title} ({one.edition})" for name, one in lists.items()}


def in_use(clinic: Clinic, mine: Own) -> tuple[str, ...]:
    """Lists of stops: those that the clinic changed, then its choice, or the command line's."""
    given = clinic.settings.get("stop_lists")
    names = tuple(str(one) for one in given) if isinstance(given, list) else LISTS
    lists, changed = tables().lists, bases(mine)
    topics = {lists[name].topic for name in changed if name in lists}
    rest = (name for name in names if name not in lists or lists[name].topic not in topics)
    return (*changed, *rest)


def chosen_by(clinic: Clinic, mine: Own) -> dict[str, str]:
    """Topic → list in use."""
    return chosen_lists(in_use(clinic, mine), tables().lists)


def language(wanted: str) -> str:
    """The language of the sheet; English where there are no words."""
    return wanted if wanted in languages() else "en"


def made(
    document: Mapping[str, Any], begin: dt.datetime, clinic: Clinic, contact: Contact,
    done: Mapping[str, Done], now: dt.datetime, mine: Own,
) -> Preparation:  # fmt: skip
    """The preparation of a case, by the functions of `basivert prepare`.

    Args:
        document: what was entered: `medicines`, `facts`, `prescriber`.
        begin: moment of the procedure.
        clinic: whose zone and lists hold.
        contact: whom the patient calls.
        done: item → who settled it; items that are not asked for any more are left out.
        now: to tell what is overdue.
        mine: the clinic's own rules.
    """
    record = {
        **document, "clinic": _plain(contact),
        "procedure": {"start": _local(begin, clinic), "zone": clinic.time_zone},
    }  # fmt: skip
    chosen, here = chosen_by(clinic, mine), own_tables(tables(), mine)
    first = prepare(request(record, here.facts, origin="entered"), here, chosen, now)
    names = {one.name for one in (*first.items, *first.left_out)}
    ticked = {
        name: {"by": one.by, "at": one.at.isoformat()} for name, one in done.items()
        if name in names
    }  # fmt: skip
    if not ticked:
        return first
    wanted = request({**record, "done": ticked}, here.facts, origin="entered")
    return prepare(wanted, here, chosen, now)


def ticks(work: Work, items: Iterable[records.Item]) -> dict[str, Done]:
    """Who settled which item: done, or told that it does not apply."""
    return {
        one.code: Done(by=work.called(one.changed_by), at=one.changed_at)
        for one in items
        if one.state != "open"
    }


def rows(found: Preparation, items: Sequence[records.Item], now: dt.datetime) -> list[Row]:
    """The items of a preparation with their state in the store, by due time."""
    kept = {one.code: one for one in items}
    return [
        Row(item=one, kept=kept.get(one.name), overdue=_overdue(one, kept.get(one.name), now))
        for one in found.items
    ]


def lay_out(work: Work, case: int, found: Preparation, *, moved: bool) -> None:
    """Bring the list in the store to what is asked for now.

    Args:
        moved: the procedure's time changed, so that due dates are set anew and questions to
            prescribers, whose dates are others now, are open again.
    """
    wanted = {one.name: one for one in found.items}
    for one in records.checklist(work, case, LIST):
        if changes := _changes(one, wanted.get(one.code), moved=moved):
            records.change_item(work, one.id, version=one.version, **changes)
    records.lay_out(
        work, case, LIST,
        [{"code": one.name, "wording": one.wording, "owner": one.owner,
          "due_at": one.due.astimezone(dt.UTC)} for one in found.items],
    )  # fmt: skip


def _changes(kept: records.Item, now: Any, *, moved: bool) -> dict[str, Any]:
    if now is None:
        return {"state": "not_applicable", "note": GONE} if kept.state == "open" else {}
    changes: dict[str, Any] = {}
    if kept.note == GONE:
        changes = {"state": "open", "note": None}
    if moved:
        changes["due_at"] = now.due.astimezone(dt.UTC)
        if kept.code.startswith("ask_") and kept.state == "done":
            changes |= {"state": "open", "note": "The procedure's time changed: ask again."}
    return changes


def _overdue(item: Any, kept: records.Item | None, now: dt.datetime) -> bool:
    if kept is None:
        return bool(item.overdue)
    due = kept.due_at or item.due
    return kept.state == "open" and item.open and due < now


def _local(begin: dt.datetime, clinic: Clinic) -> str:
    return begin.astimezone(ZoneInfo(clinic.time_zone)).isoformat(timespec="minutes")


def _plain(contact: Contact) -> dict[str, str]:
    given = {
        "name": contact.name, "phone": contact.phone, "after_hours": contact.after_hours,
        "emergency": contact.emergency,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


def sheet_words(wanted: str) -> Any:
    """Words of the sheet in a patient's language."""
    return words(language(wanted))
