"""What missing scores could mean: complete case, worst and best case, multiple imputation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Vector
from basivert.care.outcomes.columns import Columns, limits
from basivert.care.outcomes.imputation import Pooled, completed, pooled
from basivert.care.outcomes.rates import Rate, exact_rate
from basivert.care.outcomes.responders import (
    MISSING,
    NO_RESPONSE,
    RESPONSE,
    Definition,
    Followed,
    definitions,
)
from basivert.care.outcomes.schedule import Visit

# Two decimal numbers that are equal on paper differ by less than this in binary.
SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One rate at one visit under four readings of the missing, side by side.

    missing: due patients without score or baseline.
    complete: those seen.  worst, best: all missing taken as no response, as response.
    imputed: None where too few were seen to impute from (`why`).
    """

    definition: str
    visit: str
    missing: int
    complete: Rate
    worst: Rate
    best: Rate
    imputed: Pooled | None
    why: str


def readings(followed: Followed, rng: np.random.Generator) -> tuple[Missing, ...]:
    """All definitions at all visits that somebody is due for."""
    level = float(followed.rules["responders"]["level"])
    found: list[Missing] = []
    for measure in followed.courses:
        tables = imputations(followed, measure, rng)
        for one in definitions(followed.rules):
            if one.measure != measure:
                continue
            for column, visit in enumerate(followed.plan, 1):
                counted = followed.dues.due[:, column - 1]
                if counted.any():
                    found.append(_reading(one, visit, column, followed, counted, tables, level))
    return tuple(found)


def imputations(followed: Followed, measure: str, rng: np.random.Generator) -> list[Matrix]:
    """The m completed tables of a measure.

    Returns: (patients, 1 + visits) each: baseline, then the visits; pain in points of ten.
    """
    table, held = followed.rules["analysis"]["imputation"], followed.columns[measure]
    values = held.values * held.of_ten[:, None]
    needed = np.column_stack([np.ones(len(values), bool), followed.dues.due])
    return [
        completed(values, needed, donors=table["donors"], fewest=table["fewest_observed"], rng=rng)
        for _ in range(table["m"])
    ]


def _reading(
    one: Definition, visit: Visit, column: int, held: Followed, counted: np.ndarray,
    tables: list[Matrix], level: float,
) -> Missing:  # fmt: skip
    said = held.said[one.key][:, column]
    hits = int((counted & (said == RESPONSE)).sum())
    seen = hits + int((counted & (said == NO_RESPONSE)).sum())
    gaps = counted & (said == MISSING)
    lost = int(gaps.sum())
    imputed, why = None, ""
    if any(np.isnan(table[gaps][:, [0, column]]).any() for table in tables):
        why = "Too few patients were seen at this visit or an earlier one to impute from."
    elif seen + lost:
        imputed = _pooled(one, column, held.columns[one.measure], gaps, (hits, seen), tables, level)
    return Missing(
        definition=one.key, visit=visit.key, missing=lost, complete=exact_rate(hits, seen, level),
        worst=exact_rate(hits, seen + lost, level),
        best=exact_rate(hits + lost, seen + lost, level), imputed=imputed, why=why,
    )  # fmt: skip


def _pooled(
    one: Definition, column: int, held: Columns, gaps: np.ndarray,
    known: tuple[int, int], tables: list[Matrix], level: float,
) -> Pooled | None:  # fmt: skip
    at = np.flatnonzero(gaps)
    limit = limits(one.thresholds, held)[at]
    if one.of != "relief":
        limit = limit * held.of_ten[at]
    rates, counts = np.empty(len(tables)), np.empty(len(tables))
    for number, table in enumerate(tables):
        yes, defined = _imputed(one, table[at, 0], table[at, column], limit)
        counts[number] = known[1] + defined
        rates[number] = (known[0] + yes) / max(counts[number], 1)
    return None if counts.min() == 0 else pooled(rates, counts, level)


def _imputed(one: Definition, baseline: Vector, now: Vector, limits: Vector) -> tuple[int, int]:
    """How many of the imputed respond, and for how many the definition says anything."""
    defined = np.ones(len(now), bool)
    if one.of == "relief":
        defined = baseline != 0
        given = 1 - now / np.where(defined, baseline, 1.0)
    else:
        given = now if one.of == "now" else baseline - now
    beyond = given - limits
    said = {
        ">=": beyond >= -SAME, ">": beyond > SAME, "<=": beyond <= SAME, "<": beyond < -SAME,
    }[one.sign]  # fmt: skip
    return int((said & defined).sum()), int(defined.sum())
