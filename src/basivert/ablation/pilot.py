"""From a drive to the power of each step of the heat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from basivert.ablation import control
from basivert.ablation.burns import SampledControl
from basivert.ablation.control import Memory, Setting, Stretch
from basivert.ablation.generator import (
    Drive,
    ExactControl,
    FixedVoltage,
    MeasuredPower,
    MeasuredTemperature,
)
from basivert.ablation.response import Response
from basivert.errors import NumericsError

# Sensor between loop and full solve at a step's end, °C, and how often they are reconciled.
APART_DEGC, ROUNDS = 1e-3, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One step to come, from `start_s` to `end_s`.

    rule: weights of the backward difference (end, start, before).  idle: sensor's rise at the end
    without power, °C.  gain: its rise per W of the step's power.  conductance: at start and end, S.
    """

    start_s: float
    end_s: float
    rule: tuple[float, float, float]
    idle: float
    gain: float
    conductance: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What the generator gives in a step.

    power_w: as the step's equation takes it.  energy_j: over the step.  rows: (n, COLUMNS) of
    `control`.  end_s: where power jumps; the step must end there.
    """

    power_w: float
    energy_j: float
    rows: np.ndarray
    end_s: float


class Pilot:
    """State of a drive during one run; `given` only looks, `accept` goes on."""

    def given(self, window: Window) -> Given:
        """Power of a step."""
        raise NotImplementedError

    def accept(self, window: Window, given: Given) -> None:
        """Keep what `given` has found last."""


class _Steady(Pilot):
    """A drive that needs nothing but the step's end."""

    def __init__(self, drive: FixedVoltage | ExactControl | MeasuredTemperature) -> None:
        self._drive, self._before = drive, 0.0

    def given(self, window: Window) -> Given:
        power = self._power(window)
        before = self._before if window.rule[2] else power
        rise = window.idle + window.gain * power
        row = (window.end_s, rise, power, window.conductance[1], control.ON)
        energy = (window.end_s - window.start_s) * (before + power) / 2
        return Given(power_w=power, energy_j=energy, rows=np.array([row]), end_s=window.end_s)

    def accept(self, window: Window, given: Given) -> None:
        self._before = given.power_w

    def _power(self, window: Window) -> float:
        drive, siemens = self._drive, window.conductance[1]
        if isinstance(drive, FixedVoltage):
            return drive.voltage_v**2 * siemens
        wanted = max(drive.wanted_rise(window.end_s) - window.idle, 0.0) / window.gain
        if isinstance(drive, MeasuredTemperature):
            return wanted
        return min(wanted, drive.largest_voltage_v**2 * siemens, drive.largest_power_w)


class _Recorded(Pilot):
    """Measured power: the step takes the backward difference of the energy given so far."""

    def __init__(self, drive: MeasuredPower) -> None:
        self._drive, self._last = drive, 0.0

    def given(self, window: Window) -> Given:
        energy = self._drive.energy_j(window.start_s, window.end_s)
        power = window.rule[0] * energy - window.rule[2] * self._last
        shown = float(np.interp(window.end_s, self._drive.time_s, self._drive.power_w))
        rise = window.idle + window.gain * power
        row = (window.end_s, rise, shown, window.conductance[1], control.ON)
        return Given(power_w=power, energy_j=energy, rows=np.array([row]), end_s=window.end_s)

    def accept(self, window: Window, given: Given) -> None:
        self._last = given.energy_j


class _Sampled(Pilot):
    """A controller that looks at the sensor every period."""

    def __init__(self, drive: SampledControl, rise: float, made: Callable[[], Response]) -> None:
        self._setting, self._made = setting(drive), made
        self._response: Response | None = None
        self._memory, self._offset, self._slope = control.fresh(), rise, 0.0
        self._state = np.zeros(0)
        self._next: tuple[Memory, np.ndarray, float] | None = None
        self._last = 0.0

    def given(self, window: Window) -> Given:
        """Power of a step: loop and full solve agree on the sensor at its end.

        The loop's sensor is the reduced response plus a line; the full solve is affine in the
        energy of the step, so that a few rounds of the loop alone settle the line's end.
        """
        if self._response is None:
            self._response = self._made()
            self._state = np.zeros(len(self._response.rates))
        length = window.end_s - window.start_s
        rows = np.empty((int(length / self._setting.period) + 2, control.COLUMNS))
        offset, apart = self._offset + self._slope * length, np.inf
        for _ in range(ROUNDS):
            state = self._state.copy()
            stretch = Stretch(
                window.start_s, window.end_s, self._offset, offset, *window.conductance
            )
            memory, count, jump = control.run(
                self._setting, self._memory, stretch, self._response.rates, self._response.gains,
                state, rows,
            )  # fmt: skip
            energy = memory.joule - self._memory.joule
            power = window.rule[0] * energy - window.rule[2] * self._last
            found = window.idle + window.gain * power - float(self._response.gains @ state)
            apart, offset = abs(found - offset), found
            if apart < APART_DEGC or jump < window.end_s:
                self._next = memory, state, offset
                return Given(power_w=power, energy_j=energy, rows=rows[:count].copy(), end_s=jump)
        raise NumericsError(
            f"Controller and heat do not agree at {window.end_s:.1f} s ({apart:.2g} °C apart).",
            fix="Lower the gains of the controller.",
        )

    def accept(self, window: Window, given: Given) -> None:
        assert self._next is not None
        self._memory, self._state, offset = self._next
        self._slope = (offset - self._offset) / (window.end_s - window.start_s)
        self._offset, self._last = offset, given.energy_j


def setting(drive: SampledControl) -> Setting:
    """A burn as the loop needs it."""
    controller, limits, roll_off, burn = (
        drive.controller, drive.limits, drive.roll_off, drive.burn,
    )  # fmt: skip
    return Setting(
        period=controller.period_s, proportional=controller.proportional,
        integral=controller.integral, by_voltage=controller.by_voltage, power=limits.power_w,
        voltage=limits.voltage_v, current=limits.current_a, lowest=1.0 / limits.highest_ohm,
        highest=1.0 / limits.lowest_ohm if limits.lowest_ohm else np.inf, rise=roll_off.rise,
        pause=roll_off.pause_s, tries=roll_off.tries, ramp=burn.ramp_degc_s,
        top=burn.setpoint_degc - drive.body_degc, heating=drive.heating_s,
    )  # fmt: skip


def pilot(drive: Drive, rise: float, response: Callable[[], Response]) -> Pilot:
    """The pilot of a drive.

    Args:
        drive: what drives the heating.
        rise: sensor above the body at the start, °C.
        response: makes the sensor's reduced response, if it is needed.
    """
    if isinstance(drive, SampledControl):
        return _Sampled(drive, rise, response)
    if isinstance(drive, MeasuredPower):
        return _Recorded(drive)
    return _Steady(drive)
