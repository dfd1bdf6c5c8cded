"""Meshes of the three-dimensional view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage.measure import marching_cubes

from basivert.anatomy.model import Vertebra
from basivert.arrays import Points
from basivert.geometry.rigid import moved
from basivert.planning.model import Plan
from basivert.report.model import Scene

# Every third voxel of the distance grid: the page stays small and the shape stays readable.
SCENE_STEP = 3


def scene(vertebra: Vertebra, plans: Sequence[Plan]) -> Scene:
    """Bone, canal, target and the paths of the given plans."""
    return bone_scene(vertebra, [(plan.side, plan.path.centre_line) for plan in plans])


def bone_scene(vertebra: Vertebra, paths: Sequence[tuple[str, Points]]) -> Scene:
    """Bone, canal, target and named lines (n, 3), LPS mm."""
    field = vertebra.field
    vertices, faces, _, _ = marching_cubes(field.distance_mm.copy(), 0.0, step_size=SCENE_STEP)
    bone = moved(vertebra.lps_from_body, moved(field.body_from_index, vertices))
    return Scene(
        bone=(bone, faces), canal=canal_mesh(vertebra),
        paths=tuple(paths),
        target=vertebra.target.centre,
    )  # fmt: skip


def canal_mesh(vertebra: Vertebra) -> tuple[np.ndarray, np.ndarray]:
    """The canal's border as vertices (n, 3) LPS mm and faces (m, 3)."""
    canal = vertebra.canal
    planes, angles = canal.radius_mm.shape
    heading = np.stack([np.cos(canal.angle_rad), np.sin(canal.angle_rad)], axis=1)
    xy = canal.axis_xy[:, None, :] + canal.radius_mm[..., None] * heading[None]
    z = np.broadcast_to(canal.z_mm[:, None, None], (planes, angles, 1))
    vertices = moved(vertebra.lps_from_body, np.concatenate([xy, z], axis=2).reshape(-1, 3))
    row, column = np.meshgrid(np.arange(planes - 1), np.arange(angles), indexing="ij")
    a = (row * angles + column).ravel()
    b = (row * angles + (column + 1) % angles).ravel()
    faces = np.concatenate([
        np.stack([a, b, a + angles], axis=1), np.stack([b, b + angles, a + angles], axis=1)
    ])  # fmt: skip
    return vertices, faces
