"""Sobol indices from a sample: a sparse polynomial expansion of the result in the inputs.

Each term is orthonormal under the inputs' distribution, so that its squared coefficient is its
share of the variance. Terms are taken one by one, the best first, as long as the error at
left-out samples falls, up to the last that is better than the best of as many that do nothing.
Source: Sudret 2008, doi:10.1016/j.ress.2007.04.002; Blatman and Sudret 2011,
doi:10.1016/j.jcp.2010.12.021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy.special import eval_hermitenorm, eval_legendre, gammaln

from basivert.arrays import Matrix, Vector

DEGREE, TOGETHER = 4, 2
# Factors whose pairs are expanded, and terms per sample that are taken at most.
PAIRED, TERMS_PER_SAMPLE = 10, 0.2
# Probability that a term is taken where none does anything.
CHANCE = 0.05
# Steps without a smaller error after which the search ends.
PATIENCE = 8
RESAMPLES = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Orthonormal functions of one input at the samples, (n, degrees), without the constant."""

    name: str
    values: Matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Shares of variance by input, (inputs,) each, and of what no term describes."""

    first: Vector
    total: Vector
    first_sd: Vector
    total_sd: Vector
    unexplained: float


def normal(name: str, x: Vector) -> Columns:
    """Hermite polynomials of a standard normal input."""
    rows = [eval_hermitenorm(k, x) / np.exp(gammaln(k + 1) / 2) for k in range(1, DEGREE + 1)]
    return Columns(name=name, values=np.stack(rows, axis=1))


def uniform(name: str, x: Vector) -> Columns:
    """Legendre polynomials of an input uniform on −1 … 1."""
    rows = [eval_legendre(k, x) * np.sqrt(2 * k + 1) for k in range(1, DEGREE + 1)]
    return Columns(name=name, values=np.stack(rows, axis=1))


def choice(name: str, number: np.ndarray, weights: Sequence[float]) -> Columns:
    """Functions of an input that takes as many values as there are weights."""
    p = np.array(weights)
    basis = np.linalg.qr(np.diag(np.sqrt(p)) @ np.column_stack([np.ones(len(p)), np.eye(len(p))]))
    functions = basis[0][:, 1 : len(p)] / np.sqrt(p)[:, None]
    return Columns(name=name, values=functions[number])


def shares(inputs: Sequence[Columns], y: Vector, rng: np.random.Generator) -> Shares:
    """Sobol indices of (n,) results with their sampling error from resamples.

    Assumes: inputs independent; the sample drawn from their distribution.
    """
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        none = np.zeros(len(inputs))
        return Shares(first=none, total=none, first_sd=none, total_sd=none, unexplained=0.0)
    terms, table = _table(inputs, y)
    kept = _selected(table, y)
    terms, table = [terms[n] for n in kept[1:]], table[:, kept]
    here = _split(_solved(table, y, np.ones(len(y)))[1:], terms, len(inputs))
    rest = y - table @ _solved(table, y, np.ones(len(y)))
    loss = float(np.mean(rest**2) / np.var(y)) * len(y) / (len(y) - len(kept))
    again = np.array([
        _split(_solved(table, y, rng.multinomial(len(y), np.full(len(y), 1 / len(y))))[1:], terms,
               len(inputs))
        for _ in range(RESAMPLES)
    ])  # fmt: skip
    spread = again.std(axis=0)
    known = 1.0 - min(loss, 1.0)
    return Shares(
        first=known * here[0], total=known * here[1], first_sd=spread[0], total_sd=spread[1],
        unexplained=min(loss, 1.0),
    )  # fmt: skip


def _table(inputs: Sequence[Columns], y: Vector) -> tuple[list[tuple[int, ...]], Matrix]:
    """Inputs of each candidate term, and the terms at the samples, the constant first."""
    terms: list[tuple[int, ...]] = [()]
    columns = [np.ones(len(y))]
    power = np.zeros(len(inputs))
    for n, one in enumerate(inputs):
        power[n] = np.sum(((y - y.mean()) @ one.values) ** 2)
        for column in one.values.T:
            terms.append((n,))
            columns.append(column)
    best = np.argsort(power)[::-1][:PAIRED]
    for a, b in combinations(sorted(best.tolist()), 2):
        for i, k in product(range(TOGETHER), range(TOGETHER)):
            if i < inputs[a].values.shape[1] and k < inputs[b].values.shape[1]:
                terms.append((a, b))
                columns.append(inputs[a].values[:, i] * inputs[b].values[:, k])
    return terms, np.stack(columns, axis=1)


def _selected(table: Matrix, y: Vector) -> list[int]:
    """Terms in the order taken, orthogonal matching with the error at left-out samples."""
    n = len(y)
    left = table / np.linalg.norm(table, axis=0)
    rest, leverage = y.astype(float), np.zeros(n)
    taken: list[int] = []
    best, least, sure = 1, np.inf, 1
    while len(taken) < TERMS_PER_SAMPLE * n:
        size = np.linalg.norm(left, axis=0)
        usable = size > 1e-6
        score = np.where(usable, np.abs(rest @ left) / np.maximum(size, 1e-6), -1.0)
        pick = int(score.argmax()) if taken else 0
        by_chance = 2.0 * np.log(len(score) / CHANCE) * (rest @ rest) / max(n - len(taken), 1)
        sure = len(taken) + 1 if score[pick] ** 2 > by_chance else sure
        way = left[:, pick] / size[pick]
        rest = rest - (way @ rest) * way
        left = left - np.outer(way, way @ left)
        left[:, pick] = 0.0
        leverage += way**2
        taken.append(pick)
        error = np.mean((rest / np.maximum(1 - leverage, 1e-6)) ** 2) * n / (n - len(taken))
        if error < least:
            best, least = len(taken), error
        elif len(taken) >= best + PATIENCE:
            break
    # What masks a term is taken before it, so that the last one above chance decides.
    return taken[: min(best, sure)]


def _solved(table: Matrix, y: Vector, weight: np.ndarray) -> Vector:
    """Weighted least squares."""
    heavy = table * weight[:, None]
    return np.linalg.lstsq(heavy.T @ table, heavy.T @ y, rcond=None)[0]


def _split(coefficients: Vector, terms: Sequence[tuple[int, ...]], count: int) -> np.ndarray:
    """(2, inputs) first and total share of the described variance."""
    found = np.zeros((2, count))
    for value, term in zip(coefficients**2, terms, strict=True):
        if len(term) == 1:
            found[0, term[0]] += value
        for n in term:
            found[1, n] += value
    return found / max(float(np.sum(coefficients**2)), 1e-300)
