"""The patient's own pages, made for a phone."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from basivert.care.recovery.relief import relief_rules
from basivert.care.recovery.schedule import aftercare
from basivert.care.recovery.sheet import day_sheet
from basivert.care.recovery.words import clinic_words, emergency_words, words
from basivert.edge.store import own, photos
from basivert.edge.store.pictures import PictureError
from basivert.edge.web import checkins, known_cautions, preparations, rates
from basivert.edge.web.contact import contact_of
from basivert.edge.web.forms import Entered
from basivert.edge.web.pages import page
from basivert.edge.web.pages import words as words_of
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, fields, invited, own_day
from basivert.errors import RecordError

ENGLISH = "en"
router = APIRouter(prefix="/my", include_in_schema=False)
Patient = Annotated[Visit, Depends(invited("own.read"))]
Writer = Annotated[Visit, Depends(invited("checkin.write"))]
Sender = Annotated[Visit, Depends(invited("photo.write"))]


@router.get("")
def today(request: Request, visit: Patient, sent: bool = False) -> Response:
    """What holds today, the way to the check-in, and whom to call."""
    return _today(request, visit, sent=sent)


def _today(request: Request, visit: Visit, *, sent: bool = False, photo: str = "") -> Response:
    say, day = words(visit.language), own_day(request, visit)
    mine = visit.own
    assert mine is not None
    last: list[own.OwnCheckIn] = []
    if mine.case is not None:
        with site_of(request).store.reading(visit.who) as work:
            last = own.own_checkins(work, mine.case)
    rules = relief_rules()
    now = site_of(request).store.clock()
    before = known_cautions.from_case(mine.born, mine.preparation, now, visit.zone)
    known = known_cautions.together(mine.cautions, before, rules)
    lines = day_sheet(day, known, aftercare(), rules, say) if day is not None else ()
    return page(
        request, "my.html.j2", day=day, lines=lines, last=last[0] if last else None,
        contact=contact_of(visit.clinic), say=say, sent=sent,
        when=_when(visit), photo=photo, status=422 if photo else 200,
    )  # fmt: skip


@router.get("/check-in")
def ask(request: Request, visit: Writer) -> Response:
    """Today's questions, nothing answered beforehand; before the procedure whom to call."""
    return _form(request, visit, Entered(document={}, found={}, wrong={}))


@router.post("/check-in")
def answer(request: Request, visit: Writer) -> Response:
    """Judge, keep, and say what to do; a slip shows the form again with all that was entered."""
    given = checkins.read(fields(request), origin="patient")
    day = own_day(request, visit)
    if given.wrong or day is None:
        return _form(request, visit, given, status=422)
    case = _case(visit)
    say, contact = words(visit.language), contact_of(visit.clinic)
    with site_of(request).store.writing(visit.who) as work:
        number, _ = checkins.keep(work, case, day, given.document, contact, say, origin="patient")
    return RedirectResponse(f"/my/check-in/{number}", status_code=303)


@router.get("/check-in/{number}")
def told(request: Request, visit: Patient, number: int) -> Response:
    """What a check-in was answered."""
    with site_of(request).store.reading(visit.who) as work:
        found = [one for one in own.own_checkins(work, _case(visit)) if one.id == number]
        if not found:
            work.missing(f"check-in {number}")
    say, contact = words(visit.language), contact_of(visit.clinic)
    return page(
        request, "my_told.html.j2", told=found[0], say=say, contact=contact,
        clinic=clinic_words(contact, say), emergency=emergency_words(contact, say),
    )  # fmt: skip


@router.post("/photo")
async def photograph(request: Request, visit: Sender) -> Response:
    """A picture of the wound, judged by its content and kept beside the database."""
    sent = request.state.form.get("photo") if request.state.form else None
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    return await run_in_threadpool(_kept, request, visit, content)


def _kept(request: Request, visit: Visit, content: bytes) -> Response:
    store, case = site_of(request).store, _case(visit)
    rates.check(store, f"upload:{visit.who.reference}")
    if not content:
        return _today(request, visit, photo="none")
    try:
        with store.writing(visit.who) as work:
            photos.add_photo(work, case, content)
    except PictureError as problem:
        return _today(request, visit, photo=problem.why)
    return RedirectResponse("/my?sent=1", status_code=303)


def _form(request: Request, visit: Visit, given: Entered, *, status: int = 200) -> Response:
    say = words(visit.language)
    kinds = checkins.worded(say).kinds
    if visit.language != ENGLISH and given.wrong:
        # What is wrong is worded in English; in another language the marked answer must do.
        told = dict.fromkeys(given.wrong, words_of(visit.language)["cannot_be"])
        given = dataclasses.replace(given, wrong=told)
    return page(
        request, "my_check_in.html.j2", status=status, given=given, say=say,
        kinds=[kinds[name] for name in checkins.ASKED], day=own_day(request, visit),
        contact=contact_of(visit.clinic), emergency=emergency_words(contact_of(visit.clinic), say),
    )  # fmt: skip


def _when(visit: Visit) -> str:
    """The day and hour of the patient's procedure by the clinic's clocks; "" where none is set."""
    at = visit.own.procedure_at if visit.own else None
    if at is None:
        return ""
    say = preparations.sheet_words(visit.language)
    return say("sheet", "when", when=say.moment(at.astimezone(visit.zone)))


def _case(visit: Visit) -> int:
    if visit.own is None or visit.own.case is None:
        raise RecordError("There is no treatment to report on.", fix="Call the clinic.")
    return visit.own.case
