"""How the sensor answers to power between two field solves: a few exponentials instead of a grid.

The heat equation is projected onto its answers at a few rates (a rational Krylov space). The
projection stays symmetric and stable; `control` adds what it misses, so that the sensor at the end
of each step is that of the full solve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from basivert.ablation import kernels
from basivert.ablation.heat import HeatSolver
from basivert.ablation.problem import Problem
from basivert.arrays import Vector

# Rates at which the projection is exact, 1/s: from the generator's own pace to a whole burn.
RATES = np.geomspace(1.0 / 400.0, 8.0, 6)
# Directions with a smaller share of the largest are round-off.
LEAST_SHARE = 1e-9
# Relative accuracy of each answer.
ACCURACY = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """Sensor's rise = Σ gain · z with dz/dt = −rate · z + power (W); from rest.

    rates: (m,) 1/s.  gains: (m,) °C/s/W.
    """

    rates: Vector
    gains: Vector

    def after(self, seconds: float) -> float:
        """Rise after `seconds` of 1 W, °C."""
        return float(self.gains @ (-np.expm1(-self.rates * seconds) / self.rates))


def response(
    problem: Problem,
    heat: HeatSolver,
    source: np.ndarray,
    flow: np.ndarray,
    sensor: np.ndarray,
) -> Response:
    """Reduced response of the sensor.

    Args:
        problem: tools in tissue.
        heat: its solver.
        source: heat of one watt, W.
        flow: perfusion, W/K.
        sensor: weights that read it.
    """
    answers: list[np.ndarray] = []
    start = np.zeros_like(source)
    for rate in RATES[::-1]:
        largest = max(kernels.largest(source / (rate * problem.storage)), 1e-12)
        start = heat.solve(heat.system(rate, flow), source, start, ACCURACY * largest)
        answers.append(start)
    still = heat.operator(0.0, flow)
    stored = _products(answers, [problem.storage * a for a in answers])
    carried = _products(answers, [still @ a for a in answers])
    size = 1.0 / np.sqrt(np.diag(stored))
    share, turn = np.linalg.eigh(stored * np.outer(size, size))
    kept = share > LEAST_SHARE * share[-1]
    turn = size[:, None] * turn[:, kept] / np.sqrt(share[kept])
    rates, modes = eigh(turn.T @ carried @ turn)
    mixed = turn @ modes
    given = mixed.T @ np.array([kernels.dot(a, source) for a in answers])
    read = mixed.T @ np.array([kernels.dot(a, sensor) for a in answers])
    return Response(rates=np.maximum(rates, 1e-9), gains=given * read)


def _products(ones: list[np.ndarray], others: list[np.ndarray]) -> np.ndarray:
    """Symmetric table of inner products."""
    found = np.array([[kernels.dot(a, b) for b in others] for a in ones])
    return (found + found.T) / 2
