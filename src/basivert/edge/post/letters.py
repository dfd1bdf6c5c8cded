"""What a job's mail says, and to whom; addresses are looked up when it is sent, never kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from basivert.constants.load import document
from basivert.edge.post.smtp import Letter
from basivert.edge.store import accounts, links
from basivert.edge.store.jobs import Job
from basivert.edge.store.tables import ACCOUNT, CARE_CASE, CHECKIN, PATIENT, PERSON
from basivert.edge.store.work import Work

# A link outlives the day it was sent for, and little more.
LASTS = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where the links of mails lead.

    patient: gives the page of a link's secret; staff: the list of open alerts.
    """

    patient: Callable[[str], str]
    staff: str


def answered(work: Work, job: Job) -> bool:
    """Whether a check-in was given already, so that nobody need be reminded."""
    if job.kind != "checkin" or job.day is None:
        return False
    query = select(CHECKIN.c.id).where(CHECKIN.c.case == job.case, CHECKIN.c.day == job.day)
    return work.connection.execute(query.limit(1)).first() is not None


def letter(work: Work, job: Job, pages: Pages) -> Letter | None:
    """The mail of a job; None where no address is known. Makes a patient's link on the way."""
    work.needs("address.read")
    return _notice(work, job, pages) if job.kind == "notice" else _page(work, job, pages)


def _page(work: Work, job: Job, pages: Pages) -> Letter | None:
    query = (
        select(PERSON.c.patient, PERSON.c.email, PERSON.c.language, PERSON.c.birth_date)
        .join(PATIENT, PATIENT.c.id == PERSON.c.patient)
        .join(CARE_CASE, CARE_CASE.c.patient == PATIENT.c.id)
        .where(CARE_CASE.c.id == job.case, CARE_CASE.c.clinic == work.clinic)
    )
    row = work.connection.execute(query).first()
    if row is None or not row.email or row.birth_date is None:
        return None
    secret = links.add_link(work, row.patient, purpose=job.kind, lasts=LASTS)
    clinic = accounts.own_clinic(work)
    until = (work.now + LASTS).astimezone(ZoneInfo(clinic.time_zone))
    work.note("letter.written", f"patient:{row.patient}", job=job.id)
    link = pages.patient(secret) + link_language(row.language)
    return _worded(row.email, row.language, "page", link=link,
                   until=f"{until:%Y-%m-%d %H:%M}", phone=clinic.phone)  # fmt: skip


def link_language(language: str) -> str:
    """What a link carries so that its first page, before anybody is known, is in this language."""
    return "" if language == "en" else f"?language={language}"


def _notice(work: Work, job: Job, pages: Pages) -> Letter | None:
    number = job.payload["account"]
    query = select(ACCOUNT.c.email).where(
        ACCOUNT.c.id == number, ACCOUNT.c.clinic == work.clinic, ACCOUNT.c.disabled.is_(False)
    )
    email = work.connection.execute(query).scalar()
    if not email:
        return None
    work.note("letter.written", f"account:{number}", job=job.id)
    return _worded(email, "en", "notice", link=pages.staff)


def _worded(to: str, language: str, kind: str, **words: str) -> Letter:
    read = document("care/letters")
    text = read.get(language, read["en"])[kind]
    return Letter(to=to, subject=text["subject"], body=text["body"].format(**words))
