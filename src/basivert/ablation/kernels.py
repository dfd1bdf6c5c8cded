"""Compiled loops of the solver: the operator, and its inverse for coefficients averaged around.

Arrays are (angle, s, r) with r fastest. An operator is a set of conductances between neighbours
(`kr` to r + 1, `ks` to s + 1, `kt` to the next angle, closed around) and a diagonal `kd` that holds
storage, perfusion and the way out to fixed neighbours. It is symmetric and positive.
"""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray
# Single-precision numbers in the widest vector register.
LANES = 16
# Relative size below which single precision is set to zero: denormal numbers are slow.
NOTHING = np.float32(1e-12)


@njit(cache=True, fastmath=True)
def apply(kr: Array, kt: Array, ks: Array, kd: Array, x: Array, y: Array) -> None:
    """Operator times x, into y."""
    angles, along, across = x.shape
    for j in range(angles):
        after = j + 1 if j + 1 < angles else 0
        before = j - 1 if j > 0 else angles - 1
        for k in range(along):
            for i in range(across):
                y[j, k, i] = kd[j, k, i] * x[j, k, i]
            for i in range(across - 1):
                flow = kr[j, k, i] * (x[j, k, i] - x[j, k, i + 1])
                y[j, k, i] += flow
                y[j, k, i + 1] -= flow
            if k + 1 < along:
                for i in range(across):
                    y[j, k, i] += ks[j, k, i] * (x[j, k, i] - x[j, k + 1, i])
            if k > 0:
                for i in range(across):
                    y[j, k, i] += ks[j, k - 1, i] * (x[j, k, i] - x[j, k - 1, i])
            if angles > 1:
                for i in range(across):
                    y[j, k, i] += kt[j, k, i] * (x[j, k, i] - x[after, k, i]) + kt[before, k, i] * (
                        x[j, k, i] - x[before, k, i]
                    )


@njit(cache=True, fastmath=True)
def joule(kr: Array, kt: Array, ks: Array, x: Array, heat: Array) -> float:
    """Power of each edge, halved onto its two ends (`heat`); returns the sum."""
    angles, along, across = x.shape
    heat[:] = 0.0
    total = 0.0
    for j in range(angles):
        after = j + 1 if j + 1 < angles else 0
        for k in range(along):
            for i in range(across - 1):
                power = kr[j, k, i] * (x[j, k, i] - x[j, k, i + 1]) ** 2
                total += power
                heat[j, k, i] += 0.5 * power
                heat[j, k, i + 1] += 0.5 * power
            if k + 1 < along:
                for i in range(across):
                    power = ks[j, k, i] * (x[j, k, i] - x[j, k + 1, i]) ** 2
                    total += power
                    heat[j, k, i] += 0.5 * power
                    heat[j, k + 1, i] += 0.5 * power
            if angles > 1:
                for i in range(across):
                    power = kt[j, k, i] * (x[j, k, i] - x[after, k, i]) ** 2
                    total += power
                    heat[j, k, i] += 0.5 * power
                    heat[after, k, i] += 0.5 * power
    return total


@njit(cache=True, fastmath=True)
def factor(kr: Array, ks: Array, kd: Array, kt: Array, eigen: Array, inverse: Array) -> None:
    """Inverse Schur blocks of each angular mode, (modes, s, r, r).

    kr, ks, kd, kt: (s, r), averaged around; eigen: (modes,) of the ring's difference operator.
    """
    along, across = kd.shape
    for m in range(eigen.shape[0]):
        block = np.zeros((across, across))
        last = np.zeros((across, across))
        for k in range(along):
            if k > 0:
                for i in range(across):
                    for h in range(across):
                        block[i, h] = -ks[k - 1, i] * last[i, h] * ks[k - 1, h]
            else:
                block[:] = 0.0
            for i in range(across):
                own = kd[k, i] + eigen[m] * kt[k, i]
                if k > 0:
                    own += ks[k - 1, i]
                if k + 1 < along:
                    own += ks[k, i]
                if i > 0:
                    own += kr[k, i - 1]
                    block[i, i - 1] -= kr[k, i - 1]
                if i + 1 < across:
                    own += kr[k, i]
                    block[i, i + 1] -= kr[k, i]
                block[i, i] += own
            last = np.linalg.inv(block)
            small = NOTHING * np.abs(last).max()
            for i in range(across):
                for h in range(across):
                    inverse[m, k, i, h] = last[i, h] if abs(last[i, h]) > small else 0.0


@njit(cache=True, fastmath=True)
def turned(basis: Array, rows: Array, out: Array) -> None:
    """Matrix product basis · rows for a few long rows: (n, m), (m, size) → (n, size), float32."""
    for n in range(basis.shape[0]):
        target = out[n]
        target[:] = 0.0
        for m in range(basis.shape[1]):
            weight = basis[n, m]
            source = rows[m]
            for i in range(source.shape[0]):
                target[i] += weight * source[i]


