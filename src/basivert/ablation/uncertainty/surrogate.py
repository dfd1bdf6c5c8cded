"""A quick stand-in for the solver: principal components of its fields, each a Gaussian process.

Its errors are kept as what it said wrongly about runs that were left out while it was made, and
are added back to every prediction, so that intervals hold the truth as often as they claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.uncertainty.kriging import Kriging, fitted
from basivert.arrays import Matrix

# Components kept: enough for this share of the variance, at most so many.
SHARE, MOST = 0.9999, 16
FOLDS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reduced:
    """One field (or list of numbers) over the inputs.

    mean: (p,).  modes: (q, p).  processes: (q,) their weights.
    missed: (n, p) error at each training run when it was left out.
    """

    mean: np.ndarray
    modes: np.ndarray
    processes: tuple[Kriging, ...]
    missed: np.ndarray

    def weights(self, x: Matrix) -> Matrix:
        """(m, q) of the modes at (m, d) inputs."""
        return np.stack([p(x) for p in self.processes], axis=1)

    def at(self, x: Matrix) -> np.ndarray:
        """(m, p) without error."""
        return self.mean + self.weights(x) @ self.modes


def reduced(x: Matrix, y: np.ndarray) -> Reduced:
    """From (n, d) inputs and (n, p) outputs of as many runs."""
    return jointly(x, {"": y})[""]


def jointly(x: Matrix, fields: Mapping[str, np.ndarray]) -> dict[str, Reduced]:
    """Several fields of the same runs with common weights, each counted by its own spread.

    fields: name → (n, p) outputs.
    """
    scale = {name: float((y - y.mean(axis=0)).std()) or 1.0 for name, y in fields.items()}
    y = np.concatenate([f / scale[name] for name, f in fields.items()], axis=1)
    whole = _learnt(x, y)
    missed = np.empty_like(y)
    fold = np.arange(len(x)) % FOLDS
    for n in range(FOLDS):
        out = fold == n
        part = _again(x[~out], y[~out], whole)
        missed[out] = y[out] - part.at(x[out])
    borders = np.cumsum([0, *(f.shape[1] for f in fields.values())])
    return {
        name: Reduced(
            mean=scale[name] * whole.mean[a:b], modes=scale[name] * whole.modes[:, a:b],
            processes=whole.processes, missed=scale[name] * missed[:, a:b],
        )
        for name, a, b in zip(fields, borders[:-1], borders[1:], strict=True)
    }  # fmt: skip


def _learnt(x: Matrix, y: np.ndarray) -> Reduced:
    mean = y.mean(axis=0)
    values, rows = np.linalg.svd(y - mean, full_matrices=False)[1:]
    share = np.cumsum(values**2) / max(float(np.sum(values**2)), 1e-300)
    modes = rows[: min(int(np.searchsorted(share, SHARE)) + 1, MOST, len(values) - 1)]
    weights = (y - mean) @ modes.T
    processes = tuple(fitted(x, column) for column in weights.T)
    return Reduced(mean=mean, modes=modes, processes=processes, missed=np.zeros_like(y))


def _again(x: Matrix, y: np.ndarray, whole: Reduced) -> Reduced:
    """The same modes learnt from fewer runs.

    Modes of their own would mix where two are of nearly the same size, and a process that starts
    from the lengths of another's mode can end with none.
    """
    mean = y.mean(axis=0)
    weights = (y - mean) @ whole.modes.T
    processes = tuple(
        fitted(x, column, like.log) for column, like in zip(weights.T, whole.processes, strict=True)
    )
    return replace(whole, mean=mean, processes=processes)
