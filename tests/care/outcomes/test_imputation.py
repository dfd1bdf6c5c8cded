"""Imputation: its draws, its pooling, and what it recovers when seen patients mislead."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from basivert.care.outcomes.imputation import completed, draw, matched, pooled
from basivert.care.outcomes.missing import readings
from basivert.care.outcomes.rates import exact_rate
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.responders import followed
from basivert.care.outcomes.rules import outcome_rules

from .simulated import clinic


def test_draws_have_the_mean_and_spread_of_ordinary_least_squares():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(60), rng.normal(5, 2, (60, 2))])
    y = x @ [1.0, 2.0, -1.0] + rng.normal(0, 3, 60)
    draws = np.array([draw(x, y, rng)[1] for _ in range(20_000)])
    fitted, residual, *_ = np.linalg.lstsq(x, y, rcond=None)
    # Under a flat prior the coefficients follow Student's t with 57 degrees of freedom.
    cov = np.linalg.inv(x.T @ x) * residual[0] / 57 * 57 / 55
    sd = np.sqrt(np.diag(cov))
    assert np.abs(draws.mean(0) - fitted).max() < 4 * (sd / np.sqrt(20_000)).max() + 1e-2
    assert draws.std(0) == pytest.approx(sd, rel=0.03)


def test_every_imputed_value_was_seen_and_what_was_seen_stays():
    rng = np.random.default_rng(2)
    table = rng.integers(0, 11, (80, 4)).astype(float)
    table[rng.random((80, 4)) < 0.3] = np.nan
    needed = np.ones((80, 4), bool)
    needed[:10, 3] = False
    full = completed(table, needed, donors=5, fewest=20, rng=rng)
    seen = ~np.isnan(table)
    assert (full[seen] == table[seen]).all()
    assert np.isnan(full[:10, 3][np.isnan(table[:10, 3])]).all()
    assert not np.isnan(full[needed]).any()
    for column in range(4):
        assert set(full[~np.isnan(full[:, column]), column]) <= set(table[seen[:, column], column])


def test_a_column_with_too_few_stays_open_and_so_do_later_ones():
    table = np.full((30, 3), np.nan)
    table[:, 0], table[:5, 1], table[:, 2] = 5.0, 3.0, 1.0
    table[0, 2] = np.nan
    full = completed(table, np.ones((30, 3), bool), donors=5, fewest=20,
                     rng=np.random.default_rng(0))  # fmt: skip
    assert np.isnan(full[5:, 1]).all() and np.isnan(full[0, 2])


def test_a_strong_predictor_leaves_little_choice():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(400), np.arange(400.0)])
    lent = matched(x, np.arange(400.0) * 2, x[::7] + np.array([0.0, 0.2]), donors=3, rng=rng)
    assert np.abs(lent - 2 * x[::7, 1]).max() <= 6


def test_pooling_solves_the_equation_of_lott_and_reiter():
    rates, counts = np.array([0.6, 0.64, 0.58, 0.66, 0.61]), np.full(5, 200.0)
    found = pooled(rates, counts, 0.95)
    within, between = np.mean(rates * (1 - rates) / 200), np.var(rates, ddof=1)
    rise = 1.2 * between / within
    from scipy.stats import t

    limit = t.ppf(0.975, 4 * (1 + 1 / rise) ** 2)
    mean = rates.mean()

    def beyond(p):
        return abs(mean - p) / np.sqrt((1 + rise) * p * (1 - p) / 200) - limit

    assert found.low == pytest.approx(brentq(beyond, 0.01, mean - 1e-9), rel=1e-9)
    assert found.high == pytest.approx(brentq(beyond, mean + 1e-9, 0.99), rel=1e-9)
    assert found.lost == pytest.approx(1.2 * between / (within + 1.2 * between))


def test_without_missing_the_pooled_interval_is_wilsons():
    found = pooled(np.full(20, 0.3), np.full(20, 50.0), 0.95)
    z = norm.ppf(0.975)
    centre = (0.3 + z**2 / 100) / (1 + z**2 / 50)
    half = z * np.sqrt(0.3 * 0.7 / 50 + z**2 / 10_000) / (1 + z**2 / 50)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half))
    none = pooled(np.zeros(20), np.full(20, 50.0), 0.95)
    assert none.low == 0 and 0 < none.high < 0.1


def one_study(rng, n=300):
    """Who has little left of an early relief is seen less often at the end."""
    early = np.clip(np.round(rng.normal(5, 2, n)), 0, 10)
    late = np.clip(np.round(early + rng.normal(0, 1, n)), 0, 10)
    table = np.column_stack([early, late])
    truth = (late <= 4).mean()
    table[rng.random(n) < 0.1 + 0.6 * (early > 5), 1] = np.nan
    return table, truth


def test_imputation_covers_the_truth_where_complete_cases_do_not():
    rng, covered, misled = np.random.default_rng(5), 0, 0
    p = np.mean([one_study(rng, 20_000)[1] for _ in range(5)])
    for _ in range(100):
        table, _ = one_study(rng)
        full = [completed(table, np.ones_like(table, bool), donors=5, fewest=20, rng=rng)
                for _ in range(20)]  # fmt: skip
        rates = np.array([(one[:, 1] <= 4).mean() for one in full])
        found = pooled(rates, np.full(20, 300.0), 0.95)
        covered += found.low <= p <= found.high
        seen = table[~np.isnan(table[:, 1]), 1]
        naive = exact_rate(int((seen <= 4).sum()), len(seen), 0.95)
        misled += not naive.low <= p <= naive.high
    assert covered >= 88  # 0.05-quantile of 100 trials at 93 %
    assert misled >= 50


def test_readings_are_ordered_and_seeded():
    rules = outcome_rules()
    held = followed(registry(clinic(200, 8), rules), rules)
    found = readings(held, np.random.default_rng(1))
    assert found == readings(held, np.random.default_rng(1))
    for one in found:
        assert one.complete.n + one.missing == one.worst.n == one.best.n
        if one.worst.rate is None:
            continue
        assert one.worst.rate <= one.best.rate
        if one.complete.rate is not None:
            assert one.worst.rate <= one.complete.rate <= one.best.rate
        if one.imputed is not None:
            assert one.worst.rate - 0.02 <= one.imputed.rate <= one.best.rate + 0.02
            if one.missing == 0:
                assert one.imputed.rate == pytest.approx(one.complete.rate)
    assert any(one.imputed and one.missing for one in found)


def test_a_small_clinic_is_told_why_nothing_is_imputed():
    rules = outcome_rules()
    held = followed(registry(clinic(15, 8, lost=0.5), rules), rules)
    open_ = [one for one in readings(held, np.random.default_rng(1)) if one.missing]
    assert open_ and all(one.imputed is None and "few" in one.why for one in open_)
