"""Exact clearance of one path to every wall, on the surface itself and not on a grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from basivert.anatomy.model import Surface, Vertebra, Wall
from basivert.arrays import Points, Vector
from basivert.estimate import normal
from basivert.geometry.rigid import inverse, moved
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
    """Distance (n,) of points to the tangent discs of vertices, the height over the nearest disc
    (n,; positive outside), and its number.

    Exact on smooth surface, and never further than the vertex spacing from the triangles anywhere.
    """
    count = min(NEIGHBOURS, len(vertices))
    _, nearest = cKDTree(vertices).query(points, k=count)
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


def wall_margins(
    vertebra: Vertebra, centre_line: Points, radius_mm: Vector, depth_mm: Vector,
    counts: np.ndarray, instrument: Instrument, vessels: Mapping[str, Points],
) -> tuple[Margin, ...]:  # fmt: skip
    """Smallest clearance to each wall along one path.

    Args:
        centre_line: (n, 3) LPS mm, bone entry to tip.  radius_mm, depth_mm: (n,).
        counts: (n,) bool, from the pedicle's posterior end on: before it the arch is entered.
        vessels: name → (m, 3) LPS points of a labelled vessel near the body.
    """
    sd = float(np.hypot(vertebra.surface.sd_mm, instrument.introducer_diameter_mm.tolerance / 2))
    found = []
    for wall, free in wall_distances_mm(vertebra.surface, centre_line[counts]).items():
        found.append(_margin(NAMES[wall], free - radius_mm[counts], depth_mm[counts], sd))
    inside = moved(inverse(vertebra.lps_from_body), centre_line)
    free = canal_distance_mm(vertebra.canal, inside) - radius_mm
    found.append(_margin("canal", free, depth_mm, sd))
    for name, points in vessels.items():
        free = cKDTree(points).query(centre_line)[0] - radius_mm
        found.append(_margin(name, free, depth_mm, sd))
    return tuple(found)


def _margin(name: str, free: Vector, depth_mm: Vector, sd: float) -> Margin:
    least = int(np.argmin(free))
    return Margin(
        wall=name,
        value_mm=normal(float(free[least]), sd, "mm", BASIS),
        at_depth_mm=float(depth_mm[least]),
    )
