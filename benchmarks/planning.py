"""Plans against the true surface of virtual patients."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import KDTree

from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.phantom.model import VertebraTruth
from basivert.phantom.shapes import signed_distance, surface_points
from basivert.phantom.spine import hub_lps
from basivert.planning.model import Plan
from basivert.workflow.plan_case import plan_case

from .figures import figure
from .patients import patients

SCANNER = "0.7x0.7x1"
# The true wall counts from here on, mm before the isthmus: further back the arch is entered.
BEFORE_ISTHMUS_MM = 5.0


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """Every first-ranked plan, checked on the exact surface."""
    inside, error, reach, promised, sides = [], [], [], [], []
    for spine, case in patients(seed, count, SCANNER):
        made = plan_case(case, builtin_instrument(DEFAULT), seed=seed, inputs={}, versions={})
        for level in made.levels:
            truth = spine.vertebrae[level.level]
            first = [plan for plan in level.plans if plan.rank == 1]
            sides.append(len(first) / 2)
            surface = KDTree(surface_points(truth.spec, 0.7))
            for plan in first:
                room = true_margin_mm(plan, truth, surface)
                inside.append(float(room < 0 <= plan.smallest_margin.value_mm.value))
                bone = min(m.value_mm.value for m in plan.margins if m.wall != "canal")
                error.append(bone - room)
                away = np.linalg.norm(plan.path.active.mean(axis=0) - hub_lps(truth))
                reach.append(float(away < plan.canal.lesion_radius_mm + 4.5))
                promised.append(plan.reach)
    return [
        figure("plans inside a wall they claim to clear", float(np.sum(inside)), "plans", "≤", 0),
        figure("plans checked", float(len(inside)), "plans"),
        figure("sides with a plan", np.mean(sides), "1"),
        figure("margin too generous, median", np.median(error), "mm"),
        figure("margin too generous, 95th percentile", np.percentile(error, 95), "mm"),
        figure("true hub near the heating zone", np.mean(reach), "1"),
        figure("reach promised when placed exactly", np.mean(promised), "1"),
    ]


def true_margin_mm(plan: Plan, truth: VertebraTruth, surface: KDTree) -> float:
    """Smallest true clearance to the bone's surface from the pedicle on, mm; negative outside."""
    line = plan.path.centre_line
    depth = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    counts = depth >= plan.depths.isthmus_mm - BEFORE_ISTHMUS_MM
    points = moved(inverse(truth.lps_from_body), line[counts])
    away = surface.query(points)[0]
    inside = signed_distance(truth.spec, points) < 0
    return float(np.min(np.where(inside, away, -away) - plan.path.radius_mm[counts]))
