"""Multiple imputation by predictive mean matching, and Rubin's rules for a proportion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from basivert.arrays import Matrix, Vector

# Share of the diagonal that keeps the normal equations solvable when predictors are collinear.
RIDGE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A proportion over completed tables.

    rate: mean over the tables.  within, between: Rubin's variances.
    lost: share of the information that is missing, (1 + 1/m) · between / total.
    """

    rate: float
    low: float
    high: float
    level: float
    m: int
    within: float
    between: float
    lost: float


def completed(
    values: Matrix, needed: np.ndarray, *, donors: int, fewest: int, rng: np.random.Generator
) -> Matrix:
    """The table with its needed gaps filled once, column by column.

    Args:
        values: (n, columns) one row a patient, columns in order of time, NaN where missing.
        needed: (n, columns) which cells must be known in the end.
        donors: patients with the nearest prediction, of whom one lends the value.
        fewest: seen values that a column needs; a column with fewer stays open, like all after it.
        rng: source of the draws.

    Returns: (n, columns) the same with values of real patients in the gaps.
    Assumes: missing at random given baseline and earlier visits; later visits are not used.
    Source: van Buuren 2018, algorithms 3.1 and 3.3.
    """
    filled = values.copy()
    # To fill a visit all earlier ones must be known, also where nobody counts them.
    wanted = np.logical_or.accumulate((needed | ~np.isnan(values))[:, ::-1], axis=1)[:, ::-1]
    for column in range(values.shape[1]):
        seen = ~np.isnan(values[:, column])
        gaps = wanted[:, column] & ~seen
        if not gaps.any():
            continue
        if seen.sum() < max(fewest, column + 2):
            break
        before = np.column_stack([np.ones(len(filled)), filled[:, :column]])
        filled[gaps, column] = matched(
            before[seen], values[seen, column], before[gaps], donors=donors, rng=rng
        )
    return filled


def matched(
    seen: Matrix, answers: Vector, asked: Matrix, *, donors: int, rng: np.random.Generator
) -> Vector:
    """Answers lent to `asked` by those whose prediction is nearest.

    Args:
        seen: (n, p) predictors of those seen, the constant among them.
        answers: (n,) their answers.
        asked: (k, p) predictors of those not seen.
        donors: how many of the nearest may lend.
        rng: source of the draws.

    Returns: (k,) values out of `answers`.
    """
    fitted, drawn = draw(seen, answers, rng)
    order = rng.permutation(len(answers))  # ties are broken by chance
    order = order[np.argsort((seen @ fitted)[order], kind="stable")]
    predicted, wanted = (seen @ fitted)[order], asked @ drawn
    few = min(donors, len(answers))
    at = np.searchsorted(predicted, wanted)
    around = np.clip(at[:, None] + np.arange(-few, few)[None, :], 0, len(answers) - 1)
    far = np.abs(predicted[around] - wanted[:, None])
    # A place that was clipped onto another one stands only once.
    far[:, 1:][around[:, 1:] == around[:, :-1]] = np.inf
    nearest = np.argsort(far, axis=1, kind="stable")[:, :few]
    chosen = nearest[np.arange(len(wanted)), rng.integers(0, few, len(wanted))]
    return answers[order[around[np.arange(len(wanted)), chosen]]]


def draw(seen: Matrix, answers: Vector, rng: np.random.Generator) -> tuple[Vector, Vector]:
    """Coefficients of a linear model: the fitted ones, and one draw of what they could be.

    Args:
        seen: (n, p) predictors.
        answers: (n,) what they predict.
        rng: source of the draw.

    Returns: two (p,); the second from the posterior under a flat prior.
    """
    crossed = seen.T @ seen
    inverse = np.linalg.inv(crossed + RIDGE * np.diag(np.diag(crossed)))
    fitted = inverse @ seen.T @ answers
    free = max(len(answers) - seen.shape[1], 1)
    spread = math.sqrt(float(((answers - seen @ fitted) ** 2).sum()) / rng.chisquare(free))
    noise = np.linalg.cholesky((inverse + inverse.T) / 2) @ rng.standard_normal(seen.shape[1])
    return fitted, fitted + spread * noise


def pooled(rates: Vector, counts: Vector, level: float) -> Pooled:
    """Rubin's rules for a proportion.

    Args:
        rates: (m,) the proportion in each completed table, 0-1.
        counts: (m,) patients behind each.
        level: of the interval, 0-1.

    Returns: the pooled rate with the Wilson interval for multiple imputation.
    Source: Rubin 1987; Lott and Reiter, Am Stat 2020;74:109, doi:10.1080/00031305.2018.1473796.
    """
    m, rate, n = len(rates), float(rates.mean()), float(counts.mean())
    within = float((rates * (1 - rates) / counts).mean())
    between = float(rates.var(ddof=1)) if m > 1 else 0.0
    more = (1 + 1 / m) * between
    rise = more / within if within > 0 else 0.0
    quantile = 1 - (1 - level) / 2
    free = (m - 1) * (1 + 1 / rise) ** 2 if rise > 0 else math.inf
    c = float(student.ppf(quantile, free)) ** 2 * (1 + rise) / n
    centre, half = 2 * rate + c, math.sqrt(max((2 * rate + c) ** 2 - 4 * (1 + c) * rate**2, 0.0))
    return Pooled(
        rate=rate, low=max((centre - half) / (2 * (1 + c)), 0.0),
        high=min((centre + half) / (2 * (1 + c)), 1.0), level=level, m=m, within=within,
        between=between, lost=more / (within + more) if within + more > 0 else 0.0,
    )  # fmt: skip
