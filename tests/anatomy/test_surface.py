"""The surface lies where the blurred edge crosses half of its height."""

import numpy as np
import pytest
from scipy.special import ndtr

from basivert.anatomy.surface import crossings, label_distance


@pytest.mark.parametrize("edge_mm", [-0.8, -0.4, 0.0, 0.7])
@pytest.mark.parametrize("sigma_mm", [0.5, 0.9])
def test_crossing_of_a_thick_cortex_is_its_true_edge(edge_mm, sigma_mm):
    z = np.arange(80) * 0.5 - 20.0
    profile = 50.0 + 1150.0 * ndtr(-(z - edge_mm) / sigma_mm)
    hu = np.broadcast_to(profile, (6, 6, 80)).copy()
    lps_from_index = np.diag([0.5, 0.5, 0.5, 1.0])
    lps_from_index[2, 3] = -20.0
    vertices = np.array([[1.0, 1.0, 0.0], [1.2, 0.9, 0.3]])
    normals = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    shift, sure = crossings(hu, lps_from_index, vertices, normals)
    assert sure.all()
    np.testing.assert_allclose(vertices[:, 2] + shift, edge_mm, atol=0.06)


def test_crossing_in_plain_soft_tissue_is_not_claimed():
    hu = np.full((20, 20, 20), 60.0) + np.random.default_rng(1).normal(0, 15, (20, 20, 20))
    vertices, normals = np.full((5, 3), 10.0), np.tile([0.0, 0.0, 1.0], (5, 1))
    shift, sure = crossings(hu, np.eye(4), vertices, normals)
    assert not sure.any()
    assert not shift.any()


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 0.7, 2.5)])
def test_label_distance_crosses_zero_on_the_sphere(spacing):
    shape = tuple(int(40 / s) for s in spacing)
    centres = np.stack(np.meshgrid(*[np.arange(n) * s for n, s in zip(shape, spacing, strict=True)],
                                   indexing="ij"), axis=-1)  # fmt: skip
    radius = np.linalg.norm(centres - 20.0, axis=-1)
    found = label_distance(radius < 12.0, np.array(spacing))
    near = np.abs(radius - 12.0) < 1.0
    assert abs(float(np.mean((found - (radius - 12.0))[near]))) < 0.25 * max(spacing)
