"""What a reader of a procedure's record must know; a person judges it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from basivert.care.answers import Answer
from basivert.care.procedure.checklist import Phase
from basivert.care.procedure.deviation import SHOWN, Deviation
from basivert.care.procedure.record import Record
from basivert.errors import Finding

NOT = {Answer.NO: "did not pass", Answer.UNKNOWN: "is not complete"}


def findings(
    record: Record, phases: tuple[Phase, ...], compared: tuple[Deviation, ...],
    table: Mapping[str, Any],
) -> tuple[Finding, ...]:  # fmt: skip
    """Phases that did not pass, differences from plan and log, an antibiotic out of its time."""
    found = [
        Finding(code="checklist", severity="caution", source="safety checklist", what=(
            f"{one.name.replace('_', '-')} {NOT[one.passes]}: {'; '.join(one.open)}."
        ))
        for one in phases if one.passes is not Answer.YES
    ]  # fmt: skip
    found += [
        Finding(code="deviation", severity="caution", level=one.level, source=one.source,
                what=f"{one.level} {one.what.replace('_', ' ')}: planned {one.planned}, "
                     f"done {one.done} {SHOWN.get(one.unit, one.unit)}".strip() + ".")
        for one in compared if one.kept is Answer.NO
    ]  # fmt: skip
    return (*found, *_logs(record), *_antibiotic(record, table))


def incision(record: Record) -> dt.datetime | None:
    """When the skin was cut: the beginning of step 1."""
    return next((one.begin for one in record.steps if one.number == 1), None)


def _logs(record: Record) -> Iterator[Finding]:
    """Burns whose log ends before the hold that was written down."""
    for body in record.bodies:
        for number, burn in enumerate(body.burns, 1):
            log, hold = burn.log, burn.hold_s
            if log is not None and hold is not None and log.duration_s < hold:
                yield Finding(
                    code="log-shorter", severity="caution", level=body.level,
                    source="generator's log",
                    what=f"{body.level} heating {number}: held {hold:g} s, but its log covers "
                         f"{log.duration_s:g} s.",
                )  # fmt: skip


def _antibiotic(record: Record, table: Mapping[str, Any]) -> tuple[Finding, ...]:
    cut, drug = incision(record), record.antibiotic
    if cut is None or drug is None or drug.at is None:
        return ()
    before = (cut.astimezone(dt.UTC) - drug.at.astimezone(dt.UTC)).total_seconds() / 60.0
    if 0.0 <= before <= table["antibiotic_minutes"]:
        return ()
    return (Finding(
        code="antibiotic-time", severity="caution", source=table["antibiotic_source"],
        what=f"{drug.name} was given {before:g} minutes before the incision; within "
             f"{table['antibiotic_minutes']} is asked for."),)  # fmt: skip
