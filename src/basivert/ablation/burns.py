"""One burn as the generator is told it: controller, limits, roll-off, ramp and hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Proportional and integral action at a fixed period.

    proportional: W or V (by_voltage) per °C.  integral: the same per second.
    """

    period_s: float
    proportional: float
    integral: float
    by_voltage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the generator never exceeds; outside the impedances it stops."""

    power_w: float
    voltage_v: float
    current_a: float
    lowest_ohm: float
    highest_ohm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOff:
    """A rise of impedance by a share of its lowest value switches power off for a pause.

    tries: pauses before the generator stops; 0 stops at the first.
    """

    rise: float
    pause_s: float
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """Ramp to a set-point and hold, counted from the ramp's end; then rest with power off.

    withdrawal_mm: how far the probe is drawn back before this burn, along its shaft.
    """

    setpoint_degc: float
    ramp_degc_s: float
    hold_s: float
    cool_down_s: float
    withdrawal_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledControl:
    """One burn with everything the generator needs; a drive of `ablate`.

    The ramp starts at body temperature by the clock, whatever the sensor reads.
    """

    controller: Controller
    limits: Limits
    roll_off: RollOff
    burn: Burn
    body_degc: float

    @property
    def ramp_s(self) -> float:
        """Length of the ramp."""
        return (self.burn.setpoint_degc - self.body_degc) / self.burn.ramp_degc_s

    @property
    def heating_s(self) -> float:
        """End of the hold."""
        return self.ramp_s + self.burn.hold_s

    @property
    def duration_s(self) -> float:
        """End of the rest."""
        return self.heating_s + self.burn.cool_down_s

    @property
    def kinks_s(self) -> tuple[float, ...]:
        """Times at which the course bends."""
        return (self.ramp_s, self.heating_s)
