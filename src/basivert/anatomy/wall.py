"""The posterior wall as a smooth surface, bridged over the foramen."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import PosteriorWall
from basivert.anatomy.surface import SHARE_MM, Refined
from basivert.arrays import Affine, Point, Vector
from basivert.errors import NumericsError
from basivert.estimate import normal
from basivert.geometry.fit import tukey_weights
from basivert.geometry.rigid import moved

# Terms x^p z^q: curved both ways, with a lateral tilt of the curve; enough for flat to convex L5.
POWERS = ((0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (2, 1), (4, 0), (0, 3))
# The wall is read between the pedicles' roots and away from the endplates' rims.
READ_X_SHARE = 0.44
READ_Z_SHARE = 0.85
FACING = 0.75
BULGE_AT_MM = 8.0
# The foramen's own dip must not pull the wall inwards: points this near the middle weigh less.
FORAMEN_X_MM, FORAMEN_Z_MM = 5.0, 5.0
ROUNDS = 15


def posterior_wall(refined: Refined, half_mm: Point, lps_from_body: Affine) -> PosteriorWall:
    """Fit of the body's posterior surface.

    Raises: NumericsError where too little of it is seen.
    """
    v, n = refined.vertices, refined.normals
    near = (np.abs(v[:, 0]) < READ_X_SHARE * half_mm[0]) & (
        np.abs(v[:, 2]) < READ_Z_SHARE * half_mm[2]
    )
    # The arch also has surfaces facing backwards, but they lie behind the canal.
    near &= (n[:, 1] > FACING) & (v[:, 1] > 0.3 * half_mm[1]) & (v[:, 1] < 1.6 * half_mm[1])
    points = v[near]
    if len(points) < 5 * len(POWERS):
        raise NumericsError(
            f"Only {len(points)} surface points lie on the posterior wall.",
            fix="Check that the label leaves the vertebral canal free.",
        )
    coefficients, residual, covariance = _fit(points, refined)
    bulge, bulge_sd = _bulge(coefficients, covariance)
    z = np.linspace(READ_Z_SHARE * half_mm[2], -READ_Z_SHARE * half_mm[2], 25)
    y = np.tensordot(coefficients, np.stack([0.0**p * z**q for p, q in POWERS]), axes=1)
    return PosteriorWall(
        coefficients=coefficients,
        powers=POWERS,
        reach_mm=(float(READ_X_SHARE * half_mm[0]), float(READ_Z_SHARE * half_mm[2])),
        midline=moved(lps_from_body, np.column_stack([np.zeros_like(z), y, z])),
        bulge_mm=normal(
            bulge, np.hypot(bulge_sd, refined.sd_mm), "mm", "surface fit residual and voxel size"
        ),
        residual_mm=residual,
    )


def _fit(points: np.ndarray, refined: Refined) -> tuple[Vector, float, np.ndarray]:
    x, y, z = points.T
    terms = np.stack([x**p * z**q for p, q in POWERS], axis=1)
    scale = np.abs(terms).max(axis=0)
    terms = terms / scale
    middle = np.exp(-((x / FORAMEN_X_MM) ** 2) - (z / FORAMEN_Z_MM) ** 2)
    prior = 1.0 - 0.8 * middle
    weights, solution, residual = prior, np.zeros(len(POWERS)), y
    for _ in range(ROUNDS):
        root = np.sqrt(weights)
        solution = np.linalg.lstsq(terms * root[:, None], y * root, rcond=1e-6)[0]
        residual = y - terms @ solution
        weights = prior * tukey_weights(residual) + 1e-6
    spread = float(np.sqrt(np.sum(weights * residual**2) / weights.sum()))
    spacing = float(np.linalg.norm(refined.body_from_index[:3, 0]))
    shared = max(1.0, 4.0 * np.pi * (SHARE_MM / spacing) ** 2)
    covariance = np.linalg.pinv(terms.T @ (terms * weights[:, None])) * spread**2 * shared
    return solution / scale, spread, covariance / np.outer(scale, scale)


def _bulge(coefficients: Vector, covariance: np.ndarray) -> tuple[float, float]:
    at = np.array([0.0**p * 0.0**q - BULGE_AT_MM**p * (p % 2 == 0) * 0.0**q for p, q in POWERS])
    return float(at @ coefficients), float(np.sqrt(at @ covariance @ at))
