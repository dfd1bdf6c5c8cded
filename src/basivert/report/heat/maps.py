"""Fields of a burn on planes and regular grids, for pictures, meshes and files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates
from skimage.measure import marching_cubes

from basivert.ablation.fields import Fields, Readings
from basivert.ablation.patient.model import MapGrid
from basivert.ablation.uncertainty.model import Endpoint
from basivert.arrays import Points, Vector
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import inverse, moved

# Ends of the 90 % interval of where the lesion ends, as probabilities to be dead.
BAND = (0.05, 0.95)
# Points looked up at once: a look-up compares each with the whole centre line.
AT_ONCE = 4000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """Readings with the shape of the points they were made at.

    temperature_degc, log_cem43 (ln of minutes), log_omega: law → ln Ω.
    """

    temperature_degc: np.ndarray
    log_cem43: np.ndarray
    log_omega: dict[str, np.ndarray]

    def of(self, endpoint: Endpoint) -> np.ndarray:
        """The field that an endpoint looks at, less its threshold: dead where not negative."""
        if endpoint.field == "temperature":
            return self.temperature_degc - endpoint.threshold
        if endpoint.field == "cem43":
            return self.log_cem43 - endpoint.threshold
        return self.log_omega[endpoint.field] - endpoint.threshold


def read(fields: Fields, points: np.ndarray) -> Values:
    """Values at points (..., 3), LPS mm."""
    flat, shape = points.reshape(-1, 3).astype(float), points.shape[:-1]
    parts: list[Readings] = [
        fields.sampled(flat[n : n + AT_ONCE]) for n in range(0, len(flat), AT_ONCE)
    ]

    def joined(arrays: list[Vector]) -> np.ndarray:
        return np.concatenate(arrays).reshape(shape)

    return Values(
        temperature_degc=joined([p.temperature_degc for p in parts]),
        log_cem43=np.log(joined([p.cem43_min for p in parts])),
        log_omega={
            law: np.log(joined([p.omega[law] for p in parts])) for law in fields.log_omega
        },
    )  # fmt: skip


def respaced(grid: MapGrid, step_mm: float) -> MapGrid:
    """The same block of space with voxels as near to `step_mm` as fits between its borders."""
    steps = np.linalg.norm(grid.lps_from_index[:3, :3], axis=0)
    last = np.array(grid.shape) - 1
    new_last = np.rint(last * steps / step_mm).astype(int)
    lps_from_index = np.array(grid.lps_from_index)
    lps_from_index[:3, :3] *= last / new_last
    i, j, k = (int(n) + 1 for n in new_last)
    return MapGrid(lps_from_index=lps_from_index, shape=(i, j, k))


def on_grid(fields: Fields, grid: MapGrid) -> Values:
    """Values at every voxel centre of a grid, (i, j, k)."""
    return read(fields, grid_points(grid.lps_from_index, grid.shape))


def shares(values: Vector, grid: MapGrid, points: np.ndarray) -> np.ndarray:
    """Probabilities (p,) given on a grid, at points (..., 3) LPS mm; 0 outside; smooth."""
    index = moved(inverse(grid.lps_from_index), points).reshape(-1, 3).T
    found = map_coordinates(
        values.reshape(grid.shape), index, order=3, mode="constant", cval=0.0
    )  # fmt: skip
    return np.clip(found, 0.0, 1.0).reshape(points.shape[:-1])


def surface(values: np.ndarray, grid: MapGrid) -> tuple[Points, np.ndarray] | None:
    """Closed mesh around values ≥ 0: vertices (n, 3) LPS mm and faces (m, 3), normals outwards.

    None where nothing reaches 0.
    """
    if values.max() < 0.0:
        return None
    low = min(float(values.min()), -1.0)
    padded = np.pad(values, 1, constant_values=low)
    vertices, faces, _, _ = marching_cubes(padded, 0.0, gradient_direction="ascent")
    return moved(grid.lps_from_index, vertices - 1.0), faces
