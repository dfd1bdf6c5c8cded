"""Fast clearance of many paths on the vertebra's distance grid."""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

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
    ignored = np.zeros(len(Wall) + 1, bool)
    ignored[[int(wall) for wall in passed]] = True
    return np.where(ignored[wall_at(field, points)], FREE_MM, free)


def canal_distance_mm(canal: Canal, points: np.ndarray) -> np.ndarray:
    """(...) signed distance of body-frame points (..., 3) to the canal, negative inside, mm.

    First order: the radial gap times the cosine of the border's slope in the plane.
    """
    step = float(canal.angle_rad[1] - canal.angle_rad[0])
    wrapped = np.concatenate([canal.radius_mm[:, -1:], canal.radius_mm, canal.radius_mm[:, :1]], 1)
    flat = np.ascontiguousarray(points, float).reshape(-1, 3)
    found = np.empty(len(flat))
    _to_border(
        flat, np.ascontiguousarray(canal.z_mm), np.ascontiguousarray(canal.axis_xy), step, wrapped,
        np.gradient(wrapped, step, axis=1), found,
    )  # fmt: skip
    return found.reshape(points.shape[:-1])


@njit(cache=True, nogil=True)
@no_type_check
def _to_border(
    points: np.ndarray, z_mm: np.ndarray, axis_xy: np.ndarray, step: float, radius: np.ndarray,
    slope: np.ndarray, found: np.ndarray,
) -> None:  # fmt: skip
    """The distance of points (n, 3); `radius` and `slope` have one more direction on both ends."""
    planes, directions = radius.shape
    for n in range(points.shape[0]):
        z = min(max(points[n, 2], z_mm[0]), z_mm[planes - 1])
        plane = (z - z_mm[0]) / (z_mm[1] - z_mm[0])
        i = min(int(plane), planes - 2)
        u = min(plane - i, 1.0)
        x = points[n, 0] - axis_xy[i, 0] * (1.0 - u) - axis_xy[i + 1, 0] * u
        y = points[n, 1] - axis_xy[i, 1] * (1.0 - u) - axis_xy[i + 1, 1] * u
        around = np.arctan2(y, x) % (2.0 * np.pi) / step + 1.0
        j = min(int(around), directions - 2)
        v = around - j
        a, b, c, d = (1.0 - u) * (1.0 - v), (1.0 - u) * v, u * (1.0 - v), u * v
        border = a * radius[i, j] + b * radius[i, j + 1]
        border += c * radius[i + 1, j] + d * radius[i + 1, j + 1]
        rise = a * slope[i, j] + b * slope[i, j + 1]
        rise += c * slope[i + 1, j] + d * slope[i + 1, j + 1]
        gap = (np.hypot(x, y) - border) / np.sqrt(1.0 + (rise / max(border, 1e-6)) ** 2)
        over = abs(points[n, 2] - z)
        found[n] = np.hypot(max(gap, 0.0), over) if over > 0 else gap


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
