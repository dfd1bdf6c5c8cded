"""One planned burn on the virtual patient, on a coarse grid."""

from dataclasses import replace

import pytest

from basivert.ablation.grid import Resolution
from basivert.ablation.patient.known import UNKNOWN
from basivert.workflow.ablate_plan import ablate_plan
from basivert.workflow.heat_setup import Asked, heat_tables, planned, setup, standard_protocol

COARSE = Resolution(
    edge_mm=0.4, growth=1.35, growth_along=1.35, largest_mm=6.0, angles=8, reach_mm=42.0,
    behind_mm=60.0, ahead_mm=40.0,
)  # fmt: skip


@pytest.fixture(scope="session")
def tables():
    return heat_tables()


@pytest.fixture(scope="session")
def asked(tables):
    return Asked(protocol=standard_protocol(tables), log=None, seed=1)


@pytest.fixture(scope="session")
def chosen(planned):
    return planned.levels[0].plans[0]


@pytest.fixture(scope="session")
def vertebra(planned):
    return planned.levels[0].vertebra


@pytest.fixture(scope="session")
def prepared(case, vertebra, chosen, tables, asked):
    made = setup(vertebra, case, plan_for_heat(chosen), UNKNOWN, asked, tables)
    return replace(made, resolution=COARSE)


@pytest.fixture(scope="session")
def heat(prepared, tables):
    return ablate_plan(prepared, tables)


def plan_for_heat(plan):
    return planned(plan)
