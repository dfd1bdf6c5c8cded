"""Pennes' bio-heat equation in time: second-order backward differences with variable steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.linear import solved
from basivert.ablation.problem import Inverse, Operator, Problem

# Largest correction that is still left after a solve, °C.
TOLERANCE_DEGC = 2e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Temperatures above the body's at the last times.

    times: seconds, newest last, up to three.  rises: the same number of arrays, °C.
    """

    times: tuple[float, ...]
    rises: tuple[np.ndarray, ...]

    def then(self, time_s: float, rise: np.ndarray) -> History:
        """One more time; at most three are kept."""
        return History(times=(*self.times, time_s)[-3:], rises=(*self.rises, rise)[-3:])

    def restarted(self) -> History:
        """Forget all but the newest: after a kink, old values predict nothing."""
        return History(times=self.times[-1:], rises=self.rises[-1:])

    def expected(self, time_s: float) -> np.ndarray:
        """Polynomial through all kept times, at `time_s`."""
        total = np.zeros_like(self.rises[-1])
        for here, rise in zip(self.times, self.rises, strict=True):
            weight = 1.0
            for other in self.times:
                weight *= 1.0 if other == here else (time_s - other) / (here - other)
            total += weight * rise
        return total


def weights(history: History, step: float) -> tuple[float, float, float]:
    """Backward difference at the end of a step: d/dt ≈ a·new − b·now + c·before.

    First order after a restart, second order from then on.
    """
    if len(history.times) < 2:
        return 1.0 / step, 1.0 / step, 0.0
    ratio = step / (history.times[-1] - history.times[-2])
    return (
        (1 + 2 * ratio) / (1 + ratio) / step,
        (1 + ratio) / step,
        ratio**2 / (1 + ratio) / step,
    )


class HeatSolver:
    """Implicit steps of one problem; inverses are kept per length of step."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem; nothing is factored yet."""
        self._problem = problem
        self._inverses: dict[int, Inverse] = {}
        self.sweeps = 0

    def system(self, rate: float, flow: np.ndarray) -> tuple[Operator, Inverse]:
        """Operator rate·storage + conduction + flow, and an inverse of nearly that.

        rate: 1/s.  flow: perfusion as it is now, W/K.
        """
        key = round(2 * np.log2(rate))
        own = self.operator(rate, flow)
        if key not in self._inverses:
            self._inverses[key] = own.inverse()
        return own, self._inverses[key]

    def operator(self, rate: float, flow: np.ndarray) -> Operator:
        """Rate·storage + conduction + flow.  rate: 1/s.  flow: W/K."""
        return self._problem.operator(rate * self._problem.storage + flow + self._problem.rim)

    def solve(
        self, system: tuple[Operator, Inverse], right: np.ndarray, start: np.ndarray,
        tolerance: float = TOLERANCE_DEGC,
    ) -> np.ndarray:  # fmt: skip
        """Solve one system and count the effort."""
        answer, sweeps = solved(*system, right, start, tolerance)
        self.sweeps += sweeps
        return answer

    def carried(self, history: History, step: float) -> np.ndarray:
        """What earlier times contribute to the right-hand side, W."""
        _, now, before = weights(history, step)
        past = now * history.rises[-1]
        if before:
            past = past - before * history.rises[-2]
        return self._problem.storage * past
