"""C-arm angles that are not what the file says: found together with the bone.

One view tells how the bone is turned against its C-arm. Two views that tell different turns of one
bone therefore tell that an angle is wrong, and by how much. Only angles between the views can be
found: an error that all share is a turn of the bone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.carm import CArm, angles
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import LAST_TRIES, Bone, Registered, fine, judged, register
from basivert.fluoroscopy.search import polished
from basivert.geometry.rigid import turned

TRIES = 60
ROUNDS = 2
END_DEG = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """A bone in frames whose angles were corrected.

    frames: with the angles found; the first keeps its own.
    off_deg: for each, angle between stated and found central ray.
    """

    registered: Registered
    frames: tuple[Frame, ...]
    off_deg: tuple[float, ...]


def with_angles(
    bone: Bone, frames: Sequence[Frame], start: Affine, table: Table, rng: np.random.Generator
) -> Found:  # fmt: skip
    """Register with angles that may each be wrong by about 10°.

    Args:
        frames: two or more views, their C-arm positions roughly known.
        start: as for `register`; turn of the bone and error of angles share its 10°.
        table: `registration`.
        rng: places the turns that are tried.
    """
    alone = [register(bone, (one,), start, table, rng).room_from_ct for one in frames]
    corrected = tuple(
        frame if n == 0 else _turned_by(frame, pose, alone[0])
        for n, (frame, pose) in enumerate(zip(frames, alone, strict=True))
    )
    tried = [(used, register(bone, used, start, table, rng))
             for used in (tuple(frames), corrected)]  # fmt: skip
    used, found = max(tried, key=lambda one: one[1].evidence)
    for _ in range(ROUNDS):
        used = (used[0], *(refitted(bone, one, found.room_from_ct, table) for one in used[1:]))
        here = fine(bone, used, found.room_from_ct, table)
        best = polished(here, found.room_from_ct, LAST_TRIES)
        found = judged(bone, used, best, found.rival, table, rng)
    return Found(
        registered=found, frames=used,
        off_deg=tuple(
            apart_deg(one.carm, other.carm) for one, other in zip(frames, used, strict=True)
        ),
    )  # fmt: skip


def apart_deg(one: CArm, other: CArm) -> float:
    """Angle between two central rays, 0-180."""
    return float(np.degrees(np.arccos(np.clip(one.axes[2] @ other.axes[2], -1.0, 1.0))))


def refitted(bone: Bone, frame: Frame, pose: Affine, table: Table) -> Frame:
    """The frame with the angles that fit the bone best where it is."""
    view = fine(bone, (frame,), pose, table)
    carm = frame.carm

    def loss(by: np.ndarray) -> float:
        return -view.evidence(seen_by(carm, by_angles(carm, by[0], by[1])) @ pose)

    found = minimize(loss, np.zeros(2), method="Powell", options={"xtol": END_DEG, "maxfev": TRIES})
    return replace(frame, carm=by_angles(carm, float(found.x[0]), float(found.x[1])))


def by_angles(carm: CArm, primary_deg: float, secondary_deg: float) -> CArm:
    """The arm turned by so many degrees more; the secondary angle ends at ±90°."""
    secondary = float(np.clip(carm.secondary_deg + secondary_deg, -90.0, 90.0))
    return replace(carm, primary_deg=carm.primary_deg + primary_deg, secondary_deg=secondary)


def seen_by(stated: CArm, real: CArm) -> Affine:
    """Motion of the patient that shows to the stated C-arm what the real one sees."""
    motion: Affine = np.eye(4)
    motion[:3, :3] = np.stack(stated.axes).T @ np.stack(real.axes)
    motion[:3, 3] = stated.isocentre - turned(motion, stated.isocentre)
    return motion


def _turned_by(frame: Frame, pose: Affine, first: Affine) -> Frame:
    """The frame with the angles at which its bone is turned as in the first one."""
    toward = frame.carm.axes[2] @ pose[:3, :3] @ first[:3, :3].T
    primary, secondary = angles(toward)
    return replace(frame, carm=replace(frame.carm, primary_deg=primary, secondary_deg=secondary))
