"""The procedure: one parent, one part for each vertebra, instruments, dose, adverse events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from basivert.edge.fhir.case import Body, Case, Event, Operation
from basivert.edge.fhir.out.draft import Desk, Draft
from basivert.errors import RecordError

_TITLE = "Basivertebral nerve ablation"


def operation(case: Case, desk: Desk) -> Iterator[Draft]:
    """Resources of the procedure as done; none where there was none."""
    done = case.operation
    if done is None:
        return
    for one in done.instruments:
        name = {"name": one.name, "type": "user-friendly-name"}
        yield desk.draft(
            f"device {one.name}", "Device",
            {"deviceName": [name], "lotNumber": one.lot, "manufacturer": one.maker},
        )  # fmt: skip
    yield _parent(done, desk)
    for body in done.bodies:
        yield _part(body, done, desk)
    if dose := _dose(done, desk):
        yield dose


def events(case: Case, desk: Desk) -> Iterator[Draft]:
    """Adverse events, linked to the procedure where there is one."""
    for number, one in enumerate(case.events):
        yield _event(number, one, case, desk)


def _parent(done: Operation, desk: Desk) -> Draft:
    rows = desk.codes["procedure"]
    numbers = [rows["cpt_first"]] if done.bodies else []
    if len(done.bodies) > rows["cpt_first_bodies"]:
        numbers.append(rows["cpt_further"])
    code = _code(desk)
    code["coding"] += [desk.coding("cpt", one) for one in numbers]
    return _procedure(
        "procedure", done, code, [desk.place(one.level) for one in done.bodies],
        [one.name for one in done.instruments], desk, None,
        [{"text": one} for one in done.complications], (),
    )  # fmt: skip


def _part(body: Body, done: Operation, desk: Desk) -> Draft:
    known = {one.name for one in done.instruments}
    if missing := [one for one in body.instruments if one not in known]:
        raise RecordError(
            f"{body.level} names {len(missing)} instruments that the procedure does not list.",
            fix="List them in operation.instruments.",
        )
    site = desk.place(body.level)
    if body.side:
        site["text"] = f"{body.level}, access {body.side}"
    key = " ".join(filter(None, ("procedure", body.level, body.side)))
    return _procedure(
        key, done, _code(desk), [site], list(body.instruments), desk, "procedure", [],
        body.notes,
    )  # fmt: skip


def _code(desk: Desk) -> dict[str, Any]:
    coding = desk.coding("snomed", desk.codes["procedure"]["snomed"], "Radiofrequency ablation")
    return {"coding": [coding], "text": _TITLE}


def _procedure(
    key: str, done: Operation, code: dict[str, Any], sites: list[dict[str, Any]],
    instruments: list[str], desk: Desk, parent: str | None, complications: list[dict[str, str]],
    notes: Sequence[str],
) -> Draft:  # fmt: skip
    return desk.draft(
        key, "Procedure",
        {"partOf": [desk.to(parent)] if parent else None, "status": done.status, "code": code,
         "subject": desk.to("patient"),
         "performedPeriod": _period(done),
         "bodySite": sites, "complication": complications,
         "note": [{"text": one} for one in notes],
         "usedReference": [desk.to(f"device {one}") for one in instruments]},
    )  # fmt: skip


def _period(done: Operation) -> dict[str, str]:
    ended = {"end": done.end.isoformat()} if done.end else {}
    return {"start": done.start.isoformat(), **ended}


def _dose(done: Operation, desk: Desk) -> Draft | None:
    rows = desk.codes["dose"]
    given = (("time", done.fluoroscopy_s), ("area", done.dose_area_gym2),
             ("point", done.dose_point_gy))  # fmt: skip
    parts = [
        {
            "code": {"coding": [desk.coding("dcm", rows[name]["code"], rows[name]["display"])]},
            "valueQuantity": desk.quantity(value, rows[name]["unit"]),
        }
        for name, value in given
        if value is not None
    ]
    if not parts:
        return None
    return desk.draft(
        "dose", "Observation",
        {"partOf": [desk.to("procedure")], "status": "final",
         "code": {"coding": [desk.coding("observation", "fluoroscopy-dose")],
                  "text": "Fluoroscopy time and dose"},
         "subject": desk.to("patient"), "effectiveDateTime": (done.end or done.start).isoformat(),
         "component": parts},
    )  # fmt: skip


def _event(number: int, one: Event, case: Case, desk: Desk) -> Draft:
    severity = "http://terminology.hl7.org/CodeSystem/adverse-event-severity"
    serious = None if one.serious is None else "serious" if one.serious else "not serious"
    return desk.draft(
        f"event {number}", "AdverseEvent",
        {"actuality": "actual", "event": {"text": ", ".join(filter(None, (one.what, one.level)))},
         "subject": desk.to("patient"), "date": one.on.isoformat() if one.on else None,
         "severity": {"coding": [{"system": severity, "code": one.severity}]}
         if one.severity else None,
         "seriousness": {"text": serious} if serious else None,
         "suspectEntity": [{"instance": desk.to("procedure")}] if case.operation else None},
    )  # fmt: skip
