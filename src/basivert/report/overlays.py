"""What is drawn over a slice: outlines, target, instrument true to size, margins."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree
from skimage.measure import find_contours

from basivert.anatomy.model import Foramen, Vertebra
from basivert.anatomy.target import density
from basivert.arrays import Matrix, Points, Vector
from basivert.constants.model import Table
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.margins import NAMES
from basivert.planning.model import Path, Plan
from basivert.report.cards import margin_grade
from basivert.report.model import Grade, Shape, Style
from basivert.report.planes import Plane
from basivert.report.scene import canal_mesh

DENSITY_SHARES = (0.6065, 0.1353)  # one and two standard deviations of a normal peak
# Wall this near to a cut belongs to it; room larger than this needs no number, mm.
LEADER_OFF_MM = 1.0
LEADERS_APART_MM = 3.5
LEADER_LARGEST_MM = 8.0
LEAST_CONTOUR = 8


def outlines(vertebra: Vertebra, plane: Plane, step: float) -> list[Shape]:
    """Bone, canal and the hub's density where the plane cuts them; `step` mm between samples."""
    points = plane.grid(step)
    bone = interpolated(
        vertebra.field.distance_mm, vertebra.field.body_from_index, points, outside=20.0
    )
    canal = canal_distance_mm(vertebra.canal, points)
    hub = density(vertebra.target, moved(vertebra.lps_from_body, points))
    shapes = [*_contours(bone, 0.0, step, "bone"), *_contours(canal, 0.0, step, "canal")]
    peak = float(density(vertebra.target, vertebra.target.means).max())
    for share in DENSITY_SHARES:
        shapes += _contours(hub, share * peak, step, "target")
    return shapes


def _contours(field: np.ndarray, level: float, step: float, style: Style) -> list[Shape]:
    return [
        Shape(points=(line[:, ::-1] + 0.5) * step, style=style, closed=False)
        for line in find_contours(field, level)
        if len(line) > LEAST_CONTOUR
    ]


def marks(vertebra: Vertebra, plane: Plane) -> list[Shape]:
    """Foramen openings and, in the mid-sagittal plane, the published windows."""
    body_from_lps = inverse(vertebra.lps_from_body)
    shapes = []
    if isinstance(vertebra.foramen, Foramen):
        openings = moved(body_from_lps, vertebra.foramen.openings)
        for opening in openings[plane.off(openings) < 4.0]:
            cross = plane.flat(opening[None])[0]
            arms = np.array([[-1.5, 0], [1.5, 0], [0, 0], [0, -1.5], [0, 1.5]])
            shapes.append(Shape(points=cross + arms, style="foramen", closed=False,
                                label="foramen"))  # fmt: skip
    if abs(plane.right[1]) > 0.99:
        for number, window in enumerate(vertebra.target.windows):
            ends = plane.flat(moved(body_from_lps, window.points))
            if np.ptp(ends[:, 0]) < 0.5:
                ends = ends + np.array([[-0.6, 0.0], [0.6, 0.0]])
            ends = ends + np.array([0.0, 3.2 * (number - 1)])
            shapes.append(Shape(points=ends, style="window", closed=False, label=window.name))
    return shapes


def instrument(vertebra: Vertebra, plane: Plane, path: Path) -> list[Shape]:
    """Outline true to size; dashed where the instrument is out of the plane by its radius."""
    body = moved(inverse(vertebra.lps_from_body), path.centre_line)
    flat, off = plane.flat(body), plane.off(body)
    if plane.faces(turned(inverse(vertebra.lps_from_body), path.axis)):
        return [_cross_section(plane, body, path)]
    start = int(np.argmin(np.linalg.norm(path.centre_line - path.curve_start, axis=1)))
    zone = int(np.argmin(np.linalg.norm(path.centre_line - path.active[0], axis=1)))
    parts: tuple[tuple[slice, Style, str], ...] = (
        (slice(0, start + 1), "shaft", ""),
        (slice(start + 1, len(flat)), "shaft", ""),
        (slice(zone, len(flat)), "active", "heating zone"),
    )
    return [
        Shape(points=band(flat[part], path.radius_mm[part]), style=style, closed=True,
              label=label, dashed=bool(np.median(off[part] - path.radius_mm[part]) > 0))
        for part, style, label in parts if len(flat[part]) > 1
    ]  # fmt: skip


