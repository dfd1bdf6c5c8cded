"""Distances on grids, against an independent transform and by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from basivert.geometry.morphology import depth_mm, nearest_true


def sites(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mask = rng.random(tuple(rng.integers(1, 14, 3))) < rng.choice([0.003, 0.05, 0.5])
    mask[tuple(rng.integers(0, mask.shape))] = True
    return mask


@given(seed=st.integers(0, 2**32 - 1))
def test_depth_is_the_distance_that_scipy_finds(seed):
    spacing = np.random.default_rng(seed).uniform(0.4, 3.0, 3)
    mask = ~sites(seed)
    wanted = ndimage.distance_transform_edt(mask, sampling=spacing)
    np.testing.assert_allclose(depth_mm(mask, spacing), wanted, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_nearest_voxel_is_true_and_as_near_as_any(seed):
    mask = sites(seed)
    found = np.stack(np.unravel_index(nearest_true(mask, 0.8), mask.shape), axis=-1)
    assert mask[tuple(np.moveaxis(found, -1, 0))].all()
    here = np.stack(np.indices(mask.shape), axis=-1)
    true = np.argwhere(mask)
    least = np.linalg.norm(here[..., None, :] - true, axis=-1).min(axis=-1)
    np.testing.assert_allclose(np.linalg.norm(here - found, axis=-1), least, atol=1e-9)


def test_equally_near_voxels_are_chosen_as_scipy_chooses():
    for seed in range(30):
        mask = sites(seed)
        _, index = ndimage.distance_transform_edt(~mask, sampling=0.8, return_indices=True)
        np.testing.assert_array_equal(
            nearest_true(mask, 0.8), np.ravel_multi_index(tuple(index), mask.shape)
        )


def test_a_mask_without_an_outside_is_infinitely_deep():
    assert np.isinf(depth_mm(np.ones((3, 4, 5), bool), np.ones(3))).all()
    assert (nearest_true(np.zeros((3, 4, 5), bool), 1.0) == -1).all()


def test_a_ball_is_as_deep_as_its_radius():
    at = np.stack(np.meshgrid(*[np.arange(-20, 21)] * 3, indexing="ij"), axis=-1) * 0.5
    deepest = depth_mm(np.linalg.norm(at, axis=-1) < 8.0, np.full(3, 0.5)).max()
    assert deepest == pytest.approx(8.0, abs=0.5)
