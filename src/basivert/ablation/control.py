"""A generator's controller, sample by sample, between two steps of the heat.

Proportional and integral action on the sensor at a fixed period; the command is held between
samples. The sensor between steps is the reduced response (`response`) plus a straight line that
makes it that of the full solve at both ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from basivert.arrays import Vector

ON, PAUSED, ROLLED_OFF, IMPEDANCE_STOP, DONE = range(5)
"""What the generator does."""
TIME_S = 1e-9
"""Times closer than this are the same."""
COLUMNS = 5
"""Columns of a display row: time, rise, power, conductance, what it does."""


class Setting(NamedTuple):
    """A burn as the loop needs it; °C above the body's, W, V, A, S, s.

    by_voltage: the command is in volts, else in watts.  lowest, highest: conductance at which the
    generator stops.  rise: share above the lowest impedance that is a roll-off.
    """

    period: float
    proportional: float
    integral: float
    by_voltage: bool
    power: float
    voltage: float
    current: float
    lowest: float
    highest: float
    rise: float
    pause: float
    tries: int
    ramp: float
    top: float
    heating: float


class Memory(NamedTuple):
    """What the controller remembers.

    sample: time of its next sample.  total: integral action, in units of the command.  held: the
    command.  best: largest conductance since power came on.  resume: end of a pause.  joule: energy
    given so far.
    """

    sample: float
    total: float
    held: float
    best: float
    resume: float
    rolls: int
    doing: int
    joule: float


class Stretch(NamedTuple):
    """One step as the loop sees it: times, and offset and conductance at its two ends."""

    start: float
    end: float
    offset: float
    offset_end: float
    conductance: float
    conductance_end: float


def fresh() -> Memory:
    """A generator that was just switched on."""
    return Memory(
        sample=0.0, total=0.0, held=0.0, best=0.0, resume=0.0, rolls=0, doing=ON, joule=0.0
    )


@njit(cache=True, nogil=True)
def run(
    setting: Setting, memory: Memory, stretch: Stretch, rates: Vector, gains: Vector,
    state: Vector, rows: np.ndarray,
) -> tuple[Memory, int, float]:  # fmt: skip
    """Work through one step.

    Args:
        setting: the burn.
        memory: what the controller remembers.
        stretch: the step.
        rates, gains: (m,) of the reduced response.
        state: (m,) of the reduced response, changed in place.
        rows: (n, COLUMNS) room for one display row a sample.

    Returns: memory at the end, rows filled, and the first time inside the step at which power
        jumped (the step's end if none).
    """
    time, count, jump = stretch.start, 0, stretch.end
    sample, total, held, best, resume, rolls, doing, joule = memory
    while time < stretch.end - TIME_S:
        share = (time - stretch.start) / (stretch.end - stretch.start)
        siemens = stretch.conductance + share * (stretch.conductance_end - stretch.conductance)
        if time >= sample - TIME_S:
            offset = stretch.offset + share * (stretch.offset_end - stretch.offset)
            rise = offset + np.dot(gains, state)
            wanted = min(setting.ramp * time, setting.top)
            before = doing
            doing, best, resume, rolls = _watched(
                setting, time, siemens, held, doing, best, resume, rolls
            )
            if doing != ON:
                total = 0.0
            held, total = _commanded(setting, wanted - rise, total, siemens, doing == ON)
            if doing != before and time > stretch.start + TIME_S and jump == stretch.end:
                jump = time
            rows[count, 0], rows[count, 1] = time, rise
            rows[count, 2] = _power(setting, held, siemens)
            rows[count, 3], rows[count, 4] = siemens, doing
            count += 1
            sample += setting.period
        length = min(sample, stretch.end) - time
        if time < setting.heating - TIME_S:
            length = min(length, setting.heating - time)
        elif doing != DONE:
            doing, held = DONE, 0.0
        power = _power(setting, held, siemens)
        for m in range(rates.shape[0]):
            kept = np.exp(-rates[m] * length)
            state[m] = kept * state[m] + power * (1.0 - kept) / rates[m]
        joule += power * length
        time += length
    return Memory(sample, total, held, best, resume, rolls, doing, joule), count, jump


@njit(cache=True, nogil=True)
def _power(setting: Setting, held: float, siemens: float) -> float:
    """Power of a command, W, within the limits: conductance moves between samples."""
    power = held**2 * siemens if setting.by_voltage else held
    return min(power, _most(setting, siemens))


@njit(cache=True, nogil=True)
def _most(setting: Setting, siemens: float) -> float:
    """Largest power that the limits allow, W."""
    return min(setting.power, setting.voltage**2 * siemens, setting.current**2 / siemens)


@njit(cache=True, nogil=True)
def _commanded(
    setting: Setting, error: float, total: float, siemens: float, on: bool
) -> tuple[float, float]:
    """Command and integral action; the integral waits while a limit holds against it."""
    if not on:
        return 0.0, 0.0
    most = _most(setting, siemens)
    if setting.by_voltage:
        most = np.sqrt(most / siemens)
    further = total + setting.integral * error * setting.period
    free = setting.proportional * error + further
    held = min(max(free, 0.0), most)
    if (free > most and error > 0.0) or (free < 0.0 and error < 0.0):
        further = total
    return held, further


@njit(cache=True, nogil=True)
def _watched(
    setting: Setting, time: float, siemens: float, held: float, doing: int, best: float,
    resume: float, rolls: int,
) -> tuple[int, float, float, int]:  # fmt: skip
    """What the generator does from this sample on, after a look at impedance and clock."""
    if time >= setting.heating - TIME_S:
        return DONE, best, resume, rolls
    if doing == PAUSED and time >= resume - TIME_S:
        return ON, siemens, resume, rolls
    if doing != ON:
        return doing, best, resume, rolls
    best = max(best, siemens)
    if siemens < setting.lowest or siemens > setting.highest:
        return IMPEDANCE_STOP, best, resume, rolls
    if held > 0.0 and siemens * (1.0 + setting.rise) < best:
        if rolls >= setting.tries:
            return ROLLED_OFF, best, resume, rolls
        return PAUSED, best, time + setting.pause, rolls + 1
    return ON, best, resume, rolls
