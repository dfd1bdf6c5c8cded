"""What a patient who came in by a link sees of themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from basivert.care.preparation.request import Done
from basivert.edge.store.tables import CARE_CASE, CHECKIN, CHECKLIST_ITEM, PERSON, RECORD
from basivert.edge.store.work import Work, asked
from basivert.errors import ForbiddenError


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The newest case of the patient.

    case: None where none was opened.  cautions: what the clinic noted about pain relievers.
    born: None for unknown.  preparation: what was entered before the procedure.
    """

    language: str
    case: int | None
    procedure_at: dt.datetime | None
    cautions: dict[str, object]
    born: dt.date | None
    preparation: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCheckIn:
    """A check-in of one's own."""

    id: int
    day: int
    answer: str
    document: dict[str, object]
    entered_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPreparation:
    """What the clinic entered for one's own procedure.

    document: None where nothing was entered.  items: all but open ones, by code.
    """

    document: dict[str, object] | None
    items: dict[str, Done]


def own(work: Work) -> Own:
    """The actor's own language and newest case. Raises ForbiddenError for staff."""
    work.needs("own.read")
    patient = _patient(work)
    person = work.connection.execute(
        select(PERSON.c.language, PERSON.c.birth_date).where(PERSON.c.patient == patient)
    ).first()
    query = select(CARE_CASE.c.id, CARE_CASE.c.procedure_at).where(CARE_CASE.c.patient == patient)
    case = work.connection.execute(query.order_by(CARE_CASE.c.id.desc()).limit(1)).first()
    work.note("own.read", f"patient:{patient}")
    return Own(
        language=person.language if person else "en", case=case.id if case else None,
        procedure_at=case.procedure_at if case else None,
        cautions=_noted(work, case.id, "cautions") if case else {},
        born=person.birth_date if person else None,
        preparation=_noted(work, case.id, "preparation") if case else {},
    )  # fmt: skip


def own_checkins(work: Work, case: int) -> list[OwnCheckIn]:
    """The actor's own check-ins of a case, the newest first; noted as read."""
    work.needs("own.read")
    work.note("own.read", f"case:{case}", kind="checkins")
    query = asked(OwnCheckIn, CHECKIN).join(CARE_CASE, CARE_CASE.c.id == CHECKIN.c.case)
    mine = query.where(CARE_CASE.c.patient == _patient(work), CHECKIN.c.case == case)
    return work.all(OwnCheckIn, mine.order_by(CHECKIN.c.id.desc()))


def own_preparation(work: Work, case: int) -> OwnPreparation:
    """The preparation of a case of the actor's own; noted as read."""
    work.needs("own.read")
    mine = (CARE_CASE.c.patient == _patient(work)) & (CARE_CASE.c.id == case)
    entered = select(RECORD.c.document).join(CARE_CASE, CARE_CASE.c.id == RECORD.c.case)
    found = work.connection.execute(entered.where(mine, RECORD.c.kind == "preparation")).scalar()
    query = select(CHECKLIST_ITEM).join(CARE_CASE, CARE_CASE.c.id == CHECKLIST_ITEM.c.case)
    settled = query.where(
        mine, CHECKLIST_ITEM.c.list == "preparation", CHECKLIST_ITEM.c.state != "open"
    )
    work.note("own.read", f"case:{case}", kind="preparation")
    return OwnPreparation(
        document=None if found is None else dict(found),
        items={
            row.code: Done(by=work.called(row.changed_by), at=row.changed_at)
            for row in work.connection.execute(settled)
        },
    )  # fmt: skip


def _noted(work: Work, case: int, kind: str) -> dict[str, object]:
    query = select(RECORD.c.document).where(RECORD.c.case == case, RECORD.c.kind == kind)
    return dict(work.connection.execute(query).scalar() or {})


def _patient(work: Work) -> str:
    if work.actor.patient is None:
        raise ForbiddenError("Only a patient has pages of their own.", deed="own.read")
    return work.actor.patient
