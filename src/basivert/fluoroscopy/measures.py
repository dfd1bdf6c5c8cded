"""Distances on a picture, divided by the magnification at a stated depth.

All of them are taken on the detector's plane between projected points and then brought to life size
at the depth of the tip (`CArm.scale`).
"""

from __future__ import annotations

import numpy as np

from basivert.arrays import Matrix, Point, Points, Vector
from basivert.fluoroscopy.carm import CArm
from basivert.geometry.rigid import unit


def flat_mm(carm: CArm, points: Points) -> Matrix:
    """(n, 2) mm on the detector, across and down, from its first pixel's centre."""
    pitch = carm.detector.pitch_mm
    return carm.pixel(points) * np.array([pitch[1], pitch[0]])


def scale_at(carm: CArm, point: Point) -> float:
    """Millimetres at the depth of a point that one mm on the detector stands for."""
    return float(carm.scale(point[None])[0])


def beside_line_mm(carm: CArm, points: Points, line: Points, toward: Point, at: Point) -> Vector:
    """(n,) distance of points from a line on the picture, mm at the depth of `at`.

    Args:
        carm: the view.
        points: (n, 3) LPS mm.
        line: (m, 3) LPS mm, a nearly straight landmark; it goes on straight beyond its ends.
        toward: (3,) LPS direction that counts as positive.
        at: (3,) LPS mm, the depth at which the picture is read.
    """
    flat, drawn = flat_mm(carm, points), flat_mm(carm, line)
    way = unit(drawn[-1] - drawn[0])
    normal = np.array([-way[1], way[0]])
    middle = line[len(line) // 2]
    ahead = flat_mm(carm, np.stack([middle, middle + toward]))
    normal = normal if (ahead[1] - ahead[0]) @ normal > 0 else -normal
    order = np.argsort(drawn @ way)
    there = np.interp(flat @ way, (drawn @ way)[order], (drawn @ normal)[order])
    return (flat @ normal - there) * scale_at(carm, at)


def inside_ring_mm(carm: CArm, point: Point, ring: Points) -> float:
    """Distance of a point inside a closed ring from its edge on the picture, negative outside.

    In mm at the depth of the point.
    """
    flat, edge = flat_mm(carm, point[None])[0], flat_mm(carm, ring)
    start, end = edge, np.roll(edge, -1, axis=0)
    way = end - start
    share = np.clip(np.sum((flat - start) * way, axis=1) / np.sum(way * way, axis=1), 0.0, 1.0)
    away = float(np.linalg.norm(start + share[:, None] * way - flat, axis=1).min())
    turn = np.unwrap(np.arctan2(*(np.vstack([edge, edge[:1]]) - flat).T))
    inside = abs(turn[-1] - turn[0]) > np.pi
    return (away if inside else -away) * scale_at(carm, point)
