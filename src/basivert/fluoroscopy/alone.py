"""What each frame says by itself of a bone that several frames placed together.

A frame that is mirrored, or taken at other angles than it says, does not fit where the others put
the bone; registered together, one good frame carries it. By itself it finds its own place, fits
there far better, and sees the bone turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.hypotheses import turned_over
from basivert.fluoroscopy.register import FINALIST_TRIES, Bone, fine, roughly
from basivert.fluoroscopy.scene import apart_mm
from basivert.fluoroscopy.search import THREADS, Candidate, polished
from basivert.geometry.rigid import moved, turn_deg


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """One frame by itself against all together.

    share: evidence at the common place over the evidence at the frame's own, 0–1.
    turned_deg: turn of the bone between the two places.
    mirrored: evidence in the frame's mirror image over that in the frame, each at its own place.
    """

    share: float
    turned_deg: float
    mirrored: float


def each_alone(
    bone: Bone, frames: Sequence[Frame], pose: Affine, table: Table, rng: np.random.Generator
) -> tuple[Alone, ...]:  # fmt: skip
    """Every frame by itself.

    Args:
        pose: room_from_ct that the frames gave together.
        table: `registration`.
        rng: places the turns that are tried.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(
            lambda frame, own: _alone(bone, frame, pose, table, own),
            frames, rng.spawn(len(frames)),
        ))  # fmt: skip


def doubts(found: Sequence[Alone], table: Table) -> tuple[str, ...]:
    """Why frames do not agree on a place, one sentence each; none where they do.

    Args:
        found: `each_alone`.
        table: `registration`, rows alone.*.
    """
    said: list[str] = []
    for n, one in enumerate(found, 1):
        if one.mirrored > 1.0:
            said.append(
                f"View {n} fits the bone better as its mirror image: left and right may be "
                "exchanged."
            )
        elif one.share < table["alone.share"].value or (
            one.turned_deg > table["alone.turned"].value
        ):
            said.append(
                f"View {n} by itself shows the bone turned by {one.turned_deg:.0f}° against all "
                f"views together, where it fits {one.share:.0%} as well: readings of the C-arm "
                "may be off. Register with --angles near."
            )
    return tuple(said)


def uneven(by_view: Sequence[float], table: Table) -> tuple[str, ...]:
    """Why a place is not believed that one frame shows far better than another; one sentence each.

    Args:
        by_view: evidence of the place in each frame.
        table: `registration`, row alone.least.
    """
    most = max(by_view)
    return tuple(
        f"View {n} hardly shows the bone where it was found ({one / most:.0%} of what another view "
        "does): it may be a mirror image, of another place, or its geometry wrong."
        for n, one in enumerate(by_view, 1) if one < table["alone.least"].value * most
    )  # fmt: skip


def _alone(
    bone: Bone, frame: Frame, pose: Affine, table: Table, rng: np.random.Generator
) -> Alone:  # fmt: skip
    seed, over = int(rng.integers(2**32)), _seen_over(bone, frame, pose)
    own = max(_fits(bone, frame, pose, table, seed), key=lambda one: one.evidence)
    if own.evidence <= 0.0:
        return Alone(share=0.0, turned_deg=180.0, mirrored=0.0)
    # Elsewhere in the mirror image is another place, not another hand.
    near = table["search.rival_apart"].value
    mirrored = [one.evidence for one in _fits(bone, turned_over(frame), over, table, seed)
                if _aside_mm(bone, frame, one.pose, over) <= near]  # fmt: skip
    here = fine(bone, (frame,), pose, table).whole(pose)
    return Alone(
        share=min(here / own.evidence, 1.0), turned_deg=turn_deg(own.pose, pose),
        mirrored=max(mirrored, default=0.0) / own.evidence,
    )  # fmt: skip


def _fits(bone: Bone, frame: Frame, start: Affine, table: Table, seed: int) -> list[Candidate]:
    """Fitted from the start itself, and from the best of few turns where that is elsewhere."""
    near = roughly(bone, (frame,), start, table, np.random.default_rng(seed)).pose
    elsewhere = apart_mm(bone.fine, near, start) > table["search.apart"].value
    return [polished(fine(bone, (frame,), one, table), one, FINALIST_TRIES)
            for one in ((start, near) if elsewhere else (start,))]  # fmt: skip


def _aside_mm(bone: Bone, frame: Frame, one: Affine, other: Affine) -> float:
    """How far apart two poses show the bone's middle, along the detector."""
    by = moved(one, bone.fine.centre) - moved(other, bone.fine.centre)
    return float(np.hypot(*(np.stack(frame.carm.axes[:2]) @ by)))


def _seen_over(bone: Bone, frame: Frame, pose: Affine) -> Affine:
    """The pose shifted across the detector to where the frame's mirror image shows the bone."""
    carm, middle = frame.carm, moved(pose, bone.fine.centre)
    column = float(carm.pixel(middle[None])[0, 0])
    across = (carm.detector.pixels[1] - 1 - 2.0 * column) * carm.detector.pitch_mm[1]
    other = pose.copy()
    other[:3, 3] += across * float(carm.scale(middle[None])[0]) * carm.axes[0]
    return other
