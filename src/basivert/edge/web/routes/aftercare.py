"""A case after the procedure: check-ins, alerts, photographs, cautions and the patient's link."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.facts import Facts
from basivert.care.recovery.checkin_plan import checkin_plan
from basivert.care.recovery.known_before import contradicted
from basivert.care.recovery.relief import relief, relief_rules
from basivert.care.recovery.sheet import relief_words
from basivert.care.recovery.words import words
from basivert.edge.post.letters import link_language
from basivert.edge.post.reminders import plan_checkins
from basivert.edge.store import cases, links, people, photos, records, recovery
from basivert.edge.store.work import Work
from basivert.edge.web import checkins, known_cautions, preparations
from basivert.edge.web.contact import contact_of
from basivert.edge.web.forms import Entered, entered
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "checkin.read", "alert.read"))]
Writer = Annotated[
    Visit, Depends(allowed("case.read", "person.read", "checkin.write", "case.write"))
]
Sender = Annotated[Visit, Depends(allowed("link.write", "case.read", "checkin.read", "job.write"))]
Viewer = Annotated[Visit, Depends(allowed("photo.read", "case.read"))]
# Long enough for the last planned check-in.
LINK_LASTS = dt.timedelta(days=100)
EMPTY = Entered(document={}, found={}, wrong={})


@router.get("/cases/{case}/aftercare")
def show(request: Request, visit: Reader, case: int) -> Response:
    """Everything after the procedure, the newest first."""
    return _page(request, visit, case)


@router.post("/cases/{case}/aftercare/check-in")
@keeps(show)
def check_in(request: Request, visit: Writer, case: int) -> Response:
    """A check-in that the patient gave by telephone."""
    given = checkins.read(fields(request), origin="telephone")
    if given.wrong:
        return _page(request, visit, case, given=given, status=422)
    with site_of(request).store.writing(visit.who) as work:
        one = cases.case(work, case)
        day = checkins.day_now(one.procedure_at, work.now, visit.zone)
        if day is None:
            raise RecordError(
                "The procedure's time is not set, or has not come.", fix="Set it under Preparation."
            )
        checkins.keep(
            work, case, day, given.document, contact_of(visit.clinic), words("en"),
            origin="telephone",
        )  # fmt: skip
    return _back(case)


@router.post("/cases/{case}/aftercare/cautions")
@keeps(show)
def note_cautions(request: Request, visit: Writer, case: int) -> Response:
    """What bears on pain relievers from the shop."""
    rules, form = relief_rules(), fields(request)
    given = entered(form, rules.known, list(rules.known.kinds), origin=visit.who.reference)
    if given.wrong:
        raise RecordError("; ".join(given.wrong.values()))
    with site_of(request).store.writing(visit.who) as work:
        there = records.record(work, case, "cautions")
        noted = there.document if there else {}
        before = _before(work, visit, case)
        # What stands there from the case and was not changed stays the case's own word.
        kept = {
            name: value for name, value in given.document.items()
            if value is not None
            and (name in noted or name not in before or value != before[name].value)
        }  # fmt: skip
        seen = version(dict(form)) if there is not None else None
        records.keep(work, case, "cautions", kept, version=seen)
    return _back(case)


@router.post("/cases/{case}/aftercare/link")
def link(request: Request, visit: Sender, case: int) -> Response:
    """A new link for the patient; shown once, since only its hash is kept."""
    site = site_of(request)
    with site.store.writing(visit.who) as work:
        patient = cases.case(work, case).patient
        language = people.person(work, patient).language
        links.end_links(work, patient)
        secret = links.add_link(work, patient, purpose="aftercare", lasts=LINK_LASTS)
        if cases.case(work, case).procedure_at is not None:
            plan_checkins(work, case, checkin_plan())
    return _page(
        request, visit, case, link=f"{site.settings.address}/p/{secret}{link_language(language)}"
    )


@router.get("/photos/{number}")
def photograph(request: Request, visit: Viewer, number: int) -> Response:
    """The picture itself; reading it is noted."""
    with site_of(request).store.reading(visit.who) as work:
        found, content = photos.photo(work, number)
    return Response(content, media_type=found.mime)


@router.get("/cases/{case}/aftercare/photos/{number}")
def photograph_page(request: Request, visit: Viewer, case: int, number: int) -> Response:
    """One picture as wide as the screen, with its day and who sent it."""
    with site_of(request).store.reading(visit.who) as work:
        one = cases.case(work, case)
        found = [each for each in photos.photos(work, case) if each.id == number]
        photo = found[0] if found else work.missing(f"photo {number}")
        by = work.called(photo.added_by)
    day = checkins.day_now(one.procedure_at, photo.added_at, visit.zone)
    return page(request, "photo.html.j2", case=one, photo=photo, by=by, day=day, zone=visit.zone)


def _page(
    request: Request, visit: Visit, case: int, *, given: Entered = EMPTY, link: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    rules, say = relief_rules(), words("en")
    with site_of(request).store.reading(visit.who) as work:
        one = cases.case(work, case)
        shown: dict[str, Any] = {
            "case": one,
            "who": people.person(work, one.patient),
            "checkins": [
                (each, *checkins.told(each.answers, say), work.called(each.entered_by))
                for each in recovery.checkins(work, case)
            ],
            "alerts": recovery.alerts(work, case),
            "photos": [
                (
                    each,
                    checkins.day_now(one.procedure_at, each.added_at, visit.zone),
                    work.called(each.added_by),
                )
                for each in photos.photos(work, case)
            ],
            "cautions": records.record(work, case, "cautions"),
        }
        closers = {
            each.id: work.called(f"account:{each.closed_by}")
            for each in shown["alerts"] if each.closed
        }  # fmt: skip
        before = _before(work, visit, case)
    noted = shown["cautions"].document if shown["cautions"] else {}
    known = known_cautions.together(noted, before, rules)
    verdicts = relief(known, rules)
    kinds = checkins.worded(say).kinds
    return page(
        request, "aftercare.html.j2", status=status, **shown, link=link, given=given, say=say,
        closers=closers,
        kinds=[kinds[name] for name in checkins.ASKED], zone=visit.zone,
        caution_kinds=list(rules.known.kinds.values()),
        known={name: fact.value for name, fact in known.items()},
        derived=[before[name] for name in before if name not in noted],
        otherwise=contradicted(noted, before), caution_words=rules.known.kinds,
        relief=[relief_words(found, rules, say) for found in verdicts],
    )  # fmt: skip


def _before(work: Work, visit: Visit, case: int) -> Facts:
    one = cases.case(work, case)
    prepared = records.record(work, case, preparations.KIND)
    born = people.person(work, one.patient).birth_date
    return known_cautions.from_case(
        born, prepared.document if prepared else None, work.now, visit.zone
    )


def _back(case: int) -> Response:
    return RedirectResponse(f"/cases/{case}/aftercare", status_code=303)
