"""What became of a patient: scores by visit, adverse events, and the plan behind the treatment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from basivert.care.outcomes.schedule import visit_words
from basivert.care.outcomes.scoring import instrument_words
from basivert.edge.store import cases
from basivert.edge.store.own_outcomes import own_outcome_rules
from basivert.edge.store.tables import ADVERSE_EVENT, OUTCOME, PLAN_LINK
from basivert.edge.store.work import Work, asked
from basivert.errors import ConflictError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A score of an instrument at a visit; or why there is none (`missing`).

    score: in the instrument's own points.
    document: its items, where they were entered.
    """

    id: int
    case: int
    instrument: str
    visit: str
    on: dt.date | None
    score: float | None
    missing: str | None
    document: Mapping[str, Any] | None
    entered_by: str
    entered_at: dt.datetime
    replaced_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An adverse event. grade: 1 (mild) to 5 (death)."""

    id: int
    case: int
    kind: str
    grade: int
    on: dt.date | None
    level: str | None
    plan: int | None
    note: str | None
    resolved_on: dt.date | None
    version: int
    changed_by: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLink:
    """Which plan was made for a level, what it promised, and what the burn reached.

    digest: SHA-256 of plan.json.  coverage: share of the nerve's density, 0-1.
    margins_mm: wall → smallest distance.
    """

    id: int
    case: int
    digest: str
    level: str
    side: str
    coverage_planned: float | None
    coverage_treated: float | None
    margins_mm: Mapping[str, float]
    document: Mapping[str, Any]
    version: int

    @property
    def withdrawn(self) -> bool:
        """Whether a physician took the approval back."""
        return "withdrawn" in self.document


def approved(links: Sequence[PlanLink]) -> tuple[PlanLink, ...]:
    """The links of the plan that was approved last; an older plan's levels are not mixed in.

    What was withdrawn is not approved, and brings no older plan back.
    """
    if not links:
        return ()
    newest = max(links, key=lambda one: one.id).digest
    mine = {one.level: one for one in links if one.digest == newest and not one.withdrawn}
    return tuple(mine.values())


def enter_outcome(
    work: Work, case: int, *, instrument: str, visit: str, on: dt.date | None,
    score: float | None, missing: str | None = None,
    document: Mapping[str, Any] | None = None, replaces: int | None = None,
) -> int:  # fmt: skip
    """Enter a score, or why it is missing; gives its number. An earlier one stays readable.

    Args:
        visit: such as `baseline`, `6w`, `3m`, `24m`.
        replaces: number of the score that was shown for this visit; None where none was.

    Raises: ConflictError where somebody else entered one since.
    """
    work.needs("outcome.write")
    cases.held(work, case)
    if (score is None) == (missing is None):
        raise RecordError("A score, or why there is none: one of both.")
    now = {row.id: row for row in _current(work, case) if (row.instrument, row.visit) ==
           (instrument, visit)}  # fmt: skip
    if set(now) != ({replaces} if replaces is not None else set()):
        _told(work, now)
    if replaces is not None:
        work.run(update(OUTCOME).where(OUTCOME.c.id == replaces).values(replaced_at=work.now))
    number = work.add(
        OUTCOME, case=case, instrument=instrument, visit=visit, on=on, score=score,
        missing=missing, document=None if document is None else dict(document),
        entered_by=work.actor.reference, entered_at=work.now,
    )  # fmt: skip
    work.note("outcome.entered", f"case:{case}", instrument=instrument, outcome=number, visit=visit)
    return number


def outcomes(work: Work, case: int) -> list[Outcome]:
    """The scores of a case that hold now, in the order of entry; noted as read."""
    work.needs("outcome.read")
    cases.held(work, case)
    work.note("outcomes.read", f"case:{case}")
    return _current(work, case)


def outcome_history(work: Work, case: int) -> list[Outcome]:
    """All scores of a case, replaced ones too; noted as read."""
    work.needs("outcome.read")
    cases.held(work, case)
    work.saw(case, "outcome_history")
    return work.all(Outcome, asked(Outcome, OUTCOME).where(OUTCOME.c.case == case)
                    .order_by(OUTCOME.c.id))  # fmt: skip


def add_event(
    work: Work, case: int, *, kind: str, grade: int, on: dt.date | None, level: str | None = None,
    plan: int | None = None, note: str | None = None,
) -> int:  # fmt: skip
    """Add an adverse event; gives its number."""
    work.needs("outcome.write")
    cases.held(work, case)
    if plan is not None and cases.one_of(work, PlanLink, PLAN_LINK, plan, "plan").case != case:
        raise RecordError(f"Plan {plan} is of another case.")
    number = work.add(
        ADVERSE_EVENT, case=case, kind=kind, grade=grade, on=on, level=level, plan=plan, note=note
    )
    work.note("event.added", f"case:{case}", event=number)
    return number


def change_event(work: Work, number: int, *, version: int, **changes: Any) -> int:
    """Change kind, grade, on, level, note or resolved_on; gives the new version."""
    work.needs("outcome.write")
    known = {"kind", "grade", "on", "level", "note", "resolved_on"}
    if unknown := sorted(set(changes) - known):
        raise RecordError(f"{', '.join(unknown)} cannot be changed here.")
    event = cases.one_of(work, Event, ADVERSE_EVENT, number, "event")
    where = ADVERSE_EVENT.c.id == number
    new = work.change(ADVERSE_EVENT, where, version, f"event {number}", **changes)
    work.note("event.changed", f"case:{event.case}", *changes, event=number)
    return new


def events(work: Work, case: int) -> list[Event]:
    """The adverse events of a case; noted as read."""
    work.needs("outcome.read")
    cases.held(work, case)
    work.saw(case, "events")
    query = asked(Event, ADVERSE_EVENT).where(ADVERSE_EVENT.c.case == case)
    return work.all(Event, query.order_by(ADVERSE_EVENT.c.id))


def link_plan(
    work: Work, case: int, *, digest: str, level: str, side: str, coverage: float | None,
    margins_mm: Mapping[str, float], document: Mapping[str, Any],
) -> int:  # fmt: skip
    """Say which plan was made for a level; gives the link's number."""
    work.needs("plan.write")
    cases.held(work, case)
    number = work.add(
        PLAN_LINK, case=case, digest=digest, level=level, side=side, coverage_planned=coverage,
        margins_mm=dict(margins_mm), document=dict(document),
    )  # fmt: skip
    work.note("plan.linked", f"case:{case}", plan=number, digest=digest)
    return number


