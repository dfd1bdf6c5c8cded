"""How well a bone's own picture fits a frame: gradients compared in windows.

One bone is a small part of what a frame shows, and gain, scatter and beam hardening change grey
values slowly. Edges stay. So gradients are compared, in windows about as wide as a pedicle, each
weighted by how much edge the bone itself has there (patch gradient correlation, Grupp 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit
from scipy.ndimage import uniform_filter

from basivert.arrays import frozen

# Windows whose edges are below this share of the strongest or mean hold nothing of the bone.
FLOOR = 0.01
TINY = 1e-12
NEAR_ONE = 1e-6
# Windows overlap by nearly all of their width: every second one each way tells as much as all.
STRIDE = 2
KERNEL_REACH = 2.5  # SD of the smoothing kernel kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Gradients of a frame, ready to be compared with.

    across, down: (rows, columns) float32 gradients, 0 where not seen.
    seen: (rows, columns) float32, 1 where the picture may be trusted (no metal, no blade).
    power: (rows, columns) float32, sum of squared gradients in the window about each pixel.
    half: half width of a window, pixels.
    """

    across: np.ndarray
    down: np.ndarray
    seen: np.ndarray
    power: np.ndarray
    half: int

    def __post_init__(self) -> None:
        for name in ("across", "down", "seen", "power"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def edges(picture: np.ndarray, seen: np.ndarray, half: int) -> Edges:
    """Gradients of a picture (rows, columns), left out where `seen` is False or next to it."""
    across, down = gradients(np.ascontiguousarray(picture, np.float32))
    trusted = uniform_filter(seen.astype(np.float32), 3, mode="nearest") > 1 - 1e-3
    trusted = trusted.astype(np.float32)
    across, down = across * trusted, down * trusted
    power = box_sum(across**2 + down**2, half)
    # An even part of a frame agrees with nothing; there, the running sums hold rounding only.
    power[power <= FLOOR**2 * float(power.mean())] = 0.0
    return Edges(across=across, down=down, seen=trusted, power=power, half=half)


def evidence(picture: np.ndarray, fixed: Edges) -> float:
    """How much better the frame's edges are told with this bone than without it, ≥ 0.

    In each window the correlation ρ of gradients explains a share ρ² of the frame's power, worth
    −ln(1 − ρ²) for noise of unknown size; windows count by the root of the bone's own power. Noisy
    windows so count little by themselves, which a mean of ρ does not do.

    Args:
        picture: (rows, columns) float32, the bone alone.
        fixed: the frame, same shape.
    """
    return _evidence(picture, fixed.across, fixed.down, fixed.seen, fixed.power, fixed.half)[0]


def whole_evidence(picture: np.ndarray, fixed: Edges) -> float:
    """`evidence` times the share of the bone that is seen: between places, hiding must not pay."""
    found, share = _evidence(picture, fixed.across, fixed.down, fixed.seen, fixed.power, fixed.half)
    return found * share


def covered(picture: np.ndarray, fixed: Edges) -> float:
    """Share of the bone's own edges that falls on pixels that may be trusted, 0–1."""
    return _evidence(picture, fixed.across, fixed.down, fixed.seen, fixed.power, fixed.half)[1]


def normalised(picture: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradients as complex numbers divided by their power in the window, and that power's root.

    A product of two such pictures is the correlation in a window, nearly; it can be had for all
    shifts at once (see `search`).
    """
    across, down = gradients(np.ascontiguousarray(picture, np.float32))
    return scaled(across, down, half)


def scaled(across: np.ndarray, down: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """`normalised` from gradients."""
    root = np.sqrt(np.maximum(box_sum(across**2 + down**2, half), 0.0))
    floor = max(FLOOR * float(root.max()), TINY)
    return ((across + 1j * down) / np.maximum(root, floor)).astype(np.complex64), root


def smoothed(picture: np.ndarray, blur_px: float) -> np.ndarray:
    """A picture (rows, columns) float32 through a Gaussian of SD `blur_px` pixels; 0 leaves it."""
    if blur_px <= 0.0:
        return picture
    reach = int(np.ceil(KERNEL_REACH * blur_px))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / blur_px) ** 2)
    return _convolved(picture, (kernel / kernel.sum()).astype(np.float32))


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def _convolved(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Down, then across, line by line; the border repeats."""
    rows, columns = picture.shape
    reach = len(kernel) // 2
    line = np.empty(columns + 2 * reach, np.float32)
    out = np.zeros((rows, columns), np.float32)
    for i in range(rows):
        line[:] = 0.0
        for t in range(len(kernel)):
            source = min(max(i + t - reach, 0), rows - 1)
            for j in range(columns):
                line[reach + j] += kernel[t] * picture[source, j]
        line[:reach], line[reach + columns :] = line[reach], line[reach + columns - 1]
        for t in range(len(kernel)):
            for j in range(columns):
                out[i, j] += kernel[t] * line[j + t]
    return out


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def gradients(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sobel across and down of a picture (rows, columns) float32, zero on the border."""
    rows, columns = picture.shape
    across = np.zeros((rows, columns), np.float32)
    down = np.zeros((rows, columns), np.float32)
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            a, b, c = picture[i - 1, j - 1], picture[i - 1, j], picture[i - 1, j + 1]
            d, f = picture[i, j - 1], picture[i, j + 1]
            g, h, k = picture[i + 1, j - 1], picture[i + 1, j], picture[i + 1, j + 1]
            across[i, j] = c + 2 * f + k - a - 2 * d - g
            down[i, j] = g + 2 * h + k - a - 2 * b - c
    return across, down


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def box_sum(values: np.ndarray, half: int) -> np.ndarray:
    """Sum over a square window of 2·half + 1 pixels, by running sums along rows, then columns."""
    rows, columns = values.shape
    wide = np.empty((rows, columns), np.float32)
    for i in range(rows):
        total = np.float32(0.0)
        for j in range(min(half, columns)):
            total += values[i, j]
        for j in range(columns):
            if j + half < columns:
                total += values[i, j + half]
            if j > half:
                total -= values[i, j - half - 1]
            wide[i, j] = total
    out = np.empty((rows, columns), np.float32)
    column_sum = np.zeros(columns, np.float32)
    for i in range(min(half, rows)):
        for j in range(columns):
            column_sum[j] += wide[i, j]
    for i in range(rows):
        for j in range(columns):
            if i + half < rows:
                column_sum[j] += wide[i + half, j]
            if i > half:
                column_sum[j] -= wide[i - half - 1, j]
            out[i, j] = column_sum[j]
    return out


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def _evidence(
    picture: np.ndarray, fixed_across: np.ndarray, fixed_down: np.ndarray, seen: np.ndarray,
    power: np.ndarray, half: int,
) -> tuple[float, float]:  # fmt: skip
    across, down = gradients(picture)
    rows, columns = picture.shape
    both = np.empty((rows, columns), np.float32)
    own = np.empty((rows, columns), np.float32)
    whole, trusted = 0.0, 0.0
    for i in range(rows):
        for j in range(columns):
            x, y = across[i, j], down[i, j]
            squared = x * x + y * y
            both[i, j] = x * fixed_across[i, j] + y * fixed_down[i, j]
            own[i, j] = squared * seen[i, j]
            whole += squared
            trusted += own[i, j]
    if whole <= TINY:
        return 0.0, 0.0
    both, own = box_sum(both, half), box_sum(own, half)
    # Below, the running sums hold rounding only.
    floor = FLOOR**2 * trusted * (2 * half + 1) ** 2 / (rows * columns)
    total, weights = 0.0, TINY
    for i in range(0, rows, STRIDE):
        for j in range(0, columns, STRIDE):
            if own[i, j] > floor:
                weight = np.sqrt(own[i, j])
                agreed = 0.0
                if power[i, j] > 0.0:
                    agreed = max(both[i, j], 0.0) / np.sqrt(own[i, j] * power[i, j] + TINY)
                total -= weight * np.log(1.0 + NEAR_ONE - min(agreed, 1.0) ** 2)
                weights += weight
    return total / weights, trusted / whole
