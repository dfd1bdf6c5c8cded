"""What drives the heating: a fixed voltage, or a sensor that follows a set course exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

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


Drive = FixedVoltage | ExactControl


def squared_voltage(
    drive: Drive, time_s: float, idle: float, gain: float, conductance: float
) -> float:
    """U² during a step that ends at `time_s`.

    idle: sensor's rise without power, °C.  gain: its rise per V².  conductance: S.
    """
    if isinstance(drive, FixedVoltage):
        return drive.voltage_v**2
    wanted = max(drive.wanted_rise(time_s) - idle, 0.0) / gain
    return float(min(wanted, drive.largest_voltage_v**2, drive.largest_power_w / conductance))


def stops(drive: Drive, moments: tuple[float, ...]) -> np.ndarray:
    """Times that a step must end at, s, ascending, the duration last."""
    inside = [t for t in (*drive.kinks_s, *moments) if 0 < t < drive.duration_s]
    return np.array(sorted({*inside, drive.duration_s}))
