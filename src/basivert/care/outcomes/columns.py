"""Courses as arrays, so that a hundred thousand patients are judged at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Vector
from basivert.care.outcomes.course import Course
from basivert.care.outcomes.registry import Registry
from basivert.care.outcomes.schedule import BASELINE, Visit

NEVER = np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Scores of one measure; (n, 1 + visits): one row a patient, baseline first, then the visits.

    values: in each row's own instrument, NaN where there is none.  days: since the procedure.
    instrument: (n,) place in `names`, -1 without any score.  of_ten: (n,) factor to points of ten.
    """

    names: tuple[str, ...]
    values: Matrix
    days: Matrix
    instrument: np.ndarray
    of_ten: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Dues:
    """Whose visit must be there; (n, visits), and (n,) the day of the first further treatment."""

    due: np.ndarray
    open: np.ndarray
    retreated: Vector


def columns(courses: Sequence[Course], plan: Sequence[Visit], names: Sequence[str]) -> Columns:
    """Arrays of the courses of a measure.

    Args:
        names: instruments of the measure.
    """
    place = {key: n for n, key in enumerate([BASELINE, *(visit.key for visit in plan)])}
    number = {name: n for n, name in enumerate(names)}
    values = np.full((len(courses), len(place)), np.nan)
    days = np.full(values.shape, np.nan)
    instrument = np.full(len(courses), -1, np.int64)
    of_ten = np.ones(len(courses))
    for row, course in enumerate(courses):
        if course.instrument is None:
            continue
        instrument[row], of_ten[row] = number[course.instrument], course.of_ten
        for key, score in course.assigned.at.items():
            values[row, place[key]], days[row, place[key]] = score.value, score.day
    return Columns(
        names=tuple(names), values=values, days=days, instrument=instrument, of_ten=of_ten
    )


def dues(registry: Registry, plan: Sequence[Visit]) -> Dues:
    """Of each patient and visit: due once the window has closed, where the patient lived.

    Not yet due is not missing; who withdrew is still due, and missing.
    """
    last = np.array([visit.last for visit in plan], float)
    day = np.array([p.procedure_day for p in registry.patients], float).reshape(-1, 1)
    died = np.array(
        [p.left_day if p.left_why == "death" and p.left_day is not None else NEVER
         for p in registry.patients], float,
    ).reshape(-1, 1)  # fmt: skip
    still_open = day + last > registry.as_of_day
    again = [min((r.day for r in p.retreatments), default=NEVER) for p in registry.patients]
    return Dues(due=~still_open & (died > last), open=still_open, retreated=np.array(again, float))


def limits(thresholds: Mapping[str, float], held: Columns) -> Vector:
    """(n,) threshold of each row's instrument; of the first one where there is no instrument."""
    table = np.array([thresholds[name] for name in held.names], float)
    return table[np.maximum(held.instrument, 0)]
