"""Which score belongs to which visit; what belongs to none is listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from basivert.care.outcomes.registry import Score
from basivert.care.outcomes.rules import OutcomeRules

BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """day: target, days since the procedure; first, last: days that still count, included."""

    key: str
    name: str
    day: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Scores of one instrument by visit, `baseline` among them; the rest by why they are left.

    spare: inside a window, but another score lies closer.  outside: in no window.
    """

    at: Mapping[str, Score]
    spare: tuple[Score, ...]
    outside: tuple[Score, ...]


def visits(rules: OutcomeRules) -> tuple[Visit, ...]:
    """The visits in order of their day."""
    rows = rules["schedule"]["visit"]
    found = (
        Visit(key=key, name=row["name"], day=row["day"], first=row["day"] - row["before"],
              last=row["day"] + row["after"])
        for key, row in rows.items()
    )  # fmt: skip
    return tuple(sorted(found, key=lambda visit: visit.day))


def visit_words(key: str, rules: OutcomeRules) -> str:
    """What a visit is called; the key itself for one that the tables do not have."""
    row = rules["schedule"]["visit"].get(key)
    return "the visit before the procedure" if key == BASELINE else row["name"] if row else key


def assigned(scores: Sequence[Score], rules: OutcomeRules) -> Assigned:
    """`placed` by the visits of the tables."""
    return placed(scores, visits(rules), int(rules["schedule"]["baseline_from"]))


def placed(scores: Sequence[Score], plan: Sequence[Visit], baseline_from: int) -> Assigned:
    """Scores of one instrument and one patient, each at one visit at most.

    The closest to a visit's day wins, of two as close the earlier; a score counts once, also where
    a clinic's windows overlap. Baseline is the last score of its window.
    """
    order = sorted(scores, key=lambda score: score.day)
    before = [score for score in order if baseline_from <= score.day <= 0]
    at = {BASELINE: before[-1]} if before else {}
    pairs = sorted(
        (abs(score.day - visit.day), score.day, visit.day, number, visit.key)
        for visit in plan
        for number, score in enumerate(order)
        if score.day > 0 and visit.first <= score.day <= visit.last
    )
    taken: set[int] = set()
    for _, _, _, number, key in pairs:
        if key not in at and number not in taken:
            at[key] = order[number]
            taken.add(number)
    inside = {number for *_, number, _ in pairs}
    return Assigned(
        at=at,
        spare=(*before[:-1], *(order[n] for n in sorted(inside - taken))),
        outside=tuple(
            score for number, score in enumerate(order)
            if number not in inside and score not in before
        ),
    )  # fmt: skip
