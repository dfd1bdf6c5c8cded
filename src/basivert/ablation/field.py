"""The electric field: div(σ∇φ) = 0 between equipotential electrodes, σ rising with temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation import kernels
from basivert.ablation.body import Body
from basivert.ablation.linear import Averaged, Operator, solved
from basivert.ablation.model import Physics

# Largest correction of the potential that is still left, as a share of the voltage.
TOLERANCE = 1e-4
# The averaged inverse is made anew when it needs this many sweeps more than when fresh.
STALE_SWEEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """The answer for one volt.  heat: (angles, s, r) W/V².  conductance: S.  sweeps: effort."""

    heat: np.ndarray
    conductance: float
    sweeps: int


class FieldSolver:
    """Solves the field again and again while σ follows temperature."""

    def __init__(self, body: Body, physics: Physics) -> None:
        """Keep the problem; nothing is solved yet."""
        self._body, self._physics = body, physics
        self._past: list[tuple[float, np.ndarray]] = []
        self._inverse: Averaged | None = None
        self._fresh = 0

    def __call__(self, time_s: float, rise: np.ndarray) -> Field:
        """Field at `time_s` and temperatures `rise` (angles, s, r) above the body's, °C."""
        electric, physics = self._body.electric, self._physics
        full, free = np.empty_like(electric), np.empty_like(electric)
        diagonal, right = np.empty_like(rise), np.empty_like(rise)
        kernels.reduced(
            electric, self._body.fixed, self._body.potential, rise, physics.sigma_slope,
            physics.sigma_cap_degc - physics.body_degc, full, free, diagonal, right,
        )  # fmt: skip
        operator = Operator(free, diagonal)
        if self._inverse is None:
            self._inverse = Averaged(operator)
        answer, sweeps = solved(operator, self._inverse, right, self._expected(time_s), TOLERANCE)
        self._refresh(operator, sweeps)
        self._past = [*self._past[-1:], (time_s, answer)]
        potential = np.where(self._body.fixed, self._body.potential, answer)
        heat = np.empty_like(answer)
        conductance = kernels.joule(full, potential, heat)
        return Field(heat=heat, conductance=conductance, sweeps=sweeps)

    def _expected(self, time_s: float) -> np.ndarray:
        """Straight line through the last two answers."""
        if len(self._past) < 2:
            return self._past[-1][1] if self._past else np.zeros(self._body.nodes.shape)
        (one, before), (two, last) = self._past
        return last + (time_s - two) / (two - one) * (last - before)

    def _refresh(self, operator: Operator, sweeps: int) -> None:
        if self._fresh == 0:
            self._fresh = sweeps
        elif sweeps > self._fresh + STALE_SWEEPS:
            self._inverse, self._fresh = Averaged(operator), sweeps
