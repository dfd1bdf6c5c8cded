"""Finding, adding and changing patients."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import cases, people
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/patients", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("person.read", "case.read"))]
Writer = Annotated[Visit, Depends(allowed("person.write", "case.write"))]


@router.get("")
def every(request: Request, visit: Reader, after: str = "") -> Response:
    """All patients by name, a page at a time."""
    return _list(request, visit, "", after)


@router.post("/search")
def search(request: Request, visit: Reader) -> Response:
    """By words of the name; sent in the body, so that no name stands in an address."""
    return _list(request, visit, dict(fields(request)).get("sought", ""), "")


@router.post("")
@keeps(every)
def add(request: Request, visit: Writer) -> Response:
    """A new patient with a first case."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        patient = people.add_patient(work, **_person(given))
        cases.open_case(work, patient)
    return RedirectResponse(f"/patients/{patient}", status_code=303)


@router.get("/{patient}")
def show(request: Request, visit: Reader, patient: str) -> Response:
    """Who it is, and the way through the stages."""
    with site_of(request).store.reading(visit.who) as work:
        who, found = people.person(work, patient), cases.cases_of(work, patient)
    return page(request, "patient.html.j2", who=who, cases=found, zone=visit.zone)


@router.post("/{patient}")
@keeps(show)
def change(request: Request, visit: Writer, patient: str) -> Response:
    """Name, birth, phone, e-mail and language."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        people.change_person(work, patient, version=version(given), **_person(given))
    return RedirectResponse(f"/patients/{patient}", status_code=303)


def version(given: dict[str, str]) -> int:
    """The version that the form was made from. Raises RecordError where there is none."""
    text = given.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RecordError("The form does not say which state it changes.", fix="Open it again.")
    return int(text)


def seen(given: dict[str, str]) -> int | None:
    """The version of a document that need not be there yet; None where the form knew of none."""
    return version(given) if given.get("version") else None


def _list(request: Request, visit: Visit, sought: str, after: str) -> Response:
    with site_of(request).store.reading(visit.who) as work:
        found = people.people(work, sought, after=after)
    return page(request, "patients.html.j2", people=found, sought=sought)


def _person(given: dict[str, str]) -> dict[str, Any]:
    return {
        "name": given.get("name", ""),
        "birth_date": day(given.get("birth_date", ""), "The day of birth"),
        "phone": given.get("phone", "").strip() or None,
        "email": given.get("email", "").strip() or None,
        "language": given.get("language", "en"),
    }


def day(text: str, what: str) -> dt.date | None:
    """A day as browsers send it; empty is unknown. Raises RecordError for another text."""
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as cause:
        raise RecordError(f"{what} is not a day.", fix="Write it as 1970-12-31.") from cause
