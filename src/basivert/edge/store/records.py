"""Documents of a case with their versions, such as the procedure's record, and checklists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from basivert.edge.store import cases
from basivert.edge.store.tables import CHECKLIST_ITEM, RECORD, RECORD_HISTORY
from basivert.edge.store.work import Work, asked
from basivert.errors import ConflictError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A document of one kind of a case; signed, it stands until a physician reopens it."""

    id: int
    kind: str
    document: Mapping[str, Any]
    signed_by: str | None
    signed_at: dt.datetime | None
    version: int
    changed_by: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A document as it was."""

    version: int
    document: Mapping[str, Any]
    changed_by: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a checklist. state: open, done or not_applicable."""

    id: int
    case: int
    list: str
    code: str
    wording: str
    owner: str | None
    due_at: dt.datetime | None
    state: str
    note: str | None
    version: int
    changed_by: str
    changed_at: dt.datetime


def record(work: Work, case: int, kind: str) -> Record | None:
    """The document of a kind; None where nothing was entered. Noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.note("record.read", f"case:{case}", kind=kind)
    return _record(work, case, kind)


def keep(
    work: Work, case: int, kind: str, document: Mapping[str, Any], *, version: int | None
) -> int:
    """Keep a document; gives its new version. The version before stays readable.

    Args:
        version: of the document as it was shown; None where there was none.

    Raises: ConflictError where someone else kept one since; RecordError where it is signed.
    """
    work.needs("procedure.write" if kind == "procedure" else "case.write")
    cases.held(work, case)
    now = _record(work, case, kind)
    if now is not None and now.signed_at is not None:
        raise RecordError(
            f"The {kind} was signed by {work.called(now.signed_by or '')}.",
            fix="A physician can open it again; the signed version stays readable.",
        )
    new = _first(work, case, kind, document) if now is None else _next(work, now, document, version)
    work.note("record.kept", f"case:{case}", *document, kind=kind, version=new)
    return new


def sign(work: Work, case: int, kind: str, *, version: int) -> int:
    """Sign a document as it stands; gives its new version."""
    return _signed(work, case, kind, version, "record.signed", work.actor.reference, work.now)


def reopen(work: Work, case: int, kind: str, *, version: int) -> int:
    """Take a signature back so that the document can be changed; noted in the trail."""
    return _signed(work, case, kind, version, "record.reopened", None, None)


def versions(work: Work, case: int, kind: str) -> list[Version]:
    """All versions of a document, the oldest first; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.saw(case, "versions")
    query = asked(Version, RECORD_HISTORY).join(RECORD, RECORD.c.id == RECORD_HISTORY.c.record)
    query = query.where(RECORD.c.case == case, RECORD.c.kind == kind)
    return work.all(Version, query.order_by(RECORD_HISTORY.c.version))


def lay_out(work: Work, case: int, name: str, items: Iterable[Mapping[str, Any]]) -> None:
    """Put items on a checklist; those of the same code that stand there stay as they are.

    Args:
        items: each with `code` and `wording`, perhaps `owner` and `due_at`.
    """
    work.needs("case.write")
    cases.held(work, case)
    there = {item.code for item in _items(work, case, name)}
    new = [item for item in items if item["code"] not in there]
    for item in new:
        work.add(
            CHECKLIST_ITEM, case=case, list=name, code=item["code"], wording=item["wording"],
            owner=item.get("owner"), due_at=item.get("due_at"), state="open",
        )  # fmt: skip
    work.note("checklist.laid_out", f"case:{case}", *(str(item["code"]) for item in new), list=name)


def checklist(work: Work, case: int, name: str) -> list[Item]:
    """The items of a checklist in the order in which they were put there; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.saw(case, "checklists")
    return _items(work, case, name)


def checklists(work: Work, case: int) -> list[Item]:
    """The items of all checklists of a case, list by list; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.saw(case, "checklists")
    query = asked(Item, CHECKLIST_ITEM).where(CHECKLIST_ITEM.c.case == case)
    return work.all(Item, query.order_by(CHECKLIST_ITEM.c.list, CHECKLIST_ITEM.c.id))


def change_item(work: Work, number: int, *, version: int, **changes: Any) -> int:
    """Change state, note, owner or due_at of an item; gives its new version."""
    work.needs("case.write")
    if unknown := sorted(set(changes) - {"state", "note", "owner", "due_at"}):
        raise RecordError(f"{', '.join(unknown)} cannot be changed here.")
    if changes.get("state", "open") not in ("open", "done", "not_applicable"):
        raise RecordError("An item is open, done or not_applicable.")
    item = cases.one_of(work, Item, CHECKLIST_ITEM, number, "item")
    where = CHECKLIST_ITEM.c.id == number
    new = work.change(CHECKLIST_ITEM, where, version, f"item {item.code}", **changes)
    work.note("checklist.changed", f"case:{item.case}", *changes, item=number)
    return new


def _record(work: Work, case: int, kind: str) -> Record | None:
    found = work.all(
        Record, asked(Record, RECORD).where(RECORD.c.case == case, RECORD.c.kind == kind)
    )
    return found[0] if found else None


def _first(work: Work, case: int, kind: str, document: Mapping[str, Any]) -> int:
    number = work.add(RECORD, case=case, kind=kind, document=dict(document))
    work.add(RECORD_HISTORY, record=number, version=1, document=dict(document), **work.stamp())
    return 1


def _next(work: Work, now: Record, document: Mapping[str, Any], version: int | None) -> int:
    # Shown as empty, while somebody else has filled it in: version 0 never is the current one.
    where = RECORD.c.id == now.id
    new = work.change(RECORD, where, version or 0, now.kind, document=dict(document))
    work.add(RECORD_HISTORY, record=now.id, version=new, document=dict(document), **work.stamp())
    return new


def _signed(
    work: Work, case: int, kind: str, version: int, action: str, by: str | None,
    at: dt.datetime | None,
) -> int:  # fmt: skip
    work.needs("procedure.sign")
    cases.held(work, case)
    now = _record(work, case, kind)
    if now is None:
        work.missing(f"{kind} of case {case}")
    if (by is None) == (now.signed_at is None):
        raise ConflictError(f"The {kind} was {'not ' if by is None else ''}signed already.")
    new = work.change(RECORD, RECORD.c.id == now.id, version, kind, signed_by=by, signed_at=at)
    work.add(
        RECORD_HISTORY, record=now.id, version=new, document=dict(now.document), **work.stamp()
    )
    work.note(action, f"case:{case}", kind=kind, version=new)
    return new


def _items(work: Work, case: int, name: str) -> list[Item]:
    query = asked(Item, CHECKLIST_ITEM).where(
        CHECKLIST_ITEM.c.case == case, CHECKLIST_ITEM.c.list == name
    )
    return work.all(Item, query.order_by(CHECKLIST_ITEM.c.id))
