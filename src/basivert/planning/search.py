"""Search of all insertions through one pedicle, coarse then fine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from basivert.anatomy.model import Vertebra
from basivert.arrays import Matrix, Points, Vector
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.model import Instrument
from basivert.planning.clearance import margins, room
from basivert.planning.poses import (
    DEPLOY,
    DEPTH,
    ROLL,
    TILT,
    TURN,
    Approach,
    axes,
    bends,
    lines,
)
from basivert.planning.reach import reached

# Coarse lattice: share of the isthmus, and angles about the pedicle's own axis, degrees.
OFFSETS = np.linspace(-0.3, 0.3, 5)
TURNS_DEG = np.arange(-12.0, 24.1, 4.0)
TILTS_DEG = np.arange(-16.0, 16.1, 4.0)
KEPT_LINES = 240
PEDICLE_AHEAD_MM = 6.0
DEPTHS_BEYOND_WALL_MM = np.array([-1.0, 2.0, 5.0, 9.0, 13.0])
ROLLS_DEG = np.array([-30.0, 0.0, 30.0])
DEPLOYMENTS = 6
SHORT_LIST = 2500
# One SD of a usual total error at the pedicle, mm; a wall stands on both sides of it.
MARGIN_SCALE_MM, WALLS = 1.2, 2
FINE_ROUNDS, FINE_DRAWS, FINE_STARTS = 4, 160, 10
FINE_SD = np.array([0.7, 0.7, 0.05, 0.05, 1.5, 0.25, 1.5])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Poses (n, 7) with their margin (n,) mm and reach (n,) 0–1."""

    poses: Matrix
    margin_mm: Vector
    reach: Vector

    @property
    def worth(self) -> Vector:
        """Reach that survives the usual errors: reach times P(error < margin) at both walls."""
        return self.reach * ndtr(self.margin_mm / MARGIN_SCALE_MM) ** WALLS

    def take(self, which: np.ndarray) -> Candidates:
        """The candidates numbered by `which`."""
        return Candidates(
            poses=self.poses[which], margin_mm=self.margin_mm[which], reach=self.reach[which]
        )


def lesion_radius_mm(instrument: Instrument) -> float:
    """Radius about the active zone taken as reached; tines carry it to half their spread."""
    return max(instrument.lesion_radius_mm.value, instrument.tine_spread_mm[1].value / 2)


def candidates(
    vertebra: Vertebra, way: Approach, instrument: Instrument, hubs: Points, seed: int
) -> tuple[Candidates, float]:
    """All worthwhile insertions and the widest room found in the pedicle, mm.

    The widest room is negative where the instrument does not fit; then there are no candidates.
    """
    shafts, widest = _shafts(vertebra, way, instrument)
    if not len(shafts):
        return Candidates(poses=np.zeros((0, 7)), margin_mm=np.zeros(0), reach=np.zeros(0)), widest
    coarse = _shortened(_deployed(vertebra, shafts, way, instrument), way, instrument, vertebra)
    found = rated(vertebra, coarse, way, instrument, hubs)
    return _refined(vertebra, found, way, instrument, hubs, np.random.default_rng(seed)), widest


def rated(
    vertebra: Vertebra, poses: Matrix, way: Approach, instrument: Instrument, hubs: Points
) -> Candidates:
    """Margin and reach of each pose."""
    paths = lines(poses, way, instrument)
    return Candidates(
        poses=poses,
        margin_mm=margins(vertebra, paths, instrument),
        reach=reached(paths.active, hubs, lesion_radius_mm(instrument)),
    )


