"""What drives the heating: a fixed voltage, a set course, or what a generator has recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from basivert.ablation.burns import SampledControl
from basivert.arrays import Vector, frozen
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedVoltage:
    """The same voltage (RMS, between electrodes of potential ±½) all the time."""

    voltage_v: float
    duration_s: float

    @property
    def kinks_s(self) -> tuple[float, ...]:
        """Times at which the course bends."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactControl:
    """The sensor follows a ramp from body temperature to the set-point and stays there.

    largest_voltage_v, largest_power_w: the generator's limits; the sensor lags while one holds.
    Assumes: a controller much faster than the heat (`docs/ablation.md`).
    """

    ramp_degc_s: float
    setpoint_degc: float
    body_degc: float
    duration_s: float
    largest_voltage_v: float = math.inf
    largest_power_w: float = math.inf

    def __post_init__(self) -> None:
        if not (self.largest_voltage_v > 0 and self.largest_power_w > 0):
            raise InputError(
                f"Limits of {self.largest_voltage_v} V and {self.largest_power_w} W give no heat.",
                fix="Limits must be positive.",
            )
        if not (
            self.ramp_degc_s > 0 and self.setpoint_degc > self.body_degc and self.duration_s > 0
        ):
            raise InputError(
                f"A ramp of {self.ramp_degc_s} °C/s to {self.setpoint_degc} °C for "
                f"{self.duration_s} s cannot be run.",
                fix="Ramp and duration must be positive, the set-point above body temperature.",
            )

    @property
    def kinks_s(self) -> tuple[float, ...]:
        """Times at which the course bends."""
        return ((self.setpoint_degc - self.body_degc) / self.ramp_degc_s,)

    def wanted_rise(self, time_s: float) -> float:
        """Sensor above body temperature, °C."""
        return min(self.ramp_degc_s * time_s, self.setpoint_degc - self.body_degc)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredTemperature:
    """The sensor follows what was measured, exactly where power of 0 or more can do it.

    time_s, degc: (n,) from 0 s on; straight between.  kinks_s: where the course bends sharply.
    """

    time_s: Vector
    degc: Vector
    body_degc: float
    kinks_s: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen(self.time_s))
        object.__setattr__(self, "degc", frozen(self.degc))

    @property
    def duration_s(self) -> float:
        """The last time."""
        return float(self.time_s[-1])

    def wanted_rise(self, time_s: float) -> float:
        """Sensor above body temperature, °C."""
        return float(np.interp(time_s, self.time_s, self.degc)) - self.body_degc


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredPower:
    """The power that was measured.

    time_s, power_w: (n,) from 0 s on; straight between.  kinks_s: where power jumps.
    """

    time_s: Vector
    power_w: Vector
    kinks_s: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen(self.time_s))
        object.__setattr__(self, "power_w", frozen(self.power_w))

    @property
    def duration_s(self) -> float:
        """The last time."""
        return float(self.time_s[-1])

    def energy_j(self, start_s: float, end_s: float) -> float:
        """Energy between two times."""
        inside = self.time_s[(self.time_s > start_s) & (self.time_s < end_s)]
        times = np.concatenate([[start_s], inside, [end_s]])
        return float(np.trapezoid(np.interp(times, self.time_s, self.power_w), times))


Drive = FixedVoltage | ExactControl | SampledControl | MeasuredTemperature | MeasuredPower


def stops(drive: Drive, moments: tuple[float, ...]) -> np.ndarray:
    """Times that a step must end at, s, ascending, the duration last."""
    inside = [t for t in (*drive.kinks_s, *moments) if 0 < t < drive.duration_s]
    return np.array(sorted({*inside, drive.duration_s}))
