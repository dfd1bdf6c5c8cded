"""What went wrong in the room stands under outcomes too: once, when the record is signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from basivert.constants.load import document as table
from basivert.edge.store import outcomes, records
from basivert.edge.store.outcomes import PlanLink
from basivert.edge.store.own_outcomes import own_outcome_rules
from basivert.edge.store.work import Work
from basivert.errors import RecordError

# Beside the record, which has to stay what `basivert record` reads: event → its number there.
KIND = "procedure_events"
OUT = "no longer in the procedure's record"


def tell(work: Work, case: int, document: Mapping[str, Any], links: Sequence[PlanLink]) -> None:
    """Enter the record's events under outcomes; those that stand there already are not doubled.

    After a reopened record a changed event is changed there, and one that was taken out says so.

    Args:
        document: the record.
        links: of the approved plan, which an event at its level is linked to.

    Raises: RecordError for an event without a grade, which a registry cannot count.
    """
    there = records.record(work, case, KIND)
    left = list(there.document["events"]) if there else []
    kept: list[dict[str, Any]] = []
    kinds = own_outcome_rules(work)["events"]["kind"]
    for event, before in _paired(document.get("events") or [], left):
        row = _row(event, document, links, kinds)
        if before is None:
            number = outcomes.add_event(work, case, **row)
        else:
            number = before["number"]
            _changed(work, case, before, event, row)
        kept.append({"event": event, "number": number})
    kept += [_taken_out(work, case, one) for one in left]
    if kept and (there is None or kept != there.document["events"]):
        records.keep(work, case, KIND, {"events": kept}, version=there.version if there else None)


def _paired(
    events: Sequence[dict[str, Any]], left: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each event with the row that stands for it; rows that are used leave `left`."""
    found: dict[int, dict[str, Any]] = {}
    for alike in (lambda a, b: a == b, lambda a, b: a["kind"] == b["kind"]):
        for place, event in enumerate(events):
            fits = [one for one in left if place not in found and alike(event, one["event"])]
            if fits:
                found[place] = fits[0]
                left.remove(fits[0])
    return [(event, found.get(place)) for place, event in enumerate(events)]


def _row(
    event: Mapping[str, Any],
    document: Mapping[str, Any],
    links: Sequence[PlanLink],
    kinds: Mapping[str, str],
) -> dict[str, Any]:
    """The event in the registry's words."""
    if event.get("grade") is None:
        raise RecordError(
            f"The event {event['what']!r} has no grade.", fix="Grade it under Events, then sign."
        )
    kind, level = event["kind"], event.get("level")
    note = event["what"]
    if kind not in kinds:
        kind, note = "other", f"{table('care/procedure/record')['kind'][kind]}: {note}"
    plan = next((one.id for one in links if one.level == level), None)
    return {
        "kind": kind, "grade": event["grade"], "on": _day(event, document), "level": level,
        "plan": plan, "note": note,
    }  # fmt: skip


def _day(event: Mapping[str, Any], document: Mapping[str, Any]) -> dt.date | None:
    times = [event.get("at"), *(step.get("begin") for step in document.get("steps") or ())]
    first = next((one for one in times if one), None)
    zone = ZoneInfo(document["zone"])
    return dt.datetime.fromisoformat(first).astimezone(zone).date() if first else None


def _changed(
    work: Work, case: int, before: Mapping[str, Any], event: Mapping[str, Any],
    row: Mapping[str, Any],
) -> None:  # fmt: skip
    # What somebody corrected under outcomes stands, as long as the record says the same.
    if event != before["event"] or before.get("out"):
        rest = {name: value for name, value in row.items() if name != "plan"}
        outcomes.change_event(
            work, before["number"], version=_version(work, case, before["number"]), **rest
        )


def _taken_out(work: Work, case: int, one: dict[str, Any]) -> dict[str, Any]:
    if not one.get("out"):
        note = f"{one['event']['what']} ({OUT})"
        outcomes.change_event(
            work, one["number"], version=_version(work, case, one["number"]), note=note
        )
    return {**one, "out": True}


def _version(work: Work, case: int, number: int) -> int:
    found = [one.version for one in outcomes.events(work, case) if one.id == number]
    return found[0] if found else work.missing(f"event {number}")
