"""Sobol indices against functions whose indices are known in closed form."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

from basivert.ablation.uncertainty import expansion

WEIGHTS = (0.5, 0.3, 0.2)
STEPS = np.array([0.0, 1.0, 3.0])


@pytest.fixture(scope="module")
def sample():
    unit = qmc.Sobol(5, seed=3).random_base2(9)
    number = np.searchsorted(np.cumsum(WEIGHTS)[:-1], unit[:, 4], side="right")
    z, u = ndtri(np.clip(unit[:, :2], 1e-3, 1 - 1e-3)), 2 * unit[:, 2:4] - 1
    inputs = [
        expansion.normal("a", z[:, 0]), expansion.normal("b", z[:, 1]),
        expansion.uniform("c", u[:, 0]), expansion.uniform("d", u[:, 1]),
        expansion.choice("e", number, WEIGHTS),
    ]  # fmt: skip
    return inputs, z, u, number


def test_functions_are_orthonormal(sample):
    table = np.concatenate([c.values[:, :2] for c in sample[0]], axis=1)
    np.testing.assert_allclose(table.T @ table / len(table), np.eye(table.shape[1]), atol=0.1)


def test_indices_of_a_function_in_closed_form(sample):
    inputs, z, u, number = sample
    y = 2 * z[:, 0] + z[:, 0] * u[:, 0] + 3 * u[:, 0] ** 2 + STEPS[number]
    p = np.array(WEIGHTS)
    part = {"a": 4.0, "ac": 1 / 3, "c": 9 * (1 / 5 - 1 / 9), "e": p @ STEPS**2 - (p @ STEPS) ** 2}
    total = sum(part.values())
    found = expansion.shares(inputs, y, np.random.default_rng(0))
    first = np.array([part["a"], 0, part["c"], 0, part["e"]]) / total
    whole = first + np.array([part["ac"], 0, part["ac"], 0, 0]) / total
    np.testing.assert_allclose(found.first, first, atol=0.02)
    np.testing.assert_allclose(found.total, whole, atol=0.02)
    assert found.unexplained < 0.02


def test_noise_is_told_as_unexplained_and_not_given_to_an_input(sample):
    inputs, z, _, _ = sample
    y = z[:, 0] + np.random.default_rng(1).standard_normal(len(z))
    found = expansion.shares(inputs, y, np.random.default_rng(0))
    assert found.unexplained == pytest.approx(0.5, abs=0.08)
    assert found.first[0] == pytest.approx(0.5, abs=0.08)
    assert found.total[1:].max() < 0.08


def test_few_samples_give_nothing_to_inputs_that_do_nothing():
    """25 inputs, 64 samples: some polynomial of some idle input always fits by chance."""
    given = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        z = rng.standard_normal((64, 25))
        inputs = [expansion.normal(str(n), z[:, n]) for n in range(25)]
        y = z[:, 0] + 0.5 * z[:, 1] + 0.3 * rng.standard_normal(64)
        found = expansion.shares(inputs, y, rng)
        assert found.total[0] > found.total[1] > 0.05
        given += bool(found.total[2:].max() > 0.005)
    # One in twenty at each of the few terms taken.
    assert given <= 5


def test_equal_causes_are_all_found_among_few_samples():
    rng = np.random.default_rng(0)
    z = rng.standard_normal((64, 12))
    inputs = [expansion.normal(str(n), z[:, n]) for n in range(12)]
    found = expansion.shares(inputs, z[:, :4].sum(axis=1), rng)
    np.testing.assert_allclose(found.total[:4], 0.25, atol=0.12)


def test_a_constant_has_no_cause(sample):
    found = expansion.shares(sample[0], np.full(512, 3.0), np.random.default_rng(0))
    assert found.total.max() == 0.0
