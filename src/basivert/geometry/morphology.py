"""Depths, pieces and nearest voxels of masks, with one type each."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from basivert.arrays import Vector
from basivert.geometry.distances import nearest_sites


def depth_mm(mask: np.ndarray, spacing_mm: Vector) -> np.ndarray:
    """(i, j, k) distance of each true voxel's centre to the nearest false one's, mm; 0 outside.

    Infinite everywhere where no voxel is false.
    """
    _, square = _nearest(~mask, spacing_mm)
    return np.sqrt(square, out=square)


def nearest_true(mask: np.ndarray, spacing_mm: float) -> np.ndarray:
    """(i, j, k) flat index of the nearest true voxel; −1 everywhere where none is true."""
    return _nearest(mask, np.full(3, spacing_mm))[0]


def _nearest(sites: np.ndarray, spacing_mm: Vector) -> tuple[np.ndarray, np.ndarray]:
    site, square = np.empty(sites.shape, np.int32), np.empty(sites.shape)
    nearest_sites(np.ascontiguousarray(sites), np.asarray(spacing_mm, float), site, square)
    return site, square


def pieces(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Face-connected pieces numbered from 1 (0 outside), and how many there are."""
    numbered = np.zeros(mask.shape, np.int32)
    count = ndimage.label(mask, output=numbered)
    return numbered, int(np.asarray(count))