def _shafts(vertebra: Vertebra, way: Approach, instrument: Instrument) -> tuple[Matrix, float]:
    """(n, 4) offsets and angles of straight shafts that pass the pedicle, and the best room."""
    lattice = np.meshgrid(
        OFFSETS * way.width_mm, OFFSETS * way.height_mm,
        way.turn + np.radians(TURNS_DEG), way.tilt + np.radians(TILTS_DEG), indexing="ij",
    )  # fmt: skip
    rows = np.stack([axis.ravel() for axis in lattice], axis=1)
    axis = axes(rows[:, TURN], rows[:, TILT], way.sign)
    through = way.centre + rows[:, :1] * way.width_axis + rows[:, 1:2] * way.height_axis
    t = np.arange(-way.behind_mm, PEDICLE_AHEAD_MM + 0.5, 1.0)
    free = room(
        vertebra, through[:, None] + t[None, :, None] * axis[:, None],
        instrument.introducer_diameter_mm.value / 2,
    ).min(axis=1)  # fmt: skip
    fits = np.argsort(-free)
    fits = fits[free[fits] >= 0.0]
    if len(fits) > KEPT_LINES:
        # Half the roomiest, half spread over the rest: a tighter line may aim better.
        half = KEPT_LINES // 2
        rest = fits[half:]
        fits = np.concatenate([fits[:half], rest[:: max(1, len(rest) // half)]])
    return rows[fits], float(free.max())


def wall_depth(vertebra: Vertebra, shafts: Matrix, way: Approach) -> Vector:
    """(n,) depth beyond the isthmus at which each shaft passes the posterior wall's surface, mm."""
    axis = axes(shafts[:, TURN], shafts[:, TILT], way.sign)
    through = way.centre + shafts[:, :1] * way.width_axis + shafts[:, 1:2] * way.height_axis
    t = np.arange(-10.0, 25.0, 0.5)
    points = through[:, None] + t[None, :, None] * axis[:, None]
    behind = points[..., 1] - vertebra.posterior_wall.y_mm(points[..., 0], points[..., 2])
    return t[np.argmax(behind < 0, axis=1)]


def _deployed(vertebra: Vertebra, shafts: Matrix, way: Approach, instrument: Instrument) -> Matrix:
    """(n, 7) every shaft with depths, rolls towards the target, and deployments."""
    low, high = (bound.value for bound in instrument.curve_reach_mm)
    deployments = np.linspace(max(low, instrument.active_mm.value), high, DEPLOYMENTS)
    depth = wall_depth(vertebra, shafts, way)[:, None] + DEPTHS_BEYOND_WALL_MM
    count = (len(shafts), depth.shape[1], len(ROLLS_DEG), len(deployments))
    poses = np.zeros((*count, 7))
    poses[..., :4] = shafts[:, None, None, None, :]
    poses[..., DEPTH] = depth[:, :, None, None]
    poses[..., DEPLOY] = deployments
    aim = _roll_to_target(vertebra, shafts, depth, way)
    poses[..., ROLL] = aim[:, :, None, None] + np.radians(ROLLS_DEG)[:, None]
    return poses.reshape(-1, 7)


def _roll_to_target(vertebra: Vertebra, shafts: Matrix, depth: Matrix, way: Approach) -> Matrix:
    """(n, d) roll whose plane holds the target's centre."""
    target = moved(inverse(vertebra.lps_from_body), vertebra.target.centre)
    axis = axes(shafts[:, TURN], shafts[:, TILT], way.sign)
    through = way.centre + shafts[:, :1] * way.width_axis + shafts[:, 1:2] * way.height_axis
    away = target - (through[:, None] + depth[..., None] * axis[:, None])
    zero = np.zeros(len(shafts))
    medial, cranial = bends(axis, zero, way.sign), bends(axis, zero + np.pi / 2, way.sign)
    return np.arctan2(np.einsum("ndk,nk->nd", away, cranial), np.einsum("ndk,nk->nd", away, medial))


def _shortened(poses: Matrix, way: Approach, instrument: Instrument, vertebra: Vertebra) -> Matrix:
    """The poses whose heating zone ends up nearest to the target, in SDs of its density."""
    middle = lines(poses, way, instrument).active.mean(axis=1)
    target = vertebra.target
    spread = np.tensordot(target.weights, target.covariances, axes=1)
    to_target = moved(vertebra.lps_from_body, middle) - target.centre
    distance = np.einsum("ni,ij,nj->n", to_target, np.linalg.inv(spread), to_target)
    return poses[np.argsort(distance)[:SHORT_LIST]]


def _refined(
    vertebra: Vertebra, found: Candidates, way: Approach, instrument: Instrument, hubs: Points,
    rng: np.random.Generator,
) -> Candidates:  # fmt: skip
    """Shrinking random search about the best few; keeps all that was rated."""
    low, high = (bound.value for bound in instrument.curve_reach_mm)
    low = max(low, instrument.active_mm.value)
    for round_ in range(FINE_ROUNDS):
        best = _starts(found)
        step = FINE_SD * 0.6**round_
        poses = np.repeat(found.poses[best], FINE_DRAWS // 2, axis=0)
        poses = poses + rng.normal(size=poses.shape) * step
        poses[:, DEPLOY] = np.clip(poses[:, DEPLOY], low, high)
        more = rated(vertebra, poses, way, instrument, hubs)
        found = Candidates(
            poses=np.concatenate([found.poses, more.poses]),
            margin_mm=np.concatenate([found.margin_mm, more.margin_mm]),
            reach=np.concatenate([found.reach, more.reach]),
        )
    return found


def _starts(found: Candidates) -> np.ndarray:
    """Best by worth, by margin and by reach: the three corners of the Pareto front."""
    share = FINE_STARTS // 3 + 1
    safe = found.margin_mm >= 0
    by_reach = np.where(safe, found.reach + 1e-3 * found.margin_mm, -1.0)
    by_margin = np.minimum(found.margin_mm, 4.0) + found.reach
    return np.unique(np.concatenate(
        [np.argsort(-key)[:share] for key in (found.worth, by_reach, by_margin)]
    ))  # fmt: skip
