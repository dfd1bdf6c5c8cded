"""Every number has a source; overrides keep both rows."""

import tomllib
from importlib import resources

import numpy as np
import pytest

from basivert.constants.load import builtin, document, override, parsed
from basivert.errors import InputError, InstrumentError
from basivert.instruments.load import builtin_instrument, names, read_instrument


@pytest.mark.parametrize("name", ["morphometry", "targets", "thresholds", "errors_model"])
def test_every_row_has_unit_source_and_known_confidence(name):
    table = builtin(name)
    assert table.edition
    for row in table.rows.values():
        assert row.unit and row.source
        assert row.confidence in {"read", "part", "recall", "computed", "assumption"}


def test_override_keeps_both_rows_and_names_both_editions():
    table = builtin("thresholds")
    row = {"value": 3.0, "unit": "mm", "source": "our clinic", "confidence": "assumption"}
    changed = override(table, {"edition": "clinic-1", "margin": {"go": row}})
    assert changed["margin.go"].value == 3.0
    assert changed.overridden["margin.go"].value == table["margin.go"].value
    assert "clinic-1" in changed.edition and table.edition in changed.edition
    with pytest.raises(InputError, match="in mm, not in cm"):
        override(table, {"edition": "x", "margin": {"go": {**row, "unit": "cm"}}})
    with pytest.raises(InputError, match="no row"):
        override(table, {"edition": "x", "margin": {"gone": row}})


def test_what_one_caller_changes_in_a_table_no_other_sees():
    first = document("care/outcomes/scores")
    first["edition"] = "changed"
    second = document("care/outcomes/scores")
    assert second["edition"] != "changed"
    del first["edition"], second["edition"]
    assert first == second


def test_a_row_without_source_cannot_be_loaded():
    row = {"value": 3.0, "unit": "mm", "confidence": "read"}
    with pytest.raises(InputError, match="lacks source"):
        parsed("t", {"edition": "1", "a": row})


def test_published_rows_stand_as_read():
    table = builtin("morphometry")
    assert table["L5.pedicle_width"].value == 16.1
    assert table["L5.height_posterior"].value == 26.3


@pytest.mark.parametrize("level", ["L1", "L2", "L3", "L4", "L5"])
def test_heights_agree_with_the_published_wedge(level):
    # Ventral wedging is positive: the front is lower (PMC2899959).
    table = builtin("morphometry")
    rise = table[f"{level}.height_posterior"].value - table[f"{level}.height_anterior"].value
    angle = np.degrees(np.arctan2(rise, table[f"{level}.upper_depth"].value))
    assert angle == pytest.approx(table[f"{level}.wedge"].value, abs=0.5)


@pytest.mark.parametrize("name", names())
def test_shipped_instruments_mark_what_is_not_public(name):
    instrument = builtin_instrument(name)
    assert instrument.assumptions
    assert instrument.introducer_diameter_mm.value >= instrument.curve_diameter_mm.value


def test_bad_instruments_say_what_is_bad():
    with pytest.raises(InstrumentError, match="no instrument 'laser'"):
        builtin_instrument("laser")
    with pytest.raises(InstrumentError, match="misses or does not know"):
        read_instrument({"name": "x"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_dimension_that_is_no_length_is_refused(value):
    place = resources.files("basivert.constants") / "data" / "instruments" / "articulating.toml"
    document = tomllib.loads(place.read_text(encoding="utf-8"))
    document["sensor_mm"]["value"] = value
    with pytest.raises(InstrumentError, match="sensor_mm is impossible"):
        read_instrument(document)
