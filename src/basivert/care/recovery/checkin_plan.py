"""Which check-ins are due, and what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from basivert.care.recovery.alerts import utc
from basivert.care.recovery.triage import Urgency
from basivert.constants.load import document
from basivert.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Days on which the patient is asked, and the clinic's local hour; edition and source."""

    days: tuple[int, ...]
    due_hour: int
    edition: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCheckIn:
    """One check-in of a patient.

    due: when its answers should be there, UTC.
    answer: of its last triage; None where it was not answered at all.
    """

    person: str
    day: int
    due: dt.datetime
    answer: Urgency | None

    @property
    def settled(self) -> bool:
        """Whether it tells how the patient is; an answer in part does not."""
        return self.answer not in (None, "incomplete")


def checkin_plan() -> Plan:
    """The plan as it ships."""
    read = document("care/recovery/checkin_plan")
    days = [
        day
        for row in read["period"]
        for day in range(row["first_day"], row["last_day"] + 1, row["every_days"])
    ]
    return Plan(
        days=tuple(days), due_hour=read["due_hour"], edition=read["edition"], source=read["source"]
    )


def planned(
    person: str, procedure: dt.date, plan: Plan, clinic_zone: dt.tzinfo
) -> tuple[DueCheckIn, ...]:
    """All check-ins of a patient, none answered yet.

    Args:
        person: as the store names the patient.
        procedure: its day in the clinic's calendar.
        plan: days and hour.
        clinic_zone: in which the hour is meant, summer time included.
    """
    hour = dt.time(plan.due_hour, tzinfo=clinic_zone)
    return tuple(
        DueCheckIn(
            person=person, day=day, answer=None,
            due=utc(dt.datetime.combine(procedure + dt.timedelta(days=day), hour)),
        )
        for day in plan.days
    )  # fmt: skip


def day_of(procedure: dt.date, today: dt.date) -> int:
    """Days since the procedure. Raises RecordError before it."""
    day = (today - procedure).days
    if day < 0:
        raise RecordError(f"{today} is before the procedure on {procedure}.")
    return day


def unsettled(check_ins: Iterable[DueCheckIn]) -> tuple[DueCheckIn, ...]:
    """Check-ins that say nothing of the patient, and that no later one has made up for."""
    given = tuple(check_ins)
    known_until: dict[str, int] = {}
    for one in given:
        if one.settled:
            known_until[one.person] = max(one.day, known_until.get(one.person, -1))
    return tuple(
        one for one in given if not one.settled and one.day > known_until.get(one.person, -1)
    )
