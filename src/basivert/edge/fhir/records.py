"""What comes out of a FHIR file, as plain records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.facts import Fact

Resource = Mapping[str, Any]
Fate = Literal["mapped", "as_is", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource and where it stands in the file.

    place: `Bundle.entry[3]`, `line 4`, or `the resource`.
    full_url: what others call it by, "" where it has no such name.
    """

    place: str
    full_url: str
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The patient, without names.

    birth_date: as written, perhaps only a year; "" where it is missing.
    """

    reference: str
    birth_date: str
    gender: str
    deceased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """A medicine as recorded.

    codes: (system, code) of each coding, such as RxNorm.
    status: FHIR's own word: active, stopped, not-taken, unknown …
    """

    name: str
    codes: tuple[tuple[str, str], ...]
    status: str
    origin: str
    on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An observation's value, or that of one of its components; None where it has none."""

    what: str
    codes: tuple[tuple[str, str], ...]
    value: float | int | bool | str | None
    unit: str
    status: str
    origin: str
    on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A procedure as recorded."""

    what: str
    codes: tuple[tuple[str, str], ...]
    status: str
    places: tuple[str, ...]
    origin: str
    on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Answers to a questionnaire: link of the question → its answers as written."""

    questionnaire: str
    status: str
    answers: Mapping[str, tuple[Any, ...]]
    origin: str
    on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """What was not turned into a fact, and why.

    asks: name of the fact that a person should now be asked about, or "".
    """

    reference: str
    path: str
    why: str
    asks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An entry that is no valid R4; the reason never holds the patient's values."""

    place: str
    reference: str
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A resource as it came, whatever became of it."""

    place: str
    reference: str
    fate: Fate
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Everything in a file: each entry is mapped, kept as it is, or rejected with a reason.

    patient: None where the file names nobody.
    edition: of the table of codes.
    """

    patient: Person | None
    facts: Mapping[str, Fact]
    medicines: tuple[Medicine, ...]
    observations: tuple[Measured, ...]
    procedures: tuple[Performed, ...]
    responses: tuple[Response, ...]
    kept: tuple[Kept, ...]
    unmapped: tuple[Unmapped, ...]
    rejected: tuple[Rejected, ...]
    edition: str
