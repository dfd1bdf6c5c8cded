"""Nodes away from the tools: centres of cubes that halve towards the metal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree

from basivert.arrays import Points, Vector

# Nearer to a tool's node than this share of the spacing there is no room for another.
ROOM = 0.7
# Background nodes keep this share of their spacing from the zone of a tool's own nodes.
BESIDE = 0.35
# A cube is split when it is wider than this times the wanted spacing: halves are then no finer than
# wanted on average.
SPLIT = 1.4
CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 4


def background(
    low: np.ndarray, high: np.ndarray, largest_mm: float, spacing: Callable[[Points], Vector],
    clear: Callable[[Points], Vector], taken: Points, room: Vector,
) -> tuple[Points, Points]:  # fmt: skip
    """Free nodes and nodes on the outer boundary.

    Args:
        low, high: (3,) corners of the box.
        largest_mm: upper bound of the spacing.
        spacing: wanted at points, mm.
        clear: distance of points from the zone of the tools' own nodes, mm.
        taken: (n, 3) nodes of the tools.
        room: (n,) their spacing.
    """
    count = np.ceil((high - low) / largest_mm).astype(int)
    step = (high - low) / count
    lattice = np.stack(np.meshgrid(*(np.arange(c) for c in count), indexing="ij"), axis=-1)
    centres, level = low + (lattice.reshape(-1, 3) + 0.5) * step, 0
    done: list[Points] = []
    rims: list[Points] = []
    while len(centres):
        width = step / 2**level
        split = width.max() > SPLIT * spacing(centres)
        leaves = centres[~split]
        done.append(leaves)
        rims += _rims(leaves, width, low, high)
        level += 1
        centres = (centres[split][:, None] + CORNERS * width).reshape(-1, 3)
    free = np.concatenate(done)
    wanted = spacing(free)
    free, wanted = free[clear(free) > BESIDE * wanted], wanted[clear(free) > BESIDE * wanted]
    gap, near = KDTree(taken).query(free)
    return free[gap > ROOM * np.maximum(room[near], wanted / 2)], np.concatenate(rims)


def _rims(leaves: Points, width: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[Points]:
    """Where leaves touch the box: the middle of the face."""
    found: list[Points] = []
    for axis in range(3):
        for wall, sign in ((low, -1), (high, 1)):
            touching = leaves[np.abs(leaves[:, axis] + sign * width[axis] / 2 - wall[axis]) < 1e-6]
            touching = touching.copy()
            touching[:, axis] = wall[axis]
            found.append(touching)
    return found
