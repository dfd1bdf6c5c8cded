"""An insertion as seven numbers, and many insertions at once as centre lines.

All in the body frame. A pose row holds: offset across the isthmus along its width and its height
(mm), turn of the shaft to the midline and tilt to caudal (radians), depth of the introducer's tip
beyond the isthmus (mm), roll of the curve about the shaft (radians; 0 medial, + cranial), and
length deployed outside the introducer (mm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Pedicle, Vertebra
from basivert.arrays import Matrix, Point
from basivert.geometry.curves import arc
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.instruments.model import Instrument

WIDTH, HEIGHT, TURN, TILT, DEPTH, ROLL, DEPLOY = range(7)
CURVE_POINTS = 17
STRAIGHT_STEP_MM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approach:
    """The pedicle a path goes through, in the body frame.

    sign: +1 left, −1 right.  centre: (3,) isthmus.  width_axis, height_axis: (3,) unit; the first
    points to medial, the second to cranial.  turn, tilt: the pedicle's own axis, radians.
    behind_mm: how far behind the isthmus the pedicle's walls reach.
    """

    sign: float
    centre: Point
    width_axis: Point
    height_axis: Point
    width_mm: float
    height_mm: float
    turn: float
    tilt: float
    behind_mm: float


def approach(vertebra: Vertebra, pedicle: Pedicle, behind_mm: float) -> Approach:
    """The pedicle's isthmus as the origin of poses."""
    body_from_lps = inverse(vertebra.lps_from_body)
    centre = moved(body_from_lps, pedicle.centre)
    across = turned(body_from_lps, pedicle.width_axis)
    up = turned(body_from_lps, pedicle.height_axis)
    return Approach(
        sign=float(np.sign(centre[0])),
        centre=centre,
        width_axis=across if across[0] * centre[0] < 0 else -across,
        height_axis=up if up[2] > 0 else -up,
        width_mm=pedicle.width_mm.value,
        height_mm=pedicle.height_mm.value,
        turn=np.radians(pedicle.transverse_deg.value),
        tilt=np.radians(pedicle.sagittal_deg.value),
        behind_mm=behind_mm,
    )


def axes(turn: np.ndarray, tilt: np.ndarray, sign: float) -> np.ndarray:
    """(n, 3) unit directions inwards, body frame."""
    return np.stack(
        [-sign * np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), -np.sin(tilt)], axis=-1
    )


def bends(axis: np.ndarray, roll: np.ndarray, sign: float) -> np.ndarray:
    """(n, 3) unit directions in which the curve turns: 0 medial, + cranial."""
    medial = np.array([-sign, 0.0, 0.0])
    medial = unit(medial - np.sum(axis * medial, axis=-1, keepdims=True) * axis)
    cranial = np.cross(axis, medial)
    cranial = np.where(cranial[..., 2:] > 0, cranial, -cranial)
    return np.cos(roll)[..., None] * medial + np.sin(roll)[..., None] * cranial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Many centre lines, body frame.

    shaft: (n, s, 3) at `shaft_mm` (n, s) beyond the isthmus; curve: (n, c, 3) from the
    introducer's tip to the instrument's tip; active: (n, 2, 3) ends of the heating zone.
    """

    shaft: np.ndarray
    shaft_mm: np.ndarray
    curve: np.ndarray
    active: np.ndarray


def lines(
    poses: Matrix, way: Approach, instrument: Instrument, radius_share: np.ndarray | float = 1.0
) -> Lines:
    """Centre lines of many poses.

    Args:
        poses: (n, 7), see the module.
        radius_share: (n,) or one; factor on the curve's pre-set radius.
    """
    axis = axes(poses[:, TURN], poses[:, TILT], way.sign)
    through = (
        way.centre
        + poses[:, WIDTH, None] * way.width_axis
        + poses[:, HEIGHT, None] * way.height_axis
    )
    steps = int(np.ceil((way.behind_mm + float(poses[:, DEPTH].max())) / STRAIGHT_STEP_MM)) + 1
    share = np.linspace(0.0, 1.0, max(steps, 2))
    shaft_mm = -way.behind_mm + share * (poses[:, DEPTH, None] + way.behind_mm)
    shaft = through[:, None, :] + shaft_mm[..., None] * axis[:, None, :]
    tip = through + poses[:, DEPTH, None] * axis
    bend = bends(axis, poses[:, ROLL], way.sign)
    radius = np.broadcast_to(
        curve_radius_mm(instrument) * np.asarray(radius_share, float), len(poses)
    )

    def at(length: np.ndarray) -> np.ndarray:
        along, aside = arc(length, radius[:, None])
        return tip[:, None] + along[..., None] * axis[:, None] + aside[..., None] * bend[:, None]

    deploy = poses[:, DEPLOY, None]
    zone = np.concatenate([deploy - instrument.active_mm.value, deploy], axis=1)
    return Lines(
        shaft=shaft, shaft_mm=shaft_mm, curve=at(np.linspace(0.0, 1.0, CURVE_POINTS) * deploy),
        active=at(zone),
    )  # fmt: skip


def curve_radius_mm(instrument: Instrument) -> float:
    """Radius of the curved part, mm; infinite for straight kinds."""
    radius = instrument.curve_radius_mm.value
    return radius if radius > 0 else np.inf