def leaders(vertebra: Vertebra, plane: Plane, plan: Plan, thresholds: Table) -> list[Shape]:
    """Lines from the instrument's surface to each wall as this cut shows it, with the distance.

    Never shorter than the margin of that wall, which counts in every direction. A cut that the
    path leaves has none. Of lines that end at one place the shortest is drawn: canal and medial
    wall are often the same bone.
    """
    body = moved(inverse(vertebra.lps_from_body), plan.path.centre_line)
    across = plane.faces(turned(inverse(vertebra.lps_from_body), plan.path.axis))
    if not across and plane.off(body).max() > LEADER_OFF_MM:
        return []
    depth = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(body, axis=0), axis=1))]
    # Before the pedicle the arch is entered and walls do not count.
    part = depth >= plan.depths.isthmus_mm
    if across:
        part = np.arange(len(body)) == int(np.argmin(plane.off(body)))
    drawn: list[Shape] = []
    for margin in plan.margins:
        if across and not margin.wall.startswith("pedicle"):
            continue
        wall = _wall_points(vertebra, margin.wall)
        near = wall[plane.off(wall) < LEADER_OFF_MM] if len(wall) else wall
        if len(near):
            drawn += _leader(plane, body[part], plan.path.radius_mm[part], near,
                             margin_grade(margin, thresholds))  # fmt: skip
    drawn.sort(key=lambda leader: float(np.linalg.norm(np.diff(leader.points, axis=0))))
    kept: list[Shape] = []
    for leader in drawn:
        gaps = [np.linalg.norm(leader.points[1] - other.points[1]) for other in kept]
        if all(gap > LEADERS_APART_MM for gap in gaps):
            kept.append(leader)
    return kept


def _leader(
    plane: Plane, centre: Points, radius: Vector, wall: Points, grade: Grade
) -> list[Shape]:
    away, number = KDTree(wall).query(centre)
    least = int(np.argmin(away - radius))
    free = float(away[least] - radius[least])
    if not 0.0 < free < LEADER_LARGEST_MM:
        return []
    end = wall[np.asarray(number)[least]]
    start = centre[least] + radius[least] * unit(end - centre[least])
    return [Shape(points=plane.flat(np.array([start, end])), closed=False, label=f"{free:.1f}",
                  style=grade)]  # fmt: skip


def _wall_points(vertebra: Vertebra, name: str) -> np.ndarray:
    """(n, 3) points of the wall that a margin is named after, body frame; none for vessels."""
    if name == "canal":
        points = canal_mesh(vertebra)[0]
    else:
        codes = [int(wall) for wall, wall_name in NAMES.items() if wall_name == name]
        points = vertebra.surface.vertices[np.isin(vertebra.surface.wall, codes)]
    return moved(inverse(vertebra.lps_from_body), points)


def band(line: Matrix, radius: np.ndarray) -> Matrix:
    """Closed outline of a line with thickness in the picture's plane."""
    way = np.gradient(line, axis=0)
    length = np.linalg.norm(way, axis=1, keepdims=True)
    aside = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(length, 1e-6)
    edge = aside * radius[:, None]
    return np.concatenate([line + edge, (line - edge)[::-1]])


def _cross_section(plane: Plane, body: np.ndarray, path: Path) -> Shape:
    nearest = int(np.argmin(plane.off(body)))
    turn = np.linspace(0.0, 2.0 * np.pi, 40)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * path.radius_mm[nearest]
    return Shape(points=plane.flat(body[nearest][None])[0] + circle, style="instrument",
                 closed=True, label="instrument")  # fmt: skip
