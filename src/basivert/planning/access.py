"""The way from the skin to the gate: other bone in it, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points, Vector
from basivert.constants.model import Table
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import moved
from basivert.volume.model import Volume

SKIN_REACH_MM = 250.0
STEP_MM = 0.5
# Many lines at once are looked at more coarsely.
COARSE_STEP_MM = 2.0
# Air this thick is outside the patient; bowel gas and lung lie in front.
SKIN_AIR_MM = 4.0
# Other bone thinner than this is partial volume; nearer than this it is the vertebra itself.
BONE_RUN_MM = 2.0
CLEAR_OF_BONE_MM = 1.5
OUTSIDE_HU = -3000.0
# Padding of a reconstruction circle is flat and at least this low; nobody measured there.
PADDING_HU = -1023.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Access:
    """Many straight ways out to the skin.

    skin_mm: (n,) distance from the start to the skin, NaN where the scan ends first.
    bone_mm: (n,) distance from the start to the first other bone, infinite where there is none.
    """

    skin_mm: Vector
    bone_mm: Vector


def access(
    ct: Volume, vertebra: Vertebra, starts: Points, axis: Points, thresholds: Table,
    step_mm: float = COARSE_STEP_MM,
) -> Access:  # fmt: skip
    """What lies between the starts of straight shafts and the skin.

    Args:
        ct: the scan, HU.
        vertebra: whose own bone does not count.
        starts: (n, 3) body frame, mm.
        axis: (n, 3) unit, inwards, body frame.
        thresholds: rows `route.air` and `route.bone`.
        step_mm: between two looks along a line.
    """
    t = np.arange(0.0, SKIN_REACH_MM, step_mm)
    inside = starts[:, None] - t[None, :, None] * axis[:, None]
    hu = _hu(ct, moved(vertebra.lps_from_body, inside))
    air = _runs(hu < thresholds["route.air"].value, int(np.ceil(SKIN_AIR_MM / step_mm)))
    first = np.where(air.any(axis=1), np.argmax(air, axis=1), len(t) - 1)
    seen = air.any(axis=1) & (first > 1) & ~_padding(hu, first)
    field = vertebra.field
    own = interpolated(field.distance_mm, field.body_from_index, inside, outside=20.0)
    foreign = (hu > thresholds["route.bone"].value) & (own > CLEAR_OF_BONE_MM)
    foreign &= np.arange(len(t)) < first[:, None]
    met = _runs(foreign, int(np.ceil(BONE_RUN_MM / step_mm)))
    return Access(
        skin_mm=np.where(seen, t[first], np.nan),
        bone_mm=np.where(met.any(axis=1), t[np.argmax(met, axis=1)], np.inf),
    )


def skin_point(access_: Access, number: int, start: Point, axis: Point) -> Point | None:
    """(3,) where line `number` leaves the skin, or None where the scan ends before."""
    far = access_.skin_mm[number]
    return None if np.isnan(far) else start - far * axis


def _hu(ct: Volume, points: np.ndarray) -> np.ndarray:
    return interpolated(ct.values, ct.lps_from_index, points, outside=OUTSIDE_HU)


def _padding(hu: np.ndarray, first: np.ndarray) -> np.ndarray:
    """(n,) whether what begins at `first` is the scan's border or padding, not air."""
    beyond = np.minimum(first[:, None] + np.arange(1, 3), hu.shape[1] - 1)
    values = np.take_along_axis(hu, beyond, axis=1)
    return (values <= PADDING_HU).all(axis=1) & (np.ptp(values, axis=1) < 0.5)


def _runs(found: np.ndarray, length: int) -> np.ndarray:
    """(n, t) where `length` true values in a row begin."""
    run = found.copy()
    for ahead in range(1, length):
        run[:, :-ahead] &= found[:, ahead:]
        run[:, -ahead:] = False
    return run
