"""Protocols as data: what ships can be run, what is impossible is refused with the row's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.ablation.protocol import protocol
from basivert.constants.load import builtin, override
from basivert.constants.model import Constant, Table
from basivert.errors import InputError

SHIPPED = builtin("protocols/standard")
BOUNDS = builtin("protocol_bounds")


def changed(unit="", **rows):
    """The standard protocol with single values replaced; `burn_1__hold` is burn.1.hold."""
    document = {"edition": "test"}
    for name, value in rows.items():
        key = name.replace("__", ".").replace("burn_1", "burn.1")
        at = document
        *parts, last = key.split(".")
        for part in parts:
            at = at.setdefault(part, {})
        at[last] = {"value": value, "unit": unit or SHIPPED[key].unit, "source": "test",
                    "confidence": "assumption"}  # fmt: skip
    return protocol(override(SHIPPED, document), BOUNDS, 37.0)


def test_the_shipped_protocol_is_fifteen_minutes():
    made = protocol(SHIPPED, BOUNDS, 37.0)
    assert [d.duration_s for d in made.drives] == [900.0]
    assert made.drives[0].kinks_s == (48.0, 900.0)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"burn_1__ramp": -1.0}, "burn.1.ramp"),
        ({"burn_1__setpoint": 36.0}, "burn.1.setpoint"),
        ({"burn_1__setpoint": 111.0}, "110"),
        ({"burn_1__hold": 0.0}, "burn.1.hold"),
        ({"burn_1__hold": float("inf")}, "burn.1.hold"),
        ({"burn_1__cool_down": -1.0}, "burn.1.cool_down"),
        ({"limit__power": 0.0}, "limit.power"),
        ({"limit__voltage": float("nan")}, "limit.voltage"),
        ({"limit__power": 200.0}, "at most 100 W"),
        ({"limit__lowest_impedance": 6000.0}, "always"),
        ({"controller__period": 0.0}, "controller.period"),
        ({"controller__period": 60.0}, "every 60 s"),
        ({"controller__proportional": -0.1}, "controller.proportional"),
        ({"roll_off__tries": 1.5}, "whole number"),
        ({"roll_off__pause": 0.0}, "roll_off.pause"),
    ],
)
def test_impossible_numbers_are_refused_by_name(rows, named):
    with pytest.raises(InputError, match=named):
        changed(**rows)


@given(
    setpoint=st.floats(37.5, 110.0), ramp=st.floats(0.05, 5.0), hold=st.floats(0.1, 2000.0),
    rest=st.floats(0.0, 600.0),
)  # fmt: skip
def test_what_is_possible_is_read_as_it_stands(setpoint, ramp, hold, rest):
    drive = changed(
        burn_1__setpoint=setpoint, burn_1__ramp=ramp, burn_1__hold=hold, burn_1__cool_down=rest
    ).drives[0]
    assert drive.ramp_s * ramp + 37.0 == pytest.approx(setpoint)
    assert drive.duration_s == pytest.approx(drive.ramp_s + hold + rest)


def test_unknown_rows_and_missing_burns_are_refused():
    row = {"value": 1.0, "unit": "s", "source": "test", "confidence": "assumption"}
    rows = {**SHIPPED.rows, "burn.3.hold": Constant(**row)}
    with pytest.raises(InputError, match=r"burn\.3\.hold"):
        protocol(Table(name="own", edition="1", rows=rows, overridden={}), BOUNDS, 37.0)
    rows = {k: v for k, v in SHIPPED.rows.items() if not k.startswith("burn")}
    with pytest.raises(InputError, match="no burn"):
        protocol(Table(name="own", edition="1", rows=rows, overridden={}), BOUNDS, 37.0)
