"""A patient's treatment: opened, moved through its stages, dated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Table, select

from basivert.edge.store import people
from basivert.edge.store.actor import OPERATOR
from basivert.edge.store.tables import CARE_CASE, PERSON, STAGES
from basivert.edge.store.work import Query, T, Work, asked
from basivert.errors import ForbiddenError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class CareCase:
    """One treatment of one patient.

    stage: candidacy, preparation, procedure, aftercare, outcomes or closed.
    version: give it back with a change; another one's change in between is told.
    """

    id: int
    patient: str
    stage: str
    opened_at: dt.datetime
    procedure_at: dt.datetime | None
    closed_at: dt.datetime | None
    version: int
    changed_by: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of a clinic's list of cases."""

    id: int
    patient: str
    name: str
    stage: str
    procedure_at: dt.datetime | None


def open_case(work: Work, patient: str) -> int:
    """Open a treatment for a patient; gives its number."""
    work.needs("case.write")
    people.held(work, patient)
    number = work.add(
        CARE_CASE, clinic=work.clinic, patient=patient, stage=STAGES[0], opened_at=work.now
    )
    work.note("case.opened", f"case:{number}", patient=patient)
    return number


def case(work: Work, number: int) -> CareCase:
    """A case of the actor's clinic; noted as read."""
    work.needs("case.read")
    query = asked(CareCase, CARE_CASE).where(CARE_CASE.c.id == number)
    found = work.one(CareCase, ours(work, query), f"case {number}")
    work.note("case.read", f"case:{number}")
    return found


def cases_of(work: Work, patient: str) -> list[CareCase]:
    """All cases of a patient, the newest first."""
    work.needs("case.read")
    query = asked(CareCase, CARE_CASE).where(CARE_CASE.c.patient == patient)
    found = work.all(CareCase, ours(work, query).order_by(CARE_CASE.c.id.desc()))
    work.note("cases.listed", f"patient:{patient}", shown=len(found))
    return found


def case_list(
    work: Work, *, stage: str | None = None, before: int | None = None, most: int = 50
) -> list[Listed]:
    """Cases of the clinic with names, the newest first.

    Args:
        before: number of the last case of the page before.
    """
    work.needs("case.read")
    work.needs("person.read")
    query = asked(Listed, CARE_CASE, PERSON).join(PERSON, PERSON.c.patient == CARE_CASE.c.patient)
    if stage is not None:
        query = query.where(CARE_CASE.c.stage == stage)
    if before is not None:
        query = query.where(CARE_CASE.c.id < before)
    found = work.all(Listed, ours(work, query).order_by(CARE_CASE.c.id.desc()).limit(most))
    work.note("cases.listed", f"clinic:{work.clinic}", shown=len(found))
    return found


def move(work: Work, number: int, *, version: int, stage: str) -> int:
    """Move a case to a stage; gives the new version."""
    work.needs("case.write")
    if stage not in STAGES:
        raise RecordError(f"There is no stage {stage!r}.", fix=f"One of {', '.join(STAGES)}.")
    closed = work.now if stage == "closed" else None
    new = touch(work, number, version, stage=stage, closed_at=closed)
    work.note("case.moved", f"case:{number}", stage=stage)
    return new


def set_procedure(work: Work, number: int, *, version: int, at: dt.datetime | None) -> int:
    """Set or clear the moment of the procedure; gives the new version."""
    work.needs("case.write")
    new = touch(work, number, version, procedure_at=at)
    work.note("case.changed", f"case:{number}", "procedure_at")
    return new


def touch(work: Work, number: int, version: int, **values: object) -> int:
    """Change a case of the actor's clinic if nobody else did; gives the new version."""
    where = (CARE_CASE.c.id == number) & (CARE_CASE.c.clinic == work.clinic)
    return work.change(CARE_CASE, where, version, f"case {number}", **values)


def one_of(work: Work, kind: type[T], table: Table, number: int, what: str) -> T:
    """A row of a table that belongs to cases, if its case is one of the actor's clinic."""
    query = asked(kind, table).join(CARE_CASE, CARE_CASE.c.id == table.c.case)
    return work.one(kind, ours(work, query.where(table.c.id == number)), f"{what} {number}")


def held(work: Work, number: int) -> int:
    """The number, if it is a case of the actor's clinic (and the actor's own, for a patient)."""
    query = ours(work, select(CARE_CASE.c.id).where(CARE_CASE.c.id == number))
    if work.connection.execute(query).first() is None:
        work.missing(f"case {number}")
    return number


def clinic_of(work: Work, number: int) -> int:
    """Whose case this is; for the machine's operator alone."""
    if work.actor.role != OPERATOR:
        raise ForbiddenError("Only the machine's operator looks across clinics.", deed="clinic.any")
    query = select(CARE_CASE.c.clinic).where(CARE_CASE.c.id == number)
    found = work.connection.execute(query).scalar()
    return work.missing(f"case {number}") if found is None else int(found)


def ours(work: Work, query: Query) -> Query:
    """A query that joins cases, cut down to those that the actor may know of."""
    query = query.where(CARE_CASE.c.clinic == work.clinic)
    if work.actor.patient is not None:
        query = query.where(CARE_CASE.c.patient == work.actor.patient)
    return query
