"""Gaussian smoothing against scipy, to the last bit."""

import numpy as np
import pytest
from scipy import ndimage

from basivert.geometry.smoothing import smoothed


@pytest.mark.parametrize(("sd", "truncate"), [(0.8, 4.0), (2.857, 2.5), (1.75, 3.0), (6.0, 4.0)])
@pytest.mark.parametrize("shape", [(17, 40, 31), (5, 3, 9), (2, 60, 40)])
def test_the_same_numbers_as_scipy(sd, truncate, shape):
    values = np.random.default_rng(5).normal(200.0, 300.0, shape).astype(np.float32)
    expected = ndimage.gaussian_filter(values, sd, truncate=truncate)
    np.testing.assert_array_equal(smoothed(values, sd, truncate), expected)


def test_the_sum_is_kept_away_from_the_border():
    values = np.zeros((21, 21, 21), np.float32)
    values[10, 10, 10] = 1000.0
    assert smoothed(values, 1.5, 4.0).sum() == pytest.approx(1000.0, rel=1e-5)
