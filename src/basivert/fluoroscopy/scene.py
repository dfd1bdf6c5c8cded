"""Frames at one resolution about one bone: what a pose of the bone is scored against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from basivert.arrays import Affine, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.bone import Cloud, picture_from_room, splatted
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.similarity import Edges, edges, evidence, smoothed, whole_evidence
from basivert.geometry.rigid import moved, turning

LEAST_PIXELS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """Part of one frame, binned and smoothed.

    picture_from_room: (3, 4), see `bone.picture_from_room`.
    blur_px: SD of the smoothing, pixels; the bone's own picture gets the same. It takes noise and
        the grain of the points out of the way of the last descent.
    """

    picture_from_room: np.ndarray
    fixed: Edges
    blur_px: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the part."""
        rows, columns = self.fixed.across.shape
        return rows, columns

    def picture(self, bone: Cloud, room_from_ct: Affine) -> np.ndarray:
        """(rows, columns) float32: the bone alone at this pose."""
        sharp = splatted(bone, room_from_ct, self.picture_from_room, self.shape)
        return smoothed(sharp, self.blur_px) if self.blur_px > 0.0 else sharp


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Parts of all frames and the bone to place in them."""

    bone: Cloud
    views: tuple[View, ...]

    def evidence(self, room_from_ct: Affine) -> float:
        """Mean over the views of the evidence for the bone at this pose."""
        return self._mean(
            [evidence(one.picture(self.bone, room_from_ct), one.fixed) for one in self.views]
        )

    def whole(self, room_from_ct: Affine) -> float:
        """The same with each view times the share of the bone that is seen there."""
        return self._mean(self.by_view(room_from_ct))

    def by_view(self, room_from_ct: Affine) -> list[float]:
        """Evidence times share seen, view by view."""
        return [
            whole_evidence(one.picture(self.bone, room_from_ct), one.fixed) for one in self.views
        ]

    @staticmethod
    def _mean(found: list[float]) -> float:
        return sum(found) / len(found)


def scene(
    bone: Cloud, frames: Sequence[Frame], around: Affine, reach_mm: float,
    grain: Literal["coarse", "fine"], table: Table,
) -> Scene:  # fmt: skip
    """Parts of the frames that the bone can fall on within `reach_mm` of the pose `around`."""
    return Scene(
        bone=bone, views=tuple(_view(bone, one, around, reach_mm, grain, table) for one in frames)
    )


def _view(
    bone: Cloud, frame: Frame, around: Affine, reach_mm: float, grain: str, table: Table
) -> View:
    carm = frame.carm
    middle = moved(around, bone.centre)
    in_patient = float(np.mean(carm.detector.pitch_mm) * carm.scale(middle[None])[0])
    binning = max(round(table[f"{grain}.pixel"].value / in_patient), 1)
    blur = table[f"{grain}.blur"].value
    picture, seen = binned(frame.picture, binning), binned(frame.seen, binning) > 1 - 1e-6
    half = max(round(0.5 * table[f"{grain}.window"].value / (binning * in_patient)), 1)
    matrix = picture_from_room(carm, binning, (0, 0))
    ahead = moved(around, bone.points + bone.centre) @ matrix[:, :3].T + matrix[:, 3]
    at = ahead[:, 1::-1] / ahead[:, 2:]
    margin = reach_mm / (binning * in_patient) + half + 1
    low = np.clip(np.floor(at.min(axis=0) - margin), 0, np.array(picture.shape) - LEAST_PIXELS)
    high = np.clip(np.ceil(at.max(axis=0) + margin), low + LEAST_PIXELS, picture.shape)
    top, left = (int(v) for v in low)
    part = (slice(top, int(high[0])), slice(left, int(high[1])))
    return View(
        picture_from_room=picture_from_room(carm, binning, (top, left)),
        fixed=edges(smoothed(np.ascontiguousarray(picture[part]), blur), seen[part], half),
        blur_px=blur,
    )


def binned(picture: np.ndarray, by: int) -> np.ndarray:
    """Mean of by × by pixels (rows, columns), float32; a remainder at the end is left out."""
    rows, columns = (n // by for n in picture.shape)
    kept = picture[: rows * by, : columns * by].astype(np.float32)
    return kept.reshape(rows, by, columns, by).mean(axis=(1, 3))


def step(move: Vector, pose: Affine, bone: Cloud) -> Affine:
    """The pose after a small motion about the bone's centre.

    Args:
        move: (6,) shift in mm (LPS), then turn as a rotation vector in degrees.
        pose: room_from_ct before.
    """
    centre = moved(pose, bone.centre)
    motion = np.eye(4)
    motion[:3, :3] = turning(np.radians(move[3:]))
    motion[:3, 3] = centre + move[:3] - motion[:3, :3] @ centre
    return motion @ pose


def apart_mm(bone: Cloud, one: Affine, other: Affine) -> float:
    """Root mean square distance that the bone's points move between two poses, mm."""
    some = bone.points[:: max(len(bone.points) // 500, 1)] + bone.centre
    return float(np.sqrt(np.mean(np.sum(moved(one - other, some) ** 2, axis=1))))
