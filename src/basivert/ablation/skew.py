"""Where grid lines around a bent probe are not at right angles: coupling of crossing edges.

Each node's cell has eight corners; in a corner three edges meet (across, around, along). The energy
there is Σ ρ_ab √(K_a K_b) Δ_a Δ_b with K what the edges conduct in that corner alone (a share of
the whole edge would mix metal with tissue at the probe's surface) and ρ the correlation of the
metric. With ρ = 1 on its diagonal that is the plain scheme, and since ρ is positive definite so is
the sum, at any contrast of tissues. It is stored as conductances again, some of them negative, of
the three plain edges and of the six diagonals between their ends.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from basivert.ablation.grid import Nodes


@njit(cache=True, nogil=True, fastmath=True)
def metric(jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors, volume and correlation of (n, 3, 3) local axes (columns across, around, along).

    Returns: (3, n) factors on conductances, (n,) volume and (3, n) correlations of the pairs
    across–around, across–along, around–along.
    """
    count = jacobian.shape[0]
    own, volume, mixed = np.empty((3, count)), np.empty(count), np.empty((3, count))
    for n in range(count):
        axes = jacobian[n]
        aa, bb, cc = _dot(axes, 0, 0), _dot(axes, 1, 1), _dot(axes, 2, 2)
        ab, ac, bc = _dot(axes, 0, 1), _dot(axes, 0, 2), _dot(axes, 1, 2)
        a, b, c = bb * cc - bc * bc, aa * cc - ac * ac, aa * bb - ab * ab
        volume[n] = np.sqrt(aa * a - ab * (ab * cc - ac * bc) + ac * (ab * bc - ac * bb))
        own[0, n], own[1, n], own[2, n] = a / volume[n], b / volume[n], c / volume[n]
        mixed[0, n] = (ac * bc - ab * cc) / np.sqrt(a * b)
        mixed[1, n] = (ab * bc - ac * bb) / np.sqrt(a * c)
        mixed[2, n] = (ab * ac - bc * aa) / np.sqrt(b * c)
    return own, volume, mixed


@njit(cache=True, nogil=True, fastmath=True)
def _dot(axes: np.ndarray, one: int, two: int) -> float:
    """Product of two columns."""
    return axes[0, one] * axes[0, two] + axes[1, one] * axes[1, two] + axes[2, one] * axes[2, two]


def corners(mixed: np.ndarray, nodes: Nodes) -> np.ndarray:
    """Correlations (3, fine cells) as (3, 8, angles, s, r): corner (a, b, c) is number 4a + 2b + c.

    a, b, c: 0 towards smaller, 1 towards larger angle, depth and distance.
    """
    angles, along, across = nodes.shape
    whole = mixed.reshape(3, 2 * angles, 2 * along + 2, 2 * across + 1)
    found = np.empty((3, 8, angles, along, across))
    for a in range(2):
        turned = np.roll(whole, 1 - a, axis=1)[:, ::2]
        for b in range(2):
            for c in range(2):
                corner = turned[:, :, 1 + b : -1 : 2, c : 2 * across : 2]
                found[:, 4 * a + 2 * b + c] = corner[:, :, :along]
    return found


def coupled(mixed: np.ndarray, quarters: np.ndarray) -> np.ndarray:
    """All nine kinds of edges (`kernels.WAYS`) from the quarters of the plain three.

    2 w Δa Δb = w Δa² + w Δb² − w (Δa − Δb)²: the coupling of two edges of a corner strengthens
    both and takes as much from the diagonal between their ends. A quarter belongs half to the
    corner at either end of its edge.

    Args:
        mixed: (3, 8, angles, s, r) correlations.
        quarters: (3, 4, angles, s, r) of conductances across, around and along, see `assembly`.
    """
    found = np.zeros((9, *quarters.shape[2:]))
    found[:3] = quarters.sum(axis=1)
    _couple(mixed, quarters, found)
    return found


@njit(cache=True, nogil=True, fastmath=True)
def _couple(mixed: np.ndarray, quarters: np.ndarray, found: np.ndarray) -> None:
    """Add the corners' coupling to `found`, which holds the plain edges."""
    _, _, angles, along, across = quarters.shape
    kr, kt, ks = quarters
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                for corner in range(8):
                    ahead, up, out = corner >> 2, (corner >> 1) & 1, corner & 1
                    left, low, inner = (j - 1 + ahead) % angles, k - 1 + up, i - 1 + out
                    if low < 0 or low + 1 >= along or inner < 0 or inner + 1 >= across:
                        continue
                    a = np.sqrt(0.5 * kr[2 * ahead + up, j, k, inner])
                    b = np.sqrt(0.5 * kt[2 * up + out, left, k, i])
                    c = np.sqrt(0.5 * ks[2 * ahead + out, j, low, i])
                    ab = mixed[0, corner, j, k, i] * a * b * (1.0 if ahead == out else -1.0)
                    ac = mixed[1, corner, j, k, i] * a * c * (1.0 if up == out else -1.0)
                    bc = mixed[2, corner, j, k, i] * b * c * (1.0 if ahead == up else -1.0)
                    found[0, j, k, inner] += ab + ac
                    found[1, left, k, i] += ab + bc
                    found[2, j, low, i] += ac + bc
                    there_r, there_s = i - 1 + 2 * out, k - 1 + 2 * up
                    found[6 if ahead == out else 5, left, k, there_r if ahead else i] -= ab
                    found[4 if up == out else 3, j, low, there_r if up else i] -= ac
                    found[8 if ahead == up else 7, left, there_s if ahead else k, i] -= bc
