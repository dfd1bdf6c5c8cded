"""The tables behind a registry's report, and a clinic's changes to single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.outcomes.own import consistent, fits
from basivert.constants.load import document
from basivert.errors import InputError

TABLES = (
    "analysis", "benchmarks", "charts", "events", "export", "responders", "schedule", "scores",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRules:
    """All tables by name, each as its TOML document, in one edition.

    clinic: the clinic's own edition; "" for the tables as they ship.  changed: which it changed.
    """

    tables: Mapping[str, Mapping[str, Any]]
    clinic: str = ""
    changed: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.tables[name]

    @property
    def edition(self) -> str:
        """Editions of the tables, and the clinic's where it changed any."""
        editions = sorted({str(table["edition"]) for table in self.tables.values()})
        return " + ".join([*editions, *([self.clinic] if self.clinic else [])])

    @property
    def editions(self) -> dict[str, str]:
        """Table → its edition, with the clinic's where it changed that one."""
        return {
            name: f"{table['edition']} + {self.clinic}" if name in self.changed
            else str(table["edition"])
            for name, table in self.tables.items()
        }  # fmt: skip


def outcome_rules(changes: Mapping[str, Any] | None = None) -> OutcomeRules:
    """The tables as they ship, with a clinic's rows in place of ours.

    Args:
        changes: `{"edition": …, table: {row: …}}`; a row merges with the shipped one. Its source
            is the clinic's edition unless it names one.

    Raises: InputError for changes without edition, a table, row or field that there is not, or
        tables that do not fit together.
    """
    tables: dict[str, Any] = {name: document(f"care/outcomes/{name}") for name in TABLES}
    if changes is None:
        return OutcomeRules(tables=tables)
    if "edition" not in changes:
        raise InputError("The clinic's rules have no edition.", fix='Add edition = "…".')
    clinic = str(changes["edition"])
    own = {name: rows for name, rows in changes.items() if name != "edition"}
    for name, rows in own.items():
        if name not in tables or not isinstance(rows, Mapping):
            raise InputError(f"There is no table {name!r}.", fix=f"Known: {', '.join(TABLES)}.")
        fits(tables[name], rows, (name,))  # pyright: ignore[reportUnknownArgumentType]
        tables[name] = _merged(tables[name], rows, clinic)
    consistent(tables)
    return OutcomeRules(tables=tables, clinic=clinic, changed=frozenset(own))


def _merged(shipped: Mapping[str, Any], changes: Mapping[str, Any], clinic: str) -> dict[str, Any]:
    found = dict(shipped)
    for key, value in changes.items():
        old = found.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        found[key] = _merged(old, value, clinic) if both else value  # pyright: ignore[reportArgumentType]
    # Who changes a number stands for it, and not the paper that it came from.
    if any(not isinstance(value, Mapping) for value in changes.values()):
        for name, said in (("source", f"{clinic}, in place of: {shipped.get('source')}"),
                           ("confidence", "clinic")):  # fmt: skip
            if name in shipped and name not in changes:
                found[name] = said
    return found
