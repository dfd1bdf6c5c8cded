"""Adverse events: how many patients had one, by kind, grade, level and the plan's margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from basivert.care.outcomes.rates import Rate, exact_rate
from basivert.care.outcomes.registry import Event, Registry
from basivert.care.outcomes.rules import OutcomeRules

ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """Patients with at least one event of a kind, of all treated.

    events: how many events.  by_grade: grade → patients whose worst event had it.
    serious: patients with an event of the grade that counts as serious, or worse.
    by_level: treated body → events at it.
    """

    kind: str
    wording: str
    events: int
    rate: Rate
    serious: Rate
    by_grade: dict[str, int]
    by_level: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginGroup:
    """Treated bodies whose smallest planned distance to a wall lies in a group.

    low_mm, high_mm: the group, mm; None where nothing bounds it, or where no margin is known.
    """

    low_mm: float | None
    high_mm: float | None
    known: bool
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published rate beside the registry's own.

    inside: whether the published rate (or its whole range) meets the registry's interval.
    """

    key: str
    kind: str
    rate: float | None
    low: float | None
    high: float | None
    of: int | None
    population: str
    source: str
    own: Rate
    inside: bool | None


def harms(registry: Registry, rules: OutcomeRules) -> tuple[Harm, ...]:
    """Every kind, and all together, of all treated patients."""
    kinds: dict[str, str] = {ANY: "Any adverse event", **rules["events"]["kind"]}
    harmed, treated = [p.events for p in registry.patients if p.events], len(registry.patients)
    return tuple(_harm(kind, wording, harmed, treated, rules) for kind, wording in kinds.items())


def _harm(
    kind: str, wording: str, harmed: Sequence[Sequence[Event]], treated: int, rules: OutcomeRules
) -> Harm:
    level, serious = float(rules["events"]["level"]), int(rules["events"]["serious_from"])
    of = [[e for e in mine if kind in (ANY, e.kind)] for mine in harmed]
    worst = [max(event.grade for event in mine) for mine in of if mine]
    every: list[Event] = [event for mine in of for event in mine]
    return Harm(
        kind=kind, wording=wording, events=len(every),
        rate=exact_rate(len(worst), treated, level),
        serious=exact_rate(sum(grade >= serious for grade in worst), treated, level),
        by_grade={str(grade): worst.count(grade) for grade in range(1, 6) if grade in worst},
        by_level=_counts([event.level for event in every if event.level is not None]),
    )  # fmt: skip


def by_margin(registry: Registry, rules: OutcomeRules, kind: str) -> tuple[MarginGroup, ...]:
    """Treated bodies with an event of a kind, by the smallest distance that was planned there."""
    ends, level = list(rules["events"]["margins_mm"]), float(rules["events"]["level"])
    rows = [
        (patient.margins_mm.get(body), any(e.level == body and e.kind == kind
                                           for e in patient.events))
        for patient in registry.patients
        for body in patient.levels
    ]  # fmt: skip
    found = [
        MarginGroup(
            low_mm=None if n == 0 else low, high_mm=high, known=True,
            rate=_share([hit for mm, hit in rows
                         if mm is not None and low <= mm and (high is None or mm < high)], level),
        )
        for n, (low, high) in enumerate(zip(ends, [*ends[1:], None], strict=True))
    ]  # fmt: skip
    unknown = _share([hit for mm, hit in rows if mm is None], level)
    return (*found, MarginGroup(low_mm=None, high_mm=None, known=False, rate=unknown))


def published(registry: Registry, rules: OutcomeRules) -> tuple[Published, ...]:
    """The published rates of harm, each beside our own of the same kind."""
    own = {harm.kind: harm.rate for harm in harms(registry, rules)}
    return tuple(
        _beside(key, row, own[row["kind"]]) for key, row in rules["events"]["benchmark"].items()
    )


def _beside(key: str, row: dict[str, Any], own: Rate) -> Published:
    rate = row["hits"] / row["of"] if "hits" in row else row.get("rate")
    low: Any
    high: Any
    low, high = row.get("low", rate), row.get("high", rate)
    inside = None if own.low is None or own.high is None else own.low <= high and low <= own.high
    return Published(
        key=key, kind=row["kind"], rate=rate, low=row.get("low"), high=row.get("high"),
        of=row.get("of"), population=row["population"], source=row["source"], own=own,
        inside=inside,
    )  # fmt: skip


def _share(hits: Sequence[bool], level: float) -> Rate:
    return exact_rate(sum(hits), len(hits), level)


def _counts(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}
