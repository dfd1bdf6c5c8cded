"""Instruments from their TOML documents, with every dimension checked."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from basivert.errors import InstrumentError
from basivert.instruments.model import Contact, Dimension, Instrument

DEFAULT = "curved_bipolar"
KINDS = ("curved", "articulating", "bipedicular", "tined")
SINGLE = (
    "introducer_diameter_mm", "introducer_length_mm", "curve_diameter_mm", "curve_radius_mm",
    "active_mm", "lesion_radius_mm", "tine_spread_mm", "probe_diameter_mm", "sensor_mm",
)  # fmt: skip
MOST_TINES = 12
PAIRS = ("curve_reach_mm", "tip_gap_mm")
WORDS = ("name", "title", "kind", "source", "edition")
PARTS = ("value", "unit", "tolerance", "assumed", "source")
CONTACT = ("start_mm", "end_mm", "potential", "assumed", "source")


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
    wanted = {*WORDS, *SINGLE, *PAIRS, "tines", "contacts"}
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
    instrument = Instrument(
        **words, **single, **pairs, tines=_count(document["tines"]),  # type: ignore[arg-type]
        contacts=_contacts(document["contacts"]),
    )  # fmt: skip
    _possible(instrument)
    return instrument


def _dimension(key: str, row: Any) -> Dimension:
    if not isinstance(row, Mapping) or set(row) != set(PARTS):
        raise InstrumentError(f"{key} needs exactly: {', '.join(PARTS)}.")
    if row["unit"] != "mm":
        raise InstrumentError(f"{key} is given in {row['unit']!r}; only mm is allowed.")
    if not (0 <= row["value"] < math.inf and 0 <= row["tolerance"] < math.inf):
        raise InstrumentError(f"{key} is impossible: {row['value']} ± {row['tolerance']} mm.")
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


def _count(tines: Any) -> int:
    if not isinstance(tines, int) or isinstance(tines, bool) or not 0 <= tines <= MOST_TINES:
        raise InstrumentError(f"tines is {tines!r}; give a whole number from 0 to {MOST_TINES}.")
    return tines


def _contacts(rows: Any) -> tuple[Contact, ...]:
    if not isinstance(rows, list) or not rows:
        raise InstrumentError("contacts is empty; a probe needs bare metal to heat with.")
    for row in rows:
        if not isinstance(row, Mapping) or set(row) != set(CONTACT):
            raise InstrumentError(f"Each of contacts needs exactly: {', '.join(CONTACT)}.")
        if not 0 <= row["start_mm"] < row["end_mm"]:
            raise InstrumentError(
                f"A contact reaches from {row['start_mm']} to {row['end_mm']} mm.",
                fix="Count from the tip backwards; the end lies beyond the start.",
            )
    found = [
        Contact(
            start_mm=float(row["start_mm"]), end_mm=float(row["end_mm"]),
            potential=float(row["potential"]), assumed=bool(row["assumed"]),
            source=str(row["source"]),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda contact: contact.start_mm))


def _possible(instrument: Instrument) -> None:
    """Dimensions that contradict each other or the kind."""
    _heats(instrument)
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


def _heats(instrument: Instrument) -> None:
    """Electrodes that cannot heat, or not where the planner puts the heating zone."""
    if instrument.probe_diameter_mm.value <= 0:
        raise InstrumentError("probe_diameter_mm must be above 0 mm.")
    if instrument.probe_diameter_mm.value > instrument.curve_diameter_mm.value:
        raise InstrumentError(
            f"The probe ({instrument.probe_diameter_mm.value} mm) is wider than what carries it "
            f"({instrument.curve_diameter_mm.value} mm)."
        )
    if (instrument.kind == "tined") != (instrument.tines > 0):
        raise InstrumentError(f"Kind {instrument.kind} does not go with {instrument.tines} tines.")
    if abs(instrument.contacts[-1].end_mm - instrument.active_mm.value) > 1e-6:
        raise InstrumentError(
            f"The contacts end {instrument.contacts[-1].end_mm} mm from the tip, but the heating "
            f"zone is {instrument.active_mm.value} mm long.",
            fix="active_mm is the length from the tip to the end of the last contact.",
        )
    signs = {contact.potential for contact in instrument.contacts}
    if not instrument.paired and len(signs) < 2:
        raise InstrumentError("All contacts have the same potential: no current would flow.")
