"""An insertion as eight numbers, and many insertions at once as centre lines.

All in the body frame. A pose row holds: offset across the gate along its width and its height
(mm), turn of the shaft to the midline and tilt to caudal (radians), depth of the introducer's tip
beyond the gate (mm), roll of the curve about the shaft (radians; 0 medial, + cranial), length
deployed outside the introducer (mm), and curvature of that part (1/mm; 0 straight).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix
from basivert.geometry.curves import arc
from basivert.geometry.rigid import unit
from basivert.instruments.model import Instrument
from basivert.planning.gates import Gate

WIDTH, HEIGHT, TURN, TILT, DEPTH, ROLL, DEPLOY, CURVATURE = range(8)
POSE = 8
CURVE_POINTS = 17
STRAIGHT_STEP_MM = 1.0


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


def through(poses: Matrix, gate: Gate) -> np.ndarray:
    """(n, 3) where each shaft passes the gate; poses need their first two numbers only."""
    return (
        gate.centre
        + poses[:, WIDTH, None] * gate.width_axis
        + poses[:, HEIGHT, None] * gate.height_axis
    )


def curvatures(instrument: Instrument) -> tuple[float, float]:
    """Smallest and largest curvature (1/mm) that the deployed part may take."""
    radius = instrument.curve_radius_mm.value
    largest = 1.0 / radius if radius > 0 else 0.0
    return (0.0 if instrument.kind == "articulating" else largest), largest


def curve_radii_mm(instrument: Instrument, back_mm: np.ndarray) -> np.ndarray:
    """Radius of what leaves the introducer, `back_mm` behind its tip; flared where tines spread.

    Assumes: tines open evenly over the heating zone; the envelope of all their turns counts.
    """
    thin = instrument.curve_diameter_mm.value / 2
    flare = max(instrument.tine_spread_mm.value - thin, 0.0)
    return thin + flare * np.clip(1.0 - back_mm / instrument.active_mm.value, 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Many centre lines, body frame.

    shaft: (n, s, 3) at `shaft_mm` (n, s) beyond the gate; curve: (n, c, 3) from the introducer's
    tip to the instrument's tip with its radius `curve_radius_mm` (n, c); active: (n, 2, 3) ends of
    the heating zone, tip last.
    """

    shaft: np.ndarray
    shaft_mm: np.ndarray
    curve: np.ndarray
    curve_radius_mm: np.ndarray
    active: np.ndarray


def lines(
    poses: Matrix, gate: Gate, instrument: Instrument, radius_share: np.ndarray | float = 1.0
) -> Lines:
    """Centre lines of many poses.

    Args:
        poses: (n, 8), see the module.
        gate: where the shafts pass into the body.
        instrument: what is inserted.
        radius_share: (n,) or one; factor on the curve's radius.
    """
    axis = axes(poses[:, TURN], poses[:, TILT], gate.sign)
    middle = through(poses, gate)
    deploy = poses[:, DEPLOY, None]
    out = np.linspace(0.0, 1.0, CURVE_POINTS) * deploy
    beyond = _beyond_tip(
        poses, gate, np.concatenate([out, _zone_mm(poses, instrument)], axis=1), radius_share
    )
    steps = int(np.ceil((gate.behind_mm + float(poses[:, DEPTH].max())) / STRAIGHT_STEP_MM)) + 1
    share = np.linspace(0.0, 1.0, max(steps, 2))
    shaft_mm = -gate.behind_mm + share * (poses[:, DEPTH, None] + gate.behind_mm)
    return Lines(
        shaft=middle[:, None, :] + shaft_mm[..., None] * axis[:, None, :],
        shaft_mm=shaft_mm,
        curve=beyond[:, :CURVE_POINTS],
        curve_radius_mm=curve_radii_mm(instrument, deploy - out),
        active=beyond[:, CURVE_POINTS:],
    )


def heating_zones(poses: Matrix, gate: Gate, instrument: Instrument) -> np.ndarray:
    """(n, 2, 3) ends of the heating zone of many poses, tip last."""
    return _beyond_tip(poses, gate, _zone_mm(poses, instrument), 1.0)


def _zone_mm(poses: Matrix, instrument: Instrument) -> Matrix:
    """(n, 2) where the heating zone begins and ends, length outside the introducer."""
    deploy = poses[:, DEPLOY, None]
    return np.concatenate([deploy - instrument.active_mm.value, deploy], axis=1)


def _beyond_tip(
    poses: Matrix, gate: Gate, length_mm: Matrix, radius_share: np.ndarray | float
) -> np.ndarray:
    """(n, c, 3) points of the deployed part after these lengths (n, c) outside the introducer."""
    axis = axes(poses[:, TURN], poses[:, TILT], gate.sign)
    tip = through(poses, gate) + poses[:, DEPTH, None] * axis
    bend = bends(axis, poses[:, ROLL], gate.sign)
    curvature = poses[:, CURVATURE] / np.asarray(radius_share, float)
    with np.errstate(divide="ignore"):
        radius = 1.0 / curvature[:, None]
    along, aside = arc(length_mm, radius)
    return tip[:, None] + along[..., None] * axis[:, None] + aside[..., None] * bend[:, None]
