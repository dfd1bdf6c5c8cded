"""Planes and lines through noisy points, with their residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Point, Points

# Tukey's biweight constant: 95 % efficiency on normal errors (Beaton and Tukey 1974).
TUKEY = 4.685
ROUNDS = 12


def tukey_weights(residual: np.ndarray) -> np.ndarray:
    """Biweight of residuals scaled by their own median absolute deviation."""
    scale = 1.4826 * np.median(np.abs(residual)) + 1e-9
    u = np.clip(np.abs(residual) / (TUKEY * scale), 0.0, 1.0)
    return (1.0 - u**2) ** 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneFit:
    """z = offset + slope · (x, y), mm; `covariance` (3, 3) of (slope_x, slope_y, offset)."""

    slope: tuple[float, float]
    offset: float
    residual_mm: float
    covariance: np.ndarray


def plane_over_xy(points: Points, correlation_points: float) -> PlaneFit:
    """Robust plane z(x, y) through points.

    Args:
        points: (n, 3) mm, n ≥ 3.
        correlation_points: how many neighbours share one error; divides the degrees of freedom.

    Source: iteratively reweighted least squares with Tukey's biweight.
    """
    terms = np.column_stack([points[:, 0], points[:, 1], np.ones(len(points))])
    weights, solution, residual = np.ones(len(points)), np.zeros(3), points[:, 2]
    for _ in range(ROUNDS):
        root = np.sqrt(weights)[:, None]
        solution = np.linalg.lstsq(terms * root, points[:, 2] * root[:, 0], rcond=None)[0]
        residual = points[:, 2] - terms @ solution
        weights = tukey_weights(residual)
    spread = float(np.sqrt(np.sum(weights * residual**2) / np.sum(weights)))
    normal = terms.T @ (terms * weights[:, None])
    covariance = np.linalg.inv(normal) * spread**2 * correlation_points
    return PlaneFit(
        slope=(float(solution[0]), float(solution[1])),
        offset=float(solution[2]),
        residual_mm=spread,
        covariance=covariance,
    )


def line(points: Points, weights: np.ndarray) -> tuple[Point, Point]:
    """Weighted principal line: a point on it and its unit direction."""
    centre = np.average(points, axis=0, weights=weights)
    spread = (points - centre) * np.sqrt(weights)[:, None]
    return centre, np.linalg.svd(spread, full_matrices=False)[2][0]
