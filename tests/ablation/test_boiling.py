"""Boiling water: its heat is accounted for, and it limits temperature and current."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.ablate import ablate, posed
from basivert.ablation.boiling import Boiling, Steam
from basivert.ablation.field import conductivity
from basivert.ablation.generator import FixedVoltage
from basivert.ablation.tables import materials, physics
from basivert.constants.load import builtin
from basivert.errors import InputError
from tests.ablation.problems import COARSE, bone, one_tissue, probe, straight
from tests.ablation.problems import physics as simple_physics

BOILING = Boiling(start_degc=99.5, end_degc=100.5, latent_j_kg=2.26e6, dry_share=0.01)
FLAT = replace(COARSE, angles=1)


def heated(water, boiling=BOILING):
    """A voltage that brings the tissue at the electrodes' ends beyond 100 °C."""
    drive = FixedVoltage(voltage_v=50.0, duration_s=30.0)
    return ablate(
        probe(straight()), one_tissue, [bone(water=water)], simple_physics(boiling=boiling), drive,
        resolution=FLAT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def boiled():
    return heated(0.3)


def test_energy_with_the_steam_balances(boiled):
    """What is stored, read from the final state alone, is what came in less what left."""
    problem = posed([probe(straight())], one_tissue, [bone(water=0.3)], simple_physics(), FLAT)
    rise = boiled.moments[-1].temperature_degc - 37.0
    share = np.clip((rise + 37.0 - 99.5) / 1.0, 0.0, 1.0)
    steam = float(np.sum(problem.water * share)) * 2.26e6
    warm = float(np.sum(problem.storage * rise))
    balance = boiled.balance
    assert steam > 1.0
    assert balance.stored_j == pytest.approx(warm + steam, rel=1e-6)
    left = balance.perfused_j + balance.conducted_j
    assert warm + steam == pytest.approx(balance.given_j - left, rel=0.005)
    course = boiled.course
    given = np.trapezoid(np.append(course.power_w[0], course.power_w), np.append(0, course.time_s))
    assert balance.given_j == pytest.approx(given, rel=0.02)


def test_steam_keeps_tissue_cooler_and_dries_it(boiled):
    plain = heated(0.0)
    assert plain.moments[-1].temperature_degc.max() > boiled.moments[-1].temperature_degc.max() + 10
    assert plain.course.impedance_ohm[-1] < plain.course.impedance_ohm[0]
    assert boiled.course.impedance_ohm.max() > 1.5 * boiled.course.impedance_ohm.min()


def test_below_the_interval_nothing_changes():
    drive = FixedVoltage(voltage_v=25.0, duration_s=20.0)
    wet, dry = (
        ablate(probe(straight()), one_tissue, [bone(water=w)], simple_physics(boiling=BOILING),
               drive, resolution=FLAT).moments[-1].temperature_degc
        for w in (0.3, 0.0)
    )  # fmt: skip
    assert dry.max() < 95.0
    np.testing.assert_array_equal(wet, dry)


def test_steam_is_energy_as_a_function_of_temperature():
    steam = Steam(latent=np.full(5, 10.0), start=62.5, end=63.5)
    rise = np.array([50.0, 62.5, 63.0, 63.5, 80.0])
    np.testing.assert_allclose(steam.stored(rise), [0, 0, 5, 10, 10])
    fine = np.linspace(60.0, 66.0, 6001)
    one = Steam(latent=np.full(6001, 10.0), start=62.5, end=63.5)
    assert np.trapezoid(one.capacity(fine), fine) == pytest.approx(10.0, rel=0.01)


def test_conductivity_collapses_where_water_has_gone():
    rise = np.array([0.0, 62.0, 70.0])
    found = conductivity(rise, simple_physics(boiling=BOILING))
    np.testing.assert_allclose(found, [1.0, 2.24, 2.24 * 0.01])


def test_tables_know_how_much_water_boils():
    tissue = builtin("tissue")
    bones = materials(tissue, ["cancellous", "cortical", "disc"])
    assert 0 < bones[1].water < bones[0].water < bones[2].water < 1
    made = physics(tissue, builtin("damage"), ["skin"], "skin")
    assert made.boiling is not None
    assert made.boiling.start_degc < 100.0 < made.boiling.end_degc


def test_impossible_water_is_refused():
    with pytest.raises(InputError, match="water"):
        bone(water=1.2)
