"""Cases A, B and C against values from an unrelated finite-element code."""

import pytest
from benchmarks.ablation_cases import TIMES_S

from tests.ablation import finite_elements


@pytest.fixture(scope="module", params=["A", "B", "C"])
def solved(request):
    return finite_elements.solved(request.param, TIMES_S[:-1])


def test_temperatures_power_and_volumes_agree(solved):
    finite_elements.agree(*solved, degc=0.2, power=0.005, volume=0.015)


def test_energy_balances(solved):
    assert solved[1].balance.error < 0.001
