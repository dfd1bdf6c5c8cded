"""Where a bone stands in its frames, with everything that speaks against it.

A registration is called at most doubtful where the frames cannot tell depth, and failed where the
bone of another level fits the place better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.among import settled
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.level import LevelCheck, level_check
from basivert.fluoroscopy.register import Bone, Registered
from basivert.fluoroscopy.triangulate import view_angle_deg
from basivert.workflow.angle_doubt import Angles, placed
from basivert.workflow.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """A bone in its frames, judged by all that is known.

    found: its verdict already holds the reasons below.
    frames: with the angles that were used, and turned over where a frame was a mirror image.
    mirrored: whether that was done.
    angle_deg: largest angle between two of the views; 0 for a single one.
    level: None where no neighbours were given.
    reasons: why the verdict is not good, one sentence each.
    """

    found: Registered
    frames: tuple[Frame, ...]
    mirrored: bool
    angle_deg: float
    level: LevelCheck | None
    reasons: tuple[str, ...]


def standing(
    bone: Bone, neighbours: Sequence[Bone], frames: Sequence[Frame], start: Affine,
    angles: Angles, table: Table, rng: np.random.Generator, say: Progress,
) -> Standing:  # fmt: skip
    """Register a bone, ask every frame by itself, try the neighbours there, take their edges out.

    Args:
        neighbours: usually the levels above and below; empty: neither tried nor taken out.
        start: 4×4 room_from_ct, right within about 10 mm and 10°.
        angles: how far those of the frames are known.
        table: `registration`.
        rng: places the turns that are tried.

    Raises: InputError as `placed` does.
    """
    say(0.0, f"looking for {bone.name}")
    here = placed(bone, frames, start, angles, table, rng)
    found, level = here.found, None
    if neighbours:
        say(0.5, f"is it {bone.name}, or {' or '.join(one.name for one in neighbours)}")
        level = level_check(found, bone, neighbours, here.frames, table, rng)
        say(0.8, "its neighbours' edges taken out")
        found = settled(found, bone, neighbours, here.frames, table, rng)
    angle = widest_deg([one.carm for one in here.frames])
    found, reasons = judged_whole(found, level, angle, here.doubts, table)
    return Standing(
        found=found, frames=here.frames, mirrored=here.mirrored, angle_deg=angle, level=level,
        reasons=reasons,
    )  # fmt: skip


def judged_whole(
    found: Registered,
    level: LevelCheck | None,
    angle_deg: float,
    doubts: Sequence[str],
    table: Table,
) -> tuple[Registered, tuple[str, ...]]:
    """The verdict with all that speaks against it, and why, one sentence each."""
    verdict, reasons, trust = found.trust.verdict, list[str](), found.trust
    if verdict != "good":
        reasons.append(
            f"The place does not stand out: the evidence is {found.evidence:.2f}, a shove of some "
            f"millimetres leaves {trust.flatness:.0%} of it, the best other place has "
            f"{found.rival:.2f}; {trust.probability:.0%} sure."
        )
    least = table["views.least_angle"].value
    if angle_deg < least:
        verdict = "doubtful" if verdict == "good" else verdict
        reasons.append(
            f"The views are {angle_deg:.0f}° apart; depth along the beam needs at least "
            f"{least:g}°. Take an AP and a lateral frame."
        )
    if doubts:
        verdict = "doubtful" if verdict == "good" else verdict
        reasons += doubts
    if level is not None and level.best != level.expected:
        verdict = "failed"
        reasons.append(
            f"The bone of {level.best} fits this place better than that of {level.expected}: "
            "the frames may show another level."
        )
    return replace(found, trust=replace(trust, verdict=verdict)), tuple(reasons)


def furthest(carms: Sequence[CArm]) -> tuple[int, int]:
    """Which two of the views, two or more, are furthest apart."""
    return max(
        combinations(range(len(carms)), 2),
        key=lambda two: view_angle_deg(carms[two[0]], carms[two[1]]),
    )


def widest_deg(carms: Sequence[CArm]) -> float:
    """Largest angle between two of the views, degrees; 0 for one view."""
    if len(carms) < 2:
        return 0.0
    one, other = furthest(carms)
    return view_angle_deg(carms[one], carms[other])
