"""What one resource yields, and what every mapper is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from basivert.care.facts import Vocabulary
from basivert.edge.fhir.claims import Claim
from basivert.edge.fhir.codes import CodeTable
from basivert.edge.fhir.records import Measured, Medicine, Performed, Resource, Response, Unmapped

Record = Medicine | Measured | Performed | Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What mapping needs beside the resource.

    by_name: reference → resource, of the whole file.
    today: the day of reading.
    """

    table: CodeTable
    known: Vocabulary
    by_name: Mapping[str, Resource]
    today: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """Claims and records of one resource, and what was left out with its reason."""

    claims: list[Claim] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)


def left(reference: str, path: str, why: str, *, asks: str = "") -> Yield:
    """A resource that yields nothing but a reason."""
    return Yield(unmapped=[Unmapped(reference=reference, path=path, why=why, asks=asks)])
