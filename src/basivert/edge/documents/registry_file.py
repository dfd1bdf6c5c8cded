"""A registry's document from JSON, or from a CSV file with one fact a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from basivert.edge.record_file import read_record
from basivert.errors import RecordError

LARGEST_BYTES = 500_000_000
COLUMNS = (
    "record", "patient", "procedure_day", "procedure_on", "site", "sex", "age_years", "modic",
    "levels", "coverage_planned", "coverage_treated", "margins_mm", "day", "on", "name", "value",
    "grade", "level",
)  # fmt: skip
_HEAD = COLUMNS[2:12]
_MAPS = ("modic", "coverage_planned", "coverage_treated", "margins_mm")


def read_registry(place: Path) -> dict[str, Any]:
    """The document in a file, CSV by its ending, else JSON; `-` reads JSON from standard input.

    Raises: RecordError with the line of what cannot be read.
    """
    if place.suffix.lower() != ".csv":
        return read_record(place, largest_bytes=LARGEST_BYTES)
    try:
        if place.stat().st_size > LARGEST_BYTES:
            raise RecordError(f"{place.name} is larger than {LARGEST_BYTES // 1_000_000} MB.")
        text = place.read_text(encoding="utf-8-sig")
    except OSError as cause:
        raise RecordError(f"{place} cannot be read: {cause.strerror}.") from cause
    except UnicodeDecodeError as cause:
        raise RecordError(f"{place.name} is not text in UTF-8.", fix="Save it so.") from cause
    return from_csv(text)


def from_csv(text: str) -> dict[str, Any]:
    """The document of a CSV text; its lines are `registry`, `patient`, `score`, `event`, … ."""
    rows = csv.DictReader(io.StringIO(text, newline=""), restkey="more", restval="")
    if unknown := sorted(set(rows.fieldnames or ()) - set(COLUMNS)):
        raise RecordError(f"There are unknown columns: {', '.join(unknown)}.",
                          fix=f"Known: {', '.join(COLUMNS)}.")  # fmt: skip
    document: dict[str, Any] = {}
    patients: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = f"Line {rows.line_num}"
        if row.get("more"):
            raise RecordError(f"{line} has more cells than the header.")
        given = {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
        _take(given, line, document, patients)
    return {**document, "patients": list(patients.values())}


def _take(
    given: Mapping[str, str], line: str, document: dict[str, Any], patients: dict[str, Any]
) -> None:
    kind, who = given.get("record", ""), given.get("patient", "")
    if kind == "registry":
        if document:
            raise RecordError(f"{line}: the registry stands twice.", fix="Leave one of both.")
        document |= {"name": given.get("name", "")} | _time(given, line, "as_of_day", "as_of")
        return
    if kind == "patient":
        if who in patients:
            raise RecordError(f"{line}: patient {who} stands twice.")
        patients[who] = {"id": who} | {
            name: _cell(name, given[name], line) for name in _HEAD if name in given
        }
        return
    if who not in patients:
        raise RecordError(f"{line}: no line of patient {who!r} stands before.")
    time = _time(given, line, "day", "on")
    name, patient = given.get("name"), patients[who]
    if kind == "score":
        value = _number(given["value"], line) if "value" in given else None
        patient.setdefault("scores", []).append({"instrument": name, "value": value, **time})
    elif kind == "event":
        grade = _number(given.get("grade", ""), line)
        row = {"kind": name, "grade": grade, "level": given.get("level"), **time}
        patient.setdefault("events", []).append(row)
    elif kind == "retreatment":
        patient.setdefault("retreatments", []).append({"kind": name, **time})
    elif kind == "left":
        if "left" in patient:
            raise RecordError(f"{line}: patient {who} left twice.", fix="Leave one of both.")
        patient["left"] = {"why": name, **time}
    else:
        raise RecordError(f"{line}: there is no record {kind!r}.",
                          fix="registry, patient, score, event, retreatment or left.")  # fmt: skip


def _time(given: Mapping[str, str], line: str, day: str, on: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "day" in given:
        found[day] = _number(given["day"], line)
    if "on" in given:
        found[on] = given["on"]
    return found


def _cell(name: str, cell: str, line: str) -> Any:
    if name in _MAPS:
        pairs = [part.split(":") for part in cell.split(";") if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise RecordError(f"{line}, {name} is {cell!r}.", fix="Write L4:0.9;L5:0.8.")
        return {place.strip(): _number(value, line) for place, value in pairs}
    if name == "levels":
        return [part.strip() for part in cell.split(";") if part.strip()]
    return _number(cell, line) if name in ("procedure_day", "age_years") else cell


def _number(cell: str, line: str) -> int | float:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError as cause:
        raise RecordError(f"{line}: {cell!r} is not a number.", fix="Decimal point.") from cause
