"""Before the procedure: its time, medicines and their questions, the list of what is to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.preparation.checklist import OWNERS
from basivert.care.preparation.dates import start
from basivert.care.preparation.prepare import Preparation
from basivert.care.preparation.questions import advice_words
from basivert.edge.documents.sheet_file import can_make_pdf
from basivert.edge.store import cases, people, records
from basivert.edge.store.work import Work
from basivert.edge.web import medicine_lines, preparations
from basivert.edge.web.contact import contact_of
from basivert.edge.web.forms import entered
from basivert.edge.web.own import own
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import seen, version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/preparation", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "case.write"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A case's preparation as it stands; found: None as long as no time is set."""

    case: cases.CareCase
    record: records.Record | None
    items: list[records.Item]
    found: Preparation | None

    @property
    def document(self) -> Mapping[str, Any]:
        """What was entered."""
        return self.record.document if self.record else {}


@router.get("")
def show(request: Request, visit: Reader, case: int) -> Response:
    """Everything before the procedure."""
    with site_of(request).store.reading(visit.who) as work:
        kept, now = stored(work, visit, case), work.now
        who = people.person(work, kept.case.patient)
    document, found = kept.document, kept.found
    return page(
        request, "preparation.html.j2", case=kept.case, who=who, record=kept.record, found=found,
        rows=preparations.rows(found, kept.items, now) if found else [], zone=visit.zone,
        clinic=visit.clinic, owners=OWNERS, states=preparations.STATES, advice_words=advice_words,
        asked=medicine_lines.said(document.get("medicines")), known=document.get("facts", {}),
        lines=medicine_lines.written(document.get("medicines")), pdf=can_make_pdf(),
        prescriber=document.get("prescriber", ""), kinds=preparations.fact_kinds(),
        lists=preparations.tables().lists,
        fact_words=lambda name: preparations.tables().facts[name].wording,
        catalogue=sorted(preparations.tables().known.by_name),
    )  # fmt: skip


@router.post("/time")
@keeps(show)
def set_time(request: Request, visit: Writer, case: int) -> Response:
    """Date and time in the clinic's zone; every due date follows."""
    given = dict(fields(request))
    text = given.get("at", "").strip()
    at = start(text, visit.clinic.time_zone).at if text else None
    with site_of(request).store.writing(visit.who) as work:
        before = cases.case(work, case)
        moment = at.astimezone(dt.UTC) if at else None
        now = cases.set_procedure(work, case, version=version(given), at=moment)
        if moment is not None and before.stage == "candidacy":
            cases.move(work, case, version=now, stage="preparation")
        _lay_out(work, visit, case, moved=moment != before.procedure_at)
    return _back(case)


@router.post("")
@keeps(show)
def enter(request: Request, visit: Writer, case: int) -> Response:
    """Medicines as the patient says them, and facts that bear on them."""
    form = fields(request)
    given = dict(form)
    names = list(preparations.tables().facts.kinds)
    read = entered(form, preparations.tables().facts, names, origin="entered")
    if read.wrong:
        raise RecordError("; ".join(read.wrong.values()))
    with site_of(request).store.writing(visit.who) as work:
        there = records.record(work, case, preparations.KIND)
        before = there.document.get("medicines") if there else None
        document = {
            "medicines": medicine_lines.read(
                given.get("asked", ""), given.get("medicines", ""), before
            ),
            "facts": {name: one for name, one in read.document.items() if one is not None},
            "prescriber": given.get("prescriber", "").strip(),
        }
        _keep(work, visit, case, document, given)
    return _back(case)


@router.post("/confirm")
@keeps(show)
def confirm(request: Request, visit: Writer, case: int) -> Response:
    """Say what a medicine is, in one's own name, or take that back."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        there = records.record(work, case, preparations.KIND)
        document = dict(there.document) if there else {}
        document["medicines"] = medicine_lines.confirmed(
            document.get("medicines"), given.get("text", ""), given.get("name", ""),
            work.called(visit.who.reference),
        )  # fmt: skip
        _keep(work, visit, case, document, given)
    return _back(case)


@router.post("/items/{number}")
@keeps(show)
def change_item(request: Request, visit: Writer, case: int, number: int) -> Response:
    """State, owner or due date of one item."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        kept = records.checklist(work, case, preparations.LIST)
        if number not in {one.id for one in kept}:
            work.missing(f"item {number}")
        if given.get("owner") not in OWNERS:
            raise RecordError("Nobody is named for this item.", fix=f"One of {', '.join(OWNERS)}.")
        due = given.get("due", "").strip()
        at = start(due, visit.clinic.time_zone).at.astimezone(dt.UTC) if due else None
        records.change_item(
            work, number, version=version(given), state=given.get("state", "open"),
            owner=given["owner"], due_at=at, note=None,
        )  # fmt: skip
    return RedirectResponse(f"/cases/{case}/preparation#list", status_code=303)


def stored(work: Work, visit: Visit, case: int) -> Stored:
    """What is kept, and what follows from it now."""
    one = cases.case(work, case)
    there = records.record(work, case, preparations.KIND)
    items = records.checklist(work, case, preparations.LIST)
    found = None
    if one.procedure_at is not None:
        found = preparations.made(
            there.document if there else {}, one.procedure_at, visit.clinic,
            contact_of(visit.clinic), preparations.ticks(work, items), work.now, own(work),
        )  # fmt: skip
    return Stored(case=one, record=there, items=items, found=found)


def _keep(
    work: Work, visit: Visit, case: int, document: Mapping[str, Any],
    given: dict[str, str],
) -> None:  # fmt: skip
    records.keep(work, case, preparations.KIND, document, version=seen(given))
    _lay_out(work, visit, case, moved=False)


def _lay_out(work: Work, visit: Visit, case: int, *, moved: bool) -> None:
    found = stored(work, visit, case).found
    if found is not None:
        preparations.lay_out(work, case, found, moved=moved)


def _back(case: int) -> Response:
    return RedirectResponse(f"/cases/{case}/preparation", status_code=303)
