"""A case's outcomes: scores by visit, adverse events, further treatment, leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.outcomes.registry import LEFT, LEVELS, SEXES
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import BASELINE, visit_words, visits
from basivert.care.outcomes.scoring import (
    band_limits,
    band_words,
    checked,
    instrument_words,
    odi,
)
from basivert.edge.store import cases, outcomes, records
from basivert.edge.store.own_outcomes import own_outcome_rules
from basivert.edge.web.forms import plain_number
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import day as day_in
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/outcomes", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "outcome.read"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "outcome.write"))]
Follower = Annotated[Visit, Depends(allowed("case.write", "outcome.write"))]
GRADES = ("1", "2", "3", "4", "5")


@router.get("")
def show(request: Request, visit: Reader, case: int) -> Response:
    """Every visit with its days, what was entered and what is missing."""
    with site_of(request).store.reading(visit.who) as work:
        rules = own_outcome_rules(work)
        one = cases.case(work, case)
        rows = outcomes.outcomes(work, case)
        events = outcomes.events(work, case)
        follow = records.record(work, case, "follow_up")
        today = work.now.astimezone(visit.zone).date()
    entered = {(row.visit, row.instrument): row for row in rows}
    return page(
        request, "outcomes.html.j2", case=one, entered=entered, events=events, follow=follow,
        due=_due(one, rules, visit, today), instruments=rules["scores"]["instrument"],
        kinds=rules["events"]["kind"], levels=LEVELS, grades=GRADES, left=LEFT, today=today,
        edition=rules.edition, baseline=BASELINE,
        visit_words=lambda key: visit_words(key, rules),
        instrument_words=lambda name: instrument_words(name, rules),
        limits=lambda score: band_limits(score, rules),
        bands=list(dict.fromkeys(
            band_words(row.score, rules) for row in sorted(rows, key=lambda one: one.score or 0)
            if row.instrument == "odi" and row.score is not None
        )),
    )  # fmt: skip


@router.post("")
@keeps(show)
def enter(request: Request, visit: Writer, case: int) -> Response:
    """One score of one visit; ten points of the ODI, a total, or why there is none."""
    given, rules = dict(fields(request)), _rules(request, visit)
    if given.get("visit") not in {BASELINE, *(one.key for one in visits(rules))}:
        raise RecordError("There is no such visit.", fix="Choose one of the list.")
    instrument = given.get("instrument", "")
    score, document = _score(given, instrument, rules)
    missing = given.get("missing", "").strip() or None
    replaces = given.get("replaces", "")
    with site_of(request).store.writing(visit.who) as work:
        outcomes.enter_outcome(
            work, case, instrument=instrument, visit=given["visit"], score=score,
            missing=missing if score is None else None, document=document,
            on=day_in(given.get("on", ""), "The day"),
            replaces=int(replaces) if replaces.isascii() and replaces.isdigit() else None,
        )  # fmt: skip
    return _back(case)


@router.post("/event")
@keeps(show)
def event(request: Request, visit: Writer, case: int) -> Response:
    """An adverse event with its grade."""
    given, rules = dict(fields(request)), _rules(request, visit)
    if given.get("kind") not in rules["events"]["kind"] or given.get("grade") not in GRADES:
        raise RecordError("Kind or grade of the event is missing.", fix="Choose both.")
    if given.get("level", "") not in ("", *LEVELS):
        raise RecordError("There is no such level.", fix="Choose one of the list, or none.")
    with site_of(request).store.writing(visit.who) as work:
        outcomes.add_event(
            work, case, kind=given["kind"], grade=int(given["grade"]),
            on=day_in(given.get("on", ""), "The day"), level=given.get("level") or None,
            note=given.get("note", "").strip() or None,
        )  # fmt: skip
    return _back(case)


@router.post("/follow-up")
@keeps(show)
def follow_up(request: Request, visit: Follower, case: int) -> Response:
    """A further treatment of the same pain, or that the patient left the registry."""
    given = dict(fields(request))
    on = day_in(given.get("on", ""), "The day")
    if on is None:
        raise RecordError("The day is missing.", fix="Say when it was.")
    with site_of(request).store.writing(visit.who) as work:
        one, there = cases.case(work, case), records.record(work, case, "follow_up")
        if one.procedure_at is None:
            raise RecordError("There was no procedure yet.")
        since = (on - one.procedure_at.astimezone(visit.zone).date()).days
        kept = _followed(dict(there.document) if there else {}, given, since)
        seen = version(given) if there is not None else None
        records.keep(work, case, "follow_up", kept, version=seen)
    return _back(case)


@router.post("/registry")
def for_registry(request: Request, visit: Follower, case: int) -> Response:
    """Sex and site, for the registry alone."""
    given = dict(fields(request))
    if given.get("sex", "") not in ("", *SEXES):
        raise RecordError("There is no such choice.", fix=f"One of {', '.join(SEXES)}, or none.")
    with site_of(request).store.writing(visit.who) as work:
        there = records.record(work, case, "follow_up")
        rest = {k: v for k, v in (there.document if there else {}).items()
                if k not in ("sex", "site")}  # fmt: skip
        told = {
            name: given[name].strip() for name in ("sex", "site") if given.get(name, "").strip()
        }
        records.keep(work, case, "follow_up", {**rest, **told},
                     version=version(given) if there is not None else None)  # fmt: skip
    return _back(case)


def _rules(request: Request, visit: Visit) -> OutcomeRules:
    with site_of(request).store.reading(visit.who) as work:
        return own_outcome_rules(work)


def _followed(kept: dict[str, Any], given: Mapping[str, str], since: int) -> dict[str, Any]:
    if given.get("why") in LEFT:
        return {**kept, "left": {"day": since, "why": given["why"]}}
    if not (kind := given.get("kind", "").strip()):
        raise RecordError("What was done is missing.", fix="Write it in a few words.")
    return {**kept, "retreatments": [*kept.get("retreatments", ()), {"kind": kind, "day": since}]}


def _score(
    given: Mapping[str, str], instrument: str, rules: OutcomeRules
) -> tuple[float | None, dict[str, Any] | None]:
    items = [given.get(f"item{number}", "").strip() for number in range(1, 11)]
    if instrument == "odi" and any(items):
        record = {"items": [None if not one else plain_number(one) for one in items]}
        found = odi(record, rules)
        if found.score is None:
            raise RecordError("Too few answered for a score.", fix="; ".join(found.notes))
        return found.score, record
    text = given.get("score", "").strip()
    if not text:
        if not given.get("missing", "").strip():
            raise RecordError("Neither a score, nor why there is none.", fix="Enter one of both.")
        return None, None
    return float(checked(instrument, plain_number(text), rules)), None


def _due(
    one: cases.CareCase, rules: OutcomeRules, visit: Visit, today: dt.date
) -> list[dict[str, Any]]:
    """Each visit with its window in the clinic's calendar."""
    rows: list[dict[str, Any]] = [{"key": BASELINE, "name": "Before", "first": None, "last": None}]
    for each in visits(rules):
        row: dict[str, Any] = {"key": each.key, "name": each.name, "first": None, "last": None}
        if one.procedure_at is not None:
            began = one.procedure_at.astimezone(visit.zone).date()
            row["first"] = began + dt.timedelta(days=each.first)
            row["last"] = began + dt.timedelta(days=each.last)
        rows.append(row)
    return rows


def _back(case: int) -> Response:
    return RedirectResponse(f"/cases/{case}/outcomes", status_code=303)
