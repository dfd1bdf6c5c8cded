"""Symmetric systems on the probe's grid: conjugate gradients with an exact solve of the averages.

Coefficients averaged around the probe make the angular Fourier modes independent; each is a
two-dimensional system that is inverted directly. With one angle that is the solution itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation import kernels, problem
from basivert.errors import NumericsError

ITERATIONS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """Conductances between neighbours (edges, angles, s, r) and a diagonal (angles, s, r)."""

    edges: np.ndarray
    kd: np.ndarray

    def __matmul__(self, x: np.ndarray) -> np.ndarray:
        """Operator · x."""
        y = np.empty_like(x)
        kernels.apply(self.edges, self.kd, x, y)
        return y

    def inverse(self) -> Averaged:
        """Of its average around the probe."""
        return Averaged(self)


class Averaged:
    """Inverse of an operator whose coefficients are averaged around the probe."""

    def __init__(self, operator: Operator) -> None:
        """Factor all angular modes."""
        angles, along, across = operator.kd.shape
        self._basis, self._rows = fourier(angles)
        across_mean, around_mean, along_mean = operator.edges[:3].mean(axis=1, dtype=np.float64)
        eigen = 2.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(angles // 2 + 1) / angles)
        wide = -(-across // kernels.LANES) * kernels.LANES
        self._inverse = np.zeros((len(eigen), along, wide, wide), np.float32)
        kernels.factor(
            across_mean, along_mean, operator.kd.mean(axis=0), around_mean, eigen, self._inverse,
        )  # fmt: skip
        self._ks = along_mean.astype(np.float32)

    def __call__(self, b: np.ndarray) -> np.ndarray:
        """Solve with the averaged operator."""
        size = kernels.largest(b)
        if size == 0.0:
            return np.zeros_like(b)
        rows, modes = np.empty(b.shape, np.float32), np.empty(b.shape, np.float32)
        kernels.scaled(b, 1.0 / size, rows)
        flat = (len(b), -1)
        kernels.turned(self._basis, rows.reshape(flat), modes.reshape(flat))
        kernels.substitute(self._inverse, self._ks, self._rows, modes)
        kernels.turned(self._basis.T, modes.reshape(flat), rows.reshape(flat))
        answer = np.empty_like(b)
        kernels.scaled(rows, size, answer)
        return answer


def fourier(angles: int) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal real Fourier basis (rows) of a ring; rows of each frequency, −1 for none."""
    turn = 2.0 * np.pi * np.arange(angles) / angles
    basis, rows = [np.full(angles, 1.0)], [(0, -1)]
    for frequency in range(1, angles // 2 + 1):
        both = 2 * frequency < angles
        rows.append((len(basis), len(basis) + 1 if both else -1))
        basis.append(np.cos(frequency * turn))
        if both:
            basis.append(np.sin(frequency * turn))
    matrix = np.array(basis)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix.astype(np.float32), np.array(rows)


def solved(
    operator: problem.Operator,
    inverse: problem.Inverse,
    b: np.ndarray,
    start: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray, int]:
    """Solve operator · x = b from `start`.

    Args:
        operator: symmetric, positive.
        inverse: solves nearly the same system.
        b: right-hand side.
        start: first guess.
        tolerance: largest correction that one more sweep of `inverse` would make, in units of x.

    Returns: the solution and the number of sweeps.

    Raises: NumericsError when it does not converge.
    """
    x, residual = start.copy(), b - operator @ start
    step = inverse(residual)
    if kernels.largest(step) <= tolerance:
        return x + step, 1
    direction = step.copy()
    energy = kernels.dot(residual, step)
    for sweep in range(2, ITERATIONS):
        image = operator @ direction
        length = energy / kernels.dot(direction, image)
        kernels.added(x, length, direction, x)
        kernels.added(residual, -length, image, residual)
        step = inverse(residual)
        if kernels.largest(step) <= tolerance:
            return x + step, sweep
        before, energy = energy, kernels.dot(residual, step)
        kernels.added(step, energy / before, direction, direction)
    raise NumericsError(
        f"A linear system did not converge in {ITERATIONS} sweeps "
        f"(left {kernels.largest(step):.3g}).",
        fix="Check the tissue table for extreme contrasts.",
    )
