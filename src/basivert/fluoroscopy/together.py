"""Several frames of unknown angles: which view each may be, joined by the one bone they all show.

Each frame alone tells how the bone is turned against its own receptor. An arm without roll can show
a bone so from one place only, once it is known how the bone lies in the room. So the bone's turn is
sought at which no frame needs a roll; the angles of all frames follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from basivert.arrays import Affine, Matrix, Point, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.angles import by_angles, refitted, seen_by
from basivert.fluoroscopy.bone import Cloud
from basivert.fluoroscopy.carm import CArm, angles
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.hypotheses import NAMES, Guess, guesses, turned_over
from basivert.fluoroscopy.register import (
    COARSE_ROUNDS,
    COARSE_STEP,
    FINALIST_TRIES,
    LAST_TRIES,
    Bone,
    Registered,
    fine,
    judged,
    roughly,
)
from basivert.fluoroscopy.scene import scene
from basivert.fluoroscopy.search import Candidate, polished, refined
from basivert.geometry.rigid import moved

# What a view is called in a mirror.
OVER = {NAMES[90.0]: NAMES[-90.0], NAMES[-90.0]: NAMES[90.0]}

# Enough to rank the readings; the best are refined again.
JOIN_ROUNDS = 4
ROUND_DEG = np.arange(-24.0, 25.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One view for each frame, and the bone where they agree.

    guesses: for each frame.  frames: with the angles at which they agree.
    roll_deg: largest roll of a receptor that is left over; 0 where the guesses agree.
    """

    guesses: tuple[Guess, ...]
    frames: tuple[Frame, ...]
    found: Candidate
    roll_deg: float

    @property
    def words(self) -> str:
        """The views in words, in the order of the frames."""
        return " and ".join(one.words for one in self.guesses)


