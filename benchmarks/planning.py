"""Plans of every rank against the true surface of virtual patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.phantom.model import LevelSpec, VertebraTruth
from basivert.phantom.shapes import (
    body,
    endplate,
    pedicle,
    posterior_wall,
    signed_distance,
    surface_points,
)
from basivert.phantom.spine import hub_lps
from basivert.planning.model import Plan
from basivert.workflow.plan_case import plan_case

from .figures import figure
from .patients import PAIRS, patients

SCANNER = "0.7x0.7x1"
# The true wall counts from here on, mm before the isthmus: further back the arch is entered.
BEFORE_ISTHMUS_MM = 5.0
SURFACE_STEP_MM = 0.9
# A sampled point belongs to the surface whose implicit function is this small there.
ON_SURFACE_MM = 0.35
NOT_BONE = ("canal", "aorta", "vena_cava")


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """Every plan, checked on the exact surface."""
    return told(checked(seed, range(count)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One plan against the truth.  stated_mm, true_mm: smallest margin to walls it should clear."""

    route: str
    rank: int
    stated_mm: float
    true_mm: float
    hub_near: bool
    promised: float


def checked(seed: int, numbers: Iterable[int]) -> list[Check]:
    """The checks of the patients with these numbers: both sides of one of their two levels."""
    found: list[Check] = []
    numbers = list(numbers)
    for number, (spine, case) in zip(numbers, patients(seed, numbers, SCANNER), strict=True):
        wanted = list(spine.vertebrae)[number // len(PAIRS) % 2]
        made = plan_case(
            case, builtin_instrument(DEFAULT), seed=seed, inputs={}, versions={}, levels=[wanted],
        )  # fmt: skip
        for level in made.levels:
            truth = spine.vertebrae[level.level]
            walls = KDTree(wall_points(truth.spec))
            found += [_check(plan, truth, walls) for plan in level.plans]
    return found


def told(checks: list[Check]) -> list[dict[str, Any]]:
    """The figures of all checks."""
    stated = np.array([check.stated_mm for check in checks])
    true = np.array([check.true_mm for check in checks])
    beside = sum(check.route == "extrapedicular" for check in checks)
    first = [check for check in checks if check.rank == 1]
    return [
        figure("plans inside a wall they claim to clear", np.sum((true < 0) & (stated >= 0)),
               "plans", "≤", 0),
        figure("plans checked", len(checks), "plans"),
        figure("of these ranked first", len(first), "plans"),
        figure("of these beside the pedicle", beside, "plans"),
        figure("margin too generous, median", np.median(stated - true), "mm"),
        figure("margin too generous, 95th percentile", np.percentile(stated - true, 95), "mm"),
        figure("smallest true margin", np.min(true), "mm"),
        figure("first rank: true hub near the heating zone",
               np.mean([c.hub_near for c in first]), "1"),
        figure("first rank: reach promised when placed exactly",
               np.mean([c.promised for c in first]), "1"),
    ]  # fmt: skip


def wall_points(spec: LevelSpec) -> np.ndarray:
    """(n, 3) points of the true surface of body and pedicles, body frame.

    The arch is left out: the instrument enters through it, and no plan claims to clear it.
    """
    points = surface_points(spec, SURFACE_STEP_MM)
    tubes = [pedicle(one, points, spec) for one in spec.pedicles.values()]
    return points[np.minimum.reduce([body(spec, points), *tubes]) < ON_SURFACE_MM]


def _check(plan: Plan, truth: VertebraTruth, walls: KDTree) -> Check:
    bone = min(m.value_mm.value for m in plan.margins if m.wall not in NOT_BONE)
    away = np.linalg.norm(plan.path.active.mean(axis=0) - hub_lps(truth))
    return Check(
        route=plan.route, rank=plan.rank, stated_mm=bone,
        true_mm=true_margin_mm(plan, truth, walls),
        hub_near=bool(away < plan.canal.lesion_radius_mm + plan.instrument.active_mm.value / 2),
        promised=plan.reach,
    )  # fmt: skip


def true_margin_mm(plan: Plan, truth: VertebraTruth, walls: KDTree) -> float:
    """Smallest true clearance to the walls that the plan claims to clear, mm; negative outside.

    Through a pedicle from just before its isthmus on. Beside it the straight shaft passes the side
    wall on purpose: posterior wall and endplates count from there, all walls for what is deployed.
    """
    line, radius = plan.path.centre_line, plan.path.radius_mm
    depth = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    points = moved(inverse(truth.lps_from_body), line)
    if plan.route != "extrapedicular":
        counts = depth > plan.depths.isthmus_mm - BEFORE_ISTHMUS_MM
        return _room_mm(truth.spec, points[counts], radius[counts], walls)
    deployed, entered = depth > plan.depths.curve_start_mm, depth > plan.depths.isthmus_mm
    ahead = -_behind_mm(truth.spec, points[entered]) - radius[entered]
    return min(_room_mm(truth.spec, points[deployed], radius[deployed], walls), float(ahead.min()))


def _room_mm(spec: LevelSpec, points: np.ndarray, radius: np.ndarray, walls: KDTree) -> float:
    away = np.asarray(walls.query(points)[0])
    inside = signed_distance(spec, points) < 0
    return float(np.min(np.where(inside, away, -away) - radius))


def _behind_mm(spec: LevelSpec, points: np.ndarray) -> np.ndarray:
    """(n,) signed distance to posterior wall and endplates, mm; negative inside the body."""
    wall = points[:, 1] - posterior_wall(spec, points[:, 0])
    return np.maximum.reduce([wall, endplate(spec, points, 1.0), endplate(spec, points, -1.0)])
