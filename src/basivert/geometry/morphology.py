"""Depths, pieces and nearest voxels of masks, with one type each."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from basivert.arrays import Vector


def depth_mm(mask: np.ndarray, spacing_mm: Vector) -> np.ndarray:
    """(i, j, k) distance of each true voxel's centre to the nearest false one's, mm; 0 outside."""
    return np.asarray(ndimage.distance_transform_edt(mask, sampling=spacing_mm))


def nearest_true(mask: np.ndarray, spacing_mm: float) -> tuple[np.ndarray, ...]:
    """For each voxel the index of the nearest true one, as a tuple that indexes an array."""
    found = ndimage.distance_transform_edt(
        ~mask, sampling=spacing_mm, return_distances=False, return_indices=True
    )
    return tuple(np.asarray(found))


def pieces(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Face-connected pieces numbered from 1 (0 outside), and how many there are."""
    numbered = np.zeros(mask.shape, np.int32)
    count = ndimage.label(mask, output=numbered)
    return numbered, int(np.asarray(count))
