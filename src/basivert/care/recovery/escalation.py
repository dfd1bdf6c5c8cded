"""Who must be told now: of alerts that are open, of check-ins that nobody answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.recovery.alerts import Alert, utc
from basivert.care.recovery.checkin_plan import DueCheckIn, unsettled
from basivert.care.recovery.triage import CALLS
from basivert.care.roles import roles
from basivert.constants.load import document
from basivert.errors import InputError

UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Tell the role `tell` once something has been open for `after`.

    of: the urgency that opened the alert, or `unanswered` for a check-in.
    """

    name: str
    of: str
    after: dt.timedelta
    tell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """All steps, in one edition."""

    edition: str
    source: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody must be told of one thing.

    about: the alert's key, or the day of the check-in as text.
    since: when this step was reached, UTC.
    """

    kind: Literal["alert", "check_in"]
    about: str
    person: str
    tell: str
    step: str
    since: dt.datetime


def escalation(read: Mapping[str, Any] | None = None) -> Escalation:
    """The steps as they ship, or a clinic's own whole list.

    Raises: InputError where an urgency is never told to anybody at once, or a step is unusable.
    """
    rows = read or document("care/recovery/escalation")
    known = roles(document("care/roles"))
    told = (*known.staff, "patient")
    steps = tuple(_step(name, row, told) for name, row in rows["step"].items())
    for urgency in CALLS:
        if not any(one.of == urgency and not one.after for one in steps):
            raise InputError(
                f"Nobody is told of {urgency} at once.", fix="Add a step with after_hours = 0."
            )
    if not any(one.of == UNANSWERED for one in steps):
        raise InputError("Nobody is told of an unanswered check-in.")
    return Escalation(edition=rows["edition"], source=rows["source"], steps=steps)


def due(
    alerts: Iterable[Alert], check_ins: Iterable[DueCheckIn], now: dt.datetime, rules: Escalation
) -> tuple[Notice, ...]:
    """Every notice that is due, earliest first.

    An alert drops out only when a person has closed it, a check-in only when it, or a later one,
    was answered in full. As time passes notices are only added.
    """
    found = [
        notice
        for alert in alerts
        if alert.state == "open"
        for notice in _reached("alert", alert.key, alert.person, alert.urgency, alert.opened, rules)
    ]
    found += [
        notice
        for one in unsettled(check_ins)
        for notice in _reached("check_in", str(one.day), one.person, UNANSWERED, one.due, rules)
    ]
    return tuple(sorted((one for one in found if one.since <= utc(now)), key=_when))


def _reached(
    kind: Literal["alert", "check_in"], about: str, person: str, of: str, start: dt.datetime,
    rules: Escalation,
) -> list[Notice]:  # fmt: skip
    return [
        Notice(kind=kind, about=about, person=person, tell=step.tell, step=step.name,
               since=utc(start) + step.after)
        for step in rules.steps if step.of == of
    ]  # fmt: skip


def _when(notice: Notice) -> tuple[dt.datetime, str, str, str]:
    return notice.since, notice.person, notice.about, notice.step


def _step(name: str, row: Mapping[str, Any], told: tuple[str, ...]) -> Step:
    if set(row) != {"of", "after_hours", "tell"}:
        raise InputError(f"Step {name} needs of, after_hours and tell, and nothing else.")
    if row["of"] not in (*CALLS, UNANSWERED):
        raise InputError(f"Step {name} is of {row['of']!r}.", fix=f"Choose {', '.join(CALLS)}.")
    if row["tell"] not in told:
        raise InputError(f"Step {name} tells {row['tell']!r}.", fix=f"Choose {', '.join(told)}.")
    hours = row["after_hours"]
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not 0 <= hours < 1e4:
        raise InputError(f"Step {name} comes after {hours!r} hours.")
    return Step(name=name, of=row["of"], after=dt.timedelta(hours=hours), tell=row["tell"])
