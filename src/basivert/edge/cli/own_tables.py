"""A clinic's own rows of the package's tables, read from one TOML file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from basivert.constants.load import TableOf, builtin, overridden
from basivert.constants.model import Constant, Table
from basivert.edge.toml_file import read_toml
from basivert.errors import Finding, InputError
from basivert.volume.model import Case

FIX = "Write [NAME] with an edition, then rows such as [NAME.segmentation] all = { value = …, … }."


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Tables by name, and what is told of each row that is not the package's."""

    table: TableOf
    findings: tuple[Finding, ...]

    def told(self, case: Case) -> Case:
        """The case with these findings: plan and report carry them on."""
        return replace(case, findings=(*case.findings, *self.findings))


def own_tables(path: Path | None) -> Own:
    """The tables as they ship, with the rows that a file replaces.

    Raises: InputError where it cannot be read, or names a table, row or unit that does not exist.
    """
    if path is None:
        return Own(table=builtin, findings=())
    document = read_toml(path)
    if not document or not all(isinstance(rows, dict) for rows in document.values()):
        raise InputError(f"{path.name} holds no tables.", fix=FIX)
    table = overridden(document)
    return Own(table=table, findings=tuple(
        _finding(table(name), key, shipped)
        for name in document for key, shipped in table(name).overridden.items()
    ))  # fmt: skip


def _finding(table: Table, key: str, shipped: Constant) -> Finding:
    own = table[key]
    return Finding(
        code="own-table", severity="caution", source=own.source,
        what=f"Table {table.name}, row {key}: {own.value:g} {own.unit} by your own table; "
        f"{shipped.value:g} {shipped.unit} as shipped.",
    )  # fmt: skip
