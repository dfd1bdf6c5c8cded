"""Alerts: opened by a triage, closed by a named person with a note, by nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Literal

from basivert.care.recovery.triage import CALLS, Triage, Urgency
from basivert.errors import ConflictError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Who ended an alert, when (UTC), and what was done."""

    by: str
    at: dt.datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Somebody at the clinic must act.

    key, person: names of the alert and of the patient, as the store has them.
    opened: when, UTC.
    signs: names of the signs that opened it; edition: of their rule set.
    closure: None while it is open.
    """

    key: str
    person: str
    urgency: Urgency
    opened: dt.datetime
    signs: tuple[str, ...]
    edition: str
    closure: Closure | None

    @property
    def state(self) -> Literal["open", "closed"]:
        """The one state that it is in."""
        return "open" if self.closure is None else "closed"


def alert_of(found: Triage, *, key: str, person: str, now: dt.datetime) -> Alert | None:
    """The alert that a triage opens; None where nobody needs to act on it now.

    An incomplete answer opens none: it leaves its check-in unanswered, which escalates by itself.
    """
    if found.answer not in CALLS:
        return None
    return Alert(
        key=key, person=person, urgency=found.answer, opened=utc(now), edition=found.edition,
        signs=tuple(row.criterion.name for row in found.reasons), closure=None,
    )  # fmt: skip


def closed(alert: Alert, *, by: str, note: str, now: dt.datetime) -> Alert:
    """The alert, ended by a person.

    Raises: RecordError without a name, a note, or with a time before it was opened; ConflictError
        where somebody has closed it already.
    """
    if alert.closure is not None:
        raise ConflictError(
            f"The alert was closed by {alert.closure.by} at {alert.closure.at:%Y-%m-%d %H:%M} UTC.",
            fix="Read that note; write another check-in or note if there is more to say.",
        )
    if not by.strip() or not note.strip():
        raise RecordError(
            "An alert is closed by a named person with a note.", fix="Write who, and what was done."
        )
    at = utc(now)
    if at < alert.opened:
        raise RecordError(f"The alert was opened at {alert.opened}, after {at}.")
    return dataclasses.replace(alert, closure=Closure(by=by.strip(), at=at, note=note.strip()))


def utc(time: dt.datetime) -> dt.datetime:
    """The same moment in UTC. Raises RecordError for a time without a zone."""
    if time.tzinfo is None:
        raise RecordError(f"{time} has no time zone.", fix="Give the clinic's zone with it.")
    return time.astimezone(dt.UTC)
