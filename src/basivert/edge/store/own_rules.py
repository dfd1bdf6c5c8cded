"""A clinic's own rules: every file that was put into force, by whom, from when, until when."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from basivert.edge.store import accounts
from basivert.edge.store.tables import ACCOUNT, OWN_RULES
from basivert.edge.store.work import Work, asked
from basivert.errors import ConflictError, ForbiddenError, RecordError

LEAD = "lead_physician"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRules:
    """A file of the clinic.

    about: the table that it changes, as `care.own_rules` names it.
    edition: the clinic's own.  written: the file's text.
    from_on: the first day on which it decides, by the clinic's calendar.
    decided_by: the physician in whose name.  added_by: who entered it.
    """

    id: int
    about: str
    edition: str
    written: str
    sha256: str
    from_on: dt.date
    decided_by: str
    added_by: str
    added_at: dt.datetime
    taken_back_by: str | None
    taken_back_at: dt.datetime | None


def lead(work: Work) -> str | None:
    """The clinic's lead physician as `account:3`; None where none is named, or not one any more."""
    number = accounts.own_clinic(work).settings.get(LEAD)
    query = select(ACCOUNT.c.id).where(
        ACCOUNT.c.id == number, ACCOUNT.c.clinic == work.clinic, ACCOUNT.c.role == "physician",
        ACCOUNT.c.disabled.is_(False),
    )  # fmt: skip
    return f"account:{number}" if number and work.connection.execute(query).first() else None


def may_write(work: Work) -> bool:
    """Whether the actor may change rules: an administrator, or the lead physician."""
    if not work.roles.allow(work.actor.role, "rules.write"):
        return False
    return work.actor.role != "physician" or work.actor.reference == lead(work)


def must_write(work: Work) -> None:
    """Raises ForbiddenError unless the actor may change rules."""
    work.needs("rules.write")
    if not may_write(work):
        raise ForbiddenError(
            "Only an administrator or the lead physician changes the clinic's rules.",
            fix="Ask one of them.", deed="rules.write",
        )  # fmt: skip


def add(work: Work, *, about: str, edition: str, written: str, from_on: dt.date) -> int:
    """Put a file into force from a day on, in the name of the lead physician; gives its number.

    Raises: RecordError for a day that is over, an edition that was used for these rules before,
        or a clinic without lead physician.
    """
    must_write(work)
    decided = lead(work)
    if decided is None:
        raise RecordError(
            "No lead physician is named: nobody stands for these rules.",
            fix="An administrator names one under Settings.",
        )
    if from_on < today(work):
        raise RecordError(
            f"{from_on} is over: what was answered then stays.", fix="Give today or a later day."
        )
    if any(one.about == about and one.edition == edition for one in _rows(work)):
        raise RecordError(
            f"There was a file of edition {edition!r} before: answers name the edition.",
            fix="Give this file a new edition.",
        )
    number = work.add(
        OWN_RULES, clinic=work.clinic, about=about, edition=edition, written=written,
        sha256=hashlib.sha256(written.encode()).hexdigest(), from_on=from_on, decided_by=decided,
        added_by=work.actor.reference, added_at=work.now,
    )  # fmt: skip
    work.note("rules.added", f"clinic:{work.clinic}", rules=number, about=about)
    return int(number)


def take_back(work: Work, number: int) -> None:
    """End a file: from now on the rules that ship decide. Raises ConflictError where it ended."""
    must_write(work)
    one = rules(work, number)
    if one.taken_back_at is not None:
        raise ConflictError(f"{work.called(one.taken_back_by or '')} took it back already.")
    work.run(
        OWN_RULES.update().where(OWN_RULES.c.id == number)
        .values(taken_back_by=work.actor.reference, taken_back_at=work.now)
    )  # fmt: skip
    work.note("rules.taken_back", f"clinic:{work.clinic}", rules=number, about=one.about)


def rules(work: Work, number: int) -> OwnRules:
    """One file of the clinic."""
    work.needs("rules.read")
    where = (OWN_RULES.c.id == number) & (OWN_RULES.c.clinic == work.clinic)
    return work.one(OwnRules, asked(OwnRules, OWN_RULES).where(where), f"rules {number}")


def every(work: Work) -> list[OwnRules]:
    """All files of the clinic, the newest first."""
    work.needs("rules.read")
    return _rows(work)[::-1]


def standing(work: Work, at: dt.datetime | None = None) -> dict[str, OwnRules]:
    """Table → the file that decides, or that decided at a moment before."""
    work.needs("rules.use")
    found: dict[str, list[OwnRules]] = {}
    for one in _rows(work):
        found.setdefault(one.about, []).append(one)
    zone, moment = _zone(work), work.now if at is None else at
    held = {about: in_force(some, moment, zone) for about, some in found.items()}
    return {about: one for about, one in held.items() if one is not None}


def in_force(some: Iterable[OwnRules], moment: dt.datetime, zone: ZoneInfo) -> OwnRules | None:
    """Of the files about one table the one that decides at a moment.

    The latest begun counts; where that was taken back, the rules that ship count and not an older
    file. One that was taken back before its first day never began.
    """
    day = moment.astimezone(zone).date()
    begun = [
        one for one in some
        if one.from_on <= day and one.added_at <= moment and not _never_began(one, zone)
    ]  # fmt: skip
    newest = max(begun, key=lambda one: (one.from_on, one.id), default=None)
    if newest is None or (newest.taken_back_at is not None and newest.taken_back_at <= moment):
        return None
    return newest


def today(work: Work) -> dt.date:
    """The day by the clinic's calendar."""
    return work.now.astimezone(_zone(work)).date()


def _never_began(one: OwnRules, zone: ZoneInfo) -> bool:
    ended = one.taken_back_at
    return ended is not None and ended.astimezone(zone).date() < one.from_on


def _zone(work: Work) -> ZoneInfo:
    return ZoneInfo(accounts.own_clinic(work).time_zone)


def _rows(work: Work) -> list[OwnRules]:
    query = asked(OwnRules, OWN_RULES).where(OWN_RULES.c.clinic == work.clinic)
    return work.all(OwnRules, query.order_by(OWN_RULES.c.id))
