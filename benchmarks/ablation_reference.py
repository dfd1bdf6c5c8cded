"""The shared reference values of the heat benchmark, and how far a result is from them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .figures import figure

ENVIRONMENT = "BASIVERT_ABLATION_BENCHMARK"
BESIDE = Path(__file__).parents[1] / ".." / "shared" / "benchmarks" / "ablation"
WITHIN = {"temperature": 0.5, "power": 2.0, "volume": 3.0}
UNITS = {"temperature": "°C", "power": "%", "volume": "%", "extent": "mm"}


def folder(given: Path | None = None) -> Path:
    """Where the shared benchmark lies: as given, by environment, or beside the checkout."""
    return given or Path(os.environ.get(ENVIRONMENT, BESIDE))


def differences(name: str, rows: list[dict[str, Any]], shared: Path) -> list[dict[str, Any]]:
    """Every listed value of a case beside its reference; none where there is no reference.

    difference: in °C and mm, or per cent for power and volume.  reference_error: as published, in
    the value's own unit.
    """
    file = shared / "reference.json"
    if not file.is_file():
        return []
    values = json.loads(file.read_text(encoding="utf-8"))[name]["values"]
    found: list[dict[str, Any]] = []
    for row in rows:
        for key, true in values.get(f"{row['time_s']:g}", {}).items():
            value = row["temperature_C"].get(key[2:]) if key.startswith("T.") else row.get(key)
            if value is None or (kind := _kind(key)) is None:
                continue
            apart = value - true["value"]
            if UNITS[kind] == "%":
                apart *= 100 / true["value"]
            found.append({
                "time_s": row["time_s"], "quantity": key, "kind": kind, "value": value,
                "reference": true["value"], "reference_error": true["error"], "difference": apart,
            })  # fmt: skip
    return found


def _kind(key: str) -> str | None:
    if key.startswith("T."):
        return "temperature"
    if key == "power_W":
        return "power"
    if key.endswith("volume_ml"):
        return "volume"
    return "extent" if key.endswith("_mm") else None


def largest(found: list[dict[str, Any]], kind: str) -> float:
    """Largest difference of one kind."""
    return max((abs(d["difference"]) for d in found if d["kind"] == kind), default=0.0)


def figures(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest difference of each kind with what is allowed."""
    return [
        figure(f"largest error of {kind}", largest(found, kind), unit, "≤", WITHIN.get(kind))
        for kind, unit in UNITS.items()
        if any(d["kind"] == kind for d in found)
    ]
