"""Who responded, by published definitions, each rate beside how many were seen."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from basivert.care.outcomes.columns import Columns, Dues, columns, dues, limits
from basivert.care.outcomes.course import Course
from basivert.care.outcomes.rates import Rate, exact_rate
from basivert.care.outcomes.registry import Patient, Registry, Score
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import BASELINE, Assigned, Visit, placed, visits
from basivert.errors import InputError

SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip
# Numbers nearer than this are compared as the decimal fractions that were written down.
CLOSE = 1e-6
EMPTY = Assigned(at={}, spare=(), outside=())
# Codes of what is known of a response.
MISSING, UNDEFINED, NO_RESPONSE, RESPONSE = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A success: `of` the `measure` stands in `sign` to the threshold of the instrument."""

    key: str
    measure: str
    of: Literal["relief", "change", "now"]
    sign: str
    thresholds: Mapping[str, float]
    wording: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A rate at a visit among those seen, and who is missing.

    treated: all in the registry.  due: whose visit must be there by now.  missing: due, no score
    or no baseline.  undefined: due, but the definition says nothing (baseline 0).
    not_yet_due: their visit's window is still open; they are not missing.
    retreated: of those seen, with a further treatment before; they count as they were seen.
    """

    definition: str
    visit: str
    treated: int
    due: int
    not_yet_due: int
    died: int
    undefined: int
    missing: int
    retreated: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A registry with its patients' courses by measure.

    Of several instruments of a measure a patient keeps the first (by the table) with a baseline.

    placed: each patient's scores by instrument.  courses, columns: by measure, the same as arrays.
    said: definition → (n, 1 + visits) codes of the response, baseline first.
    """

    registry: Registry
    rules: OutcomeRules
    plan: tuple[Visit, ...]
    placed: tuple[Mapping[str, Assigned], ...]
    courses: Mapping[str, tuple[Course, ...]]
    columns: Mapping[str, Columns]
    dues: Dues
    said: Mapping[str, np.ndarray]

    @property
    def level(self) -> float:
        """Of the intervals of all rates."""
        return float(self.rules["responders"]["level"])

    @property
    def as_of_day(self) -> int:
        """The registry's own day."""
        return self.registry.as_of_day

    def visit(self, key: str) -> Visit:
        """The visit called `key`. Raises InputError for another."""
        for visit in self.plan:
            if visit.key == key:
                return visit
        raise InputError(f"There is no visit {key!r}.")


def definitions(rules: OutcomeRules) -> tuple[Definition, ...]:
    """The definitions of the table. Raises InputError for a sign or comparison unknown to us."""
    instruments = rules["scores"]["instrument"]
    found: list[Definition] = []
    for key, row in rules["responders"]["definition"].items():
        if row["sign"] not in SIGNS or row["of"] not in ("relief", "change", "now"):
            raise InputError(f"Definition {key} compares {row['of']!r} by {row['sign']!r}.")
        names = [name for name, one in instruments.items() if one["measure"] == row["measure"]]
        given = row["threshold"]
        by_name: Any = given if isinstance(given, Mapping) else dict.fromkeys(names, given)
        if lacking := [name for name in names if name not in by_name]:
            raise InputError(f"Definition {key} has no threshold for {', '.join(lacking)}.")
        found.append(Definition(
            key=key, measure=row["measure"], of=row["of"], sign=row["sign"],
            thresholds={name: float(by_name[name]) for name in names}, wording=row["wording"],
            source=row["source"], confidence=row["confidence"],
        ))  # fmt: skip
    return tuple(found)


def definition(key: str, rules: OutcomeRules) -> Definition:
    """The definition called `key`. Raises InputError for another."""
    for one in definitions(rules):
        if one.key == key:
            return one
    raise InputError(f"There is no definition of response {key!r}.")


def exact(number: float | int) -> Fraction:
    """A decimal number as it was written: 0.3 is 3/10, so that ≥ means ≥ at the edge."""
    return Fraction(str(number))


def responds(one: Definition, instrument: str, baseline: float | None, now: float) -> bool | None:
    """Whether scores are a response; None where the definition says nothing of them."""
    if one.of != "now" and (baseline is None or (baseline == 0 and one.of == "relief")):
        return None
    return _responds(one.of, one.sign, one.thresholds[instrument], baseline or 0.0, now)


@lru_cache(maxsize=100_000)  # scores are few numbers, patients are many
def _responds(of: str, sign: str, limit: float, baseline: float, now: float) -> bool:
    rough = {
        "now": now, "change": baseline - now, "relief": 1 - now / (baseline or 1.0),
    }[of] - limit  # fmt: skip
    if abs(rough) > CLOSE:
        return (rough > 0) is (sign in (">=", ">"))
    change = exact(baseline) - exact(now)
    given = {
        "now": exact(now), "change": change, "relief": change / (exact(baseline) or 1),
    }[of]  # fmt: skip
    return SIGNS[sign](given, exact(limit))


