"""Patients by pseudonym, and who they are."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from basivert.edge.store.actor import OPERATOR
from basivert.edge.store.tables import PATIENT, PERSON
from basivert.edge.store.work import Work, asked
from basivert.errors import ForbiddenError, RecordError

# Without letters that are read as others.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_CHANGEABLE = frozenset({"name", "birth_date", "phone", "email", "language", "note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a patient is; stands apart from everything clinical.

    patient: pseudonym, the only name that other tables, addresses and the trail know.
    language: of letters and pages, such as `en` or `es`.
    """

    patient: str
    name: str
    birth_date: dt.date | None
    phone: str | None
    email: str | None
    language: str
    note: str | None
    version: int


def add_patient(
    work: Work, *, name: str, birth_date: dt.date | None = None, phone: str | None = None,
    email: str | None = None, language: str = "en", note: str | None = None,
) -> str:  # fmt: skip
    """Add a patient to the actor's clinic; gives the pseudonym."""
    work.needs("person.write")
    pseudonym = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    work.add(PATIENT, id=pseudonym, clinic=work.clinic, created_at=work.now)
    work.add(
        PERSON, patient=pseudonym, name=_named(name), sought=folded(name), birth_date=birth_date,
        phone=phone, email=email, language=language, note=note,
    )  # fmt: skip
    work.note("person.added", f"patient:{pseudonym}")
    return pseudonym


def person(work: Work, patient: str) -> Person:
    """Who a patient is; noted as read."""
    work.needs("person.read")
    query = asked(Person, PERSON).where(PERSON.c.patient == patient, _here(work))
    found = work.one(Person, query.join(PATIENT), f"patient {patient}")
    work.note("person.read", f"patient:{patient}")
    return found


def people(work: Work, sought: str = "", *, after: str = "", most: int = 50) -> list[Person]:
    """Persons of the clinic whose name holds every word, in order; accents do not count.

    Args:
        after: pseudonym of the last one of the page before.
    """
    work.needs("person.read")
    query = asked(Person, PERSON).join(PATIENT).where(_here(work))
    for word in folded(sought).split():
        query = query.where(PERSON.c.sought.contains(word, autoescape=True))
    if after:
        last = select(PERSON.c.sought).where(PERSON.c.patient == after).scalar_subquery()
        query = query.where(
            (PERSON.c.sought > last) | ((PERSON.c.sought == last) & (PERSON.c.patient > after))
        )
    found = work.all(Person, query.order_by(PERSON.c.sought, PERSON.c.patient).limit(most))
    work.note("people.listed", f"clinic:{work.clinic}", shown=len(found))
    return found


def change_person(work: Work, patient: str, *, version: int, **changes: Any) -> int:
    """Change name, birth_date, phone, email, language or note; gives the new version."""
    work.needs("person.write")
    if unknown := sorted(set(changes) - _CHANGEABLE):
        raise RecordError(f"{', '.join(unknown)} cannot be changed here.")
    if "name" in changes:
        changes |= {"name": _named(changes["name"]), "sought": folded(changes["name"])}
    mine = select(PATIENT.c.id).where(_here(work))
    where = (PERSON.c.patient == patient) & PERSON.c.patient.in_(mine)
    new = work.change(PERSON, where, version, f"patient {patient}", **changes)
    work.note("person.changed", f"patient:{patient}", *sorted(_CHANGEABLE & set(changes)))
    return new


def held(work: Work, patient: str) -> str:
    """The pseudonym, if it is one of the actor's clinic (and the actor's own, for a patient)."""
    query = select(PATIENT.c.id).where(PATIENT.c.id == patient, _here(work))
    own = work.actor.patient in (None, patient)
    if not own or work.connection.execute(query).first() is None:
        work.missing(f"patient {patient}")
    return patient


def clinic_of(work: Work, patient: str) -> int:
    """Whose patient this is; for the machine's operator alone."""
    if work.actor.role != OPERATOR:
        raise ForbiddenError("Only the machine's operator looks across clinics.", deed="clinic.any")
    found = work.connection.execute(select(PATIENT.c.clinic).where(PATIENT.c.id == patient))
    clinic = found.scalar()
    return work.missing(f"patient {patient}") if clinic is None else int(clinic)


def folded(name: str) -> str:
    """A name as it is searched: without accents and capitals."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold().strip()


def _named(name: str) -> str:
    if not (trimmed := " ".join(name.split())):
        raise RecordError("A patient needs a name.", fix="A made-up one will do.")
    return trimmed


def _here(work: Work) -> Any:
    return PATIENT.c.clinic == work.clinic
