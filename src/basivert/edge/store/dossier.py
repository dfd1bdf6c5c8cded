"""Everything that is kept of one person: given out as one document, or deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, delete, select

from basivert.edge.store import people
from basivert.edge.store.photos import path, removal
from basivert.edge.store.tables import (
    ADVERSE_EVENT,
    ALERT,
    AUDIT,
    CARE_CASE,
    CHECKIN,
    CHECKLIST_ITEM,
    FACT,
    GENERATOR_LOG,
    JOB,
    OUTCOME,
    PATIENT,
    PATIENT_LINK,
    PERSON,
    PHOTO,
    PLAN_LINK,
    RECORD,
    RECORD_HISTORY,
    VERDICT,
)
from basivert.edge.store.work import Work

OF_CASE = (
    FACT, VERDICT, CHECKLIST_ITEM, RECORD, PLAN_LINK, CHECKIN, ALERT, PHOTO, OUTCOME,
    ADVERSE_EVENT, GENERATOR_LOG, JOB,
)  # fmt: skip
# What opens a door is no data about the person.
_SECRETS = (PATIENT_LINK.c.digest,)


def dossier(work: Work, patient: str) -> dict[str, Any]:
    """All rows about one person, ready for JSON, with the trail of who saw or changed them."""
    work.needs("person.export")
    people.held(work, patient)
    cases = select(CARE_CASE.c.id).where(CARE_CASE.c.patient == patient)
    numbers = [number for (number,) in work.connection.execute(cases)]
    found: dict[str, Any] = {
        "research_use_only": True,
        "patient": _rows(work, PATIENT, PATIENT.c.id == patient),
        "person": _rows(work, PERSON, PERSON.c.patient == patient),
        "patient_link": _rows(work, PATIENT_LINK, PATIENT_LINK.c.patient == patient),
        "care_case": _rows(work, CARE_CASE, CARE_CASE.c.patient == patient),
    }
    for table in OF_CASE:
        found[table.name] = _rows(work, table, table.c.case.in_(numbers))
    records = select(RECORD.c.id).where(RECORD.c.case.in_(numbers))
    found["record_history"] = _rows(work, RECORD_HISTORY, RECORD_HISTORY.c.record.in_(records))
    things = [f"patient:{patient}", *(f"case:{number}" for number in numbers)]
    told = (AUDIT.c.clinic == work.clinic) & AUDIT.c.object.in_(things)
    found["audit"] = _rows(work, AUDIT, told)
    work.note("person.exported", f"patient:{patient}")
    return found


def photo_files(work: Work, patient: str) -> dict[str, bytes]:
    """The photographs of one person, by the name that the dossier gives them; noted."""
    work.needs("person.export")
    people.held(work, patient)
    work.note("photos.exported", f"patient:{patient}")
    return {
        name: path(work.photos, name).read_bytes() for name in _files(work, patient) if work.photos
    }


def delete_person(work: Work, patient: str) -> dict[str, int]:
    """Delete everything about one person; gives how many rows of each table.

    The trail keeps the pseudonym and what was done, which holds no value about the person.
    Backups that were made before still hold them.
    """
    work.needs("person.delete")
    people.held(work, patient)
    cases = select(CARE_CASE.c.id).where(CARE_CASE.c.patient == patient)
    gone = {
        table.name: len(_rows(work, table, table.c.case.in_(cases))) for table in OF_CASE
    }  # fmt: skip
    if work.photos is not None:
        work.after += [removal(path(work.photos, name)) for name in _files(work, patient)]
    gone["care_case"] = len(_rows(work, CARE_CASE, CARE_CASE.c.patient == patient))
    work.run(delete(PATIENT).where(PATIENT.c.id == patient))
    if work.connection.dialect.name == "sqlite":
        work.after.append(partial(_clear_log, work.connection.engine))
    work.note("person.deleted", f"patient:{patient}")
    return gone


def _files(work: Work, patient: str) -> list[str]:
    query = select(PHOTO.c.file).join(CARE_CASE, CARE_CASE.c.id == PHOTO.c.case)
    found = work.connection.execute(query.where(CARE_CASE.c.patient == patient))
    return [name for (name,) in found]


def _clear_log(engine: Engine) -> None:
    """SQLite's log still holds the pages as they were; this empties it where nobody reads."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        raw.close()


def _rows(work: Work, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    told = [column for column in table.c if not any(column is one for one in _SECRETS)]
    query = select(*told).where(which).order_by(*table.primary_key.columns)
    return [_plain(row) for row in work.connection.execute(query).mappings()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value
        for name, value in row.items()
    }
