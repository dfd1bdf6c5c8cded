"""Landmarks of one vertebra as 3-D curves, to be projected onto any picture."""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

from basivert.anatomy.model import Endplate, Pedicle, Surface, Vertebra, Wall
from basivert.arrays import Point, Points, Vector
from basivert.fluoroscopy.model import Landmarks, Way
from basivert.geometry.rigid import inverse, moved, unit

RING_POINTS = 72
LINE_POINTS = 25
# The midline is drawn this far beyond the endplates, mm.
MIDLINE_BEYOND_MM = 4.0


def landmarks(vertebra: Vertebra, way: Way) -> Landmarks:
    """The landmarks that a step sheet of one way asks for."""
    lps, wall = vertebra.lps_from_body, vertebra.posterior_wall
    reach = wall.reach_mm[1]
    z = np.linspace(reach, -reach, LINE_POINTS)
    crossing = moved(inverse(lps), point_at(way, way.depths.true_wall_mm))
    aside = np.full_like(z, crossing[0])
    tall = reach + MIDLINE_BEYOND_MM
    z_mid = np.linspace(tall, -tall, LINE_POINTS)
    zero = np.zeros_like(z_mid)
    return Landmarks(
        rims={side: _rim(pedicle) for side, pedicle in vertebra.pedicles.items()},
        upper_rim=_outline(vertebra.surface, Wall.UPPER_ENDPLATE, vertebra.upper_endplate),
        lower_rim=_outline(vertebra.surface, Wall.LOWER_ENDPLATE, vertebra.lower_endplate),
        wall_midline=wall.midline,
        wall_crossing=moved(lps, np.column_stack([aside, wall.y_mm(aside, z), z])),
        midline=moved(lps, np.column_stack([zero, wall.y_mm(zero, z_mid), z_mid])),
        canal=_canal(vertebra), hub=vertebra.target.centre,
    )  # fmt: skip


def point_at(way: Way, depth_mm: float) -> Point:
    """(3,) LPS mm: the centre line at a depth from bone entry; negative is before the bone."""
    return points_at(way, np.array([depth_mm]))[0]


def points_at(way: Way, depths_mm: Vector) -> Points:
    """(n, 3) LPS mm: the centre line at depths (n,), as `point_at`."""
    line = way.path.centre_line
    along = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    inside = np.stack([np.interp(depths_mm, along, line[:, axis]) for axis in range(3)], axis=1)
    before = line[0] + depths_mm[:, None] * way.path.axis
    return np.where(depths_mm[:, None] <= 0.0, before, inside)


def _rim(pedicle: Pedicle) -> Points:
    """The pedicle's isthmus as an ellipse of its measured width and height."""
    turn = np.linspace(0.0, 2.0 * np.pi, RING_POINTS, endpoint=False)
    return (
        pedicle.centre
        + 0.5 * pedicle.width_mm.value * np.cos(turn)[:, None] * pedicle.width_axis
        + 0.5 * pedicle.height_mm.value * np.sin(turn)[:, None] * pedicle.height_axis
    )


def _outline(surface: Surface, wall: Wall, plate: Endplate) -> Points:
    """Outermost points of an endplate, seen along its normal, laid into its rim plane."""
    points = surface.vertices[surface.wall == int(wall)]
    if len(points) < 3:
        return plate.centre[None]
    across = unit(np.cross(plate.normal, np.array([0.0, 1.0, 0.0])))
    other = np.cross(plate.normal, across)
    away = points - plate.centre
    ring = ConvexHull(np.column_stack([away @ across, away @ other])).vertices
    return points[ring] - np.outer(away[ring] @ plate.normal, plate.normal)


def _canal(vertebra: Vertebra) -> Points:
    """The canal's border at the mean height of the pedicles."""
    canal = vertebra.canal
    body = moved(
        inverse(vertebra.lps_from_body), np.array([p.centre for p in vertebra.pedicles.values()])
    )
    row = int(np.argmin(np.abs(canal.z_mm - body[:, 2].mean())))
    heading = np.column_stack([np.cos(canal.angle_rad), np.sin(canal.angle_rad)])
    xy = canal.axis_xy[row] + canal.radius_mm[row][:, None] * heading
    return moved(vertebra.lps_from_body, np.column_stack([xy, np.full(len(xy), canal.z_mm[row])]))
