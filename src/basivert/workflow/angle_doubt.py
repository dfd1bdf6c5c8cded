"""A registration with C-arm angles that are certain, nearly right, or not known at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.alone import doubts, each_alone, uneven
from basivert.fluoroscopy.angles import with_angles
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.hypotheses import NAMES, guesses, rivals
from basivert.fluoroscopy.polarity import bone_is_bright
from basivert.fluoroscopy.register import Bone, Registered, register
from basivert.fluoroscopy.together import readings, registered

Angles = Literal["exact", "near", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A bone in its frames.

    frames: with the angles that were used, and turned over where a frame was a mirror image.
    mirrored: whether that was done.
    doubts: why its verdict may be doubtful at most, one sentence each.
    """

    found: Registered
    frames: tuple[Frame, ...]
    mirrored: bool
    doubts: tuple[str, ...]


def placed(
    bone: Bone, frames: Sequence[Frame], start: Affine, angles: Angles, table: Table,
    rng: np.random.Generator,
) -> Placed:  # fmt: skip
    """Register with what is known of the angles.

    Raises: InputError for too many frames of unknown angles, some that show no bone together, or
        one frame of nearly known ones.
    """
    if angles == "unknown":
        return _unknown(bone, frames, start, table, rng)
    if angles == "near":
        if len(frames) < 2:
            raise InputError(
                "One frame cannot tell an error of its angles from a turn of the bone.",
                fix="Give two frames, or take the angles as exact or unknown.",
            )
        both = with_angles(bone, frames, start, table, rng)
        return Placed(
            found=both.registered, frames=both.frames, mirrored=False,
            doubts=_doubts(bone, both.frames, both.registered, table, rng),
        )  # fmt: skip
    found = register(bone, frames, start, table, rng)
    return Placed(
        found=found,
        frames=tuple(frames),
        mirrored=False,
        doubts=_doubts(bone, frames, found, table, rng),
    )


def _doubts(
    bone: Bone, frames: Sequence[Frame], found: Registered, table: Table, rng: np.random.Generator
) -> tuple[str, ...]:
    """What single frames say against a place that would otherwise be called good."""
    if found.trust.verdict != "good":
        return ()
    return uneven(found.by_view, table) or doubts(
        each_alone(bone, frames, found.room_from_ct, table, rng), table
    )


def _unknown(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> Placed:  # fmt: skip
    if len(frames) > 1:
        return _unknown_together(bone, frames, start, table, rng)
    found = guesses(bone, frames[0], start, int(table["search.turns_guess"].value), table, rng)
    best, close = found[0], rivals(found, table)
    used = (best.frame,)
    said = [f"The angles are not known; the frame fits best as taken {best.words}."]
    if close:
        said.append(
            f"It fits nearly as well {', '.join(one.words for one in close)}: left and right, "
            "front and back cannot be told from it."
        )
    return Placed(
        found=register(bone, used, best.pose, table, rng), frames=used, mirrored=best.mirrored,
        doubts=tuple(said),
    )  # fmt: skip


def _unknown_together(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> Placed:  # fmt: skip
    most = int(table["together.frames"].value)
    if len(frames) > most:
        raise InputError(
            f"{len(frames)} frames of unknown angles were given; at most {most} are read together.",
            fix="Give those that show the bone best, an AP and a lateral first.",
        )
    tried = readings(bone, frames, start, table, rng)
    if not tried:
        raise InputError(
            "No two of the usual views show one bone at one place in these frames.",
            fix="Give frames of one patient without the table moved between them, or their angles.",
        )
    found, best, close = registered(bone, tried, table, rng)
    lead = 1.0 - found.rival / found.evidence if found.evidence > 0.0 else 0.0
    said = [
        f"The angles are not known; the frames fit best as taken {best.words}, by {lead:.0%} ahead "
        "of the next way to read them. All were taken as mirrored or none, and the bone as turned "
        "as little as they allow."
    ]
    if close:
        said.append(
            f"They fit nearly as well {'; or '.join(one.words for one in close)}: left and right, "
            "front and back cannot be told from them."
        )
    return Placed(
        found=found, frames=best.frames, mirrored=best.guesses[0].mirrored, doubts=tuple(said)
    )


def leans_bright(
    bone: Bone, frame: Frame, start: Affine, angles: Angles, table: Table, rng: np.random.Generator
) -> float:  # fmt: skip
    """As `bone_is_bright`; of unknown angles the view counts that tells it best."""
    if angles != "unknown":
        return bone_is_bright(bone, frame, start, table, rng)
    seen = [replace(frame, carm=replace(frame.carm, primary_deg=primary, secondary_deg=0.0))
            for primary in NAMES]  # fmt: skip
    return max((bone_is_bright(bone, one, start, table, rng) for one in seen), key=abs)