def followed(registry: Registry, rules: OutcomeRules) -> Followed:
    """All courses of a registry, sorted and judged once for every question about them."""
    known, plan = definitions(rules), visits(rules)
    start, table = int(rules["schedule"]["baseline_from"]), rules["scores"]["instrument"]
    at = tuple(_placed(patient, plan, start) for patient in registry.patients)
    courses: dict[str, tuple[Course, ...]] = {}
    arrays: dict[str, Columns] = {}
    for measure in dict.fromkeys(one.measure for one in known):
        names = [name for name, row in table.items() if row["measure"] == measure]
        factors = {name: table[name].get("of_ten", 1.0) for name in names}
        courses[measure] = tuple(
            _course(patient, mine, factors)
            for patient, mine in zip(registry.patients, at, strict=True)
        )
        arrays[measure] = columns(courses[measure], plan, names)
    return Followed(
        registry=registry, rules=rules, plan=plan, placed=at, courses=courses, columns=arrays,
        dues=dues(registry, plan),
        said={one.key: statuses(one, arrays[one.measure]) for one in known},
    )  # fmt: skip


def _placed(patient: Patient, plan: tuple[Visit, ...], start: int) -> dict[str, Assigned]:
    rows: dict[str, list[Score]] = {}
    for score in patient.scores:
        rows.setdefault(score.instrument, []).append(score)
    return {name: placed(mine, plan, start) for name, mine in rows.items()}


def _course(
    patient: Patient, at: Mapping[str, Assigned], factors: Mapping[str, float]
) -> Course:  # fmt: skip
    mine = [name for name in factors if name in at]
    name = next((n for n in mine if BASELINE in at[n].at), next(iter(mine), None))
    return Course(
        patient=patient, instrument=name, of_ten=1.0 if name is None else factors[name],
        assigned=EMPTY if name is None else at[name],
    )  # fmt: skip


def statuses(one: Definition, held: Columns) -> np.ndarray:
    """What is known of every patient's response: (n, 1 + visits) of the codes above."""
    before, now = held.values[:, :1], held.values
    found = np.full(now.shape, MISSING, np.int8)
    limit = limits(one.thresholds, held)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = (now if one.of == "now" else before - now if one.of == "change"
                 else 1 - now / before) - limit  # fmt: skip
    there = ~np.isnan(now) & (held.instrument >= 0)[:, None]
    if one.of != "now":
        there &= ~np.isnan(before)
    if one.of == "relief":
        found[before[:, 0] == 0] = UNDEFINED
        there &= before != 0
    over = rough > 0 if one.sign in (">=", ">") else rough < 0
    found[there] = np.where(over, RESPONSE, NO_RESPONSE)[there]
    # At the edge the decimal numbers count, as they were written down.
    for row, column in np.argwhere(there & (np.abs(rough) <= CLOSE)):
        name = held.names[held.instrument[row]]
        first = held.values[row, 0]
        baseline = None if np.isnan(first) else float(first)
        yes = responds(one, name, baseline, float(now[row, column]))
        found[row, column] = RESPONSE if yes else NO_RESPONSE
    return found


def response(
    one: Definition, visit: Visit, held: Followed, which: np.ndarray | None = None,
    level: float | None = None,
) -> Response:  # fmt: skip
    """The rate of one definition at one visit, among those due and seen.

    Args:
        which: (n,) patients that are counted; None for all.
        level: of the interval; None for the table's.
    """
    at = held.plan.index(visit)
    mine = np.ones(len(held.registry.patients), bool) if which is None else which
    due, still_open = mine & held.dues.due[:, at], mine & held.dues.open[:, at]
    said = held.said[one.key][:, at + 1]
    counts = np.bincount(said[due], minlength=4)
    hits, misses = int(counts[RESPONSE]), int(counts[NO_RESPONSE])
    seen = due & ((said == RESPONSE) | (said == NO_RESPONSE))
    days = held.columns[one.measure].days[:, at + 1]
    treated, open_ = int(mine.sum()), int(still_open.sum())
    return Response(
        definition=one.key, visit=visit.key, treated=treated, due=int(due.sum()),
        not_yet_due=open_, died=treated - int(due.sum()) - open_,
        undefined=int(counts[UNDEFINED]), missing=int(counts[MISSING]),
        retreated=int((held.dues.retreated[seen] <= days[seen]).sum()),
        rate=exact_rate(hits, hits + misses, held.level if level is None else level),
    )  # fmt: skip


def responses(held: Followed) -> tuple[Response, ...]:
    """Every definition at every visit that anybody is due for."""
    return tuple(
        found
        for one in definitions(held.rules)
        for visit in held.plan
        if (found := response(one, visit, held)).due
    )
