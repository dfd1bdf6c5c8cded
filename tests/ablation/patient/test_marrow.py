import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.ablation.patient.known import Known
from basivert.ablation.patient.marrow import bruggeman, cancellous, marrow, volume_fraction
from basivert.constants.load import builtin
from basivert.errors import InputError

TISSUE, MARROW = builtin("tissue"), builtin("marrow")
shares = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=4)


@given(raw=shares, seed=st.integers(0, 2**32 - 1))
def test_a_mixture_conducts_within_the_bounds_of_hashin_and_shtrikman(raw, seed):
    """For isotropic mixtures of two or more parts; doi:10.1063/1.1728579."""
    share = np.array(raw) / sum(raw)
    sigma = np.exp(np.random.default_rng(seed).uniform(-6, 1, len(share)))
    found = bruggeman(share, sigma)
    low, high = sigma.min(), sigma.max()
    for bound, side in ((low, 1.0), (high, -1.0)):
        limit = 1 / np.sum(share / (sigma + 2 * bound)) - 2 * bound
        assert side * (found - limit) >= -1e-9 * high


def test_two_parts_follow_the_quadratic_formula():
    one, two, share = 0.1035, 0.0043, 0.7
    b = (3 * share - 1) * one + (2 - 3 * share) * two
    expected = (b + np.sqrt(b**2 + 8 * one * two)) / 4
    assert bruggeman(np.array([share, 1 - share]), np.array([one, two])) == pytest.approx(expected)


def state(age, modic=None):
    return marrow(Known(age_years=age, modic={}), modic, MARROW, 44.7)


def test_marrow_ages_as_the_sources_say():
    assert state(25.0).yellow == 0.0
    assert 0.3 < state(70.0).yellow < 0.45
    assert state(40.0).flow_ml_min_kg == 176.0
    assert state(51.0).flow_ml_min_kg == pytest.approx(176.0 * 21.9 / 58.2, rel=2e-3)
    assert state(None).flow_ml_min_kg == 44.7


def test_fatty_change_lowers_flow_and_conductivity_and_oedema_raises_flow():
    usual, fatty, wet = state(45.0), state(45.0, 2), state(45.0, 1)
    assert fatty.flow_ml_min_kg < 0.1 * usual.flow_ml_min_kg
    assert wet.flow_ml_min_kg > usual.flow_ml_min_kg
    sigma = {s: cancellous("x", 0.12, s, TISSUE, MARROW).sigma_s_m for s in (usual, fatty)}
    assert sigma[fatty] < 0.3 * sigma[usual]


def test_usual_bone_conducts_as_the_measured_table_says():
    """12 % bone in blood-forming marrow against Gabriel's cancellous bone, 0.0864 S/m."""
    found = cancellous("x", 0.12, state(25.0), TISSUE, MARROW).sigma_s_m
    assert found == pytest.approx(TISSUE["cancellous.sigma"].value, rel=0.1)


@given(st.lists(st.floats(-200, 3000), min_size=2, max_size=20), st.floats(0, 1))
def test_denser_bone_never_has_less_bone(hu, yellow):
    found = volume_fraction(np.sort(hu), yellow, MARROW)
    assert np.all(np.diff(found) >= 0)
    assert np.all((found > 0) & (found < 1))


@pytest.mark.parametrize(("age", "modic"), [(7.0, {}), (300.0, {}), (None, {"upper": 4})])
def test_impossible_facts_are_refused(age, modic):
    with pytest.raises(InputError):
        Known(age_years=age, modic=modic)


@given(bone=st.floats(0.05, 0.4), yellow=st.floats(0.0, 1.0))
def test_a_ct_number_of_bone_in_marrow_gives_the_bone_back(bone, yellow):
    """Volumes add up in HU: a voxel of `bone` matrix in marrow that is `yellow` by its share."""
    marrow_hu = yellow * MARROW["hu.yellow"].value + (1 - yellow) * MARROW["hu.red"].value
    hu = bone * MARROW["hu.matrix"].value + (1 - bone) * marrow_hu
    assert volume_fraction(np.array([hu]), yellow, MARROW)[0] == pytest.approx(bone)
