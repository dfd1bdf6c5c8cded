"""A number with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """One row of a table.

    value, low, high, sd: in `unit`; None where the source gives none.
    confidence: `read`, `part`, `recall` (unverified), `computed` or `assumption`.
    """

    value: float
    unit: str
    source: str
    confidence: str
    low: float | None = None
    high: float | None = None
    sd: float | None = None

    def __post_init__(self) -> None:
        if not self.source:
            raise InputError(f"A constant of {self.value} {self.unit} has no source.")
        low, high = self.low, self.high
        if (low is not None and self.value < low) or (high is not None and self.value > high):
            raise InputError(f"{self.value} {self.unit} lies outside its range {low} to {high}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Constants of one subject, in one edition that every output names.

    overridden: rows that a clinic replaced → the row that shipped.
    """

    name: str
    edition: str
    rows: Mapping[str, Constant]
    overridden: Mapping[str, Constant]

    def __getitem__(self, key: str) -> Constant:
        """The row called `key`. Raises InputError naming table and key."""
        if key not in self.rows:
            raise InputError(f"Table {self.name} ({self.edition}) has no row {key!r}.")
        return self.rows[key]
