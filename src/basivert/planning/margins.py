"""Exact clearance of one path to every wall, on the surface itself and not on a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from basivert.anatomy.model import Vertebra, Wall
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Discs:
    """Tangent discs of a surface or of a part of it, LPS: vertices, normals (n, 3); their tree."""

    vertices: Points
    normals: Points
    tree: KDTree


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What margins of all paths in one vertebra are measured to.

    surface: all discs of its bone.  walls: those of each wall it has.  vessels: name → tree of the
    LPS points of a labelled vessel near the body.
    """

    vertebra: Vertebra
    surface: Discs
    walls: Mapping[Wall, Discs]
    vessels: Mapping[str, KDTree]


def around(vertebra: Vertebra, vessels: Mapping[str, Points]) -> Around:
    """What is around a path, made ready once; `vessels`: name → (m, 3) LPS points."""
    surface = vertebra.surface

    def discs(which: np.ndarray) -> Discs:
        vertices = surface.vertices[which]
        return Discs(vertices=vertices, normals=surface.normals[which], tree=KDTree(vertices))

    of_wall = {wall: surface.wall == int(wall) for wall in NAMES}
    return Around(
        vertebra=vertebra,
        surface=discs(np.ones(len(surface.vertices), bool)),
        walls={wall: discs(which) for wall, which in of_wall.items() if which.any()},
        vessels={name: KDTree(points) for name, points in vessels.items()},
    )


def disc_distance_mm(discs: Discs, points: Points) -> tuple[Vector, Vector, np.ndarray]:
    """Distance (n,) of points to the nearest tangent disc, height over it, and its number.

    The height is positive outside.

    Exact on smooth surface, and never further than the vertex spacing from the triangles anywhere.
    """
    vertices, normals = discs.vertices, discs.normals
    count = min(NEIGHBOURS, len(vertices))
    _, nearest = discs.tree.query(points, k=count)
    nearest = np.reshape(nearest, (len(points), count))
    away = points[:, None, :] - vertices[nearest]
    height = np.einsum("nkj,nkj->nk", away, normals[nearest])
    beside = np.sqrt(np.maximum(np.einsum("nkj,nkj->nk", away, away) - height**2, 0.0))
    distance = np.hypot(height, np.maximum(beside - DISC_MM, 0.0))
    best = np.argmin(distance, axis=1)
    rows = np.arange(len(points))
    return distance[rows, best], height[rows, best], nearest[rows, best]


def wall_distances_mm(near: Around, points: Points) -> dict[Wall, Vector]:
    """Signed distance (n,) of LPS points to each wall: positive while the wall is not crossed.

    Inside the bone every distance counts as positive. Outside, the wall nearest to the point is
    the one that was crossed, and its distance is negative.
    """
    _, height, number = disc_distance_mm(near.surface, points)
    crossed = np.where(height > 0, near.vertebra.surface.wall[number], 0)
    found = {}
    for wall, discs in near.walls.items():
        free, _, _ = disc_distance_mm(discs, points)
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
    near: Around, track: Track, passed: frozenset[Wall], instrument: Instrument
) -> tuple[Margin, ...]:
    """Smallest clearance to each wall along one path.

    Args:
        near: the vertebra whose walls are asked, and vessels.
        track: the path.
        passed: walls that the straight shaft goes through on purpose.
        instrument: for its tolerance.
    """
    vertebra = near.vertebra
    sd = margin_sd_mm(vertebra, instrument)
    centre_line = moved(vertebra.lps_from_body, track.points)
    found = []
    for wall, free in wall_distances_mm(near, centre_line).items():
        counts = track.counts & track.deployed if wall in passed else track.counts
        if counts.any():
            found.append(_margin(NAMES[wall], free - track.radius_mm, track.depth_mm, counts, sd))
    everywhere = np.ones(len(centre_line), bool)
    free = canal_distance_mm(vertebra.canal, track.points) - track.radius_mm
    found.append(_margin("canal", free, track.depth_mm, everywhere, sd))
    for name, tree in near.vessels.items():
        away = tree.query(centre_line)[0] - track.radius_mm
        found.append(_margin(name, away, track.depth_mm, everywhere, sd))
    return tuple(found)


def _margin(name: str, free: Vector, depth_mm: Vector, counts: np.ndarray, sd: float) -> Margin:
    least = int(np.argmin(np.where(counts, free, np.inf)))
    return Margin(
        wall=name,
        value_mm=normal(float(free[least]), sd, "mm", BASIS),
        at_depth_mm=float(depth_mm[least]),
    )
