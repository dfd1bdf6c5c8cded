"""What becomes of a plan under the errors of hand, view and segmentation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Matrix, Points, Vector
from basivert.constants.model import Table
from basivert.estimate import proportion
from basivert.geometry.curves import segment_distance
from basivert.instruments.model import Instrument
from basivert.planning.clearance import canal_distance_mm, from_outside, room, wall_at
from basivert.planning.margins import NAMES
from basivert.planning.model import Robustness
from basivert.planning.poses import DEPLOY, DEPTH, HEIGHT, ROLL, TILT, TURN, WIDTH, Approach, lines
from basivert.planning.search import lesion_radius_mm

DRAWS = 2048
UNSAFE_MM = "breach.grade_c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """One-SD errors of an insertion at one level; mm, degrees, and a share of the curve's radius."""

    entry_mm: float
    angle_deg: float
    depth_mm: float
    roll_deg: float
    curve_radius_share: float
    surface_mm: float


def errors_at(level: str, table: Table, surface_sd_mm: float) -> Errors:
    """The table's errors of a level, with the surface's own uncertainty added in quadrature."""
    return Errors(
        entry_mm=table[f"entry.{level}"].value,
        angle_deg=table[f"angle.{level}"].value,
        depth_mm=table[f"depth.{level}"].value,
        roll_deg=table["roll.all"].value,
        curve_radius_share=table["curve_radius.relative"].value,
        surface_mm=float(np.hypot(table["segmentation.all"].value, surface_sd_mm)),
    )


def perturbed(
    pose: Vector, errors: Errors, entry_mm: float, draws: int, rng: np.random.Generator
) -> tuple[Matrix, Vector]:
    """(draws, 7) poses about the plan and (draws,) factors on the curve's radius.

    Angles turn the shaft about its entry into bone, `entry_mm` behind the isthmus, so that they
    also shift it at the isthmus.
    """
    normal = rng.standard_normal((draws, 7))
    poses = np.tile(pose, (draws, 1))
    turn, tilt = np.radians(errors.angle_deg) * normal[:, :2].T
    poses[:, TURN] += turn
    poses[:, TILT] += tilt
    poses[:, WIDTH] += errors.entry_mm * normal[:, 2] + entry_mm * turn
    poses[:, HEIGHT] += errors.entry_mm * normal[:, 3] - entry_mm * tilt
    poses[:, DEPTH] += errors.depth_mm * normal[:, 4]
    poses[:, ROLL] += np.radians(errors.roll_deg) * normal[:, 5]
    poses[:, DEPLOY] = pose[DEPLOY]
    share = np.clip(1.0 + errors.curve_radius_share * normal[:, 6], 0.5, 1.5)
    return poses, share


def robustness(
    vertebra: Vertebra, pose: Vector, way: Approach, instrument: Instrument, hubs: Points,
    errors: Errors, thresholds: Table, entry_mm: float, seed: int, draws: int = DRAWS,
) -> Robustness:  # fmt: skip
    """Breach and reach of `draws` perturbed insertions.

    Args:
        hubs: (h, 3) places of the hub, body frame; one is paired with each draw.
        entry_mm: depth of the isthmus behind the entry into bone.

    Source: Gertzbein and Robbins 1990 for the grades; errors from the table `errors_model`.
    """
    rng = np.random.default_rng(seed)
    poses, share = perturbed(pose, errors, entry_mm, draws, rng)
    paths = lines(poses, way, instrument, share)
    shift = errors.surface_mm * rng.standard_normal(draws)
    depth, walls = _breaches(vertebra, paths.shaft, paths.curve, instrument, shift)
    radius = lesion_radius_mm(instrument) + (
        instrument.lesion_radius_mm.tolerance * rng.standard_normal(draws)
    )
    hub = hubs[rng.integers(len(hubs), size=draws)]
    away = segment_distance(hub, paths.active[:, 0], paths.active[:, 1])
    basis = f"{draws} draws, seed {seed}; Wilson interval"
    unsafe = thresholds[UNSAFE_MM].value
    return Robustness(
        draws=draws, seed=seed,
        p_breach=proportion(int(np.sum(depth > 0)), draws, basis),
        p_unsafe=proportion(int(np.sum(depth >= unsafe)), draws, basis),
        grade=grades(depth, thresholds),
        by_wall={name: float(np.mean(over > 0)) for name, over in walls.items()},
        p_reach=proportion(int(np.sum(away <= radius)), draws, basis),
        errors={name: float(getattr(errors, name)) for name in Errors.__slots__},
    )  # fmt: skip


def _breaches(
    vertebra: Vertebra, shaft: np.ndarray, curve: np.ndarray, instrument: Instrument, shift: Vector
) -> tuple[Vector, dict[str, Vector]]:
    """Deepest breach (n,) mm of each draw, in all and by wall; negative where there is none."""
    parts = (
        (shaft, instrument.introducer_diameter_mm.value / 2),
        (curve, instrument.curve_diameter_mm.value / 2),
    )
    deepest = np.full(len(shift), -np.inf)
    walls: dict[str, Vector] = {}
    for points, radius in parts:
        over = shift[:, None] - room(vertebra, points, radius)
        nearest = wall_at(vertebra.field, points)
        whole = from_outside(points) if points is shaft else points
        into = shift[:, None] + radius - canal_distance_mm(vertebra.canal, whole)
        deepest = np.maximum(deepest, over.max(axis=1))
        walls["canal"] = np.maximum(
            walls.get("canal", np.full(len(shift), -np.inf)), into.max(axis=1)
        )
        for wall, name in NAMES.items():
            here = np.where(nearest == int(wall), over, -np.inf).max(axis=1)
            walls[name] = np.maximum(walls.get(name, here), here)
    return np.maximum(deepest, walls["canal"]), walls


def grades(depth_mm: Vector, thresholds: Table) -> dict[str, float]:
    """Share of draws in each Gertzbein–Robbins grade by depth of breach, mm."""
    edges = [thresholds[f"breach.grade_{letter}"].value for letter in "bcde"]
    index = np.searchsorted(edges, depth_mm, side="right")
    # No breach at all is A, also where instrument and wall just touch.
    index = np.where(depth_mm <= edges[0], 0, index)
    return {letter: float(np.mean(index == number)) for number, letter in enumerate("ABCDE")}
