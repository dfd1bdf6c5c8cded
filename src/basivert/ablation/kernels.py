"""Compiled loops of the solver: the operator, and its inverse for coefficients averaged around.

Arrays are (angle, s, r) with r fastest. An operator is a set of conductances between neighbours,
(edges, angle, s, r), and a diagonal `kd` that holds storage, perfusion and the way out to fixed
neighbours. It is symmetric and positive. Edge e leads from a node to the one `WAYS[e]` further
(angle closed around): three on a straight grid, nine where grid lines are not at right angles.
"""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray
# Blocks are padded to this many single-precision numbers: a vector register.
LANES = 8
# Steps in (angle, s, r) along each kind of edge: r, angle, s, then the diagonals.
WAYS = (
    (0, 0, 1), (1, 0, 0), (0, 1, 0), (0, 1, 1), (0, 1, -1), (1, 0, 1), (1, 0, -1), (1, 1, 0),
    (1, -1, 0),
)  # fmt: skip
# Relative size below which single precision is set to zero: denormal numbers are slow.
NOTHING = np.float32(1e-12)


@njit(cache=True, nogil=True, fastmath=True)
def apply(edges: Array, kd: Array, x: Array, y: Array) -> None:
    """Operator times x, into y.

    Each angle is one flat row of nodes, so that a kind of edge is one long loop; edges that would
    lead off the grid are 0 in `edges`.
    """
    angles, along, across = x.shape
    size = along * across
    flat = edges.reshape((edges.shape[0], angles, size))
    nodes, sums = x.reshape((angles, size)), y.reshape((angles, size))
    diagonals = kd.reshape((angles, size))
    for j in range(angles):
        here, total, diagonal = nodes[j], sums[j], diagonals[j]
        for n in range(size):
            total[n] = diagonal[n] * here[n]
        for e in range(edges.shape[0]):
            jump, up, out = WAYS[e]
            if jump == 1 and angles == 1:
                continue
            to, back = (j + jump) % angles, (j - jump) % angles
            step = across * up + out
            low, high = max(0, -step), size - max(0, step)
            _drain(flat[e, j, low:high], here[low:high], nodes[to, low + step : high + step],
                   total[low:high])  # fmt: skip
            _drain(flat[e, back, low:high], here[low + step : high + step], nodes[back, low:high],
                   total[low + step : high + step])  # fmt: skip


@njit(cache=True, nogil=True, fastmath=True)
def _drain(g: Array, here: Array, there: Array, total: Array) -> None:
    """Add what flows from here to there."""
    for n in range(g.shape[0]):
        total[n] += g[n] * (here[n] - there[n])


@njit(cache=True, nogil=True, fastmath=True)
def joule(edges: Array, x: Array, heat: Array) -> float:
    """Power of each edge, halved onto its two ends (`heat`); returns the sum."""
    angles, along, across = x.shape
    heat[:] = 0.0
    total = 0.0
    for e in range(edges.shape[0]):
        jump, rise, out = WAYS[e]
        for j in range(angles):
            a = (j + jump) % angles
            for k in range(max(0, -rise), along - max(0, rise)):
                for i in range(max(0, -out), across - max(0, out)):
                    power = edges[e, j, k, i] * (x[j, k, i] - x[a, k + rise, i + out]) ** 2
                    total += power
                    heat[j, k, i] += 0.5 * power
                    heat[a, k + rise, i + out] += 0.5 * power
    return total


@njit(cache=True, nogil=True, fastmath=True)
def factor(kr: Array, ks: Array, kd: Array, kt: Array, eigen: Array, inverse: Array) -> None:
    """Inverse Schur blocks of each angular mode, (modes, s, r, r), padded with zeros.

    kr, ks, kd, kt: (s, r), averaged around; eigen: (modes,) of the ring's difference operator.
    """
    along, across = kd.shape
    block = np.zeros((across, inverse.shape[3]))
    row = np.zeros(inverse.shape[3])
    for m in range(eigen.shape[0]):
        for k in range(along):
            for i in range(across):
                for h in range(across):
                    block[i, h] *= -ks[k - 1, i] * ks[k - 1, h] if k > 0 else 0.0
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
            _invert(block, row)
            small = NOTHING * np.abs(block).max()
            for i in range(across):
                for h in range(across):
                    value = block[i, h]
                    inverse[m, k, i, h] = value if abs(value) > small else 0.0


