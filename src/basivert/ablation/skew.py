"""Where grid lines around a bent probe are not at right angles: coupling of crossing edges.

Each node's cell has eight corners; in a corner three edges meet (across, around, along). The energy
there is Σ ρ_ab √(K_a K_b) Δ_a Δ_b with K the edges' conductances in that corner and ρ the
correlation of the metric. With ρ = 1 on its diagonal that is the plain scheme, and since ρ is
positive definite so is the sum, at any contrast of tissues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from basivert.ablation.grid import Nodes


def metric(jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors, volume and correlation of (n, 3, 3) local axes (columns across, around, along).

    Returns: (3, n) factors on conductances, (n,) volume and (3, n) correlations of the pairs
    across–around, across–along, around–along.
    """
    volume = np.linalg.det(jacobian)
    inverse = np.linalg.inv(jacobian)
    tensor = volume[:, None, None] * (inverse @ inverse.transpose(0, 2, 1))
    own = np.stack([tensor[:, a, a] for a in range(3)])
    pairs = ((0, 1), (0, 2), (1, 2))
    mixed = np.stack([tensor[:, a, b] / np.sqrt(own[a] * own[b]) for a, b in pairs])
    return own, volume, mixed


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


@dataclass(frozen=True, slots=True, eq=False)
class Skew:
    """Coupling of crossing edges.

    pairs: (angles, s, r, 8, 3) force per difference, W/K or S, of each corner's pairs of edges.
    fixed: nodes whose equation is not asked for, or None.
    """

    pairs: np.ndarray
    fixed: np.ndarray | None

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Add coupling · x to y."""
        more = np.zeros_like(y)
        _apply(self.pairs, x, more)
        if self.fixed is not None:
            more[self.fixed] = 0.0
        y += more

    def joule(self, x: np.ndarray, heat: np.ndarray) -> float:
        """Add the coupling's power to `heat`, at the node of each corner; returns the sum."""
        energy = np.zeros_like(heat)
        _energy(self.pairs, x, energy)
        heat += energy
        return float(energy.sum())


def parts(nodes: Nodes, edges_r: np.ndarray, edges_s: np.ndarray) -> tuple[np.ndarray, ...]:
    """Shares (2, …) of a node's width along, area and ring integral on its two sides."""
    width = np.diff(edges_s)[1:-1].reshape(-1, 2).T
    area = np.diff(edges_r**2)[:-1].reshape(-1, 2).T
    ring = np.log(edges_r[2:-1] / edges_r[1:-2])
    ring = np.concatenate([[1.0], ring]).reshape(-1, 2).T
    return tuple(v / v.sum(axis=0) for v in (width, area, ring))


@njit(cache=True, fastmath=True)
def pairs(
    mixed: np.ndarray, part_s: np.ndarray, part_r: np.ndarray, part_ring: np.ndarray,
    kr: np.ndarray, kt: np.ndarray, ks: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Coupling of each corner's pairs of edges, for `Skew`.

    Args:
        mixed: (3, 8, angles, s, r) correlations.
        part_s, part_r, part_ring: from `parts`.
        kr, kt, ks: (angles, s, r) conductances of all edges.
    """
    angles, along, across = kr.shape
    found = np.zeros((angles, along, across, 8, 3), np.float32)
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                for corner in range(8):
                    up, out, ahead = corner & 2, corner & 1, corner & 4
                    behind = j if ahead else (j - 1) % angles
                    low, inner = k if up else k - 1, i if out else i - 1
                    if low < 0 or low + 1 >= along or inner < 0 or inner + 1 >= across:
                        continue
                    s_part = part_s[1 if up else 0, k]
                    side = 1 if out else 0
                    a = np.sqrt(0.25 * s_part * kr[j, k, inner])
                    b = np.sqrt(0.5 * s_part * part_ring[side, i] * kt[behind, k, i])
                    c = np.sqrt(0.25 * part_r[side, i] * ks[j, low, i])
                    sign_a = 1.0 if out else -1.0
                    sign_b = 1.0 if ahead else -1.0
                    sign_c = 1.0 if up else -1.0
                    found[j, k, i, corner, 0] = mixed[0, corner, j, k, i] * a * b * sign_a * sign_b
                    found[j, k, i, corner, 1] = mixed[1, corner, j, k, i] * a * c * sign_a * sign_c
                    found[j, k, i, corner, 2] = mixed[2, corner, j, k, i] * b * c * sign_b * sign_c
    return found


@njit(cache=True, fastmath=True)
def _apply(pairs: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Add forces to y. Edges at the outer boundary have no partner and no coupling."""
    angles, along, across = x.shape
    for j in range(angles):
        for k in range(along):
            low, high = max(k - 1, 0), min(k + 1, along - 1)
            for i in range(across):
                inner, outer = max(i - 1, 0), min(i + 1, across - 1)
                here, total = x[j, k, i], 0.0
                for corner in range(8):
                    jj = (j + 1) % angles if corner & 4 else (j - 1) % angles
                    kk = high if corner & 2 else low
                    ii = outer if corner & 1 else inner
                    ab, ac, bc = pairs[j, k, i, corner]
                    da, db, dc = x[j, k, ii] - here, x[jj, k, i] - here, x[j, kk, i] - here
                    fa, fb, fc = ab * db + ac * dc, ab * da + bc * dc, ac * da + bc * db
                    y[j, k, ii] += fa
                    y[jj, k, i] += fb
                    y[j, kk, i] += fc
                    total += fa + fb + fc
                y[j, k, i] -= total


@njit(cache=True, fastmath=True)
def _energy(pairs: np.ndarray, x: np.ndarray, energy: np.ndarray) -> None:
    """Add each corner's energy to its node."""
    angles, along, across = x.shape
    for j in range(angles):
        for k in range(along):
            low, high = max(k - 1, 0), min(k + 1, along - 1)
            for i in range(across):
                inner, outer = max(i - 1, 0), min(i + 1, across - 1)
                here = x[j, k, i]
                for corner in range(8):
                    jj = (j + 1) % angles if corner & 4 else (j - 1) % angles
                    da = x[j, k, outer if corner & 1 else inner] - here
                    db = x[jj, k, i] - here
                    dc = x[j, high if corner & 2 else low, i] - here
                    ab, ac, bc = pairs[j, k, i, corner]
                    energy[j, k, i] += 2.0 * (ab * da * db + ac * da * dc + bc * db * dc)
