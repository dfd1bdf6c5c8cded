"""A generator's log from CSV, with a TOML file that says what its columns are.

[file]                     # all optional
separator = ";"            # default ","; "tab" and "space" too
decimal = ","              # default "."
comment = "#"              # lines that begin so are left out
[column.time]
name = "Time"              # as in the header line
unit = "s"                 # s, min, ms
[column.temperature]       # degC (C, °C), degF (F, °F)
[column.power]             # W, mW
[column.impedance]         # ohm (Ω), kohm (kΩ)

Without a column file the header line must carry the names of `PLAIN`, unit included.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from basivert.ablation.log import QUANTITIES, GeneratorLog, generator_log
from basivert.constants.load import builtin
from basivert.errors import InputError

UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "time": {"s": (1.0, 0.0), "min": (60.0, 0.0), "ms": (1e-3, 0.0)},
    "temperature": {"degC": (1.0, 0.0), "degF": (5 / 9, -160 / 9)},
    "power": {"W": (1.0, 0.0), "mW": (1e-3, 0.0)},
    "impedance": {"ohm": (1.0, 0.0), "kohm": (1e3, 0.0)},
}
"""Quantity → unit → factor and offset to s, °C, W, Ω."""
SAME = {"°C": "degC", "°F": "degF", "C": "degC", "F": "degF", "Ω": "ohm", "kΩ": "kohm"}
PLAIN = {
    "time_s": "time", "temperature_degc": "temperature", "power_w": "power",
    "impedance_ohm": "impedance",
}  # fmt: skip
"""Name that carries its unit → quantity: a log with these needs no column file."""
# A decimal comma: a point would separate thousands, which is no number here.
COMMA = str.maketrans({",": ".", ".": "?"})
SEPARATORS = {"tab": "\t", "space": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    quantity: str
    name: str
    factor: float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    separator: str | None
    decimal: str
    comment: str
    columns: tuple[_Column, ...]


def read_generator_log(csv: Path, columns: Path | None = None) -> GeneratorLog:
    """A log from its CSV file.

    Args:
        csv: the log; the first line that is no comment names the columns.
        columns: TOML file, see the module; None for a log whose header names carry their units.

    Raises: InputError that names file, line and what was expected.
    """
    layout = _plain(csv) if columns is None else _layout(columns)
    lines = [
        (n, line.strip())
        for n, line in enumerate(_text(csv).splitlines(), start=1)
        if line.strip() and not (layout.comment and line.lstrip().startswith(layout.comment))
    ]
    if not lines:
        raise InputError(f"{csv.name} is empty.", fix="Give the log with its header line.")
    header = _cells(lines[0][1], layout)
    places = {c.quantity: _place(csv, header, c) for c in layout.columns}
    found = np.array([
        [_number(csv, n, _cells(line, layout), header, places[c.quantity], layout) * c.factor
         + c.offset for c in layout.columns]
        for n, line in lines[1:]
    ]).reshape(-1, len(layout.columns))  # fmt: skip
    read = {c.quantity: found[:, i] for i, c in enumerate(layout.columns)}
    try:
        return generator_log(read.pop("time"), read, builtin("generator_log"))
    except InputError as problem:
        raise InputError(f"{csv.name}: {problem.what}", fix=problem.fix) from problem


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause
    except UnicodeDecodeError as cause:
        raise InputError(
            f"{file.name} is not UTF-8 text ({cause.reason} at byte {cause.start}).",
            fix="Save it as UTF-8.",
        ) from cause


def _plain(csv: Path) -> _Layout:
    """Commas, points, `#`, and the columns of PLAIN that the header names."""
    lines = [line.strip() for line in _text(csv).splitlines() if line.strip()]
    header = next((line for line in lines if not line.startswith("#")), "")
    layout = _Layout(
        separator=",", decimal=".", comment="#",
        columns=tuple(
            _Column(quantity=PLAIN[name], name=name, factor=1.0, offset=0.0)
            for name in (cell.strip().strip('"') for cell in header.split(",")) if name in PLAIN
        ),
    )  # fmt: skip
    if "time" not in {column.quantity for column in layout.columns}:
        raise InputError(
            f"{csv.name} does not say what its columns are: {header[:80]!r}.",
            fix=f"Name them in a file (--log-columns), or {', '.join(PLAIN)} in the header line.",
        )
    return layout


def _layout(file: Path) -> _Layout:
    try:
        document = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as cause:
        raise InputError(f"{file.name} is not TOML: {cause}.") from cause
    _known(file, "", document, {"file", "column"})
    form, columns = document.get("file", {}), document.get("column", {})
    _known(file, "file", form, {"separator", "decimal", "comment"})
    _known(file, "column", columns, {"time", *QUANTITIES})
    if "time" not in columns:
        raise InputError(f"{file.name} names no column of time.", fix="Add [column.time].")
    separator, decimal = str(form.get("separator", ",")), str(form.get("decimal", "."))
    if decimal not in (".", ",") or decimal == separator:
        raise InputError(
            f"{file.name}: decimal sign {decimal!r} with separator {separator!r} cannot be read.",
            fix='Decimal sign is "." or ","; the separator must differ from it.',
        )
    return _Layout(
        separator=SEPARATORS.get(separator, separator), decimal=decimal,
        comment=str(form.get("comment", "")),
        columns=tuple(_column(file, q, row) for q, row in columns.items()),
    )  # fmt: skip


def _known(file: Path, where: str, table: Any, names: set[str]) -> None:
    if not isinstance(table, Mapping):
        raise InputError(f"{file.name}: {where} is no table.", fix=f"Write [{where}].")
    if unknown := sorted(set(table) - names):
        raise InputError(
            f"{file.name} has unknown entries: {', '.join(unknown)}.",
            fix=f"Known are {', '.join(sorted(names))}.",
        )


def _column(file: Path, quantity: str, row: Any) -> _Column:
    _known(file, f"column.{quantity}", row, {"name", "unit"})
    if missing := {"name", "unit"} - set(row):
        raise InputError(f"{file.name}: column.{quantity} lacks {', '.join(sorted(missing))}.")
    unit = SAME.get(str(row["unit"]), str(row["unit"]))
    if unit not in UNITS[quantity]:
        raise InputError(
            f"{file.name}: column.{quantity} is in {row['unit']!r}.",
            fix=f"Known units are {', '.join(UNITS[quantity])}.",
        )
    factor, offset = UNITS[quantity][unit]
    return _Column(quantity=quantity, name=str(row["name"]), factor=factor, offset=offset)


def _cells(line: str, layout: _Layout) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(layout.separator)]


def _place(csv: Path, header: list[str], column: _Column) -> int:
    if (count := header.count(column.name)) != 1:
        raise InputError(
            f"{csv.name} has {count or 'no'} columns called {column.name!r} for {column.quantity}; "
            f"it has {', '.join(header)}.",
            fix="Correct the name or the separator in the column file.",
        )
    return header.index(column.name)


def _number(
    csv: Path, line: int, cells: list[str], header: list[str], place: int, layout: _Layout
) -> float:
    if len(cells) != len(header):
        raise InputError(
            f"{csv.name}, line {line}: {len(cells)} cells under {len(header)} columns.",
            fix="Check separator and decimal sign in the column file; is the line whole?",
        )
    text = cells[place]
    try:
        number = float(text.translate(COMMA) if layout.decimal == "," else text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            f"{csv.name}, line {line}: {header[place]} is {text!r}, not a number.",
            fix="Remove the line or a unit written beside the number; check the decimal sign.",
        )
    return number
