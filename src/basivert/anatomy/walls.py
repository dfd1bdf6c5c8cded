"""Exact distances on the grid, and which wall each piece of surface belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import no_type_check

import numpy as np
from numba import njit

from basivert.anatomy.model import BoneField, Pedicle, PosteriorWall, Side, Surface, Wall
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Codes, Point
from basivert.geometry.morphology import nearest_true
from basivert.geometry.rigid import inverse, moved, turned

# Endplate surface: this close to the plate's height (share of half height) and facing along z.
PLATE_SHARE, PLATE_FACING = 0.6, 0.6
# The pedicle's walls reach this far to both sides of the isthmus, mm along its axis.
PEDICLE_BEHIND_MM = 6.0
# The wall's own fit ends here; behind it the surface belongs to pedicle or arch.
WALL_BAND_MM = 2.5


def classified(
    refined: Refined, wall: PosteriorWall, half_mm: Point, pedicles: Mapping[Side, Pedicle],
    lps_from_body: Affine,
) -> Codes:  # fmt: skip
    """(n,) `Wall` of each vertex of the refined surface."""
    v, n = refined.vertices, refined.normals
    code = np.full(len(v), int(Wall.ARCH))
    behind = v[:, 1] - wall.y_mm(v[:, 0], v[:, 2])
    body = behind < WALL_BAND_MM
    code[body] = int(Wall.LATERAL)
    code[body & (n[:, 1] < -0.5) & (v[:, 1] < 0)] = int(Wall.ANTERIOR)
    code[body & (n[:, 1] > 0.5) & (behind > -4.0)] = int(Wall.POSTERIOR)
    high = np.abs(v[:, 2]) > PLATE_SHARE * half_mm[2]
    code[body & high & (n[:, 2] > PLATE_FACING) & (v[:, 2] > 0)] = int(Wall.UPPER_ENDPLATE)
    code[body & high & (n[:, 2] < -PLATE_FACING) & (v[:, 2] < 0)] = int(Wall.LOWER_ENDPLATE)
    for pedicle in pedicles.values():
        _mark_pedicle(code, v, n, behind, pedicle, inverse(lps_from_body))
    return code.astype(np.uint8)


def _mark_pedicle(
    code: Codes, v: np.ndarray, n: np.ndarray, behind: np.ndarray, pedicle: Pedicle,
    body_from_lps: Affine,
) -> None:  # fmt: skip
    """Overwrite the codes of one pedicle's surface by the direction it faces."""
    centre = moved(body_from_lps, pedicle.centre)
    axis, across, up = (
        turned(body_from_lps, a) for a in (pedicle.axis, pedicle.width_axis, pedicle.height_axis)
    )
    medial = across if across[0] * centre[0] < 0 else -across
    cranial = up if up[2] > 0 else -up
    away = v - centre
    reach = max(pedicle.width_mm.value, pedicle.height_mm.value)
    near = (away @ axis > -PEDICLE_BEHIND_MM) & (np.linalg.norm(away - np.outer(away @ axis, axis),
                                                                axis=1) < reach)  # fmt: skip
    near &= (behind > WALL_BAND_MM * 0.5) & (v[:, 0] * centre[0] > 0)
    to_medial, to_cranial = n @ medial, n @ cranial
    sideways = np.abs(to_medial) > np.abs(to_cranial)
    code[near & sideways & (to_medial > 0)] = int(Wall.MEDIAL)
    code[near & sideways & (to_medial <= 0)] = int(Wall.LATERAL)
    code[near & ~sideways & (to_cranial > 0)] = int(Wall.CRANIAL)
    code[near & ~sideways & (to_cranial <= 0)] = int(Wall.CAUDAL)


def fields(refined: Refined, code: Codes) -> BoneField:
    """Signed distance, nearest wall and HU on the refined grid.

    The nearest surface voxel comes from a distance transform; the distance to the surface point
    inside it is then exact, so the result is not quantised to the grid.
    """
    shape = refined.phi.shape
    spacing = float(np.linalg.norm(refined.body_from_index[:3, 0]))
    at = np.round(moved(inverse(refined.body_from_index), refined.vertices)).astype(int)
    at = np.clip(at, 0, np.array(shape) - 1)
    vertex_at = np.full(shape, -1, np.int32)
    vertex_at[tuple(at.T)] = np.arange(len(at))
    distance = np.empty(shape, np.float32)
    nearest_wall = np.empty(shape, np.uint8)
    _fill(
        vertex_at.ravel(), nearest_true(vertex_at >= 0, spacing), refined.phi,
        refined.body_from_index, spacing, refined.vertices, refined.normals, code, distance,
        nearest_wall,
    )  # fmt: skip
    return BoneField(
        body_from_index=refined.body_from_index,
        distance_mm=distance,
        wall=nearest_wall,
        hu=refined.hu,
    )


@njit(cache=True, nogil=True)
@no_type_check
def _fill(
    vertex_at: np.ndarray, site: np.ndarray, phi: np.ndarray, m: np.ndarray, spacing: float,
    vertices: np.ndarray, normals: np.ndarray, code: np.ndarray, distance: np.ndarray,
    wall: np.ndarray,
) -> None:  # fmt: skip
    """Distance to the vertex in each voxel's nearest surface voxel, and that vertex's wall."""
    for i in range(phi.shape[0]):
        for j in range(phi.shape[1]):
            for k in range(phi.shape[2]):
                vertex = vertex_at[site[i, j, k]]
                along, square = 0.0, 0.0
                for axis in range(3):
                    away = m[axis, 3] + m[axis, 0] * i + m[axis, 1] * j + m[axis, 2] * k
                    away -= vertices[vertex, axis]
                    along += away * normals[vertex, axis]
                    square += away * away
                if square - along * along < spacing * spacing:
                    distance[i, j, k] = along
                else:
                    distance[i, j, k] = -np.sqrt(square) if phi[i, j, k] < 0 else np.sqrt(square)
                wall[i, j, k] = code[vertex]


def lps_surface(refined: Refined, code: Codes, lps_from_body: Affine) -> Surface:
    """The refined surface in LPS with its walls."""
    return Surface(
        vertices=moved(lps_from_body, refined.vertices),
        faces=refined.faces.astype(np.int64),
        normals=turned(lps_from_body, refined.normals),
        wall=code.astype(np.int64),
        sd_mm=refined.sd_mm,
        refined_fraction=refined.refined_fraction,
    )
