"""Exact clearance of one path to every wall, on the surface itself and not on a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from basivert.anatomy.model import Surface, Vertebra, Wall
from basivert.arrays import Point, Points, Vector
from basivert.estimate import normal
from basivert.geometry.rigid import moved
from basivert.instruments.model import Instrument
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.model import Margin

NAMES = {
    Wall.MEDIAL: "pedicle_medial",
    Wall.LATERAL: "pedicle_lateral",
    Wall.CRANIAL: "pedicle_cranial",
    Wall.CAUDAL: "pedicle_caudal",
    Wall.POSTERIOR: "posterior_wall",
    Wall.UPPER_ENDPLATE: "upper_endplate",
    Wall.LOWER_ENDPLATE: "lower_endplate",
    Wall.ANTERIOR: "anterior_wall",
}
NEIGHBOURS = 8
DISC_MM = 0.4
BASIS = "surface position and instrument tolerance"


def disc_distance_mm(
    vertices: Points, normals: Points, points: Points
) -> tuple[Vector, Vector, np.ndarray]:
    """Distance (n,) of points to the nearest tangent disc, height over it, and its number.

    The height is positive outside.

    Exact on smooth surface, and never further than the vertex spacing from the triangles anywhere.
    """
    count = min(NEIGHBOURS, len(vertices))
    _, nearest = KDTree(vertices).query(points, k=count)
    nearest = np.reshape(nearest, (len(points), count))
    away = points[:, None, :] - vertices[nearest]
    height = np.einsum("nkj,nkj->nk", away, normals[nearest])
    beside = np.sqrt(np.maximum(np.einsum("nkj,nkj->nk", away, away) - height**2, 0.0))
    distance = np.hypot(height, np.maximum(beside - DISC_MM, 0.0))
    best = np.argmin(distance, axis=1)
    rows = np.arange(len(points))
    return distance[rows, best], height[rows, best], nearest[rows, best]


def wall_distances_mm(surface: Surface, points: Points) -> dict[Wall, Vector]:
    """Signed distance (n,) of LPS points to each wall: positive while the wall is not crossed.

    Inside the bone every distance counts as positive. Outside, the wall nearest to the point is
    the one that was crossed, and its distance is negative.
    """
    _, height, number = disc_distance_mm(surface.vertices, surface.normals, points)
    crossed = np.where(height > 0, surface.wall[number], 0)
    found = {}
    for wall in NAMES:
        chosen = surface.wall == int(wall)
        if chosen.any():
            free, _, _ = disc_distance_mm(surface.vertices[chosen], surface.normals[chosen], points)
            found[wall] = np.where(crossed == int(wall), -free, free)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One path, body frame.

    points: (n, 3) mm from bone entry to tip.  depth_mm, radius_mm: (n,).  axis: (3,) unit of the
    straight part.  entry_mm: distance from bone entry to the gate.  deployed: (n,) bool, what has
    left the introducer.  counts: (n,) bool, where walls count: before, the arch is entered.
    """

    points: Points
    depth_mm: Vector
    radius_mm: Vector
    axis: Point
    entry_mm: float
    deployed: np.ndarray
    counts: np.ndarray


def margin_sd_mm(vertebra: Vertebra, instrument: Instrument) -> float:
    """SD of every margin, mm: where the surface lies, and how thick the instrument is."""
    return float(np.hypot(vertebra.surface.sd_mm, instrument.introducer_diameter_mm.tolerance / 2))


def wall_margins(
    vertebra: Vertebra, track: Track, passed: frozenset[Wall], instrument: Instrument,
    vessels: Mapping[str, Points],
) -> tuple[Margin, ...]:  # fmt: skip
    """Smallest clearance to each wall along one path.

    Args:
        vertebra: whose walls are asked.
        track: the path.
        passed: walls that the straight shaft goes through on purpose.
        instrument: for its tolerance.
        vessels: name → (m, 3) LPS points of a labelled vessel near the body.
    """
    sd = margin_sd_mm(vertebra, instrument)
    centre_line = moved(vertebra.lps_from_body, track.points)
    found = []
    for wall, free in wall_distances_mm(vertebra.surface, centre_line).items():
        counts = track.counts & track.deployed if wall in passed else track.counts
        if counts.any():
            found.append(_margin(NAMES[wall], free - track.radius_mm, track.depth_mm, counts, sd))
    everywhere = np.ones(len(centre_line), bool)
    free = canal_distance_mm(vertebra.canal, track.points) - track.radius_mm
    found.append(_margin("canal", free, track.depth_mm, everywhere, sd))
    for name, points in vessels.items():
        away = KDTree(points).query(centre_line)[0] - track.radius_mm
        found.append(_margin(name, away, track.depth_mm, everywhere, sd))
    return tuple(found)


def _margin(name: str, free: Vector, depth_mm: Vector, counts: np.ndarray, sd: float) -> Margin:
    least = int(np.argmin(np.where(counts, free, np.inf)))
    return Margin(
        wall=name,
        value_mm=normal(float(free[least]), sd, "mm", BASIS),
        at_depth_mm=float(depth_mm[least]),
    )
