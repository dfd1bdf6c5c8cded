"""From tissues to conductances: each node's cell is split into its eight corners.

Corners in series add as resistances, side by side as conductances; rings use the exact logarithm.
Fine arrays are (2·angles, 2·ns + 2, 2·nr + 1): node (j, k, i) owns (2j − 1, 2j), (2k + 1, 2k + 2)
and (2i, 2i + 1) of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from basivert.ablation.grid import Nodes
from basivert.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corners:
    """Fine cells of the grid.

    edges_r: (2·nr + 2,), edges_s: (2·ns + 3,) borders; turns: (2·angles + 1,) border angles.
    """

    edges_r: Vector
    edges_s: Vector
    turns: Vector

    @property
    def middles(self) -> tuple[Vector, Vector, Vector]:
        """Angle, s and r of the fine cells' centres."""
        return _middles(self.turns), _middles(self.edges_s), _middles(self.edges_r)


def corners(nodes: Nodes) -> Corners:
    """The fine cells of a grid."""
    borders = _halved(nodes.across)
    outside = nodes.across[nodes.surface :]
    # A field that falls as 1/r has its exact flux at the geometric mean.
    borders[2 * nodes.surface + 1 :: 2] = np.sqrt(outside[1:] * outside[:-1])
    return Corners(
        edges_r=np.concatenate([[0.0], borders]),
        edges_s=_halved(nodes.along),
        turns=np.linspace(0.0, 2 * np.pi, 2 * nodes.angles + 1),
    )


def _middles(borders: Vector) -> Vector:
    return (borders[1:] + borders[:-1]) / 2


def _halved(points: np.ndarray) -> np.ndarray:
    found = np.empty(2 * len(points) - 1)
    found[::2] = points
    found[1::2] = (points[1:] + points[:-1]) / 2
    return found


@njit(cache=True, nogil=True, fastmath=True)
def conductances(
    value: np.ndarray, edges_r: Vector, edges_s: Vector, turn: float,
    kr: np.ndarray, kt: np.ndarray, ks: np.ndarray,
) -> None:  # fmt: skip
    """Fill the quarters of each conductance between nodes; side by side they add up to it.

    value: (3, …) conductivity across, around and along of each fine cell.
    kr: (4, angles, ns, nr), edge to the next r (last: outer boundary), quarters by angle and s.
    kt: the same, edge to the next angle, quarters by s and r.
    ks: (4, angles, ns + 1, nr), edge from s − 1, quarters by angle and r.
    """
    _, angles, along, across = kr.shape
    for j in range(angles):
        ring = ((2 * j - 1) % (2 * angles), 2 * j)
        for k in range(along):
            for i in range(across):
                near = np.log(edges_r[2 * i + 2] / edges_r[2 * i + 1])
                far = np.log(edges_r[2 * i + 3] / edges_r[2 * i + 2])
                for n in range(2):
                    b = 2 * k + 1 + n
                    width = edges_s[b + 1] - edges_s[b]
                    for m in range(2):
                        one, two = value[0, ring[m], b, 2 * i + 1], value[0, ring[m], b, 2 * i + 2]
                        kr[2 * m + n, j, k, i] = turn * width * _series(one, near, two, far)
                        c = 2 * i + m
                        one, two = value[1, 2 * j, b, c], value[1, 2 * j + 1, b, c]
                        around = _ring_ratio(edges_r, c) * width * _series(one, turn, two, turn)
                        kt[2 * n + m, j, k, i] = around if angles > 1 else 0.0
        for k in range(along + 1):
            near = edges_s[2 * k + 1] - edges_s[2 * k]
            far = edges_s[2 * k + 2] - edges_s[2 * k + 1]
            for i in range(across):
                for n in range(2):
                    c = 2 * i + n
                    face = 0.5 * turn * (edges_r[c + 1] ** 2 - edges_r[c] ** 2)
                    for m in range(2):
                        one, two = value[2, ring[m], 2 * k, c], value[2, ring[m], 2 * k + 1, c]
                        ks[2 * m + n, j, k, i] = face * _series(one, near, two, far)


@njit(cache=True, nogil=True, fastmath=True)
def _series(one: float, near: float, two: float, far: float) -> float:
    """Conductance of two pieces in series; 0 where one of them insulates."""
    return 1.0 / (near / one + far / two) if one > 0.0 and two > 0.0 else 0.0


@njit(cache=True, nogil=True, fastmath=True)
def _ring_ratio(edges_r: Vector, c: int) -> float:
    """∫ dr / r over a fine cell; the one at the axis counts as wide as it is far out."""
    return 1.0 if c == 0 else np.log(edges_r[c + 1] / edges_r[c])


@njit(cache=True, nogil=True, fastmath=True)
def contents(
    value: np.ndarray, edges_r: Vector, edges_s: Vector, turn: float, out: np.ndarray
) -> None:
    """Fill `out` (angles, ns, nr) with the integral of the fine cells' value over nodes' cells."""
    angles, along, across = out.shape
    fine = 2 * angles
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                total = 0.0
                for c in (2 * i, 2 * i + 1):
                    face = 0.5 * turn * (edges_r[c + 1] ** 2 - edges_r[c] ** 2)
                    for b in (2 * k + 1, 2 * k + 2):
                        cell = face * (edges_s[b + 1] - edges_s[b])
                        for a in ((2 * j - 1) % fine, 2 * j):
                            total += value[a, b, c] * cell
                out[j, k, i] = total
