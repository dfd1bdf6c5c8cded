"""Gaussian process regression of many outputs, each with its own lengths.

Kernel: a·exp(−½ Σ wᵢ Δᵢ²) + l·Σ wᵢ xᵢ yᵢ with a small noise; all by maximum likelihood.
Source: Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, eq. 2.30 and 5.9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from basivert.arrays import Matrix, Vector

ROUNDS = 30
# Start and bounds of the logarithms of w, a, l and noise, for outputs of unit variance.
START = {"w": -4.0, "a": 0.0, "l": 0.0, "noise": -7.0}
BOUNDS = {"w": (-14.0, 2.0), "a": (-6.0, 6.0), "l": (-6.0, 6.0), "noise": (-16.0, 1.0)}
LEAST_NOISE = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kriging:
    """One output over standard coordinates.

    x: (n, d) training points.  pull: (n,) weights of the kernel.  log: (d + 3,) logarithms of
    w, a, l and noise.
    """

    x: Matrix
    mean: float
    scale: float
    log: Vector
    pull: Vector

    def __call__(self, at: Matrix) -> Vector:
        """(m,) values at (m, d) points."""
        smooth, linear = _kernels(at, self.x, self.log)
        return self.mean + self.scale * ((smooth + linear) @ self.pull)


def fitted(x: Matrix, y: Vector, start: Vector | None = None) -> Kriging:
    """A process through (n, d) points with values (n,); `start`: logarithms to begin from."""
    d = x.shape[1]
    mean, scale = float(y.mean()), float(y.std()) or 1.0
    z = (y - mean) / scale
    begin = start if start is not None else np.array(
        [*[START["w"]] * d, START["a"], START["l"], START["noise"]]
    )  # fmt: skip
    bounds = [*[BOUNDS["w"]] * d, BOUNDS["a"], BOUNDS["l"], BOUNDS["noise"]]
    squares = (x[:, None] - x[None]) ** 2
    done = minimize(_cost, begin, (x, squares, z), jac=True, method="L-BFGS-B", bounds=bounds,
                    options={"maxiter": ROUNDS})  # fmt: skip
    smooth, linear = _kernels(x, x, done.x)
    pull = np.linalg.solve(smooth + linear + _noise(done.x) * np.eye(len(x)), z)
    return Kriging(x=x, mean=mean, scale=scale, log=done.x, pull=pull)


def _kernels(at: Matrix, x: Matrix, log: Vector) -> tuple[Matrix, Matrix]:
    w, (a, line, _) = np.exp(log[:-3]), np.exp(log[-3:])
    apart = (at**2 @ w)[:, None] + (x**2 @ w)[None] - 2 * (at * w) @ x.T
    return a * np.exp(-0.5 * np.maximum(apart, 0.0)), line * (at * w) @ x.T


def _noise(log: Vector) -> float:
    return float(np.exp(log[-1])) + LEAST_NOISE


def _cost(log: Vector, x: Matrix, squares: np.ndarray, z: Vector) -> tuple[float, Vector]:
    """Negative logarithm of the likelihood and its slope."""
    w = np.exp(log[:-3])
    smooth, linear = _kernels(x, x, log)
    inverse = np.linalg.inv(smooth + linear + _noise(log) * np.eye(len(z)))
    pull = inverse @ z
    slope = np.outer(pull, pull) - inverse
    bent = slope * smooth
    curved = -0.5 * np.tensordot(bent, squares, axes=((0, 1), (0, 1)))
    straight = np.exp(log[-2]) * np.sum(x * (slope @ x), axis=0)
    part = [*(w * (curved + straight)), bent.sum(), np.sum(slope * linear),
            np.exp(log[-1]) * np.trace(slope)]  # fmt: skip
    size = -np.linalg.slogdet(inverse)[1]
    return float(0.5 * (z @ pull + size)), -0.5 * np.array(part)
