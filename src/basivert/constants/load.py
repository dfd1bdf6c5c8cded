"""Tables that ship with the package, and a clinic's changes to them."""

from __future__ import annotations

import pickle
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from basivert.constants.model import Constant, Table
from basivert.errors import InputError

NUMBERS = frozenset({"value", "low", "high", "sd"})
FIELDS = NUMBERS | {"unit", "source", "confidence"}


def builtin(name: str) -> Table:
    """The table `name` as it ships. Raises InputError for an unknown name."""
    return parsed(name, document(name))


def document(name: str) -> dict[str, Any]:
    """The TOML file `name` (such as `care/facts`) as it ships; each caller gets a copy to keep.

    Raises: InputError for an unknown name.
    """
    return pickle.loads(_packed(name))


@cache
def _packed(name: str) -> bytes:
    # A page asks for the same tables again and again: unpacking is many times faster than reading.
    place = resources.files("basivert.constants") / "data" / f"{name}.toml"
    if not place.is_file():
        raise InputError(f"There is no table {name!r} in this version.")
    return pickle.dumps(tomllib.loads(place.read_text(encoding="utf-8")))


def names(folder: str) -> list[str]:
    """The files in a folder of the package's data, such as `care/candidacy`; without ending."""
    place = resources.files("basivert.constants") / "data" / folder
    return sorted(
        f"{folder}/{one.name[:-5]}" for one in place.iterdir() if one.name[-5:] == ".toml"
    )


def parsed(name: str, document: Mapping[str, Any]) -> Table:
    """A table from its TOML document; nested tables become dotted keys.

    Raises: InputError for a missing edition, an unknown field, or a row without source.
    """
    if "edition" not in document:
        raise InputError(f"Table {name} has no edition.", fix='Add a line edition = "YYYY-MM".')
    body = {key: value for key, value in document.items() if key not in ("edition", "note")}
    rows = {key: _constant(name, key, row) for key, row in _flat(body).items()}
    return Table(name=name, edition=str(document["edition"]), rows=rows, overridden={})


def override(table: Table, document: Mapping[str, Any]) -> Table:
    """The same table with single rows replaced; both rows are kept, the edition says so.

    Raises: InputError for a row that the table does not have or a changed unit.
    """
    changes = parsed(table.name, document)
    for key, row in changes.rows.items():
        if row.unit != table[key].unit:
            raise InputError(
                f"Row {key} of {table.name} is in {table[key].unit}, not in {row.unit}.",
                fix="Give the value in the table's own unit.",
            )
    return Table(
        name=table.name,
        edition=f"{table.edition} + {changes.edition}",
        rows={**table.rows, **changes.rows},
        overridden={key: table[key] for key in changes.rows},
    )


TableOf = Callable[[str], Table]


def overridden(own: Mapping[str, Any]) -> TableOf:
    """`builtin` with a clinic's own rows.

    Args:
        own: table's name → a document of the rows to replace, as for `override`.

    Raises: InputError for a table, a row or a unit that does not exist.
    """
    changed = {name: override(builtin(name), document) for name, document in own.items()}
    return lambda name: changed[name] if name in changed else builtin(name)


def _flat(body: Mapping[str, Any], prefix: str = "") -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for key, value in body.items():
        if not isinstance(value, Mapping):
            raise InputError(f"{prefix}{key} is not a row with value, unit and source.")
        if "value" in value:
            found[f"{prefix}{key}"] = value
        else:
            found |= _flat(value, f"{prefix}{key}.")
    return found


def _constant(name: str, key: str, row: Mapping[str, Any]) -> Constant:
    if unknown := sorted(set(row) - FIELDS):
        raise InputError(f"Row {key} of {name} has unknown fields: {', '.join(unknown)}.")
    if missing := sorted({"value", "unit", "source", "confidence"} - set(row)):
        raise InputError(f"Row {key} of {name} lacks {', '.join(missing)}.")
    for field in NUMBERS & set(row):
        if isinstance(row[field], bool) or not isinstance(row[field], (int, float)):
            raise InputError(
                f"Row {key} of {name}: {field} is {row[field]!r}, not a number.",
                fix="Write numbers without quotation marks and with a decimal point.",
            )
    try:
        return Constant(**row)
    except InputError as problem:
        raise InputError(f"Row {key} of {name}: {problem.what}", fix=problem.fix) from problem
