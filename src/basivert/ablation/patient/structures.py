"""What must not be heated, as points: walls, canal, dura, roots, endplates, vessels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import binary_erosion

from basivert.ablation.patient.foramina import foramina
from basivert.anatomy.model import Canal, Pedicle, Side, Vertebra, Wall
from basivert.arrays import Point, Points
from basivert.constants.model import Table
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned
from basivert.volume.model import Case

Kind = Literal["wall", "nerve", "bone", "vessel"]
"""What decides which limits hold: a wall is a landmark, bone heals, nerve and vessel do not."""

MOST_POINTS = 400
RAYS = 24
ROOT_POINTS = 12
# How far from the middle of a pedicle its outside is looked for, and in what steps.
BESIDE_MM, BESIDE_STEP_MM = 22.0, 0.2
# Vessels farther from the body's centre are not heated.
NEAR_MM = 60.0
VESSELS = (
    "aorta", "vena_cava", "iliac_artery_left", "iliac_artery_right", "iliac_vein_left",
    "iliac_vein_right",
)  # fmt: skip
WALLS = {
    "posterior_wall": (Wall.POSTERIOR, "wall"), "upper_endplate": (Wall.UPPER_ENDPLATE, "bone"),
    "lower_endplate": (Wall.LOWER_ENDPLATE, "bone"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Structure:
    """One structure at risk.  points: (n, 3) LPS mm, on its surface or along its course."""

    kind: Kind
    points: Points


def structures(vertebra: Vertebra, case: Case, layers: Table) -> Mapping[str, Structure]:
    """Name → structure, from nearest to the probe's aim outwards.

    Args:
        vertebra: its anatomy.
        case: labels, for the great vessels.
        layers: `tissue_layers`: where dura and roots are assumed.

    Assumes: each root leaves below its pedicle (root.exit); dura one epidural thickness within the
        canal's bone. Neither is seen in a CT.
    """
    found: dict[str, Structure] = {}
    surface = vertebra.surface
    for name, (wall, kind) in WALLS.items():
        points = surface.vertices[surface.wall == int(wall)]
        found[name] = Structure(kind=kind, points=_thinned(points))  # type: ignore[arg-type]
    found["outer_wall"] = Structure(kind="wall", points=_thinned(_outer_wall(vertebra)))
    sac = -layers["epidural.thickness"].value
    border = moved(vertebra.lps_from_body, _canal(vertebra.canal, 0.0))
    found["canal"] = Structure(kind="wall", points=border)
    dura = moved(vertebra.lps_from_body, _canal(vertebra.canal, sac))
    found["dura"] = Structure(kind="nerve", points=dura)
    for side, pedicle in vertebra.pedicles.items():
        points = _root(vertebra, pedicle, side, layers)
        found[f"root_{side}"] = Structure(kind="nerve", points=points)
    for name, points in foramina(vertebra).items():
        found[name] = Structure(kind="wall", points=points)
    return found | _vessels(vertebra, case)


def _outer_wall(vertebra: Vertebra) -> Points:
    """(n, 3) front and sides of the body, LPS mm: vessels and psoas lie on them."""
    surface = vertebra.surface
    around = np.isin(surface.wall, (int(Wall.ANTERIOR), int(Wall.LATERAL)))
    points = surface.vertices[around]
    body = moved(inverse(vertebra.lps_from_body), points)
    return points[body[:, 1] < vertebra.posterior_wall.y_mm(body[:, 0], body[:, 2])]


def _thinned(points: Points) -> Points:
    """At most `MOST_POINTS`, evenly through the list."""
    count = min(len(points), MOST_POINTS)
    return points[np.linspace(0, len(points) - 1, count).astype(int)]


def _canal(canal: Canal, offset_mm: float) -> Points:
    """(n, 3) ring points in the body frame, moved outwards by `offset_mm`."""
    rays = np.arange(0, len(canal.angle_rad), max(1, len(canal.angle_rad) // RAYS))
    levels = np.arange(0, len(canal.z_mm), 2)
    angle = canal.angle_rad[rays]
    radius = np.maximum(canal.radius_mm[np.ix_(levels, rays)] + offset_mm, 0.5)
    x = canal.axis_xy[levels, :1] + radius * np.cos(angle)
    y = canal.axis_xy[levels, 1:] + radius * np.sin(angle)
    z = np.broadcast_to(canal.z_mm[levels, None], x.shape)
    return np.stack([x, y, z], axis=-1).reshape(-1, 3)


def _root(vertebra: Vertebra, pedicle: Pedicle, side: Side, layers: Table) -> Points:
    """(n, 3) course of the root that leaves below this pedicle, LPS mm, medial to lateral.

    Down along the pedicle's medial wall, under it, and outwards, each as far from the bone as the
    table says.
    """
    body_from_lps = inverse(vertebra.lps_from_body)
    centre = moved(body_from_lps, pedicle.centre)
    up = turned(body_from_lps, pedicle.height_axis)
    up = up if up[2] > 0 else -up
    outwards = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
    gap, half = layers["root.below_pedicle"].value, layers["root.length"].value / 2
    medial = _beside(vertebra, centre, -outwards, gap)
    under = _beside(vertebra, centre, -up, gap)
    corner = under + ((medial - centre) @ outwards) * outwards
    way = np.stack([medial, corner, under + half * outwards - 0.3 * half * np.array([0, 0, 1.0])])
    share = np.linspace(0.0, 2.0, ROOT_POINTS)
    course = np.stack([np.interp(share, [0, 1, 2], way[:, n]) for n in range(3)], axis=1)
    return moved(vertebra.lps_from_body, course)


def _beside(vertebra: Vertebra, start: Point, direction: Point, gap_mm: float) -> Point:
    """First point from `start` along `direction` that is `gap_mm` off the bone, body frame."""
    field = vertebra.field
    steps = start + np.arange(0.0, BESIDE_MM, BESIDE_STEP_MM)[:, None] * direction
    away = interpolated(field.distance_mm, field.body_from_index, steps, outside=BESIDE_MM)
    return steps[int(np.argmax(away >= gap_mm))] if np.any(away >= gap_mm) else steps[-1]


def _vessels(vertebra: Vertebra, case: Case) -> dict[str, Structure]:
    """Surface voxels of labelled great vessels near the body."""
    found: dict[str, Structure] = {}
    origin = vertebra.lps_from_body[:3, 3]
    for name in VESSELS:
        if case.labels.code_of.get(name) not in case.labels.pieces:
            continue
        box = case.labels.pieces[case.labels.code_of[name]].box
        mask = case.labels.volume.values[box] == case.labels.code_of[name]
        inner = np.asarray(binary_erosion(mask), bool)
        at = np.argwhere(mask & ~inner) + [part.start for part in box]
        points = moved(case.labels.volume.lps_from_index, at.astype(float))
        points = points[np.linalg.norm(points - origin, axis=1) < NEAR_MM]
        if len(points):
            found[name] = Structure(kind="vessel", points=_thinned(points))
    return found
