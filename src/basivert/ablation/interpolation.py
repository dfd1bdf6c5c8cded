"""Reading values between the nodes of the fitted grid."""

from __future__ import annotations

import numpy as np

from basivert.ablation.grid import Nodes
from basivert.arrays import Vector


def interpolated(
    nodes: Nodes, values: np.ndarray, angle: Vector, depth: Vector, distance: Vector,
    outside: float,
) -> Vector:  # fmt: skip
    """Cubic through four nodes each way; never across the probe's surface, where slopes jump.

    Args:
        nodes: the grid.
        values: (angles, s, r).
        angle, depth, distance: (n,) coordinates, rad and mm.
        outside: value on and beyond the outer boundary.
    """
    rim = np.full((values.shape[0], values.shape[1], 1), outside)
    cap = np.full((values.shape[0], 1, values.shape[2] + 1), outside)
    whole = np.concatenate([cap, np.concatenate([values, rim], axis=2), cap], axis=1)
    beyond = (distance > nodes.across[-1]) | (depth < nodes.along[0]) | (depth > nodes.along[-1])
    s_index, s_weight = stencil(nodes.along, np.clip(depth, nodes.along[0], nodes.along[-1]))
    r_index, r_weight = _sided(nodes, np.clip(distance, nodes.across[0], nodes.across[-1]), depth)
    total = np.zeros(len(angle))
    for t_index, t_weight in _around(angle, nodes.angles):
        for a in range(4):
            for b in range(4):
                total += (
                    t_weight * s_weight[a] * r_weight[b] * whole[t_index, s_index + a, r_index + b]
                )
    return np.where(beyond, outside, total)


def _sided(nodes: Nodes, distance: Vector, depth: Vector) -> tuple[np.ndarray, np.ndarray]:
    """Stencil across that stays inside or outside the probe where there is one."""
    index = stencil(nodes.across, distance)[0]
    beside = depth >= 0.0
    outer = beside & (distance >= nodes.across[nodes.surface])
    first = np.where(outer, np.maximum(index, nodes.surface), index)
    last = np.maximum(nodes.surface - 3, 0)
    first = np.where(beside & ~outer, np.minimum(first, last), first)
    return first, lagrange(nodes.across, first, distance)


def stencil(grid: Vector, at: Vector) -> tuple[np.ndarray, np.ndarray]:
    """First of four nodes around each place (n,), and their cubic weights (4, n)."""
    index = np.clip(np.searchsorted(grid, at, side="right") - 2, 0, len(grid) - 4)
    return index, lagrange(grid, index, at)


def lagrange(grid: Vector, index: np.ndarray, at: Vector) -> np.ndarray:
    """(4, n) cubic weights of the nodes index … index + 3."""
    x = np.stack([grid[index + n] for n in range(4)])
    weight = np.ones_like(x)
    for n in range(4):
        for m in range(4):
            if m != n:
                weight[n] *= (at - x[m]) / (x[n] - x[m])
    return weight


def _around(angle: Vector, angles: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Nodes around and their weights, as pairs of (n,) arrays."""
    if angles == 1:
        return [(np.zeros(len(angle), int), np.ones(len(angle)))]
    place = angle / (2 * np.pi) * angles
    first = np.floor(place).astype(int) - 1
    u = place - first - 1
    cubic = (
        -u * (u - 1) * (u - 2) / 6, (u + 1) * (u - 1) * (u - 2) / 2,
        -(u + 1) * u * (u - 2) / 2, (u + 1) * u * (u - 1) / 6,
    )  # fmt: skip
    return [((first + n) % angles, w) for n, w in enumerate(cubic)]
