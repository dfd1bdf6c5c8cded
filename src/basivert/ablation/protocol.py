"""A treatment as the generator is told it: controller, limits, roll-off and burns, from data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count

from basivert.ablation.burns import Burn, Controller, Limits, RollOff, SampledControl
from basivert.constants.model import Constant, Table
from basivert.errors import InputError

COMMANDS = {"W/degC": "W/degC/s", "V/degC": "V/degC/s"}
"""Unit of the proportional gain, which says what is commanded → unit of the integral gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A treatment at one place: one or more burns."""

    name: str
    edition: str
    controller: Controller
    limits: Limits
    roll_off: RollOff
    burns: tuple[Burn, ...]
    body_degc: float

    @property
    def drives(self) -> tuple[SampledControl, ...]:
        """Each burn with controller and limits."""
        return tuple(
            SampledControl(
                controller=self.controller, limits=self.limits, roll_off=self.roll_off, burn=b,
                body_degc=self.body_degc,
            )
            for b in self.burns
        )  # fmt: skip


def protocol(table: Table, bounds: Table, body_degc: float) -> Protocol:
    """A protocol from its table.

    Args:
        table: `protocols/…`.
        bounds: `protocol_bounds`, what can be run at all.
        body_degc: temperature that each ramp starts from.

    Raises: InputError that names the row which is missing, unknown or impossible.
    """
    numbers = _numbers(table)
    _known(table, len(numbers))
    burns = tuple(_burn(table, bounds, body_degc, n) for n in numbers)
    return Protocol(
        name=table.name, edition=table.edition, controller=_controller(table, burns, body_degc),
        limits=_limits(table), roll_off=_roll_off(table), burns=burns, body_degc=body_degc,
    )  # fmt: skip


def _known(table: Table, burns: int) -> None:
    single = (
        "controller.period", "controller.proportional", "controller.integral", "limit.power",
        "limit.voltage", "limit.current", "limit.lowest_impedance", "limit.highest_impedance",
        "roll_off.rise", "roll_off.pause", "roll_off.tries",
    )  # fmt: skip
    parts = ("setpoint", "ramp", "hold", "cool_down", "withdrawal")
    known = {*single, *(f"burn.{n}.{p}" for n in range(1, burns + 1) for p in parts)}
    if missing := sorted(known - set(table.rows)):
        raise InputError(
            f"Protocol {table.name} lacks rows: {', '.join(missing)}.",
            fix="Compare with protocols/standard; every burn needs all its rows.",
        )
    if unknown := sorted(set(table.rows) - known):
        raise InputError(
            f"Protocol {table.name} has rows that mean nothing: {', '.join(unknown)}.",
            fix="Compare with protocols/standard; burns are numbered from 1 without gaps.",
        )


def _numbers(table: Table) -> tuple[int, ...]:
    found: list[int] = []
    for n in count(1):
        if not any(key.startswith(f"burn.{n}.") for key in table.rows):
            break
        found.append(n)
    if not found:
        raise InputError(f"Protocol {table.name} has no burn.", fix="Add a table [burn.1].")
    return tuple(found)


def _value(table: Table, key: str, unit: str, least: float, *, itself: bool) -> float:
    """A row's value in its only unit; `itself`: the least value is allowed too."""
    row: Constant = table[key]
    if row.unit != unit:
        raise InputError(
            f"Row {key} of protocol {table.name} is in {row.unit!r}.", fix=f"Give it in {unit}."
        )
    good = row.value >= least if itself else row.value > least
    if not (math.isfinite(row.value) and good):
        raise InputError(
            f"Row {key} of protocol {table.name} is {row.value:g} {unit}.",
            fix=f"It must be {'at least' if itself else 'above'} {least:g} {unit} and finite.",
        )
    return row.value


def _burn(table: Table, bounds: Table, body_degc: float, n: int) -> Burn:
    at = f"burn.{n}"
    setpoint = _value(table, f"{at}.setpoint", "degC", body_degc, itself=False)
    if setpoint > bounds["setpoint.highest"].value:
        raise InputError(
            f"Row {at}.setpoint of protocol {table.name} is {setpoint:g} °C.",
            fix=f"At most {bounds['setpoint.highest'].value:g} °C can be computed.",
        )
    return Burn(
        setpoint_degc=setpoint,
        ramp_degc_s=_value(table, f"{at}.ramp", "degC/s", 0.0, itself=False),
        hold_s=_value(table, f"{at}.hold", "s", 0.0, itself=False),
        cool_down_s=_value(table, f"{at}.cool_down", "s", 0.0, itself=True),
        withdrawal_mm=_value(table, f"{at}.withdrawal", "mm", 0.0, itself=True),
    )


def _controller(table: Table, burns: tuple[Burn, ...], body_degc: float) -> Controller:
    unit = table["controller.proportional"].unit
    if unit not in COMMANDS:
        raise InputError(
            f"Row controller.proportional of protocol {table.name} is in {unit!r}.",
            fix=f"Use {' or '.join(COMMANDS)}: the unit says what the generator commands.",
        )
    period = _value(table, "controller.period", "s", 0.0, itself=False)
    shortest = min((b.setpoint_degc - body_degc) / b.ramp_degc_s for b in burns)
    if period > shortest:
        raise InputError(
            f"The controller of protocol {table.name} looks every {period:g} s, but a ramp lasts "
            f"{shortest:g} s.",
            fix="Shorten controller.period or slow the ramp.",
        )
    return Controller(
        period_s=period,
        proportional=_value(table, "controller.proportional", unit, 0.0, itself=False),
        integral=_value(table, "controller.integral", COMMANDS[unit], 0.0, itself=True),
        by_voltage=unit.startswith("V"),
    )


def _limits(table: Table) -> Limits:
    found = Limits(
        power_w=_value(table, "limit.power", "W", 0.0, itself=False),
        voltage_v=_value(table, "limit.voltage", "V", 0.0, itself=False),
        current_a=_value(table, "limit.current", "A", 0.0, itself=False),
        lowest_ohm=_value(table, "limit.lowest_impedance", "ohm", 0.0, itself=True),
        highest_ohm=_value(table, "limit.highest_impedance", "ohm", 0.0, itself=False),
    )
    if found.lowest_ohm >= found.highest_ohm:
        raise InputError(
            f"Protocol {table.name} stops below {found.lowest_ohm:g} Ω and above "
            f"{found.highest_ohm:g} Ω: always.",
            fix="limit.lowest_impedance must be smaller than limit.highest_impedance.",
        )
    if found.power_w > found.voltage_v * found.current_a:
        raise InputError(
            f"Protocol {table.name} allows {found.power_w:g} W, but {found.voltage_v:g} V and "
            f"{found.current_a:g} A give at most {found.voltage_v * found.current_a:g} W.",
            fix="Lower limit.power or raise one of the other two.",
        )
    return found


def _roll_off(table: Table) -> RollOff:
    tries = _value(table, "roll_off.tries", "1", 0.0, itself=True)
    if tries != round(tries):
        raise InputError(
            f"Row roll_off.tries of protocol {table.name} is {tries:g}.", fix="Give a whole number."
        )
    return RollOff(
        rise=_value(table, "roll_off.rise", "1", 0.0, itself=False),
        pause_s=_value(table, "roll_off.pause", "s", 0.0, itself=tries == 0),
        tries=int(tries),
    )
