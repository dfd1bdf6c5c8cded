"""Names for the codes of a label map: shipped conventions, a table beside it, or the user's."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from basivert.constants.model import Table
from basivert.errors import LabelError
from basivert.volume.labels import LUMBAR, Convention, codes_in, recognised
from basivert.volume.model import Volume

TABLE_BESIDE = "structures.csv"
CODE_COLUMNS = ("code", "id", "label", "value")
NAME_COLUMNS = ("name", "structure", "label_name")
# Other programs' words for our structure names; "vertebrae_L3" becomes "L3" by its ending.
OUR_NAME = {
    "inferior_vena_cava": "vena_cava", "spinal_cord": "cord", "spinal_canal": "canal",
    "iliac_vena_left": "iliac_vein_left", "iliac_vena_right": "iliac_vein_right",
}  # fmt: skip
FIX = 'Write lines like L3 = 22 (TOML), {"L3": 22} (JSON) or name,code (CSV).'


def builtin_conventions() -> tuple[Convention, ...]:
    """All conventions that ship with the package, by file name."""
    folder = resources.files("basivert.constants") / "data" / "labels"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")),
                   key=lambda entry: entry.name)  # fmt: skip
    return tuple(_convention(tomllib.loads(f.read_text(encoding="utf-8"))) for f in files)


def named_codes(
    codes: Volume, labels: Path, label_map: Path | None, limits: Table
) -> tuple[dict[str, int], str]:
    """Structure name → code for the codes present, and who named them.

    The user's map counts first, then a `structures.csv` beside the labels, then recognition.
    Raises: LabelError.
    """
    present = codes_in(codes)
    if label_map is not None:
        return _present(read_map(label_map), present, label_map.name), label_map.name
    beside = labels.with_name(TABLE_BESIDE)
    if beside.is_file():
        table = read_map(beside)
        if present <= set(table.values()) and set(LUMBAR) & set(table):
            return _present(table, present, beside.name), f"{beside.name} beside the label map"
    convention = recognised(codes, labels.name, builtin_conventions(), limits)
    return _present(convention.code_of, present, convention.title), convention.title


def read_map(path: Path) -> dict[str, int]:
    """Structure name → code from a TOML, JSON or CSV file, with our names.

    Raises: LabelError where it cannot be read, a code is no whole number above 0, or one code
        has two names.
    """
    try:
        rows = _rows(path)
    except (OSError, ValueError) as cause:
        raise LabelError(f"{path.name} cannot be read: {cause}", fix=FIX) from cause
    if not rows or not all(type(code) is int and code > 0 for code in rows.values()):
        raise LabelError(f"{path.name} must map names to whole numbers above 0.", fix=FIX)
    if len(set(rows.values())) < len(rows):
        raise LabelError(f"{path.name} gives one code two names.", fix="Give each code one name.")
    return {our_name(name): code for name, code in rows.items()}


def our_name(name: str) -> str:
    """A structure's name as this package writes it."""
    name = name.strip()
    last = name.rsplit("_", 1)[-1].upper()
    if name.lower().startswith("vertebra") or name.upper() in LUMBAR:
        return last
    return OUR_NAME.get(name.lower(), name)


def _rows(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".csv":
        return _csv_rows(text)
    rows = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    if not isinstance(rows, dict):
        raise ValueError("it is not a table of names and codes.")
    return rows


def _csv_rows(text: str) -> dict[str, Any]:
    table = list(csv.DictReader(text.splitlines()))
    columns = {column.strip().lower(): column for column in (table[0] if table else {})}
    code = next((columns[c] for c in CODE_COLUMNS if c in columns), None)
    name = next((columns[c] for c in NAME_COLUMNS if c in columns), None)
    if code is None or name is None:
        raise ValueError("it needs the columns name and code.")
    return {row[name]: int(row[code]) for row in table}


def _present(code_of: Mapping[str, int], present: set[int], who: str) -> dict[str, int]:
    found = {name: code for name, code in code_of.items() if code in present}
    if not found:
        raise LabelError(
            f"None of the codes named by {who} is in the label map (codes found: "
            f"{', '.join(map(str, sorted(present)[:25]))}).", fix=FIX, codes=sorted(present),
        )  # fmt: skip
    return found


def _convention(row: Mapping[str, Any]) -> Convention:
    return Convention(
        name=row["name"], title=row["title"], source=row["source"],
        file_words=tuple(row["file_words"]), only_by_name=row["only_by_name"],
        ranges=tuple((int(low), int(high)) for low, high in row["ranges"]), code_of=row["codes"],
    )  # fmt: skip
