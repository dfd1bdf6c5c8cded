"""From where a frame was taken, when nothing says it: all views of a usual procedure are tried.

One bone looks nearly alike from the front and from the back, and a vertebra nearly like its mirror
image. So each guess keeps its rivals: where one comes close, side and direction are not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import COARSE_ROUNDS, COARSE_STEP, Bone
from basivert.fluoroscopy.scene import scene
from basivert.fluoroscopy.search import candidates, refined

# Receptor behind, in front, at the left, at the right; each with turns between that the search
# over turns bridges.
NAMES = {180.0: "from behind", 0.0: "from the front", 90.0: "from the left",
         -90.0: "from the right"}  # fmt: skip
STEPS_DEG = (-20.0, 0.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guess:
    """One view a frame may be.

    frame: with the angles of this guess, turned over where it is a mirror image.
    pose: where the bone would then be.  evidence: on the coarse picture.
    """

    name: str
    frame: Frame
    mirrored: bool
    pose: Affine
    evidence: float

    @property
    def words(self) -> str:
        """The view in words."""
        return f"{self.name}, mirrored" if self.mirrored else self.name


def guesses(
    bone: Bone, frame: Frame, start: Affine, turns: int, table: Table, rng: np.random.Generator
) -> tuple[Guess, ...]:  # fmt: skip
    """The best guess of each view and hand, best first.

    Args:
        frame: its own angles are not looked at.
        start: as for `register`.
        turns: how many are tried in each view, a power of two.
        table: `registration`.
        rng: places the turns that are tried; each guess gets the same ones.
    """
    seed = int(rng.integers(2**32))
    best: dict[str, Guess] = {}
    for one in _tried(bone, frame, start, turns, table, seed):
        if one.words not in best or one.evidence > best[one.words].evidence:
            best[one.words] = one
    ahead = sorted(best.values(), key=lambda one: -one.evidence)
    reach = table["search.shift"].value + table["search.turn_reach"].value
    better: list[Guess] = []
    for one in ahead:
        rough = scene(bone.coarse, (one.frame,), start, reach, "coarse", table)
        found = refined(rough, one.pose, COARSE_STEP, COARSE_ROUNDS)
        better.append(replace(one, pose=found.pose, evidence=found.evidence))
    return tuple(sorted(better, key=lambda one: -one.evidence))


def rivals(found: tuple[Guess, ...], table: Table) -> tuple[Guess, ...]:
    """Guesses that come so close to the first that they cannot be told from it."""
    least = (1.0 - table["views.hand_lead"].value) * found[0].evidence
    return tuple(one for one in found[1:] if one.evidence > least)


def _tried(
    bone: Bone, frame: Frame, start: Affine, turns: int, table: Table, seed: int
) -> Iterator[Guess]:  # fmt: skip
    reach = table["search.shift"].value + table["search.turn_reach"].value
    for mirrored, primary, by, secondary in product((False, True), NAMES, STEPS_DEG, STEPS_DEG):
        carm = replace(frame.carm, primary_deg=primary + by, secondary_deg=secondary)
        seen = replace(turned_over(frame) if mirrored else frame, carm=carm)
        rough = scene(bone.coarse, (seen,), start, reach, "coarse", table)
        one = candidates(rough, start, turns, table, np.random.default_rng(seed))[0]
        yield Guess(name=NAMES[primary], frame=seen, mirrored=mirrored, pose=one.pose,
                    evidence=one.evidence)  # fmt: skip


def turned_over(frame: Frame) -> Frame:
    """The mirror image, left for right."""
    return replace(
        frame, picture=np.ascontiguousarray(frame.picture[:, ::-1]),
        seen=np.ascontiguousarray(frame.seen[:, ::-1]),
    )  # fmt: skip
