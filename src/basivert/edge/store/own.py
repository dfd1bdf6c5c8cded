"""What a patient who came in by a link sees of themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from basivert.edge.store.tables import CARE_CASE, CHECKIN, PERSON, RECORD
from basivert.edge.store.work import Work, asked
from basivert.errors import ForbiddenError


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The newest case of the patient.

    case: None where none was opened.  cautions: what the clinic noted about pain relievers.
    """

    language: str
    case: int | None
    procedure_at: dt.datetime | None
    cautions: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCheckIn:
    """A check-in of one's own."""

    id: int
    day: int
    answer: str
    document: dict[str, object]
    entered_at: dt.datetime


def own(work: Work) -> Own:
    """The actor's own language and newest case. Raises ForbiddenError for staff."""
    work.needs("own.read")
    patient = _patient(work)
    language = work.connection.execute(
        select(PERSON.c.language).where(PERSON.c.patient == patient)
    ).scalar()
    query = select(CARE_CASE.c.id, CARE_CASE.c.procedure_at).where(CARE_CASE.c.patient == patient)
    case = work.connection.execute(query.order_by(CARE_CASE.c.id.desc()).limit(1)).first()
    work.note("own.read", f"patient:{patient}")
    return Own(
        language=language or "en", case=case.id if case else None,
        procedure_at=case.procedure_at if case else None,
        cautions=_cautions(work, case.id) if case else {},
    )  # fmt: skip


def own_checkins(work: Work, case: int) -> list[OwnCheckIn]:
    """The actor's own check-ins of a case, the newest first."""
    work.needs("own.read")
    query = asked(OwnCheckIn, CHECKIN).join(CARE_CASE, CARE_CASE.c.id == CHECKIN.c.case)
    mine = query.where(CARE_CASE.c.patient == _patient(work), CHECKIN.c.case == case)
    return work.all(OwnCheckIn, mine.order_by(CHECKIN.c.id.desc()))


def _cautions(work: Work, case: int) -> dict[str, object]:
    query = select(RECORD.c.document).where(RECORD.c.case == case, RECORD.c.kind == "cautions")
    return dict(work.connection.execute(query).scalar() or {})


def _patient(work: Work) -> str:
    if work.actor.patient is None:
        raise ForbiddenError("Only a patient has pages of their own.", deed="own.read")
    return work.actor.patient