@njit(cache=True, fastmath=True)
def _times(block: Array, right: Array, answer: Array) -> None:
    """Symmetric padded block times two padded vectors at once, two columns at a time."""
    answer[:] = 0.0
    for h in range(0, block.shape[0], 2):
        a, b, c, d = right[0, h], right[0, h + 1], right[1, h], right[1, h + 1]
        for i in range(block.shape[1]):
            one, two = block[h, i], block[h + 1, i]
            answer[0, i] += one * a + two * b
            answer[1, i] += one * c + two * d


@njit(cache=True, fastmath=True)
def substitute(inverse: Array, ks: Array, rows: Array, z: Array) -> None:
    """Solve each angular mode in place, z (rows, s, r) float32.

    rows: (modes, 2), the cosine and sine row of each mode, −1 where there is no second.
    The blocks are symmetric and padded to whole vector registers (`LANES`).
    """
    along, across = z.shape[1:]
    answer = np.zeros((2, inverse.shape[3]), np.float32)
    right = np.zeros((2, inverse.shape[3]), np.float32)
    for m in range(rows.shape[0]):
        right[:] = 0.0
        for k in range(along):
            for side in range(2):
                if rows[m, side] < 0:
                    continue
                for i in range(across):
                    value = z[rows[m, side], k, i]
                    right[side, i] = value if abs(value) > NOTHING else np.float32(0.0)
                if k > 0:
                    for i in range(across):
                        value = answer[side, i]
                        if abs(value) > NOTHING:
                            right[side, i] += ks[k - 1, i] * value
            _times(inverse[m, k], right, answer)
            for side in range(2):
                if rows[m, side] >= 0:
                    z[rows[m, side], k] = answer[side, :across]
        for k in range(along - 2, -1, -1):
            for side in range(2):
                if rows[m, side] >= 0:
                    for i in range(across):
                        value = z[rows[m, side], k + 1, i]
                        value = value if abs(value) > NOTHING else np.float32(0.0)
                        right[side, i] = ks[k, i] * value
            _times(inverse[m, k], right, answer)
            for side in range(2):
                if rows[m, side] >= 0:
                    z[rows[m, side], k] += answer[side, :across]


@njit(cache=True, fastmath=True)
def dot(a: Array, b: Array) -> float:
    """Sum of products; a loop, because a threaded library stalls on a busy machine."""
    one, two = a.ravel(), b.ravel()
    total = 0.0
    for n in range(one.shape[0]):
        total += one[n] * two[n]
    return total


@njit(cache=True, fastmath=True)
def largest(a: Array) -> float:
    """Largest absolute value."""
    top = 0.0
    for value in a.ravel():
        top = max(top, abs(value))
    return top


@njit(cache=True, fastmath=True)
def reduced(
    er: Array, et: Array, es: Array, fixed: Array, given: Array, rise: Array, slope: float,
    cap: float, fr: Array, ft: Array, fs: Array, kr: Array, kt: Array, ks: Array, kd: Array,
    right: Array,
) -> None:  # fmt: skip
    """Field equations at temperatures `rise`: full edges (f), edges between free nodes (k).

    Edges from free to fixed nodes go to the diagonal and, times the given potential, to `right`.
    """
    angles, along, across = rise.shape
    kd[:] = 0.0
    right[:] = 0.0
    for j in range(angles):
        after = j + 1 if j + 1 < angles else 0
        for k in range(along):
            for i in range(across):
                for way in range(3):
                    a, b, c = j, k, i
                    if way == 0:
                        c = i + 1
                        base = er[j, k, i]
                    elif way == 1:
                        a = after
                        base = et[j, k, i]
                    else:
                        b = k + 1
                        base = es[j, k, i]
                    value, inner = 0.0, 0.0
                    if base > 0.0 and c < across and b < along:
                        here = min(rise[j, k, i], cap)
                        there = min(rise[a, b, c], cap)
                        value = base * (1.0 + slope * 0.5 * (here + there))
                        if not fixed[j, k, i] and not fixed[a, b, c]:
                            inner = value
                        elif not fixed[j, k, i]:
                            kd[j, k, i] += value
                            right[j, k, i] += value * given[a, b, c]
                        elif not fixed[a, b, c]:
                            kd[a, b, c] += value
                            right[a, b, c] += value * given[j, k, i]
                    if way == 0:
                        fr[j, k, i], kr[j, k, i] = value, inner
                    elif way == 1:
                        ft[j, k, i], kt[j, k, i] = value, inner
                    else:
                        fs[j, k, i], ks[j, k, i] = value, inner
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                if fixed[j, k, i]:
                    kd[j, k, i] = 1.0
