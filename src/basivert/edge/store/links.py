"""A patient's link: random, expiring, for one patient; exchanged once for a cookie."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from basivert.edge.store import people
from basivert.edge.store.actor import Actor, patient
from basivert.edge.store.sessions import SEEN_EVERY, digest
from basivert.edge.store.tables import PATIENT, PATIENT_LINK, PERSON, SESSION
from basivert.edge.store.work import Work
from basivert.errors import RecordError

# Wrong birth years before a link ends: a guesser of a plausible decade would need more.
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSession:
    """A patient who came in by a link. `stale` asks for `sessions.seen`."""

    id: int
    actor: Actor
    purpose: str
    stale: bool


def add_link(work: Work, who: str, *, purpose: str, lasts: dt.timedelta) -> str:
    """A new link's secret, to be sent to the patient and kept nowhere.

    Raises: RecordError where the birth year, asked on arrival, is not known.
    """
    work.needs("link.write")
    people.held(work, who)
    born = work.connection.execute(select(PERSON.c.birth_date).where(PERSON.c.patient == who))
    if born.scalar() is None:
        raise RecordError(
            "A link asks for the birth year, and it is not known.", fix="Enter the birth date."
        )
    secret = secrets.token_urlsafe(24)
    number = work.add(
        PATIENT_LINK, digest=digest(secret), patient=who, purpose=purpose, failures=0,
        created_by=work.actor.reference, created_at=work.now, expires_at=work.now + lasts,
    )  # fmt: skip
    work.note("link.added", f"patient:{who}", link=number, purpose=purpose)
    return secret


def follow_link(work: Work, secret: str, birth_year: int) -> str | None:
    """The id of a patient's session, for the cookie; None for anything that is not right.

    Expired, revoked, unknown and the wrong year all look the same. Three wrong years end it.
    """
    query = (
        select(PATIENT_LINK.c.id, PATIENT_LINK.c.failures, PATIENT.c.id.label("patient"),
               PATIENT.c.clinic, PERSON.c.birth_date)
        .join(PATIENT, PATIENT.c.id == PATIENT_LINK.c.patient)
        .join(PERSON, PERSON.c.patient == PATIENT.c.id)
        .where(
            PATIENT_LINK.c.digest == digest(secret), PATIENT_LINK.c.revoked_at.is_(None),
            PATIENT_LINK.c.expires_at > work.now,
        )
    )  # fmt: skip
    row = work.connection.execute(query).first()
    if row is None:
        return None
    work.actor = patient(row.clinic, row.patient)
    if row.birth_date is None or row.birth_date.year != birth_year:
        _missed(work, row.id, row.failures + 1)
        return None
    cookie = secrets.token_urlsafe(32)
    number = work.add(
        SESSION, digest=digest(cookie), link=row.id, created_at=work.now, last_seen_at=work.now
    )
    work.note("session.opened", f"patient:{row.patient}", link=row.id, session=number)
    return cookie


def patient_session(
    work: Work, cookie: str, *, idle: dt.timedelta, longest: dt.timedelta
) -> PatientSession | None:
    """The patient behind a cookie; None where session or link ended."""
    query = (
        select(SESSION.c.id, SESSION.c.last_seen_at, PATIENT_LINK.c.purpose,
               PATIENT.c.id.label("patient"), PATIENT.c.clinic)
        .join(PATIENT_LINK, PATIENT_LINK.c.id == SESSION.c.link)
        .join(PATIENT, PATIENT.c.id == PATIENT_LINK.c.patient)
        .where(
            SESSION.c.digest == digest(cookie), SESSION.c.revoked_at.is_(None),
            SESSION.c.last_seen_at > work.now - idle, SESSION.c.created_at > work.now - longest,
            PATIENT_LINK.c.revoked_at.is_(None), PATIENT_LINK.c.expires_at > work.now,
        )
    )  # fmt: skip
    row = work.connection.execute(query).first()
    if row is None:
        return None
    return PatientSession(
        id=row.id, actor=patient(row.clinic, row.patient), purpose=row.purpose,
        stale=work.now - row.last_seen_at > SEEN_EVERY,
    )  # fmt: skip


def end_links(work: Work, who: str) -> int:
    """End all links of a patient, and with them the sessions; gives how many ended."""
    work.needs("link.write")
    people.held(work, who)
    mine = (PATIENT_LINK.c.patient == who) & PATIENT_LINK.c.revoked_at.is_(None)
    ended = work.run(update(PATIENT_LINK).where(mine).values(revoked_at=work.now))
    work.note("link.ended", f"patient:{who}", links=ended)
    return ended


def _missed(work: Work, link: int, failures: int) -> None:
    over = work.now if failures >= _TRIES else None
    work.run(
        update(PATIENT_LINK)
        .where(PATIENT_LINK.c.id == link)
        .values(failures=failures, revoked_at=over)
    )
    work.note("link.missed", f"patient:{work.actor.patient}", link=link, failures=failures)
