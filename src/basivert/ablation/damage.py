"""Thermal damage: Arrhenius laws and CEM43, accumulated within each time step.

Source: damage.arrhenius.form, damage.cem43.form (Sapareto and Dewey).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from basivert.ablation.model import Law
from basivert.arrays import Vector

GAS_J_MOLK = 8.314
KELVIN = 273.15
SECONDS_A_MINUTE = 60.0
REFERENCE_DEGC = 43.0
LOG_HALF, LOG_QUARTER = np.log(0.5), np.log(0.25)
# Up to here six terms of the exponential's series are exact to 1e-9.
NEAR = 0.2
# ln Ω beyond which a cell is wholly alive or wholly dead.
SURE = 6.0


def arrhenius(degc: Vector, seconds: float, law: Law) -> Vector:
    """Ω after `seconds` at constant temperatures (n,), °C."""
    return seconds * np.exp(law.log_frequency - law.energy_j_mol / (GAS_J_MOLK * (degc + KELVIN)))


def cem43(degc: Vector, seconds: float) -> Vector:
    """CEM43 in minutes after `seconds` at constant temperatures (n,), °C."""
    base = np.where(degc >= REFERENCE_DEGC, LOG_HALF, LOG_QUARTER)
    return seconds / SECONDS_A_MINUTE * np.exp((REFERENCE_DEGC - degc) * base)


def columns(laws: Sequence[Law]) -> tuple[Vector, Vector]:
    """Laws as log frequency and activation temperature (K), for `accumulate`."""
    frequency = np.array([law.log_frequency for law in laws])
    return frequency, np.array([law.energy_j_mol / GAS_J_MOLK for law in laws])


@njit(cache=True, nogil=True, fastmath=True)
def add_omega(
    before: np.ndarray, now: np.ndarray, after: np.ndarray, past: float, step: float, body: float,
    frequency: Vector, kelvin: Vector, omega: np.ndarray,
) -> None:  # fmt: skip
    """Add one time step to Ω, Simpson's rule on the parabola through three temperatures.

    Args:
        before, now, after: (n,) °C above `body`, `past` s before, at the start and at the end.
        past, step: lengths of the last and of this step, s; past 0: straight line instead.
        body: °C.
        frequency, kelvin: (laws,) from `columns`.
        omega: (laws, n), added to.
    """
    for law in range(frequency.shape[0]):
        a, e = frequency[law], kelvin[law]
        total = omega[law]
        for n in range(now.shape[0]):
            middle = body + KELVIN + _middle(before[n], now[n], after[n], past, step)
            here = a - e / middle
            start = a - e / (now[n] + body + KELVIN) - here
            end = a - e / (after[n] + body + KELVIN) - here
            total[n] += (step / 6.0) * np.exp(here) * (4.0 + _exp(start) + _exp(end))


@njit(cache=True, nogil=True, fastmath=True)
def add_cem43(
    before: np.ndarray, now: np.ndarray, after: np.ndarray, past: float, step: float, body: float,
    dose: np.ndarray,
) -> None:  # fmt: skip
    """The same for CEM43 in minutes; dose: (n,), added to."""
    for n in range(now.shape[0]):
        middle = body + _middle(before[n], now[n], after[n], past, step)
        here = _log_rate(middle)
        start, end = _log_rate(now[n] + body) - here, _log_rate(after[n] + body) - here
        total = np.exp(here) * (4.0 + _exp(start) + _exp(end))
        dose[n] += step / (6.0 * SECONDS_A_MINUTE) * total


@njit(cache=True, nogil=True, fastmath=True)
def _log_rate(degc: float) -> float:
    """Logarithm of the minutes at 43 °C that a minute counts for."""
    return (REFERENCE_DEGC - degc) * (LOG_HALF if degc >= REFERENCE_DEGC else LOG_QUARTER)


@njit(cache=True, nogil=True, fastmath=True)
def _exp(x: float) -> float:
    """Exponential; its series where that is exact to 1e-9, since most of tissue hardly changes."""
    if abs(x) > NEAR:
        return np.exp(x)
    return 1.0 + x * (1.0 + x * (0.5 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x / 720)))))


@njit(cache=True, nogil=True, fastmath=True)
def _middle(before: float, now: float, after: float, past: float, step: float) -> float:
    """Temperature half-way through the step, on the parabola where there is a past."""
    if past <= 0.0:
        return 0.5 * (now + after)
    bend = (now - before) / past - (after - now) / step
    return 0.5 * (now + after) + 0.25 * step * step * bend / (past + step)


@njit(cache=True, nogil=True, fastmath=True)
def alive(omega: np.ndarray, share: np.ndarray) -> None:
    """Share of each node's cell where Ω < 1, from the slope of ln Ω across the cell.

    omega, share: (angles, s, r).  A front that jumped from node to node would make steps in power.
    """
    angles, along, across = omega.shape
    least, most = np.exp(-SURE), np.exp(SURE)
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                own = omega[j, k, i]
                if own < least or own > most:
                    share[j, k, i] = 1.0 if own < 1.0 else 0.0
                    continue
                here = np.log(own)
                width = 0.0
                low, high = max(i - 1, 0), min(i + 1, across - 1)
                width += abs(np.log(max(omega[j, k, high], 1e-30) / max(omega[j, k, low], 1e-30)))
                low, high = max(k - 1, 0), min(k + 1, along - 1)
                width += abs(np.log(max(omega[j, high, i], 1e-30) / max(omega[j, low, i], 1e-30)))
                if angles > 1:
                    low, high = (j - 1) % angles, (j + 1) % angles
                    width += abs(
                        np.log(max(omega[high, k, i], 1e-30) / max(omega[low, k, i], 1e-30))
                    )
                share[j, k, i] = min(1.0, max(0.0, 0.5 - 2.0 * here / max(width, 1e-9)))
