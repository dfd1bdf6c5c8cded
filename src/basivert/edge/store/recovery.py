"""Check-ins after the procedure, and the alerts that stay open until a named person closes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from basivert.edge.store import cases
from basivert.edge.store.actor import SYSTEM
from basivert.edge.store.tables import ALERT, CHECKIN
from basivert.edge.store.work import Query, Work, asked
from basivert.errors import ForbiddenError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """What a patient answered on a day, and what the rules of an edition said of it.

    day: after the procedure, which is day 0.
    """

    id: int
    case: int
    day: int
    answers: Mapping[str, Any]
    answer: str
    edition: str
    document: Mapping[str, Any]
    entered_by: str
    entered_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that a person of the clinic must look at.

    kind: such as `warning_sign` or `unanswered`; severity: the triage's answer.
    escalation: how often nobody closed it in time.
    """

    id: int
    case: int
    checkin: int | None
    kind: str
    severity: str
    document: Mapping[str, Any]
    opened_by: str
    opened_at: dt.datetime
    escalation: int
    escalated_at: dt.datetime | None
    closed: bool
    closed_by: int | None
    closed_at: dt.datetime | None
    note: str | None
    version: int


def add_checkin(
    work: Work, case: int, *, day: int, answers: Mapping[str, Any], answer: str, edition: str,
    document: Mapping[str, Any],
) -> int:  # fmt: skip
    """Keep a check-in; an earlier one of the same day stays. Gives its number."""
    work.needs("checkin.write")
    cases.held(work, case)
    number = work.add(
        CHECKIN, case=case, day=day, answers=dict(answers), answer=answer, edition=edition,
        document=dict(document), entered_by=work.actor.reference, entered_at=work.now,
    )  # fmt: skip
    work.note("checkin.added", f"case:{case}", checkin=number, day=day)
    return number


def checkins(work: Work, case: int) -> list[CheckIn]:
    """All check-ins of a case, the newest first; noted as read."""
    work.needs("checkin.read")
    cases.held(work, case)
    work.note("checkins.read", f"case:{case}")
    query = asked(CheckIn, CHECKIN).where(CHECKIN.c.case == case)
    return work.all(CheckIn, query.order_by(CHECKIN.c.id.desc()))


def open_alert(
    work: Work, case: int, *, kind: str, severity: str, document: Mapping[str, Any],
    checkin: int | None = None,
) -> int:  # fmt: skip
    """Open an alert; gives its number."""
    work.needs("alert.open")
    cases.held(work, case)
    number = work.add(
        ALERT, clinic=work.clinic, case=case, checkin=checkin, kind=kind, severity=severity,
        document=dict(document), opened_by=work.actor.reference, opened_at=work.now, closed=False,
        escalation=0,
    )  # fmt: skip
    work.note("alert.opened", f"case:{case}", alert=number, kind=kind)
    return number


def open_alerts(work: Work) -> list[Alert]:
    """All alerts of the clinic that nobody closed, the oldest first; a person's look is noted."""
    work.needs("alert.read")
    found = work.all(Alert, _here(work).where(ALERT.c.closed.is_(False)).order_by(ALERT.c.id))
    # A worker looks every minute, for nobody's eyes: rows of its own would bury those of people.
    if work.actor.role != SYSTEM:
        work.note("alerts.listed", f"clinic:{work.clinic}", shown=len(found))
    return found


def open_numbers(work: Work) -> dict[str, int]:
    """Severity → how many alerts of the clinic nobody closed; says nothing of a person."""
    work.needs("alert.read")
    query = (
        select(ALERT.c.severity, func.count())
        .where(ALERT.c.clinic == work.clinic, ALERT.c.closed.is_(False))
        .group_by(ALERT.c.severity)
    )
    return {str(name): int(number) for name, number in work.connection.execute(query)}


def alerts(work: Work, case: int) -> list[Alert]:
    """All alerts of a case, the newest first; noted as read."""
    work.needs("alert.read")
    cases.held(work, case)
    work.saw(case, "alerts")
    return work.all(Alert, _here(work).where(ALERT.c.case == case).order_by(ALERT.c.id.desc()))


def close_alert(work: Work, number: int, *, version: int, note: str) -> None:
    """Close an alert in one's own name, with what was done.

    Raises: ForbiddenError for anyone but a person with an account; RecordError without a note;
        ConflictError where somebody else closed it.
    """
    work.needs("alert.close")
    if work.actor.account is None:
        raise ForbiddenError("Only a named person closes an alert.", deed="alert.close")
    if not note.strip():
        raise RecordError("What was done about the alert is missing.", fix="Write it in a line.")
    alert = work.one(Alert, _here(work).where(ALERT.c.id == number), f"alert {number}")
    where = (ALERT.c.id == number) & ALERT.c.closed.is_(False)
    if alert.closed:
        version = 0
        where = ALERT.c.id == number
    work.change(
        ALERT, where, version, f"alert {number}", closed=True, closed_by=work.actor.account,
        closed_at=work.now, note=note.strip(),
    )  # fmt: skip
    work.note("alert.closed", f"case:{alert.case}", alert=number)


def escalate(work: Work, alert: Alert) -> None:
    """Note that nobody closed an alert in time."""
    work.needs("alert.escalate")
    work.change(
        ALERT, (ALERT.c.id == alert.id) & (ALERT.c.clinic == work.clinic), alert.version,
        f"alert {alert.id}", escalation=alert.escalation + 1, escalated_at=work.now,
    )  # fmt: skip
    work.note(
        "alert.escalated", f"case:{alert.case}", alert=alert.id, escalation=alert.escalation + 1
    )


def _here(work: Work) -> Query:
    return asked(Alert, ALERT).where(ALERT.c.clinic == work.clinic)
