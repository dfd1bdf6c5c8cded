"""Evidence for a bone beyond what its neighbours explain already.

The edges of the next vertebrae run on through the picture of the one that is looked for. Where they
moved differently they draw it towards themselves, since a window's correlation does not know whose
edge it meets. So in every window the neighbours' own picture, at the place where they were found,
is taken out of both the frame and the bone by least squares (partial correlation); their gain is
free, as the bone's is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit

from basivert.arrays import frozen
from basivert.fluoroscopy.similarity import FLOOR, NEAR_ONE, STRIDE, TINY, Edges, box_sum, gradients

# Least share of a bone's power in a window that its neighbours may leave.
LEAST_LEFT = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What is known of a frame before the bone is placed.

    across, down: (rows, columns) float32 gradients of the neighbours, 0 where not seen.
    power: (rows, columns) float32, theirs in each window; 0 where they have no edge.
    told: (rows, columns) float32, product of theirs and the frame's in each window.
    left: (rows, columns) float32, the frame's power that they do not explain.
    """

    across: np.ndarray
    down: np.ndarray
    power: np.ndarray
    told: np.ndarray
    left: np.ndarray

    def __post_init__(self) -> None:
        for name in ("across", "down", "power", "told", "left"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def ground(neighbours: np.ndarray, fixed: Edges) -> Ground:
    """What neighbours explain of a frame.

    Args:
        neighbours: (rows, columns) float32, their picture alone.
        fixed: the frame, same shape.
    """
    across, down = gradients(np.ascontiguousarray(neighbours, np.float32))
    across, down = across * fixed.seen, down * fixed.seen
    power = box_sum(across**2 + down**2, fixed.half)
    told = box_sum(across * fixed.across + down * fixed.down, fixed.half)
    # Below, the running sums hold rounding only.
    held = power > max(FLOOR**2 * float(power.mean()), TINY)
    power, told = np.where(held, power, 0.0), np.where(held, told, 0.0)
    left = fixed.power - told**2 / np.where(held, power, 1.0)
    return Ground(
        across=across, down=down, power=power.astype(np.float32), told=told.astype(np.float32),
        left=np.maximum(left, LEAST_LEFT * fixed.power).astype(np.float32),
    )  # fmt: skip


def beyond(picture: np.ndarray, fixed: Edges, known: Ground) -> float:
    """`similarity.evidence` with the neighbours taken out of the frame and of the bone, ≥ 0.

    Windows count by the root of what the neighbours leave of the bone's power: an edge that both
    could have made tells nothing.

    Args:
        picture: (rows, columns) float32, the bone alone.
        fixed: the frame, same shape.
        known: its `ground`.
    """
    return _beyond(
        picture, fixed.across, fixed.down, fixed.seen, known.across, known.down, known.power,
        known.told, known.left, fixed.half,
    )  # fmt: skip


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def _beyond(
    picture: np.ndarray, fixed_across: np.ndarray, fixed_down: np.ndarray, seen: np.ndarray,
    other_across: np.ndarray, other_down: np.ndarray, power: np.ndarray, told: np.ndarray,
    left: np.ndarray, half: int,
) -> float:  # fmt: skip
    across, down = gradients(picture)
    rows, columns = picture.shape
    both = np.empty((rows, columns), np.float32)
    own = np.empty((rows, columns), np.float32)
    shared = np.empty((rows, columns), np.float32)
    trusted, frame = 0.0, 0.0
    for i in range(rows):
        for j in range(columns):
            x, y = across[i, j] * seen[i, j], down[i, j] * seen[i, j]
            both[i, j] = x * fixed_across[i, j] + y * fixed_down[i, j]
            shared[i, j] = x * other_across[i, j] + y * other_down[i, j]
            own[i, j] = x * x + y * y
            trusted += own[i, j]
            frame += left[i, j]
    if trusted <= TINY:
        return 0.0
    both, own, shared = box_sum(both, half), box_sum(own, half), box_sum(shared, half)
    floor = FLOOR**2 * trusted * (2 * half + 1) ** 2 / (rows * columns)
    even = FLOOR**2 * frame / (rows * columns)
    total, weights = 0.0, TINY
    for i in range(0, rows, STRIDE):
        for j in range(0, columns, STRIDE):
            if own[i, j] <= floor:
                continue
            product, mine = both[i, j], own[i, j]
            if power[i, j] > 0.0:
                product -= told[i, j] * shared[i, j] / power[i, j]
                mine = max(mine - shared[i, j] ** 2 / power[i, j], LEAST_LEFT * mine)
            agreed = 0.0
            if left[i, j] > even:
                agreed = max(product, 0.0) / np.sqrt(mine * left[i, j])
            weight = np.sqrt(mine)
            total -= weight * np.log(1.0 + NEAR_ONE - min(agreed, 1.0) ** 2)
            weights += weight
    return total / weights
