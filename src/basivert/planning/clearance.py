"""Fast clearance of many paths on the vertebra's distance grid."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.anatomy.model import BoneField, Canal, Vertebra, Wall
from basivert.geometry.grids import interpolated, nearest
from basivert.instruments.model import Instrument
from basivert.planning.gates import Gate
from basivert.planning.poses import Lines

# Far from every wall: more room than any path needs, mm.
FREE_MM = 30.0
# The way through the arch before the pedicle, mm.
ARCH_MM = 26.0
# Every route starts in or beside the arch.
PASSED_BY_ALL = frozenset({Wall.ARCH})


def wall_at(field: BoneField, points: np.ndarray) -> np.ndarray:
    """(...) `Wall` of the surface nearest to body-frame points (..., 3); 0 off the grid."""
    return nearest(field.wall, field.body_from_index, points, outside=0)


def room(
    vertebra: Vertebra, points: np.ndarray, radius_mm: np.ndarray | float,
    passed: frozenset[Wall] = PASSED_BY_ALL,
) -> np.ndarray:  # fmt: skip
    """(...) clearance of a sphere at each point to the walls that count, mm; negative = through.

    Off the grid nothing is known to be bone, so the room there is that of a point far outside.

    Args:
        vertebra: whose walls are asked.
        points: (..., 3) body frame, mm.
        radius_mm: of the spheres, (...) or one for all.
        passed: walls that the instrument goes through on purpose; the arch always is.
    """
    field = vertebra.field
    distance = interpolated(field.distance_mm, field.body_from_index, points, outside=FREE_MM)
    free = -distance - radius_mm
    ignored = np.isin(wall_at(field, points), [int(wall) for wall in passed])
    return np.where(ignored, FREE_MM, free)


def canal_distance_mm(canal: Canal, points: np.ndarray) -> np.ndarray:
    """(...) signed distance of body-frame points (..., 3) to the canal, negative inside, mm.

    First order: the radial gap times the cosine of the border's slope in the plane.
    """
    z = np.clip(points[..., 2], canal.z_mm[0], canal.z_mm[-1])
    centre = np.stack(
        [np.interp(z, canal.z_mm, canal.axis_xy[:, axis]) for axis in (0, 1)], axis=-1
    )
    away = points[..., :2] - centre
    angle = np.mod(np.arctan2(away[..., 1], away[..., 0]), 2.0 * np.pi)
    step = canal.angle_rad[1] - canal.angle_rad[0]
    plane = (z - canal.z_mm[0]) / (canal.z_mm[1] - canal.z_mm[0])
    at = np.stack([plane.ravel(), (angle / step).ravel() + 1.0])
    wrapped = np.concatenate([canal.radius_mm[:, -1:], canal.radius_mm, canal.radius_mm[:, :1]], 1)
    border = map_coordinates(wrapped, at, order=1, mode="nearest").reshape(z.shape)
    slope = np.gradient(wrapped, step, axis=1)
    slope = map_coordinates(slope, at, order=1, mode="nearest").reshape(z.shape)
    cosine = 1.0 / np.sqrt(1.0 + (slope / np.maximum(border, 1e-6)) ** 2)
    over = np.maximum(np.abs(points[..., 2] - z), 0.0)
    flat = (np.linalg.norm(away, axis=-1) - border) * cosine
    return np.where(over > 0, np.hypot(np.maximum(flat, 0.0), over), flat)


def margins(vertebra: Vertebra, paths: Lines, instrument: Instrument, gate: Gate) -> np.ndarray:
    """(n,) smallest clearance of each path to any wall that counts and to the canal, mm."""
    wide = instrument.introducer_diameter_mm.value / 2
    shaft = np.minimum(
        room(vertebra, paths.shaft, wide, gate.passed).min(axis=1),
        canal_distance_mm(vertebra.canal, from_outside(paths.shaft)).min(axis=1) - wide,
    )
    curve = np.minimum(
        room(vertebra, paths.curve, paths.curve_radius_mm),
        canal_distance_mm(vertebra.canal, paths.curve) - paths.curve_radius_mm,
    )
    return np.minimum(shaft, curve.min(axis=1))


def from_outside(shaft: np.ndarray) -> np.ndarray:
    """Shafts (n, s, 3) with their way through the arch before: the canal counts there too."""
    axis = shaft[:, 1] - shaft[:, 0]
    axis = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    before = np.arange(ARCH_MM, 0.0, -2.0)
    return np.concatenate([shaft[:, :1] - before[:, None] * axis[:, None], shaft], axis=1)