def readings(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> tuple[Reading, ...]:  # fmt: skip
    """All ways to read the frames as views of one bone, best first.

    Frames are joined one after the other; of each number the best few are kept. A machine turns
    over all of its pictures or none.

    Args:
        frames: two or more; their own angles are not looked at.
        start: as for `register`.
        table: `registration`, rows together.*.
        rng: places the turns that are tried.
    """
    turns = int(table["together.turns"].value)
    each = [guesses(bone, one, start, turns, table, rng) for one in frames]
    found = [*_of_hand(bone, each, False, start, table), *_of_hand(bone, each, True, start, table)]
    ahead = sorted(found, key=lambda one: -one.found.evidence)[: int(table["together.over"].value)]
    found += [_other_hand(bone, one, table, rng) for one in ahead]
    best: dict[str, Reading] = {}
    for one in sorted(found, key=lambda one: -one.found.evidence):
        best.setdefault(one.words, one)
    return tuple(best.values())


def _other_hand(bone: Bone, one: Reading, table: Table, rng: np.random.Generator) -> Reading:
    """The mirror image of a reading: all frames turned over, arms and bone as a mirror shows them.

    It is what a reading must beat; found by itself it may be missed.
    """
    frames = tuple(
        replace(turned_over(seen), carm=replace(seen.carm, primary_deg=-seen.carm.primary_deg))
        for seen in one.frames
    )
    isocentre, over = frames[0].carm.isocentre, np.diag([-1.0, 1.0, 1.0])
    pose: Affine = np.eye(4)
    pose[:3, :3] = over @ one.found.pose[:3, :3] @ over
    middle = isocentre + over @ (moved(one.found.pose, bone.coarse.centre) - isocentre)
    pose[:3, 3] = middle - pose[:3, :3] @ bone.coarse.centre
    return Reading(
        guesses=tuple(
            replace(guess, frame=seen, mirrored=not guess.mirrored,
                    name=OVER.get(guess.name, guess.name))
            for guess, seen in zip(one.guesses, frames, strict=True)
        ),
        frames=frames, roll_deg=one.roll_deg,
        found=roughly(bone, frames, pose, table, rng),
    )  # fmt: skip


def _of_hand(
    bone: Bone, each: Sequence[Sequence[Guess]], mirrored: bool, start: Affine, table: Table
) -> list[Reading]:  # fmt: skip
    """The best readings with all frames mirrored, or none."""
    most, kept = int(table["together.views"].value), int(table["together.kept"].value)
    first, *later = [[one for one in some if one.mirrored == mirrored][:most] for some in each]
    joined: list[tuple[Guess, ...]] = [(one,) for one in first]
    found: list[Reading] = []
    for more in later:
        tried = [_joined(bone, (*one, other), start, table) for one, other in product(joined, more)]
        agree = [one for one in tried if one.roll_deg <= table["together.roll"].value]
        found = sorted(agree, key=lambda one: -one.found.evidence)[:kept]
        joined = [one.guesses for one in found]
    return found


def registered(
    bone: Bone, found: Sequence[Reading], table: Table, rng: np.random.Generator
) -> tuple[Registered, Reading, tuple[Reading, ...]]:  # fmt: skip
    """The best reading on the fine picture, its registration, and those that come close to it.

    Args:
        found: `readings`, one at least.
    """
    some = [_fine(bone, one, table, FINALIST_TRIES)
            for one in found[: int(table["together.finalists"].value)]]  # fmt: skip
    best, *others = sorted(some, key=lambda one: -one.found.evidence)
    best = _fine(bone, best, table, LAST_TRIES)
    least = (1.0 - table["views.hand_lead"].value) * best.found.evidence
    rival = max((one.found.evidence for one in others), default=0.0)
    close = tuple(one for one in others if one.found.evidence > least)
    return judged(bone, best.frames, best.found, rival, table, rng), best, close


def _joined(bone: Bone, views: tuple[Guess, ...], start: Affine, table: Table) -> Reading:
    """Guesses brought into one room, the bone refined on the coarse picture."""
    turn, arms, roll = _agreed(views, start)
    frames = tuple(replace(one.frame, carm=carm) for one, carm in zip(views, arms, strict=True))
    pose: Affine = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = _place(views, arms, bone.coarse) - turn @ bone.coarse.centre
    rough = scene(bone.coarse, frames, pose, table["search.shift"].value, "coarse", table)
    return Reading(guesses=views, frames=frames, roll_deg=roll,
                   found=refined(rough, pose, COARSE_STEP, JOIN_ROUNDS))  # fmt: skip


def _agreed(views: Sequence[Guess], start: Affine) -> tuple[Matrix, tuple[CArm, ...], float]:
    """Turn of the bone, (3, 3) room from CT, the arms that see it so, and the roll left, degrees.

    The turn is the nearest to the start's among those that need no roll.
    """
    seen = [np.stack(one.frame.carm.axes) @ one.pose[:3, :3] for one in views]

    def off(by: Vector) -> Vector:
        turn = Rotation.from_rotvec(by).as_matrix() @ start[:3, :3]
        rolls = [_roll(one @ turn.T) for one in seen]
        return np.array([*rolls, *(LIGHT * by)])

    best = least_squares(off, np.zeros(3)).x
    turn = Rotation.from_rotvec(best).as_matrix() @ start[:3, :3]
    arms = [_arm(one.frame.carm, (axes @ turn.T)[2])
            for one, axes in zip(views, seen, strict=True)]  # fmt: skip
    return turn, tuple(arms), float(np.degrees(np.abs(off(best)[: len(seen)]).max()))


# What a turn of the bone costs against a receptor's roll: it only settles what rolls leave open.
LIGHT = 0.1


def _roll(axes: Matrix) -> float:
    """Radians that rows across, down, toward (3, 3) are rolled against an arm's."""
    arm = np.array(_axes_of(axes[2]))
    return float(np.arctan2(axes[0] @ arm[1], axes[0] @ arm[0]))


def _axes_of(toward: Point) -> tuple[Point, Point, Point]:
    primary, secondary = np.radians(angles(toward))
    across = np.array([np.cos(primary), np.sin(primary), 0.0])
    down = np.array([np.sin(primary) * np.sin(secondary), -np.cos(primary) * np.sin(secondary),
                     -np.cos(secondary)])  # fmt: skip
    return across, down, toward


def _arm(carm: CArm, toward: Point) -> CArm:
    primary, secondary = angles(toward)
    return replace(carm, primary_deg=primary, secondary_deg=secondary)


def _place(views: Sequence[Guess], arms: Sequence[CArm], bone: Cloud) -> Point:
    """(3,) LPS mm where the rays through the bone's middle come closest, all frames together."""
    left, right = np.zeros((3, 3)), np.zeros(3)
    for one, arm in zip(views, arms, strict=True):
        guessed, axes = one.frame.carm, np.stack(one.frame.carm.axes)
        in_arm = axes @ (moved(one.pose, bone.centre) - guessed.source)
        ray = np.stack(arm.axes).T @ (in_arm / np.linalg.norm(in_arm))
        across = np.eye(3) - np.outer(ray, ray)
        left, right = left + across, right + across @ arm.source
    return np.linalg.lstsq(left, right, rcond=None)[0]


def _looked_round(
    bone: Bone, one: Reading, table: Table
) -> tuple[tuple[Frame, ...], Candidate]:  # fmt: skip
    """Frame by frame, worst first, the angles about its own that fit the bone best; then the bone.

    A single frame may have been read at a turn of the bone that the others do not share.
    """
    frames, found = list(one.frames), one.found
    reach = table["search.shift"].value
    fits = scene(bone.coarse, frames, found.pose, reach, "coarse", table).by_view(found.pose)
    for at in np.argsort(fits):
        view = scene(bone.coarse, (frames[at],), found.pose, reach, "coarse", table)
        carm = frames[at].carm
        arms = [by_angles(carm, p, s) for p, s in product(ROUND_DEG, ROUND_DEG)]
        best = max(arms, key=lambda arm: view.whole(seen_by(carm, arm) @ found.pose))
        frames[at] = replace(frames[at], carm=best)
    rough = scene(bone.coarse, frames, found.pose, reach, "coarse", table)
    return tuple(frames), refined(rough, found.pose, COARSE_STEP, COARSE_ROUNDS)


def _fine(bone: Bone, one: Reading, table: Table, tries: int) -> Reading:
    """The reading with pose and angles refined in turns on the fine picture."""
    frames, found = _looked_round(bone, one, table)
    for _ in range(2):
        here = fine(bone, frames, found.pose, table)
        found = polished(here, found.pose, tries)
        frames = tuple(refitted(bone, frame, found.pose, table) for frame in frames)
    here = fine(bone, frames, found.pose, table)
    return replace(one, frames=frames, found=polished(here, found.pose, tries))
