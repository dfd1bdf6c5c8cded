"""A procedure's record with everything that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer
from basivert.care.facts import close
from basivert.care.procedure.checklist import (
    PHASES,
    Checklist,
    Phase,
    may_begin,
    phase,
    shipped,
)
from basivert.care.procedure.deviation import Deviation, deviations
from basivert.care.procedure.discharge import Discharge, Score, discharge, scored, shipped_scores
from basivert.care.procedure.findings import findings
from basivert.care.procedure.note import Note, note
from basivert.care.procedure.reading import Reading, reading
from basivert.care.procedure.record import Record
from basivert.constants.load import builtin, document
from basivert.constants.model import Table
from basivert.errors import Finding, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What was done, judged and told.

    begin: whether sign-in and time-out both passed.  leaving: None where nobody asked yet.
    editions: of every table that decided something.
    """

    record: Record
    phases: tuple[Phase, ...]
    begin: Answer
    compared: tuple[Deviation, ...]
    leaving: Discharge | None
    findings: tuple[Finding, ...]
    note: Note
    editions: Mapping[str, str]


def completed(
    given: Mapping[str, Any], known: Checklist | None = None, limits: Table | None = None
) -> Completed:
    """Everything that follows from an entered record.

    Args:
        given: what was entered.
        known: the clinic's safety checklist; None for the one that ships.
        limits: the clinic's limits of deviation; None for those that ship.

    Raises: RecordError for anything in it that is unknown, of the wrong kind, or contradictory.
    """
    table = document("care/procedure/record")
    known, limits = known or shipped(), limits or builtin("care/procedure/deviation")
    read = reading(given, table["kind"])
    phases = tuple(
        phase(name, known, getattr(read.answers, name), read.record.plan) for name in PHASES
    )
    compared, leaving = deviations(read.record, limits), _leaving(read)
    sources = (
        f"{known.source}, edition {known.edition}", f"limits of deviation, {limits.edition} (ours)",
        *(f"{one.score.title}: {one.score.source}" for one in (leaving.scores if leaving else ())),
        table["grade_source"],
    )  # fmt: skip
    return Completed(
        record=read.record, phases=phases, begin=may_begin(phases[0], phases[1]),
        compared=compared, leaving=leaving,
        findings=findings(read.record, phases, compared, table),
        note=note(read.record, phases, compared, leaving, table, sources),
        editions={
            "safety_checklist": known.edition, "record": table["edition"],
            "deviation": limits.edition,
            "recovery_scores": document("care/procedure/recovery_scores")["edition"],
        },
    )  # fmt: skip


def _leaving(read: Reading) -> Discharge | None:
    given = read.leaving
    if given is None:
        return None
    scores = shipped_scores()
    return discharge(
        scored(_version(scores, given.aldrete_version, "aldrete"), given.aldrete),
        scored(_version(scores, given.padss_version, "padss"), given.padss),
        sedation_worn_off=given.sedation_worn_off, driver_there=given.driver_there,
        adult_at_home=given.adult_at_home,
    )  # fmt: skip


def _version(scores: Mapping[str, Score], name: str, family: str) -> Score:
    fitting = {key: one for key, one in scores.items() if key.startswith(family)}
    if name not in fitting:
        raise RecordError(f"There is no version {name!r}.", fix=close(name, fitting))
    return fitting[name]
