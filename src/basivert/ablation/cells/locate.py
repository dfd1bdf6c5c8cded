"""In which tetrahedron a point lies."""

from __future__ import annotations

import numpy as np
from numba import njit

from basivert.arrays import Codes, Points

# Points this far outside a tetrahedron, as a share of its height, count as inside.
OUTSIDE = 1e-9
STEPS = 2000


@njit(cache=True, nogil=True)
def found(
    points: Points, corners: np.ndarray, beside: np.ndarray, wanted: Points, start: Codes
) -> tuple[np.ndarray, np.ndarray]:
    """Walk from tetrahedron to tetrahedron towards each wanted point.

    Args:
        points: (n, 3) nodes.
        corners, beside: (t, 4) nodes, and neighbours across from them (−1: none).
        wanted: (m, 3).
        start: (m,) where each walk begins.

    Returns: (m,) tetrahedron, −1 outside, and (m, 4) weights of its corners.
    """
    cell = np.full(len(wanted), -1)
    share = np.zeros((len(wanted), 4))
    weight = np.zeros(4)
    for m in range(len(wanted)):
        here = start[m]
        for _ in range(STEPS):
            _weights(points, corners[here], wanted[m], weight)
            worst = np.argmin(weight)
            if weight[worst] >= -OUTSIDE:
                cell[m] = here
                share[m] = weight
                break
            here = beside[here, worst]
            if here < 0:
                break
    return cell, share


@njit(cache=True, nogil=True, error_model="numpy")
def _weights(points: Points, corners: Codes, at: np.ndarray, weight: np.ndarray) -> None:
    """Barycentric coordinates of a point."""
    a = points[corners[0]]
    ux, uy, uz = points[corners[1]] - a
    vx, vy, vz = points[corners[2]] - a
    wx, wy, wz = points[corners[3]] - a
    px, py, pz = at - a
    cx, cy, cz = vy * wz - vz * wy, vz * wx - vx * wz, vx * wy - vy * wx
    volume = ux * cx + uy * cy + uz * cz
    weight[1] = (px * cx + py * cy + pz * cz) / volume
    cx, cy, cz = wy * uz - wz * uy, wz * ux - wx * uz, wx * uy - wy * ux
    weight[2] = (px * cx + py * cy + pz * cz) / volume
    cx, cy, cz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    weight[3] = (px * cx + py * cy + pz * cz) / volume
    weight[0] = 1.0 - weight[1] - weight[2] - weight[3]
