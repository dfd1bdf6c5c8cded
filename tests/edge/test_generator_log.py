"""A generator's CSV as it is in the world: units, separators, remarks; and what cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from basivert.edge.documents.generator_log import read_generator_log
from basivert.errors import InputError

LOGS = Path(__file__).parent / "logs"
COLUMNS = (LOGS / "columns.toml").read_text(encoding="utf-8")
EXAMPLE = (LOGS / "example.csv").read_text(encoding="utf-8")


def read(tmp_path, csv=EXAMPLE, columns=COLUMNS):
    (tmp_path / "own.csv").write_text(csv, encoding="utf-8")
    (tmp_path / "columns.toml").write_text(columns, encoding="utf-8")
    return read_generator_log(tmp_path / "own.csv", tmp_path / "columns.toml")


def test_the_example_is_a_burn_of_seven_minutes_at_85_degrees():
    log = read_generator_log(LOGS / "example.csv", LOGS / "columns.toml")
    hold = (log.time_s > 70) & (log.time_s < 415)
    assert log.time_s[0] == 0.0 and np.diff(log.time_s) == pytest.approx(2.0, abs=0.001)
    assert log.temperature_degc[hold].mean() == pytest.approx(85.0, abs=0.2)
    assert log.temperature_degc[0] == pytest.approx(37.0, abs=0.5)
    assert 0.5 < log.power_w[hold].mean() < 1.5
    voltage = np.sqrt(log.power_w[hold] * log.impedance_ohm[hold])
    assert 15.0 < voltage.mean() < 40.0


def test_units_and_signs_do_not_change_a_log(tmp_path):
    plain = ["time_s,temp,power,z"]
    for line in EXAMPLE.splitlines()[3:]:
        if not line.startswith("#"):
            t, _, f, p, z = line.replace(",", ".").split(";")
            cells = (60e3 * float(t), (float(f) - 32) / 1.8, float(p) / 1e3, 1e3 * float(z))
            plain.append(",".join(f"{v:.9g}" for v in cells))
    own = (
        '[column.time]\nname = "time_s"\nunit = "ms"\n[column.temperature]\nname = "temp"\n'
        'unit = "degC"\n[column.power]\nname = "power"\nunit = "W"\n'
        '[column.impedance]\nname = "z"\nunit = "Ω"\n'
    )
    one, two = read(tmp_path), read(tmp_path, "\n".join(plain), own)
    for quantity in ("temperature", "power", "impedance"):
        np.testing.assert_allclose(one.recorded(quantity), two.recorded(quantity), rtol=1e-6)
    np.testing.assert_allclose(one.time_s, two.time_s, atol=1e-4)


def test_columns_that_are_not_recorded_may_be_left_out(tmp_path):
    only = COLUMNS[: COLUMNS.index("[column.power]")]
    log = read(tmp_path, columns=only)
    assert log.power_w is None and log.impedance_ohm is None


LINES = EXAMPLE.splitlines()


def replaced(number, line):
    return "\n".join([*LINES[:number], *([line] if line else []), *LINES[number + 1 :]])


@pytest.mark.parametrize(
    ("csv", "named"),
    [
        ("", "is empty"),
        (replaced(9, "0,20000;RF;120,5;900"), "line 10: 4 cells under 5"),
        (replaced(9, "0,20000;RF;nan;900;0,2"), "line 10: Spitze is 'nan'"),
        (replaced(9, "0,20000;RF;;900;0,2"), "line 10: Spitze is ''"),
        (replaced(9, "0,20000;RF;48,1 °C;900;0,2"), "line 10: Spitze is '48,1 °C'"),
        (replaced(9, "0,20000;RF;1.120,5;900;0,2"), "not a number"),
        (replaced(9, LINES[8]), "stands still"),
        (replaced(2, "Zeit;Modus;Spitze;Spitze;Impedanz"), "2 columns called 'Spitze'"),
        (replaced(2, "Zeit;Modus;Temp;Leistung;Impedanz"), "no columns called 'Spitze'"),
        ("\n".join([*LINES[:40], *LINES[60:]]), "gap of 4"),
        ("\n".join(LINES[:12]), "9 samples"),
        (EXAMPLE.replace("0,20000", "12:05"), "Zeit is '12:05'"),
    ],
)
def test_what_is_wrong_with_a_log_is_named(tmp_path, csv, named):
    with pytest.raises(InputError, match=named):
        read(tmp_path, csv)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('unit = "min"', 'unit = "h"', "column.time is in 'h'"),
        ('unit = "min"', 'unit = "s"', "covers 7"),
        ('unit = "°F"', 'unit = "°C"', "possible is 0 to 130|mixed"),
        ('unit = "mW"', 'unit = "W"', "W in sample"),
        ("[column.time]", "[column.clock]", "unknown entries: clock"),
        ('name = "Zeit"', "", "lacks name"),
        ('decimal = ","', 'decimal = ";"', "cannot be read"),
        ('decimal = ","', "", "check the decimal sign"),
        ("[file]", "[file", "not TOML"),
        ("[column.temperature]", "[column.voltage]", "unknown entries: voltage"),
    ],
)
def test_what_is_wrong_with_the_columns_is_named(tmp_path, old, new, named):
    assert old in COLUMNS
    with pytest.raises(InputError, match=named):
        read(tmp_path, columns=COLUMNS.replace(old, new, 1))


def test_files_that_are_none_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_generator_log(tmp_path / "gone.csv", LOGS / "columns.toml")
    binary = tmp_path / "own.csv"
    binary.write_bytes(b"Zeit\xff;")
    with pytest.raises(InputError, match="not UTF-8"):
        read_generator_log(binary, LOGS / "columns.toml")


def test_a_log_whose_header_carries_units_needs_no_column_file(tmp_path):
    rows = [f"{t},{37.0 + min(t, 40)},x,{t / 50}" for t in range(60)]
    own = tmp_path / "own.csv"
    own.write_text("\n".join(["# by hand", "time_s, temperature_degc,remark,power_w", *rows]))
    log = read_generator_log(own)
    np.testing.assert_allclose(log.time_s, np.arange(60))
    np.testing.assert_allclose(log.temperature_degc, 37.0 + np.minimum(np.arange(60), 40))
    np.testing.assert_allclose(log.power_w, np.arange(60) / 50)
    assert log.impedance_ohm is None


@pytest.mark.parametrize("header", ["Time,T1", "time_min,temperature_degc", "Time;T1"])
def test_a_log_that_does_not_say_its_units_is_refused(tmp_path, header):
    own = tmp_path / "own.csv"
    own.write_text("\n".join([header, *(f"{t},{40.0}" for t in range(60))]))
    with pytest.raises(InputError, match="what its columns are") as told:
        read_generator_log(own)
    assert "--log-columns" in told.value.fix
