"""Cases A, B and C against values from an unrelated finite-element code."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.ablation_cases import TIMES_S, case, parameters

from basivert.ablation.ablate import ablate
from basivert.ablation.lesion import above

SHARED = Path(__file__).parents[2] / ".." / "shared" / "benchmarks" / "ablation"


@pytest.fixture(scope="module", params=["A", "B", "C"])
def solved(request):
    if not (SHARED / "reference.json").is_file():
        pytest.skip("the shared heat benchmark is not beside this checkout")
    reference = json.loads((SHARED / "reference.json").read_text(encoding="utf-8"))
    problem = case(request.param, parameters([]))
    answer = ablate(
        problem.probe, problem.tissue, problem.materials, problem.physics, problem.drive,
        moments_s=TIMES_S[:-1], resolution=problem.resolution,
    )  # fmt: skip
    return problem, answer, reference[request.param]["values"]


def test_temperatures_power_and_volumes_agree(solved):
    problem, answer, reference = solved
    points = np.array(list(problem.points.values()))
    for fields in answer.moments:
        true = {k: v["value"] for k, v in reference[f"{fields.time_s:g}"].items()}
        read = fields.sampled(points).temperature_degc
        wanted = np.array([true[f"T.{name}"] for name in problem.points])
        assert np.abs(read - wanted).max() < 0.2
        at = np.argmin(np.abs(answer.course.time_s - fields.time_s))
        assert answer.course.power_w[at] == pytest.approx(true["power_W"], rel=0.005)
        omega = fields.log_omega["benchmark"]
        levels = (("T50", fields.temperature_degc, 50.0), ("omega1", omega, 0.0),
                  ("cem240", fields.log_cem43, np.log(240.0)))  # fmt: skip
        for name, values, threshold in levels:
            region = above(fields, values, threshold)
            assert region.volume_ml == pytest.approx(true[f"{name}.volume_ml"], rel=0.015)


def test_energy_balances(solved):
    assert solved[1].balance.error < 0.001
