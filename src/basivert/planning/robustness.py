"""What becomes of a plan under the errors of hand, view and segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Matrix, Points, Vector
from basivert.constants.model import Table
from basivert.estimate import proportion
from basivert.geometry.curves import segment_distance
from basivert.instruments.model import Instrument
from basivert.planning.clearance import (
    PASSED_BY_ALL,
    canal_distance_mm,
    from_outside,
    margins,
    room,
    wall_at,
)
from basivert.planning.gates import Gate
from basivert.planning.margins import NAMES
from basivert.planning.model import Robustness
from basivert.planning.poses import DEPTH, HEIGHT, ROLL, TILT, TURN, WIDTH, Lines, lines
from basivert.planning.reach import pair_distance_mm

DRAWS = 2048
# Draws for the choice among candidates; the chosen ones get them all.
WORTH_DRAWS = 192
UNSAFE_MM = "breach.grade_c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """One-SD errors of an insertion at one level: mm, degrees, share of the curve's radius."""

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
    """(draws, 8) poses about the plan and (draws,) factors on the curve's radius.

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
    share = np.clip(1.0 + errors.curve_radius_share * normal[:, 6], 0.5, 1.5)
    return poses, share


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Insertion:
    """One probe to be disturbed.

    pose: (8,).  entry_mm: distance from the entry into bone to the gate.
    """

    pose: Vector
    gate: Gate
    entry_mm: float


def robustness(
    vertebra: Vertebra, insertions: Sequence[Insertion], instrument: Instrument, hubs: Points,
    errors: Errors, thresholds: Table, seed: int, draws: int = DRAWS,
) -> Robustness:  # fmt: skip
    """Breach of the first probe and reach of all together, over `draws` perturbed insertions.

    Args:
        vertebra: whose walls are asked.
        insertions: this side's probe, then its partner where there is one.
        instrument: what is inserted.
        hubs: (h, 3) places of the hub, body frame; one is paired with each draw.
        errors: one-SD errors.
        thresholds: rows `breach.*`.
        seed: of all draws.
        draws: number of perturbed insertions.

    Source: Gertzbein and Robbins 1990 for the grades; errors from the table `errors_model`.
    """
    rng = np.random.default_rng(seed)
    drawn = [_drawn(insertion, instrument, errors, draws, rng) for insertion in insertions]
    shift = errors.surface_mm * rng.standard_normal(draws)
    depth, walls = _breaches(vertebra, drawn[0], insertions[0].gate, instrument, shift)
    radius = instrument.lesion_radius_mm.value + (
        instrument.lesion_radius_mm.tolerance * rng.standard_normal(draws)
    )
    away = _away(hubs[rng.integers(len(hubs), size=draws)], drawn)
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


def worth(
    vertebra: Vertebra, insertions: Sequence[Insertion], instrument: Instrument, hubs: Points,
    errors: Errors, seed: int, draws: int = WORTH_DRAWS,
) -> float:  # fmt: skip
    """Share of perturbed insertions in which all probes stay in bone and the hub is reached.

    The same draws for every candidate, so that candidates differ and not their luck.
    """
    rng = np.random.default_rng(seed)
    drawn = [_drawn(insertion, instrument, errors, draws, rng) for insertion in insertions]
    shift = errors.surface_mm * rng.standard_normal(draws)
    away = _away(hubs[rng.integers(len(hubs), size=draws)], drawn)
    good = away <= instrument.lesion_radius_mm.value
    for paths, insertion in zip(drawn, insertions, strict=True):
        good &= shift <= margins(vertebra, paths, instrument, insertion.gate)
    return float(good.mean())


def _drawn(
    insertion: Insertion, instrument: Instrument, errors: Errors, draws: int,
    rng: np.random.Generator,
) -> Lines:  # fmt: skip
    poses, share = perturbed(insertion.pose, errors, insertion.entry_mm, draws, rng)
    return lines(poses, insertion.gate, instrument, share)


def _away(hub: Points, drawn: Sequence[Lines]) -> Vector:
    """(n,) distance of each draw's hub to what its probes heat."""
    first = drawn[0].active
    if len(drawn) == 1:
        return segment_distance(hub, first[:, 0], first[:, 1])
    return pair_distance_mm(hub, first, drawn[1].active)


def _breaches(
    vertebra: Vertebra, paths: Lines, gate: Gate, instrument: Instrument, shift: Vector
) -> tuple[Vector, dict[str, Vector]]:
    """Deepest breach (n,) mm of each draw, in all and by wall; negative where there is none."""
    wide = np.full(paths.shaft.shape[:2], instrument.introducer_diameter_mm.value / 2)
    parts = (
        (paths.shaft, wide, gate.passed),
        (paths.curve, paths.curve_radius_mm, PASSED_BY_ALL),
    )
    canal = np.maximum(
        _into(vertebra, from_outside(paths.shaft), wide[:, :1]),
        _into(vertebra, paths.curve, paths.curve_radius_mm),
    )
    walls: dict[str, Vector] = {"canal": canal + shift}
    deepest = walls["canal"]
    for points, radius, passed in parts:
        over = shift[:, None] - room(vertebra, points, radius, passed)
        nearest = wall_at(vertebra.field, points)
        deepest = np.maximum(deepest, over.max(axis=1))
        for wall, name in NAMES.items():
            here = np.where(nearest == int(wall), over, -np.inf).max(axis=1)
            walls[name] = np.maximum(walls[name], here) if name in walls else here
    return deepest, walls


def _into(vertebra: Vertebra, points: np.ndarray, radius: np.ndarray) -> Vector:
    """(n,) how far each path (n, p, 3) reaches into the canal, mm; negative clear of it."""
    return (radius - canal_distance_mm(vertebra.canal, points)).max(axis=1)


def grades(depth_mm: Vector, thresholds: Table) -> dict[str, float]:
    """Share of draws in each Gertzbein–Robbins grade by depth of breach, mm."""
    edges = [thresholds[f"breach.grade_{letter}"].value for letter in "bcde"]
    index = np.searchsorted(edges, depth_mm, side="right")
    # No breach at all is A, also where instrument and wall just touch.
    index = np.where(depth_mm <= edges[0], 0, index)
    return {letter: float(np.mean(index == number)) for number, letter in enumerate("ABCDE")}