@njit(cache=True, nogil=True, fastmath=True)
def _invert(block: Array, row: Array) -> None:
    """Invert a symmetric positive block (r, padded r) in place; row: (padded r,) to work in.

    Positive blocks need no exchange of rows; whole registers at a time that beats a library's call.
    """
    count = block.shape[0]
    for p in range(count):
        pivot = 1.0 / block[p, p]
        for h in range(block.shape[1]):
            row[h] = block[p, h] * pivot
        row[p] = pivot
        for i in range(count):
            if i == p:
                continue
            share = block[i, p]
            block[i, p] = 0.0
            for h in range(block.shape[1]):
                block[i, h] -= share * row[h]
        for h in range(block.shape[1]):
            block[p, h] = row[h]


@njit(cache=True, nogil=True, fastmath=True)
def turned(basis: Array, rows: Array, out: Array) -> None:
    """Matrix product basis · rows for a few long rows: (n, m), (m, size) → (n, size), float32."""
    whole = basis.shape[1] - basis.shape[1] % 4
    for n in range(basis.shape[0]):
        target = out[n]
        target[:] = 0.0
        for m in range(0, whole, 4):
            a, b, c, d = basis[n, m], basis[n, m + 1], basis[n, m + 2], basis[n, m + 3]
            one, two, three, four = rows[m], rows[m + 1], rows[m + 2], rows[m + 3]
            for i in range(target.shape[0]):
                target[i] += a * one[i] + b * two[i] + c * three[i] + d * four[i]
        for m in range(whole, basis.shape[1]):
            weight, source = basis[n, m], rows[m]
            for i in range(target.shape[0]):
                target[i] += weight * source[i]


@njit(cache=True, nogil=True, fastmath=True)
def scaled(values: Array, factor: float, out: Array) -> None:
    """Multiply values by a factor, into out of another precision."""
    one, two = values.ravel(), out.ravel()
    for n in range(one.shape[0]):
        two[n] = factor * one[n]


@njit(cache=True, nogil=True, fastmath=True)
def _times(block: Array, right: Array, answer: Array) -> None:
    """Symmetric padded block times two padded vectors at once, two columns at a time."""
    answer[:] = 0.0
    for h in range(0, block.shape[0], 2):
        a, b, c, d = right[0, h], right[0, h + 1], right[1, h], right[1, h + 1]
        for i in range(block.shape[1]):
            one, two = block[h, i], block[h + 1, i]
            answer[0, i] += one * a + two * b
            answer[1, i] += one * c + two * d


@njit(cache=True, nogil=True, fastmath=True)
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


@njit(cache=True, nogil=True, fastmath=True)
def dot(a: Array, b: Array) -> float:
    """Sum of products; a loop, because a threaded library stalls on a busy machine."""
    one, two = a.ravel(), b.ravel()
    total = 0.0
    for n in range(one.shape[0]):
        total += one[n] * two[n]
    return total


@njit(cache=True, nogil=True, fastmath=True)
def added(a: Array, factor: float, b: Array, out: Array) -> None:
    """Sum a + factor · b, into out, which may be either."""
    one, two, total = a.ravel(), b.ravel(), out.ravel()
    for n in range(one.shape[0]):
        total[n] = one[n] + factor * two[n]


@njit(cache=True, nogil=True, fastmath=True)
def largest(a: Array) -> float:
    """Largest absolute value."""
    values = a.ravel()
    top = 0.0
    for n in range(values.shape[0]):
        top = max(top, abs(values[n]))
    return top


@njit(cache=True, nogil=True, fastmath=True)
def reduced(
    base: Array, fixed: Array, given: Array, factor: Array, full: Array, free: Array, kd: Array,
    right: Array,
) -> None:  # fmt: skip
    """Field equations where σ at a node is `factor` times that at body temperature.

    full: all edges; free: those between free nodes. Edges from free to fixed nodes go to the
    diagonal and, times the given potential, to `right`.
    """
    angles, along, across = factor.shape
    full[:] = 0.0
    free[:] = 0.0
    kd[:] = 0.0
    right[:] = 0.0
    for e in range(base.shape[0]):
        jump, up, out = WAYS[e]
        for j in range(angles):
            a = (j + jump) % angles
            for k in range(max(0, -up), along - max(0, up)):
                b = k + up
                for i in range(max(0, -out), across - max(0, out)):
                    c = i + out
                    value = base[e, j, k, i] * 0.5 * (factor[j, k, i] + factor[a, b, c])
                    full[e, j, k, i] = value
                    if not fixed[j, k, i] and not fixed[a, b, c]:
                        free[e, j, k, i] = value
                    elif not fixed[j, k, i]:
                        kd[j, k, i] += value
                        right[j, k, i] += value * given[a, b, c]
                    elif not fixed[a, b, c]:
                        kd[a, b, c] += value
                        right[a, b, c] += value * given[j, k, i]
    for j in range(angles):
        for k in range(along):
            for i in range(across):
                if fixed[j, k, i]:
                    kd[j, k, i] = 1.0
