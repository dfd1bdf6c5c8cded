"""Reading values between the nodes of the fitted grid."""

from __future__ import annotations

import numpy as np
from numba import njit

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
    found = np.empty(len(angle))
    _read(np.ascontiguousarray(values, float), nodes.along, nodes.across, nodes.surface, angle,
          depth, distance, outside, found)  # fmt: skip
    return found


@njit(cache=True, nogil=True)
def stencil(grid: Vector, at: Vector) -> tuple[np.ndarray, np.ndarray]:
    """First of four nodes around each place (n,), and their cubic weights (4, n)."""
    index, weight = np.empty(len(at), np.int64), np.empty((4, len(at)))
    for n in range(len(at)):
        index[n] = _first(grid, at[n])
        _cubic(grid, index[n], at[n], weight[:, n])
    return index, weight


@njit(cache=True, nogil=True)
def _read(
    values: np.ndarray, along: Vector, across: Vector, surface: int, angle: Vector, depth: Vector,
    distance: Vector, outside: float, found: Vector,
) -> None:  # fmt: skip
    angles, inner_s, inner_r = values.shape
    around, up, out = np.empty(4), np.empty(4), np.empty(4)
    for n in range(len(found)):
        s, r = depth[n], distance[n]
        if r > across[-1] or s < along[0] or s > along[-1]:
            found[n] = outside
            continue
        low_s, low_r = _first(along, s), _sided(across, surface, r, s)
        _cubic(along, low_s, s, up)
        _cubic(across, low_r, max(r, across[0]), out)
        low_t = _ring(angle[n], angles, around)
        total = 0.0
        for k in range(low_s, low_s + 4):
            for i in range(low_r, low_r + 4):
                here = 0.0
                if k == 0 or k > inner_s or i == inner_r:
                    here = outside
                elif angles == 1:
                    here = values[0, k - 1, i]
                else:
                    for t in range(4):
                        here += around[t] * values[(low_t + t) % angles, k - 1, i]
                total += up[k - low_s] * out[i - low_r] * here
        found[n] = total


@njit(cache=True, nogil=True)
def _sided(across: Vector, surface: int, distance: float, depth: float) -> int:
    """First node across, such that all stay inside or outside the probe where there is one."""
    first = _first(across, max(distance, across[0]))
    if depth < 0.0:
        return first
    if distance >= across[surface]:
        return max(first, surface)
    return min(first, max(surface - 3, 0))


@njit(cache=True, nogil=True)
def _first(grid: Vector, at: float) -> int:
    """First of the four nodes around a place."""
    after = int(np.searchsorted(grid, at, side="right"))
    return min(max(after - 2, 0), len(grid) - 4)


@njit(cache=True, nogil=True)
def _cubic(grid: Vector, first: int, at: float, weight: Vector) -> None:
    """Cubic weights of the nodes first … first + 3."""
    for n in range(4):
        weight[n] = 1.0
        for m in range(4):
            if m != n:
                far, here = grid[first + m], grid[first + n]
                weight[n] *= (at - far) / (here - far)


@njit(cache=True, nogil=True)
def _ring(angle: float, angles: int, weight: Vector) -> int:
    """First of four nodes around, not negative, and their weights."""
    place = angle / (2 * np.pi) * angles
    before = int(np.floor(place))
    u = place - before
    weight[0] = -u * (u - 1) * (u - 2) / 6
    weight[1] = (u + 1) * (u - 1) * (u - 2) / 2
    weight[2] = -(u + 1) * u * (u - 2) / 2
    weight[3] = (u + 1) * u * (u - 1) / 6
    return (before - 1) % angles
