"""Search of all insertions through one gate, coarse then fine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from basivert.anatomy.model import Vertebra
from basivert.arrays import Matrix, Point, Points, Vector
from basivert.constants.model import Table
from basivert.geometry.rigid import turned
from basivert.instruments.model import Instrument
from basivert.planning.access import access
from basivert.planning.clearance import margins, room
from basivert.planning.gates import Gate
from basivert.planning.poses import (
    CURVATURE,
    DEPLOY,
    DEPTH,
    POSE,
    ROLL,
    TILT,
    TURN,
    axes,
    bends,
    curvatures,
    heating_zones,
    lines,
    through,
)
from basivert.planning.reach import reached
from basivert.planning.stop import off_usual_mm
from basivert.volume.model import Volume

# Coarse lattice: share of the gate's size.
OFFSETS = np.linspace(-0.3, 0.3, 5)
KEPT_LINES = 240
AHEAD_MM = 6.0
# The way out is looked at from here on, behind the gate: the vertebra's own arch lies before.
OUT_FROM_MM = 10.0
DEPTHS_BEYOND_WALL_MM = np.array([-1.0, 2.0, 5.0, 9.0, 13.0])
ROLLS_DEG = np.array([-30.0, 0.0, 30.0])
DEPLOYMENTS = 6
ARTICULATIONS = 3
SHORT_LIST = 2500
# One SD of a usual total error at the pedicle, mm; a wall stands on both sides of it.
MARGIN_SCALE_MM, WALLS = 1.2, 2
FINE_ROUNDS, FINE_DRAWS, FINE_STARTS = 4, 160, 10
FINE_SD = np.array([0.7, 0.7, 0.05, 0.05, 1.5, 0.25, 1.5, 0.008])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Poses (n, 8) with their margin (n,) mm, reach (n,) 0–1 and `stop.off_usual_mm` (n,)."""

    poses: Matrix
    margin_mm: Vector
    reach: Vector
    off_mm: Vector

    @property
    def worth(self) -> Vector:
        """Reach that survives the usual errors: reach times P(error < margin) at both walls."""
        return self.reach * ndtr(self.margin_mm / MARGIN_SCALE_MM) ** WALLS

    def take(self, which: np.ndarray) -> Candidates:
        """The candidates numbered by `which`."""
        return Candidates(
            poses=self.poses[which], margin_mm=self.margin_mm[which], reach=self.reach[which],
            off_mm=self.off_mm[which],
        )  # fmt: skip

    def and_(self, other: Candidates) -> Candidates:
        """These, then the others."""
        return Candidates(
            poses=np.concatenate([self.poses, other.poses]),
            margin_mm=np.concatenate([self.margin_mm, other.margin_mm]),
            reach=np.concatenate([self.reach, other.reach]),
            off_mm=np.concatenate([self.off_mm, other.off_mm]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quest:
    """What one search looks for and in what.

    aim: (3,) where the middle of the heating zone should come, body frame.
    hubs: (h, 3) places that the zone should reach, body frame.
    """

    vertebra: Vertebra
    ct: Volume
    gate: Gate
    instrument: Instrument
    aim: Point
    hubs: Points
    thresholds: Table
    technique: Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What a search gave.

    widest_mm: best room of any straight shaft in the gate, negative where the instrument does not
        fit.  too_long: every shaft that fits is longer from the skin than the instrument.
    """

    candidates: Candidates
    widest_mm: float
    too_long: bool


NONE = Candidates(
    poses=np.zeros((0, POSE)), margin_mm=np.zeros(0), reach=np.zeros(0), off_mm=np.zeros(0)
)


def search(quest: Quest, seed: int) -> Found:
    """All worthwhile insertions through one gate."""
    shafts, free = _shafts(quest)
    widest = float(free.max())
    shafts = shafts[free >= 0.0]
    free = free[free >= 0.0]
    usable, only_open = _usable(quest, shafts)
    if not usable.any():
        return Found(candidates=NONE, widest_mm=widest, too_long=len(shafts) > 0)
    kept = _spread(np.argsort(-np.where(usable, free, -np.inf))[: int(usable.sum())])
    found = rated(quest, _shortened(quest, _deployed(quest, shafts[kept])))
    refined = _refined(quest, found, only_open, np.random.default_rng(seed))
    return Found(candidates=refined, widest_mm=widest, too_long=False)


def rated(quest: Quest, poses: Matrix) -> Candidates:
    """Margin and reach of each pose."""
    paths = lines(poses, quest.gate, quest.instrument)
    return Candidates(
        poses=poses,
        margin_mm=margins(quest.vertebra, paths, quest.instrument, quest.gate),
        reach=reached(paths.active, quest.hubs, quest.instrument.lesion_radius_mm.value),
        off_mm=off_usual_mm(quest.vertebra, paths, quest.instrument, quest.technique),
    )


def _shafts(quest: Quest) -> tuple[Matrix, Vector]:
    """(n, 4) offsets and angles of straight shafts through the gate, and the room of each, mm."""
    gate = quest.gate
    lattice = np.meshgrid(
        OFFSETS * gate.width_mm, OFFSETS * gate.height_mm,
        gate.turn + np.radians(gate.turns_deg), gate.tilt + np.radians(gate.tilts_deg),
        indexing="ij",
    )  # fmt: skip
    rows = np.stack([axis.ravel() for axis in lattice], axis=1)
    rows = rows[rows[:, TURN] <= gate.most_turn]
    axis = axes(rows[:, TURN], rows[:, TILT], gate.sign)
    t = np.arange(-gate.behind_mm, AHEAD_MM + 0.5, 1.0)
    free = room(
        quest.vertebra, through(rows, gate)[:, None] + t[None, :, None] * axis[:, None],
        quest.instrument.introducer_diameter_mm.value / 2, gate.passed,
    ).min(axis=1)  # fmt: skip
    return rows, free


def _spread(fits: np.ndarray) -> np.ndarray:
    """Half the roomiest, half spread over the rest: a tighter line may aim better."""
    if len(fits) <= KEPT_LINES:
        return fits
    half = KEPT_LINES // 2
    rest = fits[half:]
    return np.concatenate([fits[:half], rest[:: max(1, len(rest) // half)]])


def _usable(quest: Quest, shafts: Matrix) -> tuple[np.ndarray, bool]:
    """(n,) shafts short enough and clear of other bone, and whether clear ones exist.

    Where every shaft meets other bone they are kept: the plan then carries the warning.
    """
    if not len(shafts):
        return np.zeros(0, bool), True
    short, clear = _way_out(quest, shafts)
    only_open = bool((short & clear).any())
    return (short & clear if only_open else short), only_open


def _way_out(quest: Quest, shafts: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """(n,) whether the instrument is long enough, and whether no other bone is in the way."""
    axis = axes(shafts[:, TURN], shafts[:, TILT], quest.gate.sign)
    starts = through(shafts, quest.gate) - OUT_FROM_MM * axis
    way = access(quest.ct, quest.vertebra, starts, axis, quest.thresholds)
    longest = quest.instrument.introducer_length_mm.value - OUT_FROM_MM
    seen = ~np.isnan(way.skin_mm)
    # Where this line's skin is outside the scan its neighbours' stands in, else unknown would win;
    # where no skin is seen at all nothing is forbidden, and the plan says so.
    usual = float(np.median(way.skin_mm[seen])) if seen.any() else 0.0
    return np.where(seen, way.skin_mm, usual) <= longest, np.isinf(way.bone_mm)


def _wall_depth(quest: Quest, shafts: Matrix) -> Vector:
    """(n,) depth beyond the gate at which each shaft passes the posterior wall's surface, mm."""
    axis = axes(shafts[:, TURN], shafts[:, TILT], quest.gate.sign)
    t = np.arange(-10.0, 25.0, 0.5)
    points = through(shafts, quest.gate)[:, None] + t[None, :, None] * axis[:, None]
    behind = points[..., 1] - quest.vertebra.posterior_wall.y_mm(points[..., 0], points[..., 2])
    return np.maximum(t[np.argmax(behind < 0, axis=1)], 0.0)


def _deployed(quest: Quest, shafts: Matrix) -> Matrix:
    """(n, 8) every shaft with depths, rolls towards the target, deployments and curvatures."""
    low, high = (bound.value for bound in quest.instrument.curve_reach_mm)
    deployments = np.linspace(max(low, quest.instrument.active_mm.value), high, DEPLOYMENTS)
    least, most = curvatures(quest.instrument)
    bent = np.linspace(least, most, ARTICULATIONS) if most > least else np.array([most])
    rolls = np.radians(ROLLS_DEG) if most > 0 else np.zeros(1)
    depth = _wall_depth(quest, shafts)[:, None] + DEPTHS_BEYOND_WALL_MM
    depth = np.maximum(depth, quest.gate.least_depth_mm)
    poses = np.zeros((*depth.shape, len(rolls), len(deployments), len(bent), POSE))
    poses[..., :4] = shafts[:, None, None, None, None, :]
    poses[..., DEPTH] = depth[:, :, None, None, None]
    poses[..., ROLL] = (
        _roll_to_target(quest, shafts, depth)[:, :, None, None, None] + rolls[:, None, None]
    )
    poses[..., DEPLOY] = deployments[:, None]
    poses[..., CURVATURE] = bent
    return poses.reshape(-1, POSE)


def _roll_to_target(quest: Quest, shafts: Matrix, depth: Matrix) -> Matrix:
    """(n, d) roll whose plane holds the target's centre."""
    gate = quest.gate
    axis = axes(shafts[:, TURN], shafts[:, TILT], gate.sign)
    away = quest.aim - (through(shafts, gate)[:, None] + depth[..., None] * axis[:, None])
    zero = np.zeros(len(shafts))
    medial, cranial = bends(axis, zero, gate.sign), bends(axis, zero + np.pi / 2, gate.sign)
    return np.arctan2(np.einsum("ndk,nk->nd", away, cranial), np.einsum("ndk,nk->nd", away, medial))


def _shortened(quest: Quest, poses: Matrix) -> Matrix:
    """The poses whose heating zone ends up nearest to the target, in SDs of its density."""
    middle = heating_zones(poses, quest.gate, quest.instrument).mean(axis=1)
    target = quest.vertebra.target
    spread = np.tensordot(target.weights, target.covariances, axes=1)
    to_target = turned(quest.vertebra.lps_from_body, middle - quest.aim)
    distance = np.einsum("ni,ij,nj->n", to_target, np.linalg.inv(spread), to_target)
    return poses[np.argsort(distance)[:SHORT_LIST]]


def _refined(
    quest: Quest, found: Candidates, only_open: bool, rng: np.random.Generator
) -> Candidates:
    """Shrinking random search about the best few; keeps all that was rated."""
    for round_ in range(FINE_ROUNDS):
        poses = np.repeat(found.poses[_starts(found)], FINE_DRAWS // 2, axis=0)
        poses = possible(quest, poses + rng.normal(size=poses.shape) * FINE_SD * 0.6**round_)
        short, clear = _way_out(quest, poses)
        found = found.and_(rated(quest, poses[short & clear if only_open else short]))
    return found


def possible(quest: Quest, poses: Matrix) -> Matrix:
    """The poses with deployment, curvature and depth inside what the instrument can do."""
    low, high = (bound.value for bound in quest.instrument.curve_reach_mm)
    poses = poses.copy()
    least = max(low, quest.instrument.active_mm.value)
    poses[:, DEPLOY] = np.clip(poses[:, DEPLOY], least, high)
    poses[:, CURVATURE] = np.clip(poses[:, CURVATURE], *curvatures(quest.instrument))
    poses[:, DEPTH] = np.maximum(poses[:, DEPTH], quest.gate.least_depth_mm)
    poses[:, TURN] = np.minimum(poses[:, TURN], quest.gate.most_turn)
    return poses


def _starts(found: Candidates) -> np.ndarray:
    """Best by worth, by margin and by reach: the three corners of the Pareto front.

    And the worthiest of those whose introducer stops where it usually does.
    """
    share = FINE_STARTS // 3 + 1
    safe = found.margin_mm >= 0
    by_reach = np.where(safe, found.reach + 1e-3 * found.margin_mm, -1.0)
    by_margin = np.minimum(found.margin_mm, 4.0) + found.reach
    usual = np.where(found.off_mm == 0.0, found.worth, -1.0)
    return np.unique(np.concatenate(
        [np.argsort(-key)[:share] for key in (found.worth, by_reach, by_margin, usual)]
    ))  # fmt: skip
