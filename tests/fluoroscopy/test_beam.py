"""The beam: Beer–Lambert, hardening, and the look-up against the exact sum."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.beam import Beam, beam, bone, transmitted, transmitted_tissue, water

XRAY, EIGHTY = builtin("xray"), beam(builtin("beams/80kvp"))


def test_one_energy_is_beer_and_lambert() -> None:
    mu = {"water": np.array([0.02]), "bone": np.array([0.06]), "steel": np.array([0.9])}
    one = Beam(energy_kev=np.array([60.0]), share=np.array([1.0]), mu=mu)
    left = transmitted(one, np.array([100.0]), np.array([20.0]), {"steel": np.array([1.5])})
    # 20 mm of bone beyond water: its excess alone counts, the water below is in the first length.
    assert left[0] == pytest.approx(np.exp(-0.02 * 100 - (0.06 - 0.02) * 20 - 0.9 * 1.5))


def test_the_beam_hardens_and_lies_between_its_softest_and_hardest_part() -> None:
    deep = np.linspace(1.0, 300.0, 60)
    per_mm = -np.log(transmitted(EIGHTY, deep, np.zeros(60), {})) / deep
    assert (np.diff(per_mm) < 0).all()
    assert EIGHTY.mu["water"].min() < per_mm[-1] < per_mm[0] < EIGHTY.mu["water"].max()
    assert transmitted(EIGHTY, np.zeros(1), np.zeros(1), {})[0] == pytest.approx(1.0)


def test_sixty_kev_of_the_table_is_between_its_neighbouring_bins() -> None:
    # Two tables, one physics: the 60 keV values and the beam's bins at 58 and 62 keV.
    at = np.searchsorted(EIGHTY.energy_kev, 60.0)
    for material, row in (("water", "mu.water"), ("bone", "mu.bone"), ("steel", "metal.steel"),
                          ("nitinol", "metal.nitinol"), ("peek", "metal.peek")):  # fmt: skip
        assert EIGHTY.mu[material][at] < XRAY[row].value < EIGHTY.mu[material][at - 1], material


def test_the_look_up_keeps_the_exact_sum() -> None:
    rng = np.random.default_rng(1)
    wet, hard = rng.uniform(0, 400, (40, 50)), rng.uniform(0, 80, (40, 50))
    exact = np.log(transmitted(EIGHTY, wet, hard, {}))
    found = np.log(transmitted_tissue(EIGHTY, wet.astype(np.float32), hard.astype(np.float32)))
    assert np.abs(found - exact).max() < 2e-3


def test_water_and_bone_together_are_the_attenuation() -> None:
    mu = np.random.default_rng(2).uniform(0, 0.09, (5, 6, 7)).astype(np.float32)
    whole = Attenuation(values=mu, lps_from_index=np.eye(4))
    low, high = XRAY["mu.water"].value, XRAY["mu.bone"].value
    again = low * water(whole, XRAY).values + (high - low) * bone(whole, XRAY).values
    assert np.allclose(again, mu, rtol=1e-5)


def test_unknown_material_is_named() -> None:
    with pytest.raises(InputError, match="gold"):
        transmitted(EIGHTY, np.zeros(1), np.zeros(1), {"gold": np.ones(1)})
