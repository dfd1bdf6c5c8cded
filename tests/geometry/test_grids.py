"""Look-up on grids: exact for linear fields in any frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates
from scipy.spatial.transform import Rotation

from basivert.geometry.grids import (
    WORTH_A_THREAD,
    clamped,
    grid_points,
    interpolated,
    nearest,
    nearest_on_grid,
    regridded,
)
from basivert.geometry.rigid import frame, inverse, moved, right_handed


def placed(seed: int, spacing: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    turn = Rotation.random(random_state=seed).as_matrix() * spacing
    return frame(turn[:, 0], turn[:, 1], turn[:, 2], rng.uniform(-50, 50, 3))


@given(seed=st.integers(0, 2**32 - 1), spacing=st.floats(0.4, 3.0))
def test_linear_field_is_met_exactly_between_voxels(seed, spacing):
    affine = placed(seed, spacing)
    slope = np.array([0.3, -1.2, 0.7])
    values = (grid_points(affine, (6, 7, 8)).astype(float) @ slope).astype(np.float64)
    index = np.random.default_rng(seed).uniform(0.1, 4.8, (50, 3))
    points = moved(affine, index)
    found = interpolated(values, affine, points, outside=np.nan)
    np.testing.assert_allclose(found, points @ slope, atol=2e-3)


def test_outside_is_told_and_not_extrapolated():
    found = interpolated(np.ones((3, 3, 3)), np.eye(4), np.array([[5.0, 1.0, 1.0]]), outside=-7.0)
    assert found == pytest.approx(-7.0)


@given(seed=st.integers(0, 2**32 - 1))
def test_regridding_is_the_look_up_at_the_new_voxel_centres(seed):
    old, new = placed(seed, 1.3), placed(seed ^ 1, 0.9)
    new[:3, 3] = old[:3, 3] + np.random.default_rng(seed).uniform(-4, 4, 3)
    values = np.random.default_rng(seed).normal(0, 100, (6, 7, 8)).astype(np.float32)
    found = regridded(values, old, new, (5, 4, 9), outside=-1024.0)
    points = grid_points(new, (5, 4, 9)).astype(np.float64)
    # A voxel centre on the very edge may fall to either side of it.
    inside = moved(inverse(old), points)
    last = np.array(values.shape) - 1
    clear = (np.abs(inside) > 1e-4).all(axis=-1) & (np.abs(inside - last) > 1e-4).all(axis=-1)
    wanted = interpolated(values, old, points, outside=-1024.0)
    np.testing.assert_allclose(found[clear], wanted[clear], atol=0.05)


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1))
def test_nearest_voxels_of_a_grid_are_those_of_its_points(seed):
    old, new = placed(seed, 1.3), placed(seed ^ 1, 0.9)
    rng = np.random.default_rng(seed)
    new[:3, 3] = old[:3, 3] + rng.uniform(-2, 6, 3)
    values = rng.integers(1, 200, (6, 7, 8)).astype(np.int16)
    points = moved(new, np.stack(np.meshgrid(*map(np.arange, (5, 4, 9)), indexing="ij"), -1) + 0.0)
    np.testing.assert_array_equal(nearest_on_grid(values, old, new, (5, 4, 9)),
                                  nearest(values, old, points, outside=0))  # fmt: skip


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_beyond_a_grid_its_border_goes_on(seed):
    affine, rng = placed(seed, 1.2), np.random.default_rng(seed)
    values = rng.integers(0, 200, (6, 7, 8)).astype(np.uint8)
    index = rng.uniform(-5, 13, (200, 3))
    held = np.clip(np.rint(index), 0, np.array(values.shape) - 1).astype(int)
    found = clamped(values, inverse(affine), moved(affine, index))
    np.testing.assert_array_equal(found, values[tuple(held.T)])


@given(seed=st.integers(0, 2**32 - 1))
def test_a_frame_and_its_inverse_undo_each_other(seed):
    affine = placed(seed, 1.0)
    points = np.random.default_rng(seed).normal(0, 40, (9, 3))
    np.testing.assert_allclose(moved(inverse(affine), moved(affine, points)), points, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_right_handed_frame_is_rigid_and_keeps_its_x(seed):
    x, z, origin = np.random.default_rng(seed).normal(0, 1, (3, 3))
    affine = right_handed(x, z, origin)
    rotation = affine[:3, :3]
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert rotation[:, 0] @ x == pytest.approx(np.linalg.norm(x))
    assert rotation[:, 2] @ z > 0


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16, np.uint8, np.int32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_look_up_is_that_of_scipy_for_every_kind_of_grid(kind, order):
    rng = np.random.default_rng(5)
    values = np.asarray(rng.integers(0, 200, (5, 6, 7)), dtype=kind, order=order)
    affine = placed(3, 1.1)
    index = np.concatenate([rng.uniform(-1, 7, (400, 3)), [[0.2, 0.2, 0.2], [3.9, 4.9, 5.9]]])
    points = moved(affine, index)
    wanted = map_coordinates(values, index.T, order=1, mode="constant", cval=-9, output=np.float32)
    np.testing.assert_allclose(
        interpolated(values, affine, points, outside=-9.0), wanted, atol=1e-3
    )
    codes = map_coordinates(values, index.T, order=0, mode="constant", cval=0)
    np.testing.assert_array_equal(nearest(values, affine, points, outside=0), codes)


def test_many_points_and_few_are_looked_up_alike():
    values = np.random.default_rng(0).normal(0, 100, (9, 8, 7))
    points = np.random.default_rng(1).uniform(-1, 9, (WORTH_A_THREAD + 3, 3))
    whole = interpolated(values, np.eye(4), points, outside=0.0)
    parts = [interpolated(values, np.eye(4), part, outside=0.0) for part in np.split(points, [9])]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_a_place_that_is_no_number_lies_outside():
    points = np.array([[np.nan, 1.0, 1.0], [np.inf, 1.0, 1.0]])
    found = interpolated(np.ones((3, 3, 3)), np.eye(4), points, outside=-7.0)
    assert (found == -7.0).all()
