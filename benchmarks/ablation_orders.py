"""How time and error go with grid and step: cost against unknowns, observed orders."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from basivert.ablation import run, steps
from basivert.ablation.ablate import Ablation

from .ablation_cases import Case, finer
from .figures import figure

# Finer (above 1) and coarser grids; the last is what the others are held against.
SPACE = {"A": (0.5, 0.71, 1.0, 1.41, 4.0), "B": (0.5, 0.71, 1.0, 1.41, 4.0),
         "C": (0.71, 0.84, 1.0, 1.19, 1.41)}  # fmt: skip
# Equal steps, s; the last is what the others are held against.
STEPS_S = (6.0, 3.0, 1.5, 0.75, 0.1)


def sizes(problem: Case, solve: Any) -> dict[str, Any]:
    """Cost and error over grids and steps of one case.

    Args:
        problem: the case on its usual grid.
        solve: case → `Ablation`.
    """
    grids = [
        _run(replace(problem, resolution=finer(problem.resolution, f)), solve)
        for f in SPACE[problem.name]
    ]
    _errors(grids)
    slope = _slope([g["unknowns"] for g in grids], [g["cpu_s"] for g in grids])
    figures = [figure("processor time against unknowns, slope", slope, "1")]
    if problem.name == "C":
        # Its finest grid is too near the others to stand for the exact answer.
        return {"grids": grids, "figures": figures}
    paces = _paces(problem, solve)
    for what, spacing, rows, key in (
        ("space, temperatures", SPACE[problem.name], grids, "degc"),
        ("space, power", SPACE[problem.name], grids, "power"),
        ("time, temperatures", STEPS_S, paces, "degc"),
    ):
        order = abs(_slope(spacing[:-1], [r[key] for r in rows[:-1]]))
        figures.append(figure(f"order in {what}", order, "1"))
    return {"grids": grids, "steps": paces, "figures": figures}


def _paces(problem: Case, solve: Any) -> list[dict[str, Any]]:
    """Steps of equal length instead of chosen ones."""
    usual = steps.FIRST_S, steps.LARGEST_S
    rows: list[dict[str, Any]] = []
    try:
        for length in STEPS_S:
            steps.FIRST_S = run.FIRST_S = steps.LARGEST_S = length
            rows.append(_run(problem, solve))
    finally:
        steps.FIRST_S, steps.LARGEST_S = usual
        run.FIRST_S = usual[0]
    _errors(rows)
    return rows


def _run(problem: Case, solve: Any) -> dict[str, Any]:
    solve(problem)
    begun, used = time.perf_counter(), time.process_time()
    answer: Ablation = solve(problem)
    wall, processor = time.perf_counter() - begun, time.process_time() - used
    points = np.array(list(problem.points.values()))
    degc = [m.sampled(points).temperature_degc.tolist() for m in answer.moments]
    return {
        "unknowns": answer.effort.nodes, "steps": answer.effort.steps, "wall_s": wall,
        "cpu_s": processor, "power_w": float(answer.course.power_w[-1]), "moments_degc": degc,
    }  # fmt: skip


def _errors(rows: list[dict[str, Any]]) -> None:
    """Largest difference to the last row, points and moments; power at the end in per cent."""
    last = rows[-1]
    for row in rows:
        apart = np.subtract(row["moments_degc"], last["moments_degc"])
        row["degc"] = float(np.abs(apart).max())
        row["power"] = 100 * abs(row["power_w"] / last["power_w"] - 1)
    for row in rows:
        del row["moments_degc"]


def _slope(x: Any, y: Any) -> float:
    return float(np.polyfit(np.log(x), np.log(np.maximum(y, 1e-12)), 1)[0])
