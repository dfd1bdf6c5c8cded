"""Regression and lesion measures against closed forms."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from scipy.stats import qmc

from basivert.ablation.model import Probe
from basivert.ablation.uncertainty.kriging import fitted
from basivert.ablation.uncertainty.lattice import lattice
from basivert.ablation.uncertainty.measures import (
    margin_mm,
    measured,
    ruler,
    surface_tree,
)
from basivert.ablation.uncertainty.surrogate import reduced

from .problems import PAIR


@pytest.fixture(scope="module")
def tool():
    line = np.linspace([0.0, 0.0, -4.5], [0.0, 0.0, 40.0], 60)
    probe = Probe(line=line, radius_mm=0.85, electrodes=PAIR, sensor_mm=1.5)
    return ruler(lattice((probe,)), (probe,))


@pytest.mark.parametrize("seed", range(3))
def test_an_ellipsoid_has_its_volume_axes_and_distance(tool, seed):
    turn = Rotation.random(random_state=seed)
    axes = np.array([10.0, 7.0, 6.0])
    size = np.linalg.norm(turn.apply(tool.lattice.points - tool.lattice.centre) / axes, axis=1)
    lesion = measured(tool, 1.0 - size**2)
    reach = 1 / np.linalg.norm(turn.apply([0.0, 0.0, 1.0]) / axes)
    shaft = np.pi * 0.85**2 * (min(reach, 4.5 + tool.lattice.centre[2]) + reach)
    ball = 4 / 3 * np.pi * axes.prod()
    assert lesion.volume_ml * 1e3 == pytest.approx(ball - shaft, rel=0.01)
    np.testing.assert_allclose(lesion.lengths_mm, 2 * axes, atol=0.15)
    far = tool.lattice.centre + turn.inv().apply([[13.0, 0.0, 0.0]])
    assert margin_mm(surface_tree(lesion, far), far, np.array([False])) == pytest.approx(
        3.0, abs=0.2
    )
    near = tool.lattice.centre + turn.inv().apply([[0.0, 0.0, 4.0]])
    assert margin_mm(surface_tree(lesion, near), near, np.array([True])) == pytest.approx(
        -2.0, abs=0.2
    )


def test_nothing_dead_has_no_volume_and_keeps_its_distance_from_the_probe(tool):
    lesion = measured(tool, np.full(len(tool.lattice.points), -1.0))
    assert lesion.volume_ml == 0.0
    point = (tool.lattice.centre + np.array([5.0, 0.0, 0.0]))[None]
    assert margin_mm(surface_tree(lesion, tool.along), point, np.array([False])) == pytest.approx(
        5.0, abs=0.05
    )


def test_look_up_repeats_a_smooth_field_between_its_points(tool):
    def smooth(p):
        return np.exp(-(np.linalg.norm(p - [3.0, 0.0, 2.0], axis=1) ** 2) / 200.0)

    lat = tool.lattice
    points = lat.centre + np.random.default_rng(0).uniform(-12, 12, (400, 3))
    read = lat.read(lat.coefficients(smooth(lat.points)), lat.index(points))
    assert np.abs(read - smooth(points)).max() < 2e-3


def test_regression_follows_a_function_of_few_of_many_inputs():
    x = 2 * qmc.Sobol(12, seed=0).random_base2(6) - 1
    at = np.random.default_rng(1).uniform(-1, 1, (200, 12))

    def truth(v):
        return np.exp(0.8 * v[:, 0]) + 0.5 * v[:, 1] + 0.3 * v[:, 0] * v[:, 2]

    error = fitted(x, truth(x))(at) - truth(at)
    assert np.sqrt(np.mean(error**2)) < 0.05 * truth(at).std()


def test_numbers_of_equal_spread_are_each_learnt_and_their_error_is_told():
    x = 2 * qmc.Sobol(12, seed=0).random_base2(6) - 1
    at = np.random.default_rng(1).uniform(-1, 1, (200, 12))

    def truth(v):
        one, two = v[:, 0] + 0.2 * v[:, 2] ** 2, v[:, 1] + 0.2 * v[:, 3]
        return np.stack([one, 0.99 * two, 0.6 * one + 0.01 * v[:, 4], 1.01 * two], axis=1)

    made = reduced(x, truth(x))
    true = np.sqrt(np.mean((made.at(at) - truth(at)) ** 2, axis=0))
    told = np.sqrt(np.mean(made.missed**2, axis=0))
    assert np.all(true < 0.03)
    assert np.all(told < 0.05)
