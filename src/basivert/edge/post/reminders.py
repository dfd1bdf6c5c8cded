"""Which jobs a case needs: check-ins, visits, and notices of what nobody answered or closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from basivert.care.recovery.alerts import Alert
from basivert.care.recovery.checkin_plan import DueCheckIn, Plan, planned
from basivert.care.recovery.escalation import Escalation, Notice, due
from basivert.care.recovery.triage import CALLS, Urgency
from basivert.edge.store import accounts, cases, jobs, recovery
from basivert.edge.store.tables import ACCOUNT, CARE_CASE, CHECKIN, JOB
from basivert.edge.store.work import Work
from basivert.errors import RecordError

# The patient has these hours to answer before the check-in counts as due.
AHEAD = dt.timedelta(hours=6)
_ENDED = ("cancelled",)


def plan_checkins(work: Work, case: int, plan: Plan) -> int:
    """Schedule the reminders of a case's check-ins; gives how many are new.

    Reminders for another date of the procedure that have not gone out are cancelled. None is made
    for a check-in that should have been answered already.

    Raises: RecordError where the procedure has no date.
    """
    zone = ZoneInfo(accounts.own_clinic(work).time_zone)
    found = cases.case(work, case)
    if found.procedure_at is None:
        raise RecordError("The procedure has no date yet.", fix="Enter it, then plan check-ins.")
    day = found.procedure_at.astimezone(zone).date()
    asked = {
        f"checkin:{case}:{one.day}:{one.due.isoformat()}": one
        for one in planned(str(case), day, plan, zone)
        if one.due >= work.now
    }
    jobs.cancel(work, case, kind="checkin", keep=asked.keys())
    return sum(
        jobs.schedule(
            work, "checkin", key=key, due_at=max(one.due - AHEAD, work.now), case=case,
            day=one.day, payload={"due": one.due.isoformat()},
        )
        for key, one in asked.items()
    )  # fmt: skip


def plan_visits(work: Work, case: int, visits: Mapping[str, dt.datetime]) -> int:
    """Schedule the reminders of a case's visits, such as `6w`; gives how many are new."""
    asked = {
        f"visit:{case}:{name}:{at.isoformat()}": (name, at)
        for name, at in visits.items()
        if at >= work.now
    }
    jobs.cancel(work, case, kind="visit", keep=asked.keys())
    return sum(
        jobs.schedule(work, "visit", key=key, due_at=at, case=case, payload={"visit": name})
        for key, (name, at) in asked.items()
    )


def notify(work: Work, rules: Escalation) -> int:
    """Schedule every notice that is due and was not yet; gives how many are new.

    Open alerts and unanswered check-ins come up step by step, each step once for each account of
    the role that it tells; an alert's step after the first counts as its escalation.
    """
    alerts = {str(one.id): one for one in recovery.open_alerts(work)}
    seen = [_alert(one) for one in alerts.values() if one.severity in CALLS]
    staff = _staff(work)
    new, escalated = 0, set[str]()
    for notice in due(seen, _checkins(work), work.now, rules):
        fresh = sum(_schedule(work, notice, number) for number in staff.get(notice.tell, ()))
        new += fresh
        if fresh and notice.kind == "alert" and notice.about not in escalated:
            alert = alerts[notice.about]
            if notice.since > alert.opened_at:
                recovery.escalate(work, alert)
                escalated.add(notice.about)
    return new


def _schedule(work: Work, notice: Notice, account: int) -> bool:
    about = notice.about if notice.kind == "alert" else f"{notice.person}:{notice.about}"
    return jobs.schedule(
        work, "notice", key=f"notice:{notice.kind}:{about}:{notice.step}:{account}",
        due_at=work.now, case=int(notice.person), payload={"account": account},
    )  # fmt: skip


def _alert(one: recovery.Alert) -> Alert:
    return Alert(
        key=str(one.id), person=str(one.case), urgency=cast(Urgency, one.severity),
        opened=one.opened_at, signs=(), edition="", closure=None,
    )  # fmt: skip


def _staff(work: Work) -> dict[str, list[int]]:
    query = select(ACCOUNT.c.role, ACCOUNT.c.id).where(
        ACCOUNT.c.clinic == work.clinic, ACCOUNT.c.disabled.is_(False)
    )
    found: dict[str, list[int]] = {}
    for role, number in work.connection.execute(query.order_by(ACCOUNT.c.id)):
        found.setdefault(role, []).append(number)
    return found


def _checkins(work: Work) -> Iterable[DueCheckIn]:
    """All check-ins that somebody was asked for, with what the last answer of the day said."""
    last = (
        select(func.max(CHECKIN.c.id).label("id")).group_by(CHECKIN.c.case, CHECKIN.c.day)
    ).subquery()
    given = select(CHECKIN.c.case, CHECKIN.c.day, CHECKIN.c.answer).join(
        last, last.c.id == CHECKIN.c.id
    ).subquery()  # fmt: skip
    query = (
        select(JOB.c.case, JOB.c.day, JOB.c.payload, given.c.answer)
        .join(CARE_CASE, CARE_CASE.c.id == JOB.c.case)
        .join(given, (given.c.case == JOB.c.case) & (given.c.day == JOB.c.day), isouter=True)
        .where(
            JOB.c.clinic == work.clinic, JOB.c.kind == "checkin", JOB.c.state.not_in(_ENDED),
            CARE_CASE.c.stage != "closed",
        )
    )  # fmt: skip
    return [_due(row) for row in work.connection.execute(query)]


def _due(row: Any) -> DueCheckIn:
    return DueCheckIn(
        person=str(row.case), day=row.day, due=dt.datetime.fromisoformat(row.payload["due"]),
        answer=cast("Urgency | None", row.answer),
    )  # fmt: skip
