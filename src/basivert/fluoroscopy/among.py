"""A bone placed once more, with its neighbours where they stand themselves."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.beyond import Ground, beyond, ground
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import (
    FINALIST_TRIES,
    LAST_TRIES,
    Bone,
    Registered,
    fine,
    judged,
    roughly,
)
from basivert.fluoroscopy.scene import Scene, apart_mm
from basivert.fluoroscopy.search import THREADS, Candidate, climbed

VERDICTS = ("good", "doubtful", "failed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Among:
    """Frames about a bone, with what its neighbours explain in each."""

    scene: Scene
    grounds: tuple[Ground, ...]

    def evidence(self, room_from_ct: Affine) -> float:
        """Mean over the views of the evidence beyond the neighbours."""
        bone = self.scene.bone
        found = [
            beyond(view.picture(bone, room_from_ct), view.fixed, known)
            for view, known in zip(self.scene.views, self.grounds, strict=True)
        ]
        return sum(found) / len(found)


def settled(
    found: Registered, bone: Bone, neighbours: Sequence[Bone], frames: Sequence[Frame],
    table: Table, rng: np.random.Generator,
) -> Registered:  # fmt: skip
    """The place of a bone without the pull of its neighbours' edges.

    The neighbours are found first, each by itself. A place further away than `among.most` is not
    taken: neighbours draw by tenths of a millimetre. The pose is judged as any other, by evidence
    that knows no neighbours, and its verdict is never better than before.

    Args:
        found: the bone, registered by itself.
        neighbours: usually the levels above and below; ones that do not stand out are left out.
        table: `registration`.
        rng: places the turns that are tried.
    """
    if found.trust.verdict == "failed":
        return found
    itself = (bone, found.room_from_ct)
    with ThreadPoolExecutor(THREADS) as pool:
        poses = list(pool.map(
            lambda one, own: _standing(one, itself, frames, table, own),
            neighbours, rng.spawn(len(neighbours)),
        ))  # fmt: skip
    known = [(one, pose) for one, pose in zip(neighbours, poses, strict=True) if pose is not None]
    if not known:
        return found
    here = among(bone, found.room_from_ct, known, frames, table)
    pose = climbed(here.evidence, bone.fine, found.room_from_ct, LAST_TRIES)
    if apart_mm(bone.fine, pose, found.room_from_ct) > table["among.most"].value:
        return found
    again = judged(bone, frames, Candidate(pose=pose, evidence=here.scene.whole(pose)),
                   found.rival, table, rng)  # fmt: skip
    worse = max(again.trust.verdict, found.trust.verdict, key=VERDICTS.index)
    return replace(again, trust=replace(again.trust, verdict=worse))


def among(
    bone: Bone, around: Affine, known: Sequence[tuple[Bone, Affine]], frames: Sequence[Frame],
    table: Table,
) -> Among:  # fmt: skip
    """The frames about a bone, its neighbours placed.

    Args:
        around: room_from_ct of the bone, right within some millimetres.
        known: each neighbour with its room_from_ct.
    """
    part = fine(bone, frames, around, table)
    return Among(scene=part, grounds=tuple(
        ground(np.sum([view.picture(one.fine, pose) for one, pose in known], axis=0), view.fixed)
        for view in part.views
    ))  # fmt: skip


def _standing(
    other: Bone, itself: tuple[Bone, Affine], frames: Sequence[Frame], table: Table,
    rng: np.random.Generator,
) -> Affine | None:  # fmt: skip
    """Where a neighbour stands; None where it does not stand out. Few turns: it moved little.

    itself: the bone that was found; the neighbour is drawn by it as it is by the neighbour.
    """
    near = roughly(other, frames, itself[1], table, rng)
    here = among(other, near.pose, (itself,), frames, table)
    pose = climbed(here.evidence, other.fine, near.pose, FINALIST_TRIES)
    best = Candidate(pose=pose, evidence=here.scene.whole(pose))
    if judged(other, frames, best, 0.0, table, rng).trust.verdict == "failed":
        return None
    return pose
