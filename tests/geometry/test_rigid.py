"""Rigid motions against what they were made from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.geometry.rigid import turn_deg, turning


def pose(vector, shift) -> np.ndarray:
    made = np.eye(4)
    made[:3, :3] = Rotation.from_rotvec(vector).as_matrix()
    made[:3, 3] = shift
    return made


small = st.tuples(*[st.floats(-1.0, 1.0)] * 3).map(np.array)


@given(first=small, by=st.floats(0.1, 179.0), axis=small, shift=small)
def test_the_turn_between_two_poses_is_what_one_was_turned_by(first, by, axis, shift) -> None:
    axis = axis + np.array([2.0, 0.0, 0.0])
    axis = axis / np.linalg.norm(axis)
    one = pose(first, shift)
    other = pose(np.radians(by) * axis, -shift) @ one
    assert turn_deg(one, other) == pytest.approx(by, abs=1e-3)
    assert turn_deg(other, one) == pytest.approx(by, abs=1e-3)


@given(vector=st.tuples(*[st.floats(-7.0, 7.0)] * 3).map(np.array))
def test_a_turn_is_what_scipy_makes_of_its_vector(vector) -> None:
    expected = Rotation.from_rotvec(vector).as_matrix()
    assert turning(vector) == pytest.approx(expected, abs=1e-12)
