"""The exact surface and canal of a virtual vertebra, by root finding on its implicit functions."""

from __future__ import annotations

import numpy as np
from skimage.measure import marching_cubes

from basivert.arrays import Matrix, Points
from basivert.geometry.rigid import moved
from basivert.phantom.model import LevelSpec, VertebraTruth
from basivert.phantom.shapes import HIGH_MM, LOW_MM, SPARSE, bone, bone_on_grid, wall_y

# The canal's middle lies about this far behind the posterior wall.
CANAL_MIDDLE_MM = 9.0
# Farther than so many coarse steps from the surface a neighbour's value will do.
NEAR_STEPS = 3.0
RAY_MM, RAY_STEPS, HALVINGS = 26.0, 131, 30


def true_mesh(truth: VertebraTruth, step_mm: float) -> tuple[Points, np.ndarray]:
    """Vertices (n, 3) LPS mm and faces (m, 3) of the true bone, sampled every `step_mm`."""
    axes = [np.arange(a, b, step_mm) for a, b in zip(LOW_MM, HIGH_MM, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    value, _ = bone_on_grid(truth.spec, grid, SPARSE, NEAR_STEPS * SPARSE * step_mm)
    vertices, faces, _, _ = marching_cubes(value, 0.0)
    return moved(truth.lps_from_body, LOW_MM + vertices * step_mm), faces.astype(int)


def canal_border(spec: LevelSpec, z_mm: float, angle_rad: np.ndarray) -> Matrix:
    """(n, 2) where rays from the canal's middle meet bone at height z, body frame x and y, mm.

    NaN in directions that leave through an intervertebral foramen.
    """
    centre = np.array([0.0, wall_y(spec) + CANAL_MIDDLE_MM, z_mm])
    heading = np.stack([np.cos(angle_rad), np.sin(angle_rad), np.zeros_like(angle_rad)], axis=-1)
    r = np.linspace(0.0, RAY_MM, RAY_STEPS)
    inside = bone(spec, centre + r[:, None] * heading[:, None])[0] < 0
    first = np.argmax(inside, axis=1)
    low, high = r[np.maximum(first - 1, 0)], r[first]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        beyond = bone(spec, centre + middle[:, None] * heading)[0] < 0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    met = np.asarray(inside.any(axis=1))
    border = centre[:2] + high[:, None] * heading[:, :2]
    return np.where(met[:, None], border, np.nan)
