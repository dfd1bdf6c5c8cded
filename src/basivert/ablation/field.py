"""The electric field: div(σ∇φ) = 0 between equipotential electrodes, σ rising with temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.linear import solved
from basivert.ablation.model import Physics
from basivert.ablation.problem import Inverse, Operator, Problem

# Largest correction of the potential that is still left, as a share of the voltage.
TOLERANCE = 1e-4
# The averaged inverse is made anew when it needs this many sweeps more than when fresh.
STALE_SWEEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """The answer for one volt.  heat: of each node, W/V².  conductance: S.  sweeps: effort."""

    heat: np.ndarray
    conductance: float
    sweeps: int


class FieldSolver:
    """Solves the field again and again while σ follows temperature."""

    def __init__(self, problem: Problem, physics: Physics) -> None:
        """Keep the problem; nothing is solved yet."""
        self._problem, self._physics = problem, physics
        self._past: list[tuple[float, np.ndarray]] = []
        self._inverse: Inverse | None = None
        self._fresh = 0

    def __call__(self, time_s: float, rise: np.ndarray) -> Field:
        """Field at `time_s` and temperatures `rise` above the body's, °C."""
        problem = self._problem
        conduction = problem.conduction(conductivity(rise, self._physics))
        if self._inverse is None:
            self._inverse = conduction.operator.inverse()
        answer, sweeps = solved(
            conduction.operator, self._inverse, conduction.right, self._expected(time_s), TOLERANCE
        )
        self._refresh(conduction.operator, sweeps)
        self._past = [*self._past[-1:], (time_s, answer)]
        potential = np.where(problem.fixed, problem.potential, answer)
        heat, conductance = conduction.joule(potential)
        return Field(heat=heat, conductance=conductance, sweeps=sweeps)

    def _expected(self, time_s: float) -> np.ndarray:
        """Straight line through the last two answers."""
        if len(self._past) < 2:
            return self._past[-1][1] if self._past else np.zeros(self._problem.fixed.shape)
        (one, before), (two, last) = self._past
        return last + (time_s - two) / (two - one) * (last - before)

    def _refresh(self, operator: Operator, sweeps: int) -> None:
        if self._fresh == 0:
            self._fresh = sweeps
        elif sweeps > self._fresh + STALE_SWEEPS:
            self._inverse, self._fresh = operator.inverse(), sweeps


def conductivity(rise: np.ndarray, physics: Physics) -> np.ndarray:
    """Conductivity relative to that at body temperature."""
    cap = physics.sigma_cap_degc - physics.body_degc
    wet = 1.0 + physics.sigma_slope * np.minimum(rise, cap)
    boiling = physics.boiling
    if boiling is None:
        return wet
    over = (rise + physics.body_degc - boiling.start_degc) / (boiling.end_degc - boiling.start_degc)
    return wet * (1.0 - (1.0 - boiling.dry_share) * np.clip(over, 0.0, 1.0))
