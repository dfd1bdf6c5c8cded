"""What the patient takes home before the procedure: the sheet on paper, and a calendar file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.preparation.prepare import Preparation
from basivert.care.preparation.sheet import sheet
from basivert.edge.documents.calendar_file import calendar_file
from basivert.edge.documents.sheet_file import can_make_pdf, sheet_pdf
from basivert.edge.store import own, people
from basivert.edge.web import preparations
from basivert.edge.web.contact import contact_of
from basivert.edge.web.own import own as own_rules
from basivert.edge.web.pages import page
from basivert.edge.web.routes.preparation import stored
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, invited, own_day
from basivert.errors import RecordError

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read"))]
Patient = Annotated[Visit, Depends(invited("own.read"))]


@router.get("/cases/{case}/preparation/sheet")
def staff_sheet(request: Request, visit: Reader, case: int, language: str = "") -> Response:
    """The patient's sheet, in their language or another, ready to be printed."""
    found, theirs = _of_case(request, visit, case)
    say, at = preparations.sheet_words(language or theirs), f"/cases/{case}/preparation"
    return page(
        request, "sheet.html.j2", sheet=sheet(found, say), back=at,
        pdf=f"{at}/sheet.pdf?language={say.language}" if can_make_pdf() else "",
        calendar=f"{at}/calendar.ics",
    )  # fmt: skip


@router.get("/cases/{case}/preparation/sheet.pdf")
def staff_pdf(request: Request, visit: Reader, case: int, language: str = "") -> Response:
    """The sheet as a tagged PDF."""
    found, theirs = _of_case(request, visit, case)
    made = sheet_pdf(sheet(found, preparations.sheet_words(language or theirs)))
    return _file(made, "application/pdf", f"sheet-case-{case}.pdf")


@router.get("/cases/{case}/preparation/calendar.ics")
def staff_calendar(request: Request, visit: Reader, case: int) -> Response:
    """The patient's dates for a telephone; no word in it says which procedure it is."""
    found, theirs = _of_case(request, visit, case)
    return _calendar(request, found, theirs)


@router.get("/my/preparation")
def own_sheet(request: Request, visit: Patient) -> Response:
    """The patient's own sheet in their language, read only; later the page of what holds then."""
    if (own_day(request, visit) or 0) > 0:
        return RedirectResponse("/my", status_code=303)
    found, say = _of_patient(request, visit), preparations.sheet_words(visit.language)
    return page(
        request, "sheet.html.j2", sheet=sheet(found, say), back="/my", pdf="",
        calendar="/my/preparation/calendar.ics",
    )  # fmt: skip


@router.get("/my/preparation/calendar.ics")
def own_calendar(request: Request, visit: Patient) -> Response:
    """The patient's own dates."""
    return _calendar(request, _of_patient(request, visit), visit.language)


def _of_case(request: Request, visit: Visit, case: int) -> tuple[Preparation, str]:
    with site_of(request).store.reading(visit.who) as work:
        kept = stored(work, visit, case)
        theirs = people.person(work, kept.case.patient).language
    if kept.found is None:
        raise RecordError(
            "The procedure's time is not set.", fix="Set it under Preparation, then print."
        )
    return kept.found, theirs


def _of_patient(request: Request, visit: Visit) -> Preparation:
    mine = visit.own
    if mine is None or mine.case is None or mine.procedure_at is None:
        raise RecordError("No procedure is planned yet.", fix="Call the clinic.")
    with site_of(request).store.reading(visit.who) as work:
        kept, now = own.own_preparation(work, mine.case), work.now
        rules = own_rules(work)
    return preparations.made(
        kept.document or {}, mine.procedure_at, visit.clinic, contact_of(visit.clinic),
        kept.items, now, rules,
    )  # fmt: skip


def _calendar(request: Request, found: Preparation, language: str) -> Response:
    now = site_of(request).store.clock()
    made = calendar_file(found, preparations.sheet_words(language), now)
    return _file(made, "text/calendar; charset=utf-8", "dates.ics")


def _file(content: bytes, kind: str, name: str) -> Response:
    shown = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=shown)
