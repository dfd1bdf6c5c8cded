"""Resources before they are bundled: each has a key, and others point to it by that key."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.edge.fhir.codes import CodeTable

_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, "urn:basivert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A resource with its key, such as `procedure` or `procedure L4`."""

    key: str
    resource: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is needed to write.

    seed: with the key it gives each resource its id, the same at every time.
    codes: the table's part on writing.
    now: the time of writing, with its zone.
    """

    seed: str
    table: CodeTable
    codes: Mapping[str, Any]
    now: dt.datetime

    def name(self, key: str) -> str:
        """The id of what has this key."""
        return str(uuid.uuid5(_ROOT, f"{self.seed}/{key}"))

    def to(self, key: str) -> dict[str, str]:
        """A reference to what has this key."""
        return {"reference": f"urn:uuid:{self.name(key)}"}

    def draft(self, key: str, kind: str, elements: Mapping[str, Any]) -> Draft:
        """A resource of this kind; elements that are None or empty are left out."""
        filled = {name: one for name, one in elements.items() if one not in (None, "", [], {})}
        return Draft(key=key, resource={"resourceType": kind, "id": self.name(key), **filled})

    def coding(self, system: str, code: str, display: str = "") -> dict[str, str]:
        """A coding of one of the table's systems."""
        found = {"system": self.table.systems[system], "code": code}
        return {**found, "display": display} if display else found

    def quantity(self, value: float, unit: str) -> dict[str, Any]:
        """A number in a UCUM unit."""
        return {"value": value, "unit": unit, "system": self.table.systems["ucum"], "code": unit}

    def place(self, name: str) -> dict[str, Any]:
        """A vertebra or disc; only vertebrae have a code that others know."""
        known = self.codes["vertebra"]["codes"].get(name)
        codings = [self.coding("snomed", known)] if known else []
        return {"coding": [*codings, self.coding("place", name)], "text": name}
