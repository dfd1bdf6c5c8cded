"""Curves keep their length and move with the patient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.geometry.curves import deployed_curve, segment_distance, thinned

X, Z = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])


@given(radius=st.floats(5, 60), turn=st.floats(0.05, 1.5), seed=st.integers(0, 2**32 - 1))
def test_curve_moves_with_the_patient_and_keeps_its_length(radius, turn, seed):
    tip, size = np.zeros(3), {"bend_radius_mm": radius, "length_mm": radius * turn}
    turned = Rotation.random(random_state=seed)
    here = deployed_curve(tip, X, Z, **size)
    there = deployed_curve(turned.apply(tip), turned.apply(X), turned.apply(Z), **size)
    np.testing.assert_allclose(there, turned.apply(here), atol=1e-9)
    length = np.linalg.norm(np.diff(here, axis=0), axis=1).sum()
    assert length == pytest.approx(radius * turn, rel=1e-3)
    centre = tip + radius * Z
    np.testing.assert_allclose(np.linalg.norm(here - centre, axis=1), radius, rtol=1e-9)


def test_without_a_curve_it_is_straight():
    line = deployed_curve(np.zeros(3), X, Z, bend_radius_mm=np.inf, length_mm=12.0)
    np.testing.assert_allclose(line[-1], [12.0, 0, 0], atol=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
def test_distance_to_a_segment_is_the_least_over_its_points(seed):
    rng = np.random.default_rng(seed)
    point, start, end = rng.normal(0, 10, (3, 3))
    t = np.linspace(0, 1, 2001)[:, None]
    brute = np.linalg.norm(point - (start + t * (end - start)), axis=1).min()
    found = segment_distance(point[None], start[None], end[None])[0]
    assert found == pytest.approx(brute, abs=2e-2)


@given(count=st.integers(1, 200), every=st.integers(1, 50))
def test_a_thinned_line_keeps_both_ends_and_its_order(count, every):
    line = np.arange(3.0 * count).reshape(count, 3)
    kept = thinned(line, every)
    np.testing.assert_array_equal(kept[0], line[0])
    np.testing.assert_array_equal(kept[-1], line[-1])
    assert (np.diff(kept[:, 0]) > 0).all()
