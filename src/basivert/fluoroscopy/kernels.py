"""Compiled loops of the renderer. Index space: (p, q) across a stack of planes, a along it.

A ray leaves the source at (p, q, a) = source and moves (P, Q) voxels across for every voxel along:
its slopes. Planes carry one voxel of zeros around them; their own indices start at 1.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

Array = np.ndarray
# The check of array shapes in the tests cannot wrap what is compiled: hence `no_type_check`.
# Keeps samples strictly inside the padded planes, voxels.
EDGE = 1e-6
# Unsigned numbers index without the test for negative ones: three times as fast.
ONE = np.uint32(1)


@njit(cache=True, nogil=True)
@no_type_check
def summed(
    values: Array, planes: Array, boxes: Array, per_slab: int, first: int, last: int
) -> None:
    """Sum voxels over slabs `first` to `last` into padded planes, and note each one's content.

    values: (a, q, p).  planes: (slabs, q + 2, p + 2), zeros.  boxes: (slabs, 4) first and last
    q, first and last p that hold something, in padded indices; first > last for none.
    """
    # Memory is read in the order in which it lies.
    if values.strides[0] < values.strides[2]:
        for q in range(np.uint64(values.shape[1])):
            for p in range(np.uint64(values.shape[2])):
                for slab in range(np.uint64(first), np.uint64(last)):
                    total = np.float32(0.0)
                    start = slab * np.uint64(per_slab)
                    for a in range(start, min(start + np.uint64(per_slab), values.shape[0])):
                        total += values[np.uint64(a), q, p]
                    planes[slab, q + np.uint64(1), p + np.uint64(1)] = total
    else:
        for a in range(first * per_slab, min(last * per_slab, values.shape[0])):
            for q in range(values.shape[1]):
                row, line = planes[a // per_slab, q + 1], values[a, q]
                for p in range(np.uint64(line.shape[0])):
                    row[p + np.uint64(1)] += line[p]
    for slab in range(first, last):
        box = boxes[slab]
        box[0], box[1], box[2], box[3] = planes.shape[1], -1, planes.shape[2], -1
        for q in range(1, planes.shape[1] - 1):
            row = planes[slab, q]
            left, right = 1, planes.shape[2] - 2
            while left <= right and row[left] == 0.0:
                left += 1
            while right >= left and row[right] == 0.0:
                right -= 1
            if left <= right:
                box[0], box[1] = min(box[0], q), q
                box[2], box[3] = min(box[2], left), max(box[3], right)


@njit(cache=True)
@no_type_check
def _inside(low: float, high: float, start: float, step: float, count: int) -> tuple[int, int]:
    """Which n in 0 … count − 1 keep start + n·step strictly between low and high."""
    low, high = low + EDGE, high - EDGE
    if step == 0.0:
        return (0, count) if low < start < high else (0, 0)
    one, other = (low - start) / step, (high - start) / step
    begin, end = min(one, other), max(one, other)
    return max(0, int(np.ceil(min(begin, count)))), min(count, int(np.floor(max(end, -1.0))) + 1)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def by_slope(
    planes: Array, boxes: Array, centres: Array, source: Array, ahead: float, grid: Array,
    out: Array, first: int, last: int,
) -> None:  # fmt: skip
    """Sum of bilinear samples of every plane, for rays on a regular grid of slopes.

    centres: (slabs,) place along the stack.  ahead: +1 or −1, the way the rays go along it.
    grid: P of column 0, its step, Q of row 0, its step.  out: (rows, columns) float32; rows `first`
    to `last` are filled. On such a grid each plane is only scaled: columns first, then rows.
    """
    columns = out.shape[1]
    at, share = np.empty(columns, np.uint32), np.empty(columns, np.float32)
    tallest = 0.0
    for slab in range(planes.shape[0]):
        tallest = max(tallest, abs((centres[slab] - source[2]) * grid[3]))
    narrow = np.empty((int(tallest * (last - first)) + 4, columns), np.float32)
    for slab in range(planes.shape[0]):
        height = centres[slab] - source[2]
        top, bottom, left, right = boxes[slab]
        if height * ahead <= 0.0 or bottom < top:
            continue
        q0, dq = source[1] + 1.0 + height * (grid[2] + first * grid[3]), height * grid[3]
        p0, dp = source[0] + 1.0 + height * grid[0], height * grid[1]
        r0, r1 = _inside(top - 1.0, bottom + 1.0, q0, dq, last - first)
        c0, c1 = _inside(left - 1.0, right + 1.0, p0, dp, columns)
        if r0 >= r1 or c0 >= c1:
            continue
        c0, c1 = np.uint64(c0), np.uint64(c1)
        for n in range(c0, c1):
            p = p0 + n * dp
            at[n] = np.int32(p)
            share[n] = np.float32(p - np.int32(p))
        one, other = q0 + r0 * dq, q0 + (r1 - 1) * dq
        lowest, highest = int(min(one, other)), int(max(one, other)) + 1
        for q in range(lowest, highest + 1):
            row, line = planes[np.uint64(slab), np.uint64(q)], narrow[np.uint64(q - lowest)]
            for n in range(c0, c1):
                here = row[at[n]]
                line[n] = here + share[n] * (row[at[n] + ONE] - here)
        for r in range(r0, r1):
            q = q0 + r * dq
            j = np.uint64(int(q) - lowest)
            low = np.float32(q - int(q))
            up = np.float32(1.0) - low
            upper, lower, line = narrow[j], narrow[j + np.uint64(1)], out[np.uint64(first + r)]
            for n in range(c0, c1):
                line[n] += up * upper[n] + low * lower[n]


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _cubic(s: float) -> tuple[float, float, float, float]:
    """Weights of four neighbours at −1, 0, 1, 2 for a place s after the second (Catmull–Rom)."""
    half, one = np.float32(0.5), np.float32(1.0)
    before = s * (s * (one - half * s) - half)
    here = one + s * s * (np.float32(1.5) * s - np.float32(2.5))
    after = s * s * (half * s - half)
    return before, here, one - before - here - after, after


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def to_detector(
    slopes: Array, grid: Array, rays: Array, length: Array, out: Array, first: int, last: int
) -> None:
    """Cubic look-up of the slopes' picture for every pixel, times millimetres per plane.

    rays: (3, 3) (column, row, 1) → direction (p, q, a).  length: (3, 3) the same in mm, LPS.
    """
    high, wide = slopes.shape[0] - 3, slopes.shape[1] - 3
    one, two = ONE, np.uint32(2)
    place_x = (rays[0] - grid[0] * rays[2]) / grid[1]
    place_y = (rays[1] - grid[2] * rays[2]) / grid[3]
    for r in range(first, last):
        for c in range(out.shape[1]):
            per_plane = 1.0 / (rays[2, 0] * c + rays[2, 1] * r + rays[2, 2])
            x = (place_x[0] * c + place_x[1] * r + place_x[2]) * per_plane
            y = (place_y[0] * c + place_y[1] * r + place_y[2]) * per_plane
            # The grid reaches beyond every pixel; the limits only guard the memory.
            i = np.uint32(min(max(np.int32(x), 1), wide))
            j = np.uint32(min(max(np.int32(y), 1), high))
            s, t = np.float32(x - i), np.float32(y - j)
            a, b, c2, d = _cubic(s)
            e, f, g, h = _cubic(t)
            m0, m1, m2, m3 = slopes[j - one], slopes[j], slopes[j + one], slopes[j + two]
            total = e * (a * m0[i - one] + b * m0[i] + c2 * m0[i + one] + d * m0[i + two])
            total += f * (a * m1[i - one] + b * m1[i] + c2 * m1[i + one] + d * m1[i + two])
            total += g * (a * m2[i - one] + b * m2[i] + c2 * m2[i + one] + d * m2[i + two])
            total += h * (a * m3[i - one] + b * m3[i] + c2 * m3[i + one] + d * m3[i + two])
            dx = length[0, 0] * c + length[0, 1] * r + length[0, 2]
            dy = length[1, 0] * c + length[1, 1] * r + length[1, 2]
            dz = length[2, 0] * c + length[2, 1] * r + length[2, 2]
            out[r, c] = total * np.float32(np.sqrt(dx * dx + dy * dy + dz * dz) * abs(per_plane))


@njit(cache=True, nogil=True)
@no_type_check
def _narrowed(begin: int, end: int, start: float, step: float) -> tuple[int, int]:
    """The part of begin … end − 1 in which start + n·step is above zero."""
    # A slope of rounding only puts the place beyond any integer.
    if step > 0.0:
        return max(begin, int(np.floor(min(max(-start / step, -1e9), 1e9))) + 1), end
    if step < 0.0:
        return begin, min(end, int(np.ceil(min(max(-start / step, -1e9), 1e9))))
    return (begin, end) if start > 0.0 else (0, 0)


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def by_pixel(
    planes: Array, boxes: Array, centres: Array, source: Array, rays: Array, length: Array,
    out: Array, window: Array,
) -> None:  # fmt: skip
    """Line integrals with one bilinear sample per plane and pixel, for pictures of few pixels.

    window: first and last-plus-one row, first and last-plus-one column that can hold content.
    """
    r0, r1, c0, c1 = window
    across, down = np.empty(out.shape[1]), np.empty(out.shape[1])
    for r in range(r0, r1):
        p, q, a = rays[:, 1] * r + rays[:, 2]
        ahead = 1.0 if a + rays[2, 0] * c0 > 0.0 else -1.0
        for c in range(c0, c1):
            across[c] = (p + rays[0, 0] * c) / (a + rays[2, 0] * c)
            down[c] = (q + rays[1, 0] * c) / (a + rays[2, 0] * c)
        line = out[r]
        for slab in range(planes.shape[0]):
            height = centres[slab] - source[2]
            top, bottom, left, right = boxes[slab]
            if height * ahead <= 0.0 or bottom < top:
                continue
            sp, sq = source[0] + 1.0, source[1] + 1.0
            begin, end = c0, c1
            for place, low, high, start, step in (
                (sp, left, right, p, rays[0, 0]), (sq, top, bottom, q, rays[1, 0]),
            ):  # fmt: skip
                near, far = place - (low - 1.0 + EDGE), (high + 1.0 - EDGE) - place
                begin, end = _narrowed(begin, end, ahead * (near * a + height * start),
                                       ahead * (near * rays[2, 0] + height * step))  # fmt: skip
                begin, end = _narrowed(begin, end, ahead * (far * a - height * start),
                                       ahead * (far * rays[2, 0] - height * step))  # fmt: skip
            plane = planes[slab]
            for c in range(begin, end):
                x, y = sp + height * across[c], sq + height * down[c]
                i, j = np.uint32(x), np.uint32(y)
                s, t = np.float32(x - i), np.float32(y - j)
                upper = plane[j, i] + s * (plane[j, i + ONE] - plane[j, i])
                lower = plane[j + ONE, i] + s * (plane[j + ONE, i + ONE] - plane[j + ONE, i])
                line[c] += upper + t * (lower - upper)
        for c in range(c0, c1):
            x = length[0, 0] * c + length[0, 1] * r + length[0, 2]
            y = length[1, 0] * c + length[1, 1] * r + length[1, 2]
            z = length[2, 0] * c + length[2, 1] * r + length[2, 2]
            line[c] *= np.sqrt(x * x + y * y + z * z) / abs(a + rays[2, 0] * c)
