"""Robust fits against truth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from basivert.geometry.fit import plane_over_xy

SLOPES = st.floats(-0.6, 0.6)


@given(a=SLOPES, b=SLOPES, c=st.floats(-30, 30), seed=st.integers(0, 2**32 - 1))
def test_plane_is_found_through_one_fifth_of_osteophytes(a, b, c, seed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(-15, 15, (400, 2))
    z = a * xy[:, 0] + b * xy[:, 1] + c + rng.normal(0, 0.2, 400)
    z[:80] += rng.uniform(3, 9, 80)
    fit = plane_over_xy(np.column_stack([xy, z]), 1.0)
    np.testing.assert_allclose([*fit.slope, fit.offset], [a, b, c], atol=0.08)


def test_stated_error_of_the_slope_matches_its_scatter():
    rng = np.random.default_rng(3)
    slopes, stated = [], []
    for _ in range(200):
        xy = rng.uniform(-15, 15, (120, 2))
        z = 0.2 * xy[:, 0] + rng.normal(0, 0.5, 120)
        fit = plane_over_xy(np.column_stack([xy, z]), 1.0)
        slopes.append(fit.slope[0])
        stated.append(np.sqrt(fit.covariance[0, 0]))
    assert 0.8 < np.mean(stated) / np.std(slopes) < 1.25
