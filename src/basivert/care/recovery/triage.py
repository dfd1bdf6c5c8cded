"""Whom to call, and when: the most urgent sign that is there decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from basivert.care.answers import Answer
from basivert.care.recovery.checkin import CheckIn
from basivert.care.recovery.signs import TIERS, WATCH
from basivert.care.rules import Judged, RuleSet, judged

Urgency = Literal["emergency", "call_now", "call_today", "incomplete", "all_right"]
# Answers that need somebody at the clinic to act.
CALLS: tuple[Urgency, ...] = ("emergency", "call_now", "call_today")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """The answer to one check-in, with its derivation.

    reasons: the signs behind the answer, most urgent first: those that are there; where none is,
        those that are open; for `all_right` every sign, each answered no.
    watched: signs that decide nothing yet, but that the patient is told about.
    missing: names without an answer; while there are any, nothing reassures.
    fever: the sign that judges the temperature, so that its limit can be named.
    """

    answer: Urgency
    reasons: tuple[Judged, ...]
    watched: tuple[Judged, ...]
    missing: tuple[str, ...]
    fever: Judged
    edition: str


def triage(entered: CheckIn, signs: RuleSet) -> Triage:
    """The most urgent sign that is there; `all_right` only from complete answers.

    Source: seed (six signs, call the provider); emergencies and their order ours.
    """
    found = judged(signs, entered.answered)
    rows = [row for tier in TIERS for row in found if row.criterion.kind == tier]
    there = [row for row in rows if row.answer is Answer.YES]
    still = [row for row in rows if row.answer is Answer.UNKNOWN]
    answer, reasons = _decided(there, still, rows, complete=not entered.missing)
    return Triage(
        answer=answer, reasons=tuple(reasons), missing=entered.missing, edition=signs.edition,
        watched=_watched(found, there),
        fever=next(row for row in rows if row.criterion.name == "fever"),
    )  # fmt: skip


def _watched(found: tuple[Judged, ...], there: list[Judged]) -> tuple[Judged, ...]:
    """Watched signs, but for those whose facts already raise an alarm, as a clinic may have it."""
    alarming = {name for row in there for name in row.read}
    return tuple(
        row for row in found
        if row.criterion.kind == WATCH and row.answer is Answer.YES and not alarming >= {*row.read}
    )  # fmt: skip


def _decided(
    there: list[Judged], still: list[Judged], rows: list[Judged], *, complete: bool
) -> tuple[Urgency, list[Judged]]:
    for call in CALLS:
        if any(row.criterion.kind == call for row in there):
            return call, there
    return ("all_right", rows) if complete else ("incomplete", still)
