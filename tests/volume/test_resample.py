"""Sampling keeps what must be kept: linear fields, and codes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.geometry.rigid import moved
from basivert.volume.model import Volume
from basivert.volume.resample import sample, sample_nearest


def turned_grid(seed):
    rng = np.random.default_rng(seed)
    affine = np.eye(4)
    affine[:3, :3] = Rotation.random(random_state=seed).as_matrix() * rng.uniform(0.5, 3.0, 3)
    affine[:3, 3] = rng.uniform(-50, 50, 3)
    return affine, rng


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_linear_field_is_sampled_exactly_whatever_the_grid(seed):
    affine, rng = turned_grid(seed)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in (6, 7, 8)), indexing="ij"), axis=-1)
    slope = rng.uniform(-2, 2, 3)
    volume = Volume(values=moved(affine, index.astype(float)) @ slope, lps_from_index=affine,
                    unit="HU")  # fmt: skip
    points = moved(affine, rng.uniform(0, (5, 6, 7), (40, 3)))
    np.testing.assert_allclose(sample(volume, points, outside=0.0), points @ slope, atol=1e-2)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_codes_are_never_mixed_and_hold_for_the_whole_voxel(seed):
    affine, rng = turned_grid(seed)
    codes = rng.choice([0, 7, 22], (6, 7, 8)).astype(np.int16)
    volume = Volume(values=codes, lps_from_index=affine, unit="label")
    at = rng.integers(0, (6, 7, 8), (40, 3))
    points = moved(affine, at + rng.uniform(-0.49, 0.49, (40, 3)))
    found = sample_nearest(volume, points, outside=0.0)
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, codes[tuple(at.T)])


def test_outside_is_what_was_asked_for():
    volume = Volume(values=np.full((4, 4, 4), 9, np.int16), lps_from_index=np.eye(4), unit="label")
    far = np.array([[50.0, 0.0, 0.0], [1.0, 1.0, -1.0]])
    assert sample_nearest(volume, far, outside=0.0).tolist() == [0, 0]
    assert sample(volume, far, outside=-3000.0).tolist() == [-3000.0, -3000.0]
