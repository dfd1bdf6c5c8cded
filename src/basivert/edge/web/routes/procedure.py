"""The procedure: safety checklist, record, planned against done, discharge, note, signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from basivert.care.procedure.checklist import shipped
from basivert.care.procedure.completed import Completed, completed
from basivert.care.procedure.discharge import shipped_scores
from basivert.care.procedure.note import plain
from basivert.care.procedure.reading import GRADES, LEVELS
from basivert.constants.load import document as table
from basivert.edge.store import cases, people, records
from basivert.edge.store.work import Work
from basivert.edge.web import procedure_form
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import seen, version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/procedure", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "person.read", "procedure.write"))]
Signer = Annotated[Visit, Depends(allowed("case.read", "case.write", "procedure.sign"))]
KIND = "procedure"
# Stages that a signed record ends.
BEFORE = ("candidacy", "preparation", "procedure")


@router.get("")
def show(request: Request, visit: Reader, case: int, padss: str = "") -> Response:
    """Everything about the procedure, ready to be filled in."""
    return _page(request, visit, case, padss=padss)


@router.post("")
def enter(request: Request, visit: Writer, case: int) -> Response:
    """Keep one part; a slip shows the form again with all that was typed."""
    form = fields(request)
    given = dict(form)
    part = given.get("part", "")
    try:
        with site_of(request).store.writing(visit.who) as work:
            before = _document(work, visit, case)
            kept = procedure_form.changed(before, part, form, visit.clinic.time_zone)
            kept = {**kept, "case": before["case"], "zone": before["zone"]}
            completed(kept)
            records.keep(work, case, KIND, kept, version=seen(given))
    except RecordError as slip:
        if slip.code != RecordError.code:
            raise
        return _page(request, visit, case, given=form, slip=slip, status=422)
    return _back(case, part)


@router.post("/sign")
def sign(request: Request, visit: Signer, case: int) -> Response:
    """Sign the record as it stands; aftercare begins."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        records.sign(work, case, KIND, version=version(given))
        one = cases.case(work, case)
        if one.stage in BEFORE:
            cases.move(work, case, version=one.version, stage="aftercare")
    return _back(case)


@router.post("/reopen")
def reopen(request: Request, visit: Signer, case: int) -> Response:
    """Take the signature back, so that the record can be changed; the signed one is kept."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        records.reopen(work, case, KIND, version=version(given))
    return _back(case)


@router.get("/note")
def note(request: Request, visit: Reader, case: int) -> Response:
    """The operative note, ready to be printed."""
    made, record, by = _noted(request, visit, case)
    return page(
        request, "note.html.j2", note=made.note, record=record, by=by, case=case, zone=visit.zone
    )


@router.get("/note.txt")
def note_text(request: Request, visit: Reader, case: int) -> Response:
    """The operative note as text."""
    made, record, by = _noted(request, visit, case)
    at = record.signed_at.astimezone(visit.zone) if record and record.signed_at else None
    signed = f"Signed by {by}, {at:%Y-%m-%d %H:%M}." if at else "Not signed."
    told = {"Content-Disposition": f'attachment; filename="note-case-{case}.txt"'}
    return PlainTextResponse(f"{plain(made.note)}\n{signed}\n", headers=told)


def _page(
    request: Request, visit: Visit, case: int, *, padss: str = "",
    given: Sequence[tuple[str, str]] = (), slip: RecordError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The page of what is kept; after a slip one part shows what was typed, with its own version.

    Args:
        padss: the version of the score at discharge that is asked.
    """
    with site_of(request).store.reading(visit.who) as work:
        document = _document(work, visit, case)
        one, record = cases.case(work, case), records.record(work, case, KIND)
        who = people.person(work, one.patient)
        names = {each.version: work.called(each.changed_by)
                 for each in records.versions(work, case, KIND)}  # fmt: skip
        signer = work.called(record.signed_by) if record and record.signed_by else ""
    typed = procedure_form.flat(document, visit.clinic.time_zone)
    part = dict(given).get("part", "")
    scores = shipped_scores()
    wanted = padss or typed.get("discharge.padss_version", "padss_modified")
    asked = [scores["aldrete_1995"], scores.get(wanted, scores["padss_modified"])]
    may = site_of(request).store.roles.allow(visit.who.role, "procedure.sign")
    return page(
        request, "procedure.html.j2", status=status, case=one, who=who, record=record,
        made=completed(document), typed=_shown(typed, part, given), slip=slip, part=part,
        parts=procedure_form.PARTS,
        version=_version(record, given), names=names, signer=signer, may_sign=may,
        checklist=shipped(), table=table("care/procedure/record"), levels=LEVELS, grades=GRADES,
        scores=asked, padss=[one for one in scores.values() if one.name.startswith("padss")],
        zone=visit.zone, zone_name=visit.clinic.time_zone,
    )  # fmt: skip


def _shown(
    typed: Mapping[str, str], part: str, given: Sequence[tuple[str, str]]
) -> dict[str, str]:  # fmt: skip
    if not part:
        return dict(typed)
    rest = ("checklist.", "discharge.")
    mine = "discharge." if part == "discharge" else f"checklist.{part}."
    kept = {
        name: value for name, value in typed.items()
        if (name.startswith(rest) if part == "record" else not name.startswith(mine))
    }  # fmt: skip
    return {**kept, **dict(given)}


def _version(record: records.Record | None, given: Sequence[tuple[str, str]]) -> int | None:
    if given:
        return seen(dict(given))
    return record.version if record else None


def _document(work: Work, visit: Visit, case: int) -> dict[str, Any]:
    one, record = cases.case(work, case), records.record(work, case, KIND)
    kept = dict(record.document) if record else {}
    return {**kept, "case": one.patient, "zone": kept.get("zone", visit.clinic.time_zone)}


def _noted(
    request: Request, visit: Visit, case: int
) -> tuple[Completed, records.Record | None, str]:
    with site_of(request).store.reading(visit.who) as work:
        document, record = _document(work, visit, case), records.record(work, case, KIND)
        by = work.called(record.signed_by) if record and record.signed_by else ""
    return completed(document), record, by


def _back(case: int, part: str = "") -> Response:
    place = f"#{part}" if part in procedure_form.PARTS else ""
    return RedirectResponse(f"/cases/{case}/procedure{place}", status_code=303)
