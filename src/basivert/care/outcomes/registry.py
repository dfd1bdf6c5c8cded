"""A registry of treated patients without names: frozen rows, read from a document and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

LEFT = ("withdrawn", "lost", "death")
SEXES = ("female", "male", "other")
DISCS = ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1")
LEVELS = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score. day: since the procedure, negative before it."""

    instrument: str
    value: float
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An adverse event. grade: 1 (mild) to 5 (death).  level: the treated body, if one.

    day: None where nobody said when; it is counted like any other.
    """

    kind: str
    grade: int
    day: int | None
    level: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retreatment:
    """A further intervention for the same pain. kind: in the clinic's words for a kind of it."""

    kind: str
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One treated person under a pseudonym.

    procedure_day: day of the procedure, counted from the registry's day 0.
    modic: disc → type 0-3; a disc that nobody read is left out.
    coverage_planned, coverage_treated: level → share of the nerve's density in the lesion, 0-1.
    margins_mm: level → smallest planned distance to a wall, mm.
    left_day, left_why: when and why the patient left the registry; None while taking part.
    """

    id: str
    procedure_day: int
    site: str | None
    sex: str | None
    age_years: float | None
    modic: Mapping[str, int]
    levels: tuple[str, ...]
    coverage_planned: Mapping[str, float]
    coverage_treated: Mapping[str, float]
    margins_mm: Mapping[str, float]
    scores: tuple[Score, ...]
    events: tuple[Event, ...]
    retreatments: tuple[Retreatment, ...]
    left_day: int | None
    left_why: str | None

    @property
    def last_contact(self) -> int:
        """Last day on which anything is known of the patient, since the procedure."""
        days = [row.day for rows in (self.scores, self.events, self.retreatments) for row in rows]
        return max([0, *(day for day in (*days, self.left_day) if day is not None)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Patients, and the day (from the registry's day 0) up to which everything was entered.

    unscored: questionnaires that were entered but give no score.
    """

    name: str
    as_of_day: int
    patients: tuple[Patient, ...]
    unscored: int


def known_by(registry: Registry, as_of_day: int) -> Registry:
    """The registry as it stood on an earlier day; what came later, or nobody knows when, is not."""
    kept = tuple(
        _until(patient, as_of_day - patient.procedure_day)
        for patient in registry.patients
        if patient.procedure_day <= as_of_day
    )
    return dataclasses.replace(registry, as_of_day=as_of_day, patients=kept)


def _until(patient: Patient, day: int) -> Patient:
    gone = patient.left_day is not None and patient.left_day <= day
    return dataclasses.replace(
        patient,
        scores=tuple(row for row in patient.scores if row.day <= day),
        events=tuple(row for row in patient.events if row.day is not None and row.day <= day),
        retreatments=tuple(row for row in patient.retreatments if row.day <= day),
        left_day=patient.left_day if gone else None,
        left_why=patient.left_why if gone else None,
    )
