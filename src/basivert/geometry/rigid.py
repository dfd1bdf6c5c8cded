"""Affines and rigid motions in millimetres."""

from __future__ import annotations

import math

import numpy as np

from basivert.arrays import Affine, Matrix, Point


def moved(affine: Affine, points: np.ndarray) -> np.ndarray:
    """Points (..., 3) brought through a 4×4 affine; shape kept, units those of the affine."""
    return points @ affine[:3, :3].T + affine[:3, 3]


def turned(affine: Affine, directions: np.ndarray) -> np.ndarray:
    """Directions (..., 3) through the affine's linear part only; not normalised."""
    return directions @ affine[:3, :3].T


def turning(vector: np.ndarray) -> Matrix:
    """(3, 3) turn about a vector (3,) by its length in radians, right-handed (Rodrigues).

    For loops that turn thousands of times; elsewhere SciPy's Rotation says more.
    """
    angle = float(np.linalg.norm(vector))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = (float(one) / angle for one in vector)
    sine, cosine = math.sin(angle), math.cos(angle)
    rest = 1.0 - cosine
    return np.array([
        [rest * x * x + cosine, rest * x * y - sine * z, rest * x * z + sine * y],
        [rest * x * y + sine * z, rest * y * y + cosine, rest * y * z - sine * x],
        [rest * x * z - sine * y, rest * y * z + sine * x, rest * z * z + cosine],
    ])  # fmt: skip


def inverse(affine: Affine) -> Affine:
    """The opposite affine: `inverse(lps_from_body)` is `body_from_lps`."""
    return np.linalg.inv(affine)


def frame(x: Point, y: Point, z: Point, origin: Point) -> Affine:
    """4×4 affine whose columns are the axes x, y, z and the origin, all in the outer frame."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2], affine[:3, 3] = x, y, z, origin
    return affine


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector(s) (..., 3) scaled to length one."""
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def right_handed(x: Point, z: Point, origin: Point) -> Affine:
    """Frame with exactly this x, z made orthogonal to it, and y = z × x."""
    x = unit(x)
    z = unit(z - (z @ x) * x)
    return frame(x, np.cross(z, x), z, origin)


def turn_deg(one: Affine, other: Affine) -> float:
    """Angle of the turn from one pose to another, 0–180."""
    cosine = 0.5 * (np.trace(one[:3, :3] @ other[:3, :3].T) - 1.0)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