def withdraw_plan(work: Work, number: int, *, version: int, reason: str) -> int:
    """Take the approval of a level's plan back; the link stays, with who, when and why.

    Raises: RecordError without a reason, or where it was withdrawn before.
    """
    work.needs("plan.write")
    link = cases.one_of(work, PlanLink, PLAN_LINK, number, "plan")
    if not reason.strip():
        raise RecordError("The reason is missing.", fix="Say why the approval is taken back.")
    if link.withdrawn:
        raise RecordError(f"The approval of {link.level} was taken back before.")
    said = {"reason": reason.strip(), "by": work.actor.reference, "at": work.now.isoformat()}
    new = work.change(PLAN_LINK, PLAN_LINK.c.id == number, version, f"plan {number}",
                      document={**link.document, "withdrawn": said})  # fmt: skip
    work.note("plan.withdrawn", f"case:{link.case}", plan=number, digest=link.digest)
    return new


def set_planned(work: Work, number: int, *, version: int, coverage: float) -> int:
    """Enter the coverage that the plan's heat promises, 0-1; gives the new version."""
    return _covered(work, number, version, "plan.heated", coverage_planned=coverage)


def set_treated(work: Work, number: int, *, version: int, coverage: float) -> int:
    """Enter the coverage of the lesion as treated, 0-1; gives the new version."""
    return _covered(work, number, version, "plan.treated", coverage_treated=coverage)


def _covered(work: Work, number: int, version: int, deed: str, **coverage: float) -> int:
    work.needs("plan.write")
    link = cases.one_of(work, PlanLink, PLAN_LINK, number, "plan")
    new = work.change(PLAN_LINK, PLAN_LINK.c.id == number, version, f"plan {number}", **coverage)
    work.note(deed, f"case:{link.case}", plan=number)
    return new


def plans(work: Work, case: int) -> list[PlanLink]:
    """The plans of a case; noted as read."""
    work.needs("outcome.read")
    cases.held(work, case)
    work.saw(case, "plans")
    query = asked(PlanLink, PLAN_LINK).where(PLAN_LINK.c.case == case)
    return work.all(PlanLink, query.order_by(PLAN_LINK.c.id))


def _current(work: Work, case: int) -> list[Outcome]:
    query = asked(Outcome, OUTCOME).where(OUTCOME.c.case == case, OUTCOME.c.replaced_at.is_(None))
    return work.all(Outcome, query.order_by(OUTCOME.c.id))


def _told(work: Work, now: Mapping[int, Outcome]) -> None:
    if not now:
        work.missing("score that this one replaces")
    row = next(iter(now.values()))
    who, when = work.called(row.entered_by), row.entered_at.isoformat(timespec="seconds")
    rules = own_outcome_rules(work)
    what = f"{instrument_words(row.instrument, rules)}, {visit_words(row.visit, rules)},"
    raise ConflictError(
        f"{what} was entered by {who} at {when} in the meantime.",
        fix="Nothing of yours was kept: look at it, then replace it if it is wrong.",
        changed_by=who, changed_at=when,
    )  # fmt: skip
