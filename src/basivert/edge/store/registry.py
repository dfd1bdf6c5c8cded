"""All outcomes of a clinic without any person: what the registry computes with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from basivert.edge.store import accounts, cases
from basivert.edge.store.tables import (
    ADVERSE_EVENT,
    CARE_CASE,
    FACT,
    OUTCOME,
    PLAN_LINK,
    RECORD,
)
from basivert.edge.store.work import Query, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score, or why it is missing, with the day since the procedure instead of a date."""

    case: int
    instrument: str
    visit: str
    day: int | None
    score: float | None
    missing: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """An adverse event, with days since the procedure."""

    case: int
    kind: str
    grade: int
    day: int | None
    level: str | None
    plan: int | None
    resolved_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """One level that was planned or treated.

    coverage_*: 0-1, None where nobody computed it.  margins_mm: wall → smallest distance.
    withdrawn: the approval was taken back.
    """

    case: int
    plan: int
    level: str
    side: str
    digest: str
    coverage_planned: float | None
    coverage_treated: float | None
    margins_mm: Mapping[str, float]
    withdrawn: bool


def scores(work: Work, instrument: str | None = None) -> list[Score]:
    """All scores that hold now, by case and visit's entry; noted as read."""
    query = _ours(work, OUTCOME, "instrument", "visit", "on", "score", "missing").where(
        OUTCOME.c.replaced_at.is_(None)
    )
    if instrument is not None:
        query = query.where(OUTCOME.c.instrument == instrument)
    zone = _read(work, "scores")
    return [
        Score(case=case, day=_day(on, at, zone), instrument=name, visit=visit, score=score,
              missing=missing)
        for case, at, name, visit, on, score, missing in work.connection.execute(
            query.order_by(OUTCOME.c.id))
    ]  # fmt: skip


def harms(work: Work) -> list[Harm]:
    """All adverse events; noted as read."""
    query = _ours(work, ADVERSE_EVENT, "kind", "grade", "on", "level", "plan", "resolved_on")
    zone = _read(work, "events")
    return [
        Harm(case=case, kind=kind, grade=grade, day=_day(on, at, zone), level=level, plan=plan,
             resolved_day=_day(over, at, zone))
        for case, at, kind, grade, on, level, plan, over in work.connection.execute(
            query.order_by(ADVERSE_EVENT.c.id))
    ]  # fmt: skip


def treated(work: Work) -> list[Treated]:
    """All levels with a plan; noted as read."""
    query = _ours(
        work, PLAN_LINK, "id", "level", "side", "digest", "coverage_planned", "coverage_treated",
        "margins_mm", "document",
    )  # fmt: skip
    _read(work, "plans")
    return [
        Treated(case=case, plan=plan, level=level, side=side, digest=digest,
                coverage_planned=planned, coverage_treated=done, margins_mm=margins,
                withdrawn="withdrawn" in document)
        for case, _, plan, level, side, digest, planned, done, margins, document
        in work.connection.execute(query.order_by(PLAN_LINK.c.id))
    ]  # fmt: skip


def answers(work: Work, names: Iterable[str]) -> dict[int, dict[str, Any]]:
    """Case → name → value of known facts, such as `modic`, to tell subgroups apart."""
    query = _ours(work, FACT, "name", "value").where(
        FACT.c.replaced_at.is_(None), FACT.c.known == 1, FACT.c.name.in_(list(names))
    )
    _read(work, "facts")
    found: dict[int, dict[str, Any]] = {}
    for case, _, name, value in work.connection.execute(query):
        found.setdefault(case, {})[name] = value
    return found


def _ours(work: Work, table: Any, *names: str) -> Query:
    work.needs("registry.read")
    query = select(table.c.case, CARE_CASE.c.procedure_at, *(table.c[name] for name in names))
    return cases.ours(work, query.join(CARE_CASE, CARE_CASE.c.id == table.c.case))


def _read(work: Work, what: str) -> ZoneInfo:
    work.note("registry.read", f"clinic:{work.clinic}", what=what)
    return ZoneInfo(accounts.own_clinic(work).time_zone)


def _day(on: dt.date | None, procedure_at: dt.datetime | None, zone: ZoneInfo) -> int | None:
    if on is None or procedure_at is None:
        return None
    return (on - _date(procedure_at, zone)).days


@lru_cache(maxsize=20_000)  # a clinic has few moments, or the same one for many rows
def _date(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    return moment.astimezone(zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A case whose procedure has taken place. patient: pseudonym."""

    case: int
    patient: str
    on: dt.date


def performed(work: Work) -> list[Performed]:
    """All cases of the clinic whose procedure lies in the past, the oldest first."""
    work.needs("registry.read")
    zone = _read(work, "cases")
    query = select(CARE_CASE.c.id, CARE_CASE.c.patient, CARE_CASE.c.procedure_at).where(
        CARE_CASE.c.procedure_at <= work.now
    )
    found = work.connection.execute(cases.ours(work, query).order_by(CARE_CASE.c.procedure_at))
    return [
        Performed(case=case, patient=patient, on=_date(at, zone)) for case, patient, at in found
    ]


def any_performed(work: Work) -> bool:
    """Whether there is anybody to report on."""
    work.needs("registry.read")
    query = select(CARE_CASE.c.id).where(CARE_CASE.c.procedure_at <= work.now)
    return work.connection.execute(cases.ours(work, query).limit(1)).first() is not None


def documents(work: Work, kind: str) -> dict[int, dict[str, Any]]:
    """Case → its document of a kind, such as `follow_up`."""
    query = _ours(work, RECORD, "document").where(RECORD.c.kind == kind)
    _read(work, kind)
    return {case: dict(document) for case, _, document in work.connection.execute(query)}
