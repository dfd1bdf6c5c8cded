"""Length of the next time step, from how far the last one was from its forecast."""

from __future__ import annotations

import numpy as np

from basivert.ablation.heat import History

FIRST_S = 0.25
LARGEST_S = 30.0
# Estimated error of one step that is aimed at, °C at the worst node.
AIM_DEGC = 0.05
GROWTH, SHRINK = 2.0, 0.5


def next_step(history: History, time_s: float, rise: np.ndarray, step: float) -> float:
    """Length of the step after one that went from history's end to `time_s`, s.

    Milne's device: the difference to the extrapolated parabola is 11/2 of the error of the
    second-order rule; with less history the forecast is poor and the step stays.
    """
    if len(history.times) < 3:
        return step
    error = float(np.abs(rise - history.expected(time_s)).max()) * 2 / 11
    factor = (AIM_DEGC / max(error, 1e-9)) ** (1 / 3)
    return float(np.clip(step * np.clip(0.9 * factor, SHRINK, GROWTH), FIRST_S, LARGEST_S))
