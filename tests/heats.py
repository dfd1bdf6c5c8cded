"""One burn in the virtual patient, and the same with samples that are made up."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.uncertainty.model import (
    HeatUncertainty,
    Index,
    Quantity,
    Safety,
    SurrogateError,
)
from basivert.constants.load import builtin
from basivert.estimate import Estimate
from basivert.report.heat import maps
from basivert.report.heat.document import Heats
from basivert.workflow.ablate_plan import ablate_plan
from basivert.workflow.heat_setup import Asked, heat_tables, setup, standard_protocol
from basivert.workflow.heat_setup import planned as planned_of

FACTORS = ("cancellous.perfusion", "pose.depth", "endpoint.choice", "tissue.without.name")


def burn(case, vertebra, plan, known=UNKNOWN):
    """A coarse grid: tests of the report ask for the same numbers, not for exact ones."""
    tables = heat_tables()
    asked = Asked(protocol=standard_protocol(tables), log=None, seed=1)
    made = setup(vertebra, case, planned_of(plan), known, asked, tables)
    coarse = replace(made.resolution, angles=8, edge_mm=0.4, growth=1.3, growth_along=1.5)
    return ablate_plan(replace(made, resolution=coarse), tables)


@pytest.fixture(scope="session")
def heat(case, planned):
    level = planned.levels[0]
    return burn(case, level.vertebra, level.plans[0])


@pytest.fixture(scope="session")
def sampled(heat):
    """Every quantity has its own numbers, so that one taken for another is seen."""
    names = ["volume_ml", "length_1_mm", "length_2_mm", "length_3_mm", "coverage", "power_w"]
    names += [f"{s}.{n}" for s in heat.setup.structures
              for n in ("peak_degc", "cem43_min", "margin_mm")]  # fmt: skip
    quantities = {name: _quantity(n, heat) for n, name in enumerate(names)}
    safety = {
        name: Safety(p_safe=Estimate(value=0.9 - 0.011 * n, low=0.8 - 0.011 * n, high=0.95,
                                     level=0.95, unit="1", basis="made up"))
        for n, name in enumerate(heat.setup.structures)
    }  # fmt: skip
    excess = maps.on_grid(heat.moments[-1], heat.setup.map).of(heat.lesion.endpoint)
    dead = 1.0 / (1.0 + np.exp(-excess.ravel()))
    return replace(heat, uncertainty=HeatUncertainty(
        samples=64, seed=3, quantities=quantities, safety=safety, p_dead=dead, p_safe=1.0 - dead,
        cut=0.03125, factors=FACTORS, inputs=np.zeros((64, 4)),
        outputs=np.zeros((64, len(names))),
        error=SurrogateError(runs=31, failed=1, checks=7, rms_degc=0.123, largest_degc=0.987,
                             rms_volume=0.0456, rms_power=0.0321, expected_degc=0.2,
                             bias_degc=0.01),
    ))  # fmt: skip


def _quantity(n, heat):
    value = 10.0 + 1.37 * n
    return Quantity(
        estimate=Estimate(value=value, low=value - 3.21, high=value + 4.56, level=0.9, unit="1",
                          basis="made up"),
        mean=value + 0.11, unexplained=0.01 * n + 0.07,
        by_endpoint={les.endpoint.name: value + k for k, les in enumerate(heat.lesions)},
        indices=tuple(
            Index(factor=f, first=0.5 / (k + 1 + n), first_sd=0.011, total=0.8 / (k + 1 + n),
                  total_sd=0.017)
            for k, f in enumerate(FACTORS)
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def heats(heat, sampled):
    return Heats(
        burns=(heat, sampled),
        tables=heat_tables(),
        protocol=builtin("protocols/standard"),
        findings=(),
    )
