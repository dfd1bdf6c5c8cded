"""The registry of a clinic, from its store: no names, days instead of dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.outcomes.registry import Event, Patient, Registry, Retreatment, Score
from basivert.edge.store import accounts, registry
from basivert.edge.store.work import Work

FACTS = ("modic", "age_years", "levels")


def registry_of(work: Work) -> Registry:
    """All whose procedure has taken place, up to today in the clinic's calendar.

    A score that was entered as missing, or outside the days after the procedure, is counted as
    unscored and not lost.
    """
    done = registry.performed(work)
    clinic = accounts.own_clinic(work)
    start = done[0].on if done else _today(work, clinic.time_zone)
    scores = _by_case(registry.scores(work))
    harms, plans = _by_case(registry.harms(work)), _by_case(registry.treated(work))
    known, later = registry.answers(work, FACTS), registry.documents(work, "follow_up")
    patients = tuple(
        _patient(
            one, (one.on - start).days, scores[one.case], harms[one.case], plans[one.case],
            known.get(one.case, {}), later.get(one.case, {}),
        )
        for one in done
    )  # fmt: skip
    unscored = sum(row.score is None for rows in scores.values() for row in rows)
    as_of = (_today(work, clinic.time_zone) - start).days
    return Registry(name=clinic.name, as_of_day=as_of, patients=patients, unscored=unscored)


def _patient(
    one: registry.Performed, day: int, scores: Iterable[registry.Score],
    harms: Iterable[registry.Harm], plans: Iterable[registry.Treated],
    known: Mapping[str, Any], later: Mapping[str, Any],
) -> Patient:  # fmt: skip
    plans = tuple(plans)
    left, current = later.get("left") or {}, _current(plans)
    level_of = {plan.plan: plan.level for plan in plans}
    age = known.get("age_years")
    levels = dict.fromkeys([*(plan.level for plan in current), *known.get("levels", ())])
    return Patient(
        id=f"{one.patient}-{one.case}", procedure_day=day, site=later.get("site"),
        sex=later.get("sex"),
        age_years=None if age is None else float(age), modic=known.get("modic", {}),
        levels=tuple(levels),
        coverage_planned={
            plan.level: plan.coverage_planned
            for plan in current if plan.coverage_planned is not None
        },
        coverage_treated={
            plan.level: plan.coverage_treated
            for plan in current if plan.coverage_treated is not None
        },
        margins_mm={plan.level: min(plan.margins_mm.values()) for plan in current
                    if plan.margins_mm},
        left_day=left.get("day"), left_why=left.get("why"),
        scores=tuple(
            Score(instrument=row.instrument, value=row.score, day=row.day)
            for row in scores if row.score is not None and row.day is not None
        ),
        events=tuple(
            Event(kind=row.kind, grade=row.grade, day=row.day,
                  level=row.level or level_of.get(row.plan or 0))
            for row in harms
        ),
        retreatments=tuple(
            Retreatment(kind=str(row["kind"]), day=int(row["day"]))
            for row in later.get("retreatments", ())
        ),
    )  # fmt: skip


def _current(plans: Sequence[registry.Treated]) -> tuple[registry.Treated, ...]:
    """The levels of the plan approved last, as `outcomes.approved` has them."""
    newest = plans[-1].digest if plans else ""
    return tuple({p.level: p for p in plans if p.digest == newest and not p.withdrawn}.values())


def _by_case(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case].append(row)
    return found


def _today(work: Work, zone: str) -> dt.date:
    return work.now.astimezone(ZoneInfo(zone)).date()
