"""Values of a volume at points of the patient's space."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.volume.model import Volume


def sample(volume: Volume, points_lps: np.ndarray, outside: float) -> np.ndarray:
    """Trilinear values at points.

    Args:
        points_lps: (..., 3) LPS mm.
        outside: value given beyond the outermost voxel centres.

    Returns: (...) float32, in the volume's unit.
    """
    return interpolated(volume.values, volume.lps_from_index, points_lps, outside=outside)


def sample_nearest(volume: Volume, points_lps: np.ndarray, outside: float) -> np.ndarray:
    """Value of the voxel that each point lies in.

    Args:
        points_lps: (..., 3) LPS mm.
        outside: value given beyond the outermost voxels' borders.

    Returns: (...) of the volume's own number type.
    """
    index = moved(inverse(volume.lps_from_index), points_lps)
    found = map_coordinates(
        volume.values, index.reshape(-1, 3).T, order=0, mode="grid-constant", cval=outside,
        prefilter=False,
    )  # fmt: skip
    return found.reshape(points_lps.shape[:-1])
