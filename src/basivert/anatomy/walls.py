"""Exact distances on the grid, and which wall each piece of surface belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from basivert.anatomy.model import BoneField, Pedicle, PosteriorWall, Side, Surface, Wall
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Codes, Point
from basivert.geometry.grids import grid_points
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
    index = vertex_at[nearest_true(vertex_at >= 0, spacing)]
    away = grid_points(refined.body_from_index, shape)
    away -= refined.vertices.astype(np.float32)[index]
    along = np.einsum("...i,...i", away, refined.normals.astype(np.float32)[index])
    far = np.sqrt(np.einsum("...i,...i", away, away))
    beside = np.sqrt(np.maximum(far**2 - along**2, 0.0))
    sign = np.where(refined.phi < 0, -1.0, 1.0).astype(np.float32)
    distance = np.where(beside < spacing, along, sign * far)
    return BoneField(
        body_from_index=refined.body_from_index,
        distance_mm=distance.astype(np.float32),
        wall=code[index],
        hu=refined.hu,
    )


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
