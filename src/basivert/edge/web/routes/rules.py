"""A clinic's own rules: a file is looked at, put into force with a name and a day, taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from basivert.care.own_rules import LIST, subjects
from basivert.edge.store import own_rules
from basivert.edge.store.work import Work
from basivert.edge.web import preparations, rates
from basivert.edge.web.own import Looked, day_of, looked
from basivert.edge.web.pages import page
from basivert.edge.web.routes import clinic
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/settings/rules", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("rules.read"))]
Writer = Annotated[Visit, Depends(allowed("rules.read", "rules.write"))]


@router.post("/look")
@keeps(clinic.show)
def look(request: Request, visit: Writer) -> Response:
    """What a file would change, rule by rule; nothing of it is stored."""
    _must(request, visit)
    rates.check(site_of(request).store, f"upload:{visit.who.reference}")
    sent = request.state.form.get("file") if request.state.form else None
    content = sent.file.read() if isinstance(sent, UploadFile) else b""
    return _page(request, visit, looked(dict(fields(request)).get("about", ""), content))


@router.post("")
def put_in_force(request: Request, visit: Writer) -> Response:
    """Let a file decide from a day on, in the name of the lead physician."""
    _must(request, visit)
    given = dict(fields(request))
    found = looked(given.get("about", ""), given.get("written", "").encode())
    try:
        with site_of(request).store.writing(visit.who) as work:
            _one_list(work, found)
            own_rules.add(
                work, about=found.about, edition=found.edition, written=found.written,
                from_on=day_of(given.get("from_on", ""), own_rules.today(work)),
            )  # fmt: skip
    except RecordError as slip:
        return _page(request, visit, found, slip=slip, from_on=given.get("from_on", ""))
    return RedirectResponse("/settings#rules", status_code=303)


@router.post("/{number}/end")
def end(request: Request, visit: Writer, number: int) -> Response:
    """Take a file back: the rules that ship decide again."""
    with site_of(request).store.writing(visit.who) as work:
        own_rules.take_back(work, number)
    return RedirectResponse("/settings#rules", status_code=303)


@router.get("/{number}")
def show(request: Request, visit: Reader, number: int) -> Response:
    """One file as it was written, with what it changes."""
    with site_of(request).store.reading(visit.who) as work:
        one = own_rules.rules(work, number)
    try:
        found, slip = looked(one.about, one.written.encode()), None
    except RecordError as problem:
        slip = problem
        found = Looked(about=one.about, edition=one.edition, written=one.written, changes=())
    return _page(request, visit, found, kept=True, slip=slip)


def _page(
    request: Request, visit: Visit, found: Looked, *, kept: bool = False,
    slip: RecordError | None = None, from_on: str = "",
) -> Response:  # fmt: skip
    with site_of(request).store.reading(visit.who) as work:
        lead, today = own_rules.lead(work), own_rules.today(work)
        name = work.called(lead) if lead else ""
    return page(
        request, "rules.html.j2", found=found, kept=kept, slip=slip, lead=name, today=today,
        from_on=from_on or today.isoformat(), title=subjects()[found.about].title
        if found.about in subjects() else found.about,
        status=422 if slip and not kept else 200,
    )  # fmt: skip


def _one_list(work: Work, found: Looked) -> None:
    """Raises RecordError where another list of the same topic is the clinic's already."""
    if not found.about.startswith(LIST):
        return
    lists = preparations.tables().lists
    topic = lists[found.about.removeprefix(LIST)].topic
    for one in own_rules.every(work):
        name = one.about.removeprefix(LIST)
        if one.about.startswith(LIST) and one.about != found.about and one.taken_back_at is None:
            if name in lists and lists[name].topic == topic:
                title = lists[name].title
                raise RecordError(
                    f"The clinic's file {one.edition} changes “{title}”, which answers the same.",
                    fix="Take that one back first: one list of a topic is in use.",
                )


def _must(request: Request, visit: Visit) -> None:
    with site_of(request).store.reading(visit.who) as work:
        own_rules.must_write(work)
