"""One patient's case as it is written to FHIR, and its JSON file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from basivert.errors import MissingExtra, RecordError

Severity = Literal["mild", "moderate", "severe"]
Side = Literal["left", "right", "both"]
Taken = Literal["active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken"]
Stage = Literal["requested", "in-progress", "on-hold", "completed", "cancelled"]
Verdicts = Literal["candidate", "not_candidate", "unknown"]


class _Part:
    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug(_Part):
    """A medicine or supplement. status: FHIR's own words; not taken is not unknown."""

    name: str
    status: Taken
    rxnorm: str | None = None
    since: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(_Part):
    """A score by an instrument of the registry. value: in its unit; ODI in percent, NRS 0 to 10.

    visit: such as `baseline` or `m3`.
    """

    instrument: str
    value: float
    on: dt.date | None = None
    visit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Density(_Part):
    """Mean of a vertebra's spongiosa in CT, HU."""

    level: str
    hu: float
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(_Part):
    """An instrument that was used."""

    name: str
    lot: str | None = None
    maker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(_Part):
    """One vertebra that was treated.

    instruments: names from the procedure's list.  notes: sentences about it, by the program.
    """

    level: str
    side: Side | None = None
    instruments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(_Part):
    """The procedure as done; times with their zone.

    fluoroscopy_s: total time. dose_area_gym2: Gy·m². dose_point_gy: Gy at the reference point.
    """

    start: dt.datetime
    end: dt.datetime | None = None
    bodies: tuple[Body, ...]
    status: Literal["completed", "stopped", "unknown"] = "completed"
    instruments: tuple[Instrument, ...] = ()
    fluoroscopy_s: float | None = None
    dose_area_gym2: float | None = None
    dose_point_gy: float | None = None
    complications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(_Part):
    """An item of a checklist, with who does it by when."""

    what: str
    owner: str | None = None
    due: dt.datetime | None = None
    status: Stage = "requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(_Part):
    """A plan for preparation or aftercare."""

    title: str
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `basivert candidacy --json` says; fields beyond these are not written."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "ignore"}

    answer: Verdicts
    reasons: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]
    rules_edition: str
    decided_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(_Part):
    """An adverse event. severity, serious: None where nobody said."""

    what: str
    on: dt.date | None = None
    level: str | None = None
    severity: Severity | None = None
    serious: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(_Part):
    """What a patient answered on a day after the procedure, which is day 0.

    answers: question → answer.  answer, edition: of the warning list that judged them.
    """

    day: int
    at: dt.datetime
    answers: Mapping[str, float | int | bool | str]
    answer: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(_Part):
    """What a plan promised for one vertebra, and what the burn reached.

    digest: SHA-256 of plan.json.  coverage_*: share of the nerve, 0 to 1.  margins_mm: by wall.
    """

    digest: str
    level: str
    side: str
    coverage_planned: float | None = None
    coverage_treated: float | None = None
    margins_mm: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(_Part):
    """Everything that is written of one patient.

    pseudonym: the only name that leaves.
    facts: as `basivert candidacy` takes them.
    recorded_by: who answers for the record; a role or a name, as the clinic decides.
    """

    pseudonym: str
    recorded_by: str
    gender: Literal["male", "female", "other", "unknown"] = "unknown"
    facts: Mapping[str, Any]
    medicines: tuple[Drug, ...] = ()
    scores: tuple[Score, ...] = ()
    densities: tuple[Density, ...] = ()
    operation: Operation | None = None
    tasks: tuple[Item, ...] = ()
    course: Course | None = None
    verdict: Verdict | None = None
    events: tuple[Event, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    plans: tuple[Plan, ...] = ()


def case(document: Mapping[str, Any]) -> Case:
    """A case from its JSON document.

    Raises: RecordError with the place of an unknown, missing or wrong field, never its value;
        MissingExtra where the package for FHIR is not installed.
    """
    try:
        from pydantic import TypeAdapter, ValidationError
    except ImportError as cause:
        raise MissingExtra(
            "Writing FHIR needs the package fhir.resources.", fix="pip install 'basivert[fhir]'"
        ) from cause
    try:
        made = TypeAdapter(Case).validate_python(dict(document))
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"The case's {place} cannot be used: {first['type']}.") from None
    _zones(made)
    return made


def _zones(made: Case) -> None:
    times = [one.due for one in made.tasks] + [one.at for one in made.check_ins]
    if made.operation:
        times += [made.operation.start, made.operation.end]
    if made.verdict:
        times.append(made.verdict.decided_at)
    if any(time is not None and time.tzinfo is None for time in times):
        raise RecordError("A time has no zone.", fix="Write it as 2026-11-30T08:00:00+01:00.")
