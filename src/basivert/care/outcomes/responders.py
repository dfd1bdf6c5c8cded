"""Who responded, by published definitions, each rate beside how many were seen."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from basivert.care.outcomes.rates import Rate, exact_rate
from basivert.care.outcomes.registry import Patient, Registry
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import BASELINE, Assigned, Visit, due, placed, visits
from basivert.errors import InputError

SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip
# Numbers nearer than this are compared as the decimal fractions that were written down.
CLOSE = 1e-6
EMPTY = Assigned(at={}, spare=(), outside=())
Status = Literal["response", "no_response", "undefined", "missing"]


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
class Course:
    """One patient's scores of one measure by visit, in the one unit that baseline was taken in.

    instrument: None where there is no baseline and no score.
    """

    patient: Patient
    instrument: str | None
    of_ten: float
    assigned: Assigned

    def value(self, visit: str) -> float | None:
        """The score at a visit, in the instrument's own unit."""
        score = self.assigned.at.get(visit)
        return None if score is None else score.value


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
    """

    registry: Registry
    rules: OutcomeRules
    plan: tuple[Visit, ...]
    courses: Mapping[str, tuple[Course, ...]]

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
    """All courses of a registry, sorted once for every question about them."""
    measures = dict.fromkeys(one.measure for one in definitions(rules))
    return Followed(
        registry=registry, rules=rules, plan=visits(rules),
        courses={measure: _courses(registry, measure, rules) for measure in measures},
    )  # fmt: skip


def _courses(registry: Registry, measure: str, rules: OutcomeRules) -> tuple[Course, ...]:
    names = [n for n, row in rules["scores"]["instrument"].items() if row["measure"] == measure]
    plan, start = visits(rules), int(rules["schedule"]["baseline_from"])
    factors = {n: rules["scores"]["instrument"][n].get("of_ten", 1.0) for n in names}
    found: list[Course] = []
    for patient in registry.patients:
        rows = {name: [s for s in patient.scores if s.instrument == name] for name in names}
        at = {name: placed(mine, plan, start) for name, mine in rows.items() if mine}
        name = next((n for n, one in at.items() if BASELINE in one.at), next(iter(at), None))
        found.append(Course(
            patient=patient, instrument=name, of_ten=1.0 if name is None else factors[name],
            assigned=EMPTY if name is None else at[name],
        ))  # fmt: skip
    return tuple(found)


def status(one: Definition, course: Course, visit: str) -> Status:
    """What is known of a patient's response at a visit."""
    baseline, now = course.value(BASELINE), course.value(visit)
    if one.of == "relief" and baseline == 0:
        return "undefined"
    if now is None or course.instrument is None or (baseline is None and one.of != "now"):
        return "missing"
    said = responds(one, course.instrument, baseline, now)
    return "response" if said else "no_response"


def response(
    one: Definition, visit: Visit, found: tuple[Course, ...], as_of_day: int, level: float
) -> Response:
    """The rate of one definition at one visit, among those due and seen."""
    counted = [course for course in found if due(course.patient, visit, as_of_day)]
    said = [status(one, course, visit.key) for course in counted]
    hits, misses = said.count("response"), said.count("no_response")
    open_ = sum(c.patient.procedure_day + visit.last > as_of_day for c in found)
    again = sum(
        any(r.day <= course.assigned.at[visit.key].day for r in course.patient.retreatments)
        for course, word in zip(counted, said, strict=True)
        if word in ("response", "no_response")
    )
    return Response(
        definition=one.key, visit=visit.key, treated=len(found), due=len(counted),
        not_yet_due=open_, died=len(found) - len(counted) - open_,
        undefined=said.count("undefined"), missing=said.count("missing"), retreated=again,
        rate=exact_rate(hits, hits + misses, level),
    )  # fmt: skip


def responses(held: Followed) -> tuple[Response, ...]:
    """Every definition at every visit that anybody is due for."""
    level = float(held.rules["responders"]["level"])
    return tuple(
        found
        for one in definitions(held.rules)
        for visit in held.plan
        if (found := response(one, visit, held.courses[one.measure], held.as_of_day, level)).due
    )
