"""Where one vertebra stands, found from X-ray frames, and whether to believe it.

Each vertebra moves by itself: the CT was made supine, the patient now lies prone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Affine, frozen
from basivert.constants.model import Table
from basivert.fluoroscopy.bone import Cloud, cloud
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.scene import Scene, apart_mm, scene
from basivert.fluoroscopy.search import THREADS, Candidate, candidates, distinct, polished, refined
from basivert.fluoroscopy.trust import Trust, flatness, trust
from basivert.volume.model import Labels, Volume

COARSE_STEP = 0.4  # mm and degrees
COARSE_ROUNDS = 8
FINALIST_TRIES = 130
LAST_TRIES = 260
# The bone does not leave the part of the frame it is polished in.
FINE_REACH_MM = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bone:
    """One vertebra, ready for both stages.  name: its level."""

    name: str
    coarse: Cloud
    fine: Cloud


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registered:
    """Where the bone was found.

    room_from_ct: 4×4, CT's LPS mm → LPS mm of the C-arm's isocentre, for this bone only.
    evidence: how well it fits, mean over the views; `by_view` the single ones.
    rival: best evidence of another place, more than search.rival_apart away; 0 where none was met.
    trust: whether to believe it; only the verdict `good` may be used.
    """

    name: str
    room_from_ct: Affine
    evidence: float
    by_view: tuple[float, ...]
    rival: float
    trust: Trust

    def __post_init__(self) -> None:
        object.__setattr__(self, "room_from_ct", frozen(self.room_from_ct))

    @property
    def margin(self) -> float:
        """By which share the best place beats the next, 0–1."""
        return max(1.0 - self.rival / self.evidence, 0.0) if self.evidence > 0.0 else 0.0


def bone(ct: Volume, labels: Labels, name: str, table: Table) -> Bone:
    """A vertebra of the CT as points. Raises LabelError where it is not labelled."""
    return Bone(
        name=name, coarse=cloud(ct, labels, name, table["coarse.pitch"].value, table),
        fine=cloud(ct, labels, name, table["fine.pitch"].value, table),
    )  # fmt: skip


def register(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> Registered:
    """The pose of one vertebra that its frames tell.

    Args:
        frames: one or more views, their C-arm positions known.
        start: 4×4 room_from_ct, right within about 10 mm and 10°.
        table: `registration`.
        rng: places the turns that are tried.
    """
    places = _places(bone, frames, start, table, rng)
    with ThreadPoolExecutor(THREADS) as pool:
        finals = list(pool.map(
            lambda one: _polished(bone, frames, one, table, FINALIST_TRIES),
            places[: int(table["search.finalists"].value)],
        ))  # fmt: skip
    best = _polished(bone, frames, max(finals, key=lambda one: one.evidence), table, LAST_TRIES)
    far = table["search.rival_apart"].value
    others = [one for one in finals if apart_mm(bone.fine, one.pose, best.pose) > far]
    rival = max((one.evidence for one in others), default=0.0)
    return judged(bone, frames, best, rival, table, rng)


def judged(
    bone: Bone, frames: Sequence[Frame], best: Candidate, rival: float, table: Table,
    rng: np.random.Generator,
) -> Registered:  # fmt: skip
    """A place with how far to believe it.

    Args:
        best: the place, polished.
        rival: evidence of the best other place met.
        rng: draws the shoves.
    """
    final = fine(bone, frames, best.pose, table)
    return Registered(
        name=bone.name, room_from_ct=best.pose, evidence=best.evidence,
        by_view=tuple(final.by_view(best.pose)), rival=rival,
        trust=trust(best.evidence, flatness(final, best.pose, table, rng), rival, table),
    )  # fmt: skip


def _places(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> list[Candidate]:
    """Distinct places of the coarse picture, best first."""
    rough = _rough(bone, frames, start, table)
    kept = _promising(rough, start, "turns", "kept", table, rng)
    with ThreadPoolExecutor(THREADS) as pool:
        better = list(pool.map(
            lambda one: refined(rough, one.pose, COARSE_STEP, COARSE_ROUNDS), kept
        ))  # fmt: skip
    return distinct(rough, better, table["search.apart"].value)


def _promising(
    rough: Scene, start: Affine, turns: str, kept: str, table: Table, rng: np.random.Generator
) -> list[Candidate]:
    """Distinct places worth refining, best first; rows search.* say of how many turns, how many."""
    tried = candidates(rough, start, int(table[f"search.{turns}"].value), table, rng)
    tried = tried[: int(table["search.looked_at"].value)]
    places = distinct(rough, tried, table["search.apart"].value)
    return places[: int(table[f"search.{kept}"].value)]


def roughly(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> Candidate:  # fmt: skip
    """The best place of the coarse picture from few turns, the first few places refined there.

    The best of few turns alone now and then misses a bone that is there.

    Args:
        start: as for `register`.
        table: `registration`, rows search.turns_near and kept_near.
        rng: places the turns that are tried.
    """
    rough = _rough(bone, frames, start, table)
    better = [
        refined(rough, one.pose, COARSE_STEP, COARSE_ROUNDS)
        for one in _promising(rough, start, "turns_near", "kept_near", table, rng)
    ]
    return max(better, key=lambda one: one.evidence)


def fine(bone: Bone, frames: Sequence[Frame], around: Affine, table: Table) -> Scene:
    """The fine picture about a place that is right within some millimetres."""
    return scene(bone.fine, frames, around, FINE_REACH_MM, "fine", table)


def _rough(bone: Bone, frames: Sequence[Frame], start: Affine, table: Table) -> Scene:
    reach = table["search.shift"].value + table["search.turn_reach"].value
    return scene(bone.coarse, frames, start, reach, "coarse", table)


def _polished(
    bone: Bone, frames: Sequence[Frame], one: Candidate, table: Table, tries: int
) -> Candidate:
    return polished(fine(bone, frames, one.pose, table), one.pose, tries)
