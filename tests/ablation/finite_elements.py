"""Cases A, B and C of the shared heat benchmark, and what an unrelated finite-element code says."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.ablation_cases import case, parameters

from basivert.ablation.ablate import ablate
from basivert.ablation.lesion import above

SHARED = Path(__file__).parents[2] / ".." / "shared" / "benchmarks" / "ablation"


def solved(name, moments_s, resolution=None):
    """The case, our answer and their values; skips where the benchmark is not there."""
    if not (SHARED / "reference.json").is_file():
        pytest.skip("the shared heat benchmark is not beside this checkout")
    reference = json.loads((SHARED / "reference.json").read_text(encoding="utf-8"))
    problem = case(name, parameters([]))
    answer = ablate(
        problem.probe, problem.tissue, problem.materials, problem.physics, problem.drive,
        moments_s=moments_s, resolution=resolution or problem.resolution,
    )  # fmt: skip
    return problem, answer, reference[name]["values"]


def agree(problem, answer, reference, *, degc, power, volume):
    """Every listed point within `degc`, power and volumes within these shares."""
    points = np.array(list(problem.points.values()))
    for fields in answer.moments:
        true = {k: v["value"] for k, v in reference[f"{fields.time_s:g}"].items()}
        read = fields.sampled(points).temperature_degc
        wanted = np.array([true[f"T.{name}"] for name in problem.points])
        assert np.abs(read - wanted).max() < degc
        at = np.argmin(np.abs(answer.course.time_s - fields.time_s))
        assert answer.course.power_w[at] == pytest.approx(true["power_W"], rel=power)
        omega = fields.log_omega["benchmark"]
        levels = (("T50", fields.temperature_degc, 50.0), ("omega1", omega, 0.0),
                  ("cem240", fields.log_cem43, np.log(240.0)))  # fmt: skip
        for name, values, threshold in levels:
            found = above(fields, values, threshold).volume_ml
            assert found == pytest.approx(true[f"{name}.volume_ml"], rel=volume)
