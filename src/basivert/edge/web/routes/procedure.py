"""The procedure: plan, safety checklist, record, planned against done, discharge, signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from basivert.care.procedure.checklist import same_plan
from basivert.care.procedure.discharge import shipped_scores
from basivert.care.procedure.reading import GRADES, LEVELS
from basivert.constants.load import document as table
from basivert.edge.store import cases, logs, people, records
from basivert.edge.web import procedure_events, procedure_form
from basivert.edge.web.errors import told
from basivert.edge.web.pages import page
from basivert.edge.web.procedure_logs import burns_of, with_logs
from basivert.edge.web.procedures import KIND, check_levels, check_signed, stored, with_plan
from basivert.edge.web.refill import marked
from basivert.edge.web.routes.patients import seen, version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import BasivertError, ConflictError, RecordError

router = APIRouter(prefix="/cases/{case}/procedure", include_in_schema=False)
# Plans and events of a case are among its outcomes.
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read", "outcome.read"))]
Writer = Annotated[
    Visit, Depends(allowed("case.read", "person.read", "outcome.read", "procedure.write"))
]
Signer = Annotated[
    Visit,
    Depends(allowed("case.read", "case.write", "outcome.read", "outcome.write", "procedure.sign")),
]
# Stages that a signed record ends.
BEFORE = ("candidacy", "preparation", "procedure")


@router.get("")
def show(
    request: Request, visit: Reader, case: int, padss: str = "", kept: str = ""
) -> Response:  # fmt: skip
    """Everything about the procedure, ready to be filled in."""
    return procedure_page(request, visit, case, padss=padss, kept=kept)


@router.post("")
def enter(request: Request, visit: Writer, case: int) -> Response:
    """Keep one part; a slip shows the form again with all that was typed."""
    form = fields(request)
    given = dict(form)
    part = given.get("part", "")
    try:
        with site_of(request).store.writing(visit.who) as work:
            there = stored(work, visit, case)
            before = there.document
            kept = procedure_form.changed(before, part, form, visit.clinic.time_zone)
            check_levels(kept, there.approved)
            kept = {**kept, "case": before["case"], "zone": before["zone"]}
            kept = with_logs(with_plan(kept, there.approved), logs.logs(work, case))
            kept = there.lists.known(kept)
            there.lists.completed(kept)
            records.keep(work, case, KIND, kept, version=seen(given))
    except (RecordError, ConflictError) as slip:
        if slip.code not in (RecordError.code, ConflictError.code):
            raise
        status, why = slip.http_status, told(slip, visit.zone)
        shown = procedure_page(request, visit, case, given=form, slip=slip, why=why, status=status)
        body = marked(
            bytes(shown.body).decode(), procedure_form.field_of(why, form), f"{why} {slip.fix}"
        )
        return HTMLResponse(body, status_code=status)
    return back(case, part)


@router.post("/sign")
@keeps(show)
def sign(request: Request, visit: Signer, case: int) -> Response:
    """Sign the record as it stands; its events go under outcomes, and aftercare begins."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        records.sign(work, case, KIND, version=version(given))
        signed = stored(work, visit, case)
        check_signed(signed)
        procedure_events.tell(work, case, signed.document, signed.approved)
        if signed.case.stage in BEFORE:
            cases.move(work, case, version=signed.case.version, stage="aftercare")
    return back(case)


@router.post("/reopen")
@keeps(show)
def reopen(request: Request, visit: Signer, case: int) -> Response:
    """Take the signature back, so that the record can be changed; the signed one is kept."""
    given = dict(fields(request))
    with site_of(request).store.writing(visit.who) as work:
        records.reopen(work, case, KIND, version=version(given))
    return back(case)


def procedure_page(
    request: Request, visit: Visit, case: int, *, padss: str = "", kept: str = "",
    given: Sequence[tuple[str, str]] = (), slip: RecordError | ConflictError | None = None,
    why: str = "", status: int = 200,
) -> Response:  # fmt: skip
    """The page of what is kept; after a slip one part shows what was typed, with its own version.

    Args:
        padss: the version of the score at discharge that is asked.
        kept: the part that was kept just now.
        why: the slip in the clinic's words.
    """
    with site_of(request).store.reading(visit.who) as work:
        there = stored(work, visit, case)
        record, who = there.record, people.person(work, there.case.patient)
        by = work.called(record.changed_by) if record else ""
        sent = [
            (one, work.called(one.added_by), burns_of(there.document, one.digest))
            for one in logs.logs(work, case)
        ]
        signer = work.called(record.signed_by) if record and record.signed_by else ""
    typed = procedure_form.flat(there.document, visit.clinic.time_zone)
    part, roles = dict(given).get("part", ""), site_of(request).store.roles
    made = there.lists.completed(there.document)
    return page(
        request, "procedure.html.j2", status=status, case=there.case, who=who, record=record,
        made=made, typed=_shown(typed, part, given), slip=slip, part=part, why=why,
        kept=kept if not given else "",
        parts=procedure_form.PARTS, approved=there.plan, same=same_plan(made.record.plan),
        version=_version(record, given, slip), by=by, signer=signer,
        may_sign=roles.allow(visit.who.role, "procedure.sign"),
        may_plan=roles.allow(visit.who.role, "plan.write"),
        checklist=there.lists.checklist, table=table("care/procedure/record"), levels=LEVELS,
        grades=GRADES, logs=sent, zone=visit.zone, zone_name=visit.clinic.time_zone,
        **_scores(typed, padss),
    )  # fmt: skip


def back(case: int, part: str = "") -> Response:
    """To the page, at a part of it."""
    place = f"?kept={part}#{part}" if part in procedure_form.PARTS else ""
    return RedirectResponse(f"/cases/{case}/procedure{place}", status_code=303)


def _scores(typed: Mapping[str, str], padss: str) -> dict[str, Any]:
    scores = shipped_scores()
    wanted = padss or typed.get("discharge.padss_version", "padss_modified")
    versions = {name: one for name, one in scores.items() if name.startswith("padss")}
    asked = [scores["aldrete_1995"], versions.get(wanted, scores["padss_modified"])]
    return {"scores": asked, "padss": list(versions.values())}


def _shown(
    typed: Mapping[str, str], part: str, given: Sequence[tuple[str, str]]
) -> dict[str, str]:  # fmt: skip
    """What the fields show: of the part that was sent as typed, of the others as kept."""
    mine = {"plan": "plan.shown_", "discharge": "discharge."}.get(part, f"checklist.{part}.")
    others = ("checklist.", "discharge.", "plan.shown_")
    kept = {
        name: value for name, value in typed.items() if not part
        or (name.startswith(others) if part == "record" else not name.startswith(mine))
    }  # fmt: skip
    return {**kept, **dict(given)}


def _version(
    record: records.Record | None, given: Sequence[tuple[str, str]], slip: BasivertError | None
) -> int | None:
    # Who was told of another's change may send theirs again over it.
    if given and not isinstance(slip, ConflictError):
        return seen(dict(given))
    return record.version if record else None
