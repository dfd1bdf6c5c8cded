"""A generator's log: what it must be like, and the drive that repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_lsq_spline

from basivert.ablation.generator import MeasuredPower, MeasuredTemperature
from basivert.arrays import Vector, frozen
from basivert.constants.model import Table
from basivert.errors import InputError

QUANTITIES = {"temperature": "°C", "power": "W", "impedance": "Ω"}
"""What a log may hold beside time, and its unit."""
# A bend of the temperature this sharp is a kink, °C/s; a jump of power this large, of its maximum.
KINK_DEGC_S, JUMP_SHARE = 0.1, 0.2
# Lines follow means over this time, s, and leave out noise of this many standard deviations.
# MAD to SD of a normal spread.
MEAN_S, NOISE_SD, SD_PER_MAD = 1.0, 3.0, 1.4826


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeneratorLog:
    """What a generator has recorded of one burn.

    time_s: (n,) ascending from 0.  temperature_degc, power_w, impedance_ohm: (n,) or None where
    the generator does not record it; temperature or power is always there.
    """

    time_s: Vector
    temperature_degc: Vector | None
    power_w: Vector | None
    impedance_ohm: Vector | None

    def __post_init__(self) -> None:
        for name in ("time_s", "temperature_degc", "power_w", "impedance_ohm"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, frozen(values))

    def recorded(self, quantity: str) -> Vector | None:
        """A column by its name in QUANTITIES."""
        return {
            "temperature": self.temperature_degc, "power": self.power_w,
            "impedance": self.impedance_ohm,
        }[quantity]  # fmt: skip


def generator_log(time_s: Vector, columns: Mapping[str, Vector], rules: Table) -> GeneratorLog:
    """A log from its columns, checked.

    Args:
        time_s: (n,) by the generator's own clock.
        columns: quantity of QUANTITIES → (n,) in its unit.
        rules: `generator_log`.

    Raises: InputError that says which sample, what was found and what was expected: too short, time
        that stands or runs back, gaps, no number, impossible values and jumps (mixed units).
    """
    if not {"temperature", "power"} & set(columns):
        raise InputError(
            "The log has neither temperature nor power.", fix="One of them is needed to repeat it."
        )
    _clock(time_s, rules)
    for quantity, values in columns.items():
        _finite(quantity, time_s, values)
        # A generator that gives no power measures no impedance.
        idle = quantity == "impedance" and "power" in columns
        counts = columns["power"] > 0 if idle else np.ones(len(time_s), bool)
        _possible(quantity, time_s, values, counts, rules)
    if "temperature" in columns:
        _steady(time_s, columns["temperature"], rules)
    return GeneratorLog(
        time_s=time_s - time_s[0], temperature_degc=columns.get("temperature"),
        power_w=columns.get("power"), impedance_ohm=columns.get("impedance"),
    )  # fmt: skip


def _clock(time_s: Vector, rules: Table) -> None:
    if len(time_s) < rules["least.samples"].value:
        raise InputError(
            f"The log has {len(time_s)} samples; {rules['least.samples'].value:g} are needed.",
            fix="Give the log of a whole burn, as the generator wrote it.",
        )
    _finite("time", time_s, time_s)
    steps = np.diff(time_s)
    if (steps <= 0).any():
        at = int(np.argmax(steps <= 0))
        word = "stands still" if steps[at] == 0 else "runs back"
        raise InputError(
            f"Time {word} in the log: sample {at + 2} is at {time_s[at + 1]:g} s, the one before "
            f"at {time_s[at]:g} s.",
            fix="Remove doubled rows; give one burn per file.",
        )
    if time_s[-1] - time_s[0] < rules["least.duration"].value:
        raise InputError(
            f"The log covers {time_s[-1] - time_s[0]:g} s; at least "
            f"{rules['least.duration'].value:g} s are needed.",
            fix="Check the unit of time (s, min, ms) in the column file.",
        )
    if steps.max() > rules["gap.longest"].value:
        at = int(np.argmax(steps))
        raise InputError(
            f"The log has a gap of {steps[at]:g} s after {time_s[at]:g} s; at most "
            f"{rules['gap.longest'].value:g} s can be bridged.",
            fix="Check the unit of time; split the file where the generator was off.",
        )


def _finite(quantity: str, time_s: Vector, values: Vector) -> None:
    if not np.isfinite(values).all():
        at = int(np.argmin(np.isfinite(values)))
        raise InputError(
            f"The log has no number for {quantity} in sample {at + 1} ({time_s[at]:g} s).",
            fix="Remove the row, or the column if it is not recorded throughout.",
        )


def _possible(
    quantity: str, time_s: Vector, values: Vector, counts: np.ndarray, rules: Table
) -> None:
    row = rules[f"{quantity}.possible"]
    assert row.low is not None and row.high is not None
    wrong = ((values < row.low) | (values > row.high)) & counts
    if wrong.any():
        at = int(np.argmax(wrong))
        unit = QUANTITIES[quantity]
        raise InputError(
            f"The log's {quantity} is {values[at]:g} {unit} in sample {at + 1} ({time_s[at]:g} s); "
            f"possible is {row.low:g} to {row.high:g} {unit}.",
            fix="Are units mixed in this column?"
            if (wrong != counts).any()
            else "Check this column's unit in the column file.",
        )  # fmt: skip


def _steady(time_s: Vector, degc: Vector, rules: Table) -> None:
    allowed = rules["temperature.jump"].value + rules["temperature.fastest"].value * np.diff(time_s)
    wrong = np.abs(np.diff(degc)) > allowed
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            f"The log's temperature jumps from {degc[at]:g} to {degc[at + 1]:g} °C between "
            f"{time_s[at]:g} and {time_s[at + 1]:g} s; that is faster than tissue can.",
            fix="Are °C and °F mixed, or was the sensor disconnected?",
        )


def drive(log: GeneratorLog, body_degc: float, rules: Table) -> MeasuredTemperature | MeasuredPower:
    """What repeats a log: its temperature where recorded, else its power.

    Power also heats cables, so temperature is the better witness. Straight lines are drawn through
    its noise and the steps of the display.
    """
    if log.temperature_degc is not None:
        time_s, degc = lines(log.time_s, log.temperature_degc, rules["temperature.smoothing"].value)
        bends = np.abs(np.diff(np.diff(degc) / np.diff(time_s))) > KINK_DEGC_S
        return MeasuredTemperature(
            time_s=time_s, degc=degc, body_degc=body_degc,
            kinks_s=tuple(float(t) for t in time_s[1:-1][bends]),
        )  # fmt: skip
    assert log.power_w is not None
    jumps = np.abs(np.diff(log.power_w)) > JUMP_SHARE * log.power_w.max()
    return MeasuredPower(
        time_s=log.time_s, power_w=log.power_w,
        kinks_s=tuple(float(t) for t in log.time_s[1:][jumps]),
    )  # fmt: skip


def lines(time_s: Vector, values: Vector, tolerance: float) -> tuple[Vector, Vector]:
    """Straight lines through a course: (m,) times and values, m ≤ n.

    Corners are where a line would miss a mean over a second by more than the tolerance and the
    noise; the values at the corners are those that miss all samples least.
    """
    bins = np.unique(np.floor(time_s / MEAN_S), return_inverse=True)[1]
    size = np.bincount(bins)
    when, mean = np.bincount(bins, time_s) / size, np.bincount(bins, values) / size
    when[0], when[-1] = time_s[0], time_s[-1]
    noise = SD_PER_MAD * float(np.median(np.abs(np.diff(mean, 2)))) / np.sqrt(6.0)
    knots = when[_corners(when, mean, tolerance + NOISE_SD * noise)]
    ends = np.concatenate([[knots[0]], knots, [knots[-1]]])
    fitted = make_lsq_spline(time_s, values, ends, k=1)
    return knots, np.asarray(fitted(knots), float)


def _corners(time_s: Vector, values: Vector, tolerance: float) -> np.ndarray:
    """Indices of the corners, the farthest sample first, until all lie within the tolerance."""
    found, open_ = {0, len(time_s) - 1}, [(0, len(time_s) - 1)]
    while open_:
        first, last = open_.pop()
        part = slice(first, last + 1)
        share = (time_s[part] - time_s[first]) / (time_s[last] - time_s[first])
        miss = np.abs(values[part] - values[first] - share * (values[last] - values[first]))
        worst = int(np.argmax(miss))
        if miss[worst] > tolerance:
            found.add(first + worst)
            open_ += [(first, first + worst), (first + worst, last)]
    return np.array(sorted(found))
