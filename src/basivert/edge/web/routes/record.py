"""A case's health record: a FHIR file looked at and taken in, and the case given out as FHIR."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from basivert.edge.fhir.read import read
from basivert.edge.fhir.records import Imported
from basivert.edge.fhir.write import bundle
from basivert.edge.fhir_into import KIND, take_in, weigh
from basivert.edge.fhir_of import case_of
from basivert.edge.store import cases, people, records
from basivert.edge.store.people import Person
from basivert.edge.web import candidacies, preparations, rates
from basivert.edge.web.pages import page
from basivert.edge.web.routes import preparation
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/cases/{case}/record", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "person.read", "case.write"))]
Giver = Annotated[
    Visit, Depends(allowed("person.export", "case.read", "checkin.read", "outcome.read"))
]
LARGEST_BYTES = 5_000_000


@router.get("")
def show(request: Request, visit: Reader, case: int) -> Response:
    """What was taken in before, and where a file is chosen."""
    return _page(request, visit, case)


@router.post("/look")
@keeps(show)
async def look(request: Request, visit: Writer, case: int) -> Response:
    """What a file says beside what the case says; nothing of it is stored."""
    form = request.state.form
    sent = form.get("file") if form else None
    content = await sent.read() if isinstance(sent, UploadFile) else None
    return await run_in_threadpool(_looked, request, visit, case, content)


def looked_at(request: Request, visit: Writer, case: int) -> Response:
    """The file that was looked at, once more, as long as it is held."""
    given = dict(fields(request))
    try:
        text = _held(request, visit, case, given)
    except RecordError:
        return show(request, visit, case)
    found = _imported(request, visit, text, given.get("about", ""))
    return _weighed(request, visit, case, found, given["held"], given.get("about", ""))


@router.post("/take")
@keeps(looked_at)
def take(request: Request, visit: Writer, case: int) -> Response:
    """Take the file in that was looked at; a slip keeps it on the page."""
    site, given = site_of(request), dict(fields(request))
    with site.store.reading(visit.who) as work:
        who = people.person(work, cases.case(work, case).patient)
    text = _held(request, visit, case, given)
    found = _imported(request, visit, text, given.get("about", ""))
    if _doubts(found, who) and given.get("sure") != "yes":
        raise RecordError("Nobody says that this is the right person.", fix="Compare who it is.")
    with site.store.writing(visit.who) as work:
        taken = take_in(work, case, found, version=version(given))
        prepared = preparation.stored(work, visit, case).found if taken.medicines else None
        if prepared is not None:
            preparations.lay_out(work, case, prepared, moved=False)
    site.waiting.done(given["held"])
    return _page(request, visit, case, found=found, weighed=taken, taken=True)


@router.get("/bundle.json")
def give_out(request: Request, visit: Giver, case: int) -> Response:
    """The case as one FHIR transaction, by pseudonym."""
    with site_of(request).store.reading(visit.who) as work:
        made = bundle(case_of(work, case), now=work.now.astimezone(visit.zone))
    name = f"attachment; filename=case-{case}.fhir.json"
    return Response(
        json.dumps(made, ensure_ascii=False), media_type="application/fhir+json",
        headers={"Content-Disposition": name},
    )  # fmt: skip


def _looked(request: Request, visit: Visit, case: int, content: bytes | None) -> Response:
    site, given = site_of(request), dict(fields(request))
    with site.store.reading(visit.who) as work:
        cases.case(work, case)
        now = work.now
    text = _text(content)
    rates.check(site.store, f"upload:{visit.who.reference}")
    about = given.get("about", "").strip()
    found = _imported(request, visit, text, about)
    held = site.waiting.put(text, owner=visit.who.reference, case=case, now=now)
    return _weighed(request, visit, case, found, held, about)


def _held(request: Request, visit: Visit, case: int, given: Mapping[str, str]) -> str:
    site = site_of(request)
    owner, now = visit.who.reference, site.store.clock()
    return site.waiting.held(given.get("held", ""), owner=owner, case=case, now=now)


def _weighed(
    request: Request, visit: Visit, case: int, found: Imported, held: str, about: str
) -> Response:
    with site_of(request).store.reading(visit.who) as work:
        weighed = weigh(work, case, found)
    return _page(request, visit, case, found=found, weighed=weighed, held=held, about=about)


def _text(content: bytes | None) -> str:
    """The file's text. Raises RecordError for none, one too large, or one that is no text."""
    if not content:
        raise RecordError("No file was chosen.", fix="Choose one, then look at it.")
    if len(content) > LARGEST_BYTES:
        raise RecordError(
            f"The file has {len(content) / 1e6:.1f} MB.",
            fix=f"Give one of at most {LARGEST_BYTES // 1_000_000} MB.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RecordError("The file is not text in UTF-8.", fix="Give FHIR as JSON.") from None


def _imported(request: Request, visit: Visit, text: str, about: str) -> Imported:
    today = site_of(request).store.clock().astimezone(visit.zone).date()
    return read(text, "The file", today=today, patient=about.strip() or None)


def _page(
    request: Request, visit: Visit, case: int, *, found: Imported | None = None,
    weighed: Any = None, held: str = "", about: str = "", taken: bool = False,
) -> Response:  # fmt: skip
    roles = site_of(request).store.roles
    with site_of(request).store.reading(visit.who) as work:
        one = cases.case(work, case)
        who, kept = people.person(work, one.patient), records.record(work, case, KIND)
    return page(
        request, "record.html.j2", case=one, who=who, held=held, about=about, taken=taken,
        found=found, weighed=weighed, kinds=candidacies.known().kinds, zone=visit.zone,
        doubts=_doubts(found, who) if found else [], kept=_kept(kept.document if kept else {}),
        fates=Counter(each.fate for each in found.kept) if found else {},
        unmapped=Counter(f"{u.path}: {u.why}" for u in found.unmapped if not u.asks)
        if found else {},
        may_write=roles.allow(visit.who.role, "case.write"),
        may_give=roles.allow(visit.who.role, "person.export"),
        largest=LARGEST_BYTES // 1_000_000,
    )  # fmt: skip


def _doubts(found: Imported, who: Person) -> list[str]:
    """What speaks for another person's file; a person decides."""
    if found.patient is None:
        return ["The file does not say whom it is about."]
    doubts: list[str] = []
    born = found.patient.birth_date
    if not born or who.birth_date is None:
        doubts.append("The day of birth cannot be compared.")
    elif not who.birth_date.isoformat().startswith(born):
        doubts.append("The file's day of birth is not this patient's.")
    if found.patient.deceased:
        doubts.append("The file says that its patient has died.")
    return doubts


def _kept(document: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    """Day of taking in and kind of resource → how many."""
    rows = document.get("resources", {}).values()
    return Counter((row["taken_at"][:10], row["reference"].split("/")[0]) for row in rows)
