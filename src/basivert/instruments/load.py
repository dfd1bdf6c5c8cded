"""Instruments from their TOML documents, with every dimension checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from basivert.errors import InstrumentError
from basivert.instruments.model import Dimension, Instrument

DEFAULT = "curved_bipolar"
KINDS = ("curved", "articulating", "bipedicular", "tined")
SINGLE = (
    "introducer_diameter_mm", "introducer_length_mm", "curve_diameter_mm", "curve_radius_mm",
    "active_mm", "lesion_radius_mm", "tine_spread_mm",
)  # fmt: skip
PAIRS = ("curve_reach_mm", "tip_gap_mm")
WORDS = ("name", "title", "kind", "source", "edition")
PARTS = ("value", "unit", "tolerance", "assumed", "source")


def names() -> tuple[str, ...]:
    """Names of the instruments that ship with the package, default first."""
    folder = resources.files("basivert.constants") / "data" / "instruments"
    found = sorted(file.name.removesuffix(".toml") for file in folder.iterdir()
                   if file.name.endswith(".toml"))  # fmt: skip
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def builtin_instrument(name: str) -> Instrument:
    """The shipped instrument `name`. Raises InstrumentError listing the known names."""
    if name not in names():
        raise InstrumentError(
            f"There is no instrument {name!r}.",
            fix=f"Choose {', '.join(names())}, or give a TOML file.",
        )
    folder = resources.files("basivert.constants") / "data" / "instruments"
    return read_instrument(tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))


def read_instrument(document: Mapping[str, Any]) -> Instrument:
    """An instrument from its document.

    Raises: InstrumentError listing everything that is missing, unknown or impossible.
    """
    wanted = {*WORDS, *SINGLE, *PAIRS}
    if wrong := sorted(wanted ^ set(document)):
        raise InstrumentError(
            f"The instrument file misses or does not know: {', '.join(wrong)}.",
            fix="Compare it with one that ships: basivert doctor shows where they lie.",
        )
    if document["kind"] not in KINDS:
        raise InstrumentError(
            f"Kind {document['kind']!r} is unknown.", fix=f"Use one of {', '.join(KINDS)}."
        )
    single = {key: _dimension(key, document[key]) for key in SINGLE}
    pairs = {key: _pair(key, document[key]) for key in PAIRS}
    words = {key: str(document[key]) for key in WORDS}
    instrument = Instrument(**words, **single, **pairs)  # type: ignore[arg-type]
    _possible(instrument)
    return instrument


def _dimension(key: str, row: Any) -> Dimension:
    if not isinstance(row, Mapping) or set(row) != set(PARTS):
        raise InstrumentError(f"{key} needs exactly: {', '.join(PARTS)}.")
    if row["unit"] != "mm":
        raise InstrumentError(f"{key} is given in {row['unit']!r}; only mm is allowed.")
    if row["value"] < 0 or row["tolerance"] < 0:
        raise InstrumentError(f"{key} is negative: {row['value']} ± {row['tolerance']} mm.")
    return Dimension(
        value=float(row["value"]), unit="mm", tolerance=float(row["tolerance"]),
        assumed=bool(row["assumed"]), source=str(row["source"]),
    )  # fmt: skip


def _pair(key: str, rows: Any) -> tuple[Dimension, Dimension]:
    if not isinstance(rows, list) or len(rows) != 2:
        raise InstrumentError(f"{key} needs two dimensions: smallest and largest.")
    low, high = (_dimension(key, row) for row in rows)
    if low.value > high.value:
        raise InstrumentError(f"{key}: smallest {low.value} mm exceeds largest {high.value} mm.")
    return low, high


def _possible(instrument: Instrument) -> None:
    """Dimensions that contradict each other or the kind."""
    if instrument.introducer_diameter_mm.value <= 0 or instrument.active_mm.value <= 0:
        raise InstrumentError("Introducer diameter and active length must be above 0 mm.")
    if instrument.curve_diameter_mm.value > instrument.introducer_diameter_mm.value:
        raise InstrumentError(
            f"What leaves the introducer ({instrument.curve_diameter_mm.value} mm) is wider than "
            f"the introducer ({instrument.introducer_diameter_mm.value} mm)."
        )
    if instrument.kind in ("curved", "articulating") and instrument.curve_radius_mm.value <= 0:
        raise InstrumentError(f"Kind {instrument.kind} needs a curve radius above 0 mm.")
    if instrument.paired and instrument.tip_gap_mm[1].value <= 0:
        raise InstrumentError(f"Kind {instrument.kind} needs a largest tip_gap_mm above 0 mm.")
    if instrument.active_mm.value > instrument.curve_reach_mm[1].value:
        raise InstrumentError(
            f"The heating zone ({instrument.active_mm.value} mm) is longer than what can leave the "
            f"introducer ({instrument.curve_reach_mm[1].value} mm)."
        )
