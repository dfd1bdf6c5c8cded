"""Two probes at once, one through each gate: chosen and refined together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Point, Points, Vector
from basivert.geometry.curves import segment_distance
from basivert.instruments.model import Instrument
from basivert.planning.clearance import margins
from basivert.planning.poses import POSE, lines
from basivert.planning.reach import pair_distance_mm
from basivert.planning.search import (
    FINE_ROUNDS,
    FINE_SD,
    FINE_STARTS,
    Candidates,
    Quest,
    possible,
)

# From each side this many single paths enter the pairing, spread over where their tips lie.
POOL = 60
TIP_STEP_MM = 2.0
PAIR_DRAWS = 60
# Margin of a pair that the device does not allow.
FORBIDDEN_MM = -1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Half:
    """One side's share of pairs: poses (n, 8), margin (n,) mm, heating zones (n, 2, 3)."""

    poses: Matrix
    margin_mm: Vector
    active: np.ndarray

    def take(self, which: np.ndarray) -> Half:
        """The rows numbered by `which`."""
        return Half(poses=self.poses[which], margin_mm=self.margin_mm[which],
                    active=self.active[which])  # fmt: skip


def aims(target: Point, instrument: Instrument) -> tuple[Point, Point]:
    """(3,) each, body frame: where the left and the right zone of a pair should come."""
    half = 0.25 * sum(bound.value for bound in instrument.tip_gap_mm)
    aside = np.array([half, 0.0, 0.0])
    return target + aside, target - aside


def paired(
    left: tuple[Quest, Candidates], right: tuple[Quest, Candidates], hubs: Points, seed: int
) -> Candidates:
    """All pairs worth a look, refined together; rows hold both poses (n, 16), left first.

    Args:
        left: the search through the left gate and what it found.
        right: the same on the other side.
        hubs: (h, 3) places of the hub itself, body frame.
        seed: of the refinement.
    """
    quests = (left[0], right[0])
    halves = [_half(quest, pool(quest, found)) for quest, found in (left, right)]
    one, other = np.meshgrid(*(np.arange(len(half.poses)) for half in halves), indexing="ij")
    instrument = quests[0].instrument
    found = _joint(halves[0].take(one.ravel()), halves[1].take(other.ravel()), instrument, hubs)
    rng = np.random.default_rng(seed)
    for round_ in range(FINE_ROUNDS):
        best = np.repeat(found.poses[np.argsort(-found.worth)[:FINE_STARTS]], PAIR_DRAWS, axis=0)
        moved = best + rng.normal(size=best.shape) * np.tile(FINE_SD, 2) * 0.6**round_
        halves = [
            _half(quest, possible(quest, part))
            for quest, part in zip(quests, (moved[:, :POSE], moved[:, POSE:]), strict=True)
        ]
        found = found.and_(_joint(halves[0], halves[1], instrument, hubs))
    return found


def pool(quest: Quest, found: Candidates) -> Matrix:
    """(≤ 60, 8) safe single paths, the worthiest of each stretch of tip positions."""
    safe = found.take(np.nonzero(found.margin_mm >= 0)[0])
    if not len(safe.poses):
        return safe.poses
    tip = lines(safe.poses, quest.gate, quest.instrument).curve[:, -1, 0] * quest.gate.sign
    stretch = np.floor(tip / TIP_STEP_MM).astype(int)
    order = np.lexsort((-safe.worth, stretch))
    place = np.arange(len(order)) - np.searchsorted(stretch[order], stretch[order])
    return safe.poses[order[np.argsort(place, kind="stable")[:POOL]]]


def _half(quest: Quest, poses: Matrix) -> Half:
    paths = lines(poses, quest.gate, quest.instrument)
    return Half(
        poses=poses,
        margin_mm=margins(quest.vertebra, paths, quest.instrument, quest.gate),
        active=paths.active,
    )


def _joint(left: Half, right: Half, instrument: Instrument, hubs: Points) -> Candidates:
    """Pairs with their joint margin and reach; pairs that the device forbids count as unsafe."""
    away = pair_distance_mm(hubs[None], left.active[:, None], right.active[:, None])
    margin = np.minimum(left.margin_mm, right.margin_mm)
    return Candidates(
        poses=np.concatenate([left.poses, right.poses], axis=1),
        margin_mm=np.where(_allowed(left.active, right.active, instrument), margin, FORBIDDEN_MM),
        reach=np.mean(away <= instrument.lesion_radius_mm.value, axis=1),
        off_mm=np.zeros(len(margin)),
    )


def _allowed(left: np.ndarray, right: np.ndarray, instrument: Instrument) -> np.ndarray:
    """(n,) whether zones (n, 2, 3) end as far apart as the device asks and do not touch."""
    low, high = (bound.value for bound in instrument.tip_gap_mm)
    gap = np.linalg.norm(left[:, 1] - right[:, 1], axis=1)
    near = np.minimum(
        segment_distance(left[:, 1], right[:, 0], right[:, 1]),
        segment_distance(right[:, 1], left[:, 0], left[:, 1]),
    )
    return (gap >= low) & (gap <= high) & (near > instrument.curve_diameter_mm.value)
