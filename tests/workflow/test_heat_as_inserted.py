"""The heat of a probe that lies elsewhere than planned."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.patient.known import UNKNOWN
from basivert.errors import InputError
from basivert.workflow.ablate_plan import ablate_plan
from basivert.workflow.heat_as_inserted import InsertedPose, compared, inserted
from basivert.workflow.heat_setup import Asked, heat_tables, setup, standard_protocol
from basivert.workflow.heat_setup import planned as planned_of


@pytest.fixture(scope="module")
def level(planned):
    return planned.levels[0]


def pose(level, shift, measured=True):
    path = level.plans[0].path
    return InsertedPose(level=level.level, side=None, rank=None, axis=path.axis, measured=measured,
                        tip=path.curve_start + np.asarray(shift))  # fmt: skip


def burnt(case, level, where):
    tables = heat_tables()
    asked = Asked(protocol=standard_protocol(tables), log=None, seed=1)
    real = inserted(planned_of(level.plans[0]), where)
    made = setup(level.vertebra, case, real, UNKNOWN, asked, tables)
    coarse = replace(made.resolution, angles=8, edge_mm=0.4, growth=1.3, growth_along=1.5)
    return ablate_plan(replace(made, resolution=coarse), tables)


def test_where_it_was_planned_the_heat_is_the_plans(case, level, heat) -> None:
    real = burnt(case, level, pose(level, np.zeros(3)))
    assert real.lesion.coverage == heat.lesion.coverage
    assert real.lesion.margins_mm == heat.lesion.margins_mm


def test_six_back_and_three_up_lose_the_hub_and_near_the_canal(case, level, heat) -> None:
    path, up = level.plans[0].path, level.vertebra.lps_from_body[:3, 2]
    where = pose(level, 3.0 * up - 6.0 * path.axis, measured=False)
    real = compared(heat, burnt(case, level, where), where)
    assert real.lesion.coverage < heat.lesion.coverage - 0.05
    for wall in ("canal", "upper_endplate"):
        assert real.lesion.margins_mm[wall] < heat.lesion.margins_mm[wall]
    told = real.findings[0]
    assert told.code == "as-inserted"
    away = np.linalg.norm(where.tip - path.curve_start)
    assert f"{away:.1f} mm and 0.0° off the plan" in told.what
    assert f"with {real.lesion.coverage:.2f} ({heat.lesion.coverage:.2f})" in told.what
    assert "direction was not measured" in told.what


def test_a_pair_needs_more_than_one_pose(level) -> None:
    plan = planned_of(level.plans[0])
    pair = replace(plan, partner=plan.path)
    with pytest.raises(InputError, match="two probes"):
        inserted(pair, pose(level, np.zeros(3)))
