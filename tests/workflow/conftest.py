"""A planned level, and a room in which it lies turned and moved."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation


@pytest.fixture(scope="module")
def level(planned):
    return planned.levels[0]


@pytest.fixture(scope="module")
def room():
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", [8.0, -5.0, 3.0], degrees=True).as_matrix()
    pose[:3, 3] = [12.0, -30.0, 200.0]
    return pose
