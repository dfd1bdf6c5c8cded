"""A registry's de-identified tables as CSV and Parquet, with their data dictionary."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from basivert.care.outcomes.deidentify import Export
from basivert.care.outcomes.report import NOTICE
from basivert.care.outcomes.rules import OutcomeRules
from basivert.errors import MissingExtra

TYPES = {"integer": "int64", "number": "double", "text": "string"}


def write_export(folder: Path, made: Export, rules: OutcomeRules, *, parquet: bool) -> None:
    """Write every table, `dictionary.csv` and `export.json` into a folder.

    Raises: MissingExtra where Parquet is wanted and pyarrow is not installed.
    """
    described: Mapping[str, Any] = rules["export"]["table"]
    for name, rows in made.tables.items():
        columns = list(described[name])
        _csv(folder / f"{name}.csv", columns, rows)
        if parquet:
            _parquet(folder / f"{name}.parquet", described[name], rows)
    _csv(folder / "dictionary.csv", ["table", "column", "type", "unit", "meaning"], [
        {"table": table, "column": column, **row}
        for table, columns in described.items() for column, row in columns.items()
    ])  # fmt: skip
    said = json.dumps(summary(made, rules), indent=1, ensure_ascii=False)
    (folder / "export.json").write_text(said, encoding="utf-8")


def summary(made: Export, rules: OutcomeRules) -> dict[str, Any]:
    """How persons were hidden, for programs."""
    return {
        "research_use_only": True, "notice": NOTICE, "rules_edition": rules.edition,
        "rows": {name: len(rows) for name, rows in made.tables.items()}, "k": made.k,
        "withheld_cells": dict(made.withheld), "left_out_patients": made.left_out,
        "hiding": dict(rules["export"]["hiding"]),
    }  # fmt: skip


def _csv(place: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with place.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


def _parquet(place: Path, columns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as cause:
        raise MissingExtra("Parquet needs pyarrow.", fix="pip install basivert[registry], or "
                           "--csv-only.") from cause  # fmt: skip
    schema = pyarrow.schema([
        pyarrow.field(name, pyarrow.type_for_alias(TYPES[row["type"]]),
                      metadata={"unit": row["unit"], "meaning": row["meaning"]})
        for name, row in columns.items()
    ])  # fmt: skip
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), place)
