"""The tables behind a registry's report, and a clinic's changes to single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.constants.load import document
from basivert.errors import InputError

TABLES = (
    "analysis", "benchmarks", "charts", "events", "export", "responders", "schedule", "scores",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRules:
    """All tables by name, each as its TOML document, in one edition."""

    tables: Mapping[str, Mapping[str, Any]]
    clinic: str = ""

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.tables[name]

    @property
    def edition(self) -> str:
        """Editions of the tables, and the clinic's where it changed any."""
        editions = sorted({str(table["edition"]) for table in self.tables.values()})
        return " + ".join([*editions, *([self.clinic] if self.clinic else [])])


def outcome_rules(changes: Mapping[str, Any] | None = None) -> OutcomeRules:
    """The tables as they ship, with a clinic's rows in place of ours.

    Args:
        changes: `{"edition": …, table: {row: …}}`; a row merges with the shipped one.

    Raises: InputError for a table that there is not, or changes without edition.
    """
    tables: dict[str, Any] = {name: document(f"care/outcomes/{name}") for name in TABLES}
    if changes is None:
        return OutcomeRules(tables=tables)
    if "edition" not in changes:
        raise InputError("The clinic's rules have no edition.", fix='Add edition = "…".')
    for name, rows in changes.items():
        if name == "edition":
            continue
        if name not in tables or not isinstance(rows, Mapping):
            raise InputError(f"There is no table {name!r}.", fix=f"Known: {', '.join(TABLES)}.")
        tables[name] = _merged(tables[name], rows)
    return OutcomeRules(tables=tables, clinic=str(changes["edition"]))


def _merged(shipped: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(shipped)
    for key, value in changes.items():
        old = found.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        found[key] = _merged(old, value) if both else value  # pyright: ignore[reportArgumentType]
    return found
