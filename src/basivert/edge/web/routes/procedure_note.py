"""The operative note of the procedure, and every version of the record with its note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from basivert.care.procedure.note import plain
from basivert.edge.store import records
from basivert.edge.web.own_procedure import Lists
from basivert.edge.web.pages import page
from basivert.edge.web.procedures import KIND, stored
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed

router = APIRouter(prefix="/cases/{case}/procedure", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "outcome.read"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A version in the list. parts: names of what is other than in the version before."""

    number: int
    by: str
    at: dt.datetime
    parts: tuple[str, ...]


@router.get("/note")
def note(request: Request, visit: Reader, case: int) -> Response:
    """The operative note, ready to be printed."""
    with site_of(request).store.reading(visit.who) as work:
        there = stored(work, visit, case)
        signed = _signed(there.record, work.called, visit)
    made = there.lists.completed(there.document)
    return page(
        request, "note.html.j2", note=made.note, findings=made.findings, signed=signed, case=case
    )


@router.get("/note.txt")
def note_text(request: Request, visit: Reader, case: int) -> Response:
    """The operative note as `basivert record` tells it, and whether it is signed."""
    with site_of(request).store.reading(visit.who) as work:
        there = stored(work, visit, case)
        signed = _signed(there.record, work.called, visit)
    made = there.lists.completed(there.document)
    told = "".join(f"{one.severity}: {one.what}\n" for one in made.findings)
    name = {"Content-Disposition": f'attachment; filename="note-case-{case}.txt"'}
    return PlainTextResponse(f"{plain(made.note)}{told}\n{signed}\n", headers=name)


@router.get("/versions")
def history(request: Request, visit: Reader, case: int) -> Response:
    """Who kept or signed what when; the newest first."""
    with site_of(request).store.reading(visit.who) as work:
        there = stored(work, visit, case)
        kept = records.versions(work, case, KIND)
        lines = [
            Line(number=one.version, by=work.called(one.changed_by), at=one.changed_at,
                 parts=_parts(kept[number - 1].document if number else {}, one.document))
            for number, one in enumerate(kept)
        ]  # fmt: skip
        signed = _signed(there.record, work.called, visit)
    return page(
        request, "procedure_versions.html.j2", case=case, lines=lines[::-1], zone=visit.zone,
        signed=signed if kept else "",
    )  # fmt: skip


@router.get("/versions/{number}")
def version(request: Request, visit: Reader, case: int, number: int) -> Response:
    """The note as it was in one version."""
    with site_of(request).store.reading(visit.who) as work:
        there = stored(work, visit, case)
        found = [one for one in records.versions(work, case, KIND) if one.version == number]
        one = found[0] if found else work.missing(f"version {number}")
        lists = Lists(work, one.changed_at)
        by, at = work.called(one.changed_by), one.changed_at.astimezone(visit.zone)
    last = there.record.version if there.record else number
    made = lists.completed(one.document)
    told = f"Version {number} of {last}, by {by}, {at:%Y-%m-%d %H:%M}."
    return page(
        request, "note.html.j2", note=made.note, findings=made.findings, signed=told, case=case
    )


def _signed(record: records.Record | None, called: Any, visit: Visit) -> str:
    if record is None or record.signed_by is None or record.signed_at is None:
        return "Not signed."
    at = record.signed_at.astimezone(visit.zone)
    return f"Signed by {called(record.signed_by)}, {at:%Y-%m-%d %H:%M}."


def _parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of what differs, the phases of the checklist each by itself."""
    flat = [
        {**{k: v for k, v in one.items() if k != "checklist"}, **(one.get("checklist") or {})}
        for one in (before, now)
    ]
    names = dict.fromkeys((*flat[0], *flat[1]))
    return tuple(
        name.replace("_", " ") for name in names
        if (flat[0].get(name) or None) != (flat[1].get(name) or None)
        and name not in ("case", "zone")
    )  # fmt: skip
