"""First frame of a vertebra from its label alone: where the body is and which way it faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import least_squares

from basivert.arrays import Affine, Grid, Mask, Point
from basivert.geometry.fit import plane_over_xy
from basivert.geometry.grids import interpolated
from basivert.geometry.morphology import depth_mm, pieces
from basivert.geometry.rigid import inverse, moved, right_handed, unit

# Share of the largest inscribed radius that still belongs to the body and not to a pedicle: an L5
# pedicle's inscribed radius is about half of its body's (domain.md 2.2).
CORE_SHARE = 0.62
# Endplate columns are read inside this share of the body's half extents, away from the rim.
INNER_SHARE = 0.7
FRAME_ROUNDS = 4
# Half of the strip, as a share of the half width, that gives the body's depth; and its percentiles.
MIDLINE_SHARE, MIDLINE_PERCENT = 0.25, (5.0, 95.0)
# From neighbours further than this off the scan's own axis the direction is tried both ways.
DOUBTFUL_DEG = 40.0
COARSE_MM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rough:
    """Body frame from the label.

    lps_from_body: origin at the body's centre.
    half_mm: (3,) half extents of the body along x, y, z.
    symmetry_residual_mm: rms distance of the bone to its mirror image.
    """

    lps_from_body: Affine
    half_mm: Point
    symmetry_residual_mm: float


def body_core(mask: Mask, spacing_mm: np.ndarray) -> Mask:
    """Voxels of the vertebral body: what survives an opening too wide for pedicles and arch."""
    depth = depth_mm(mask, spacing_mm)
    core = depth > CORE_SHARE * depth.max()
    parts, _ = pieces(core)
    core = parts == parts[np.unravel_index(np.argmax(depth), depth.shape)]
    reach = depth_mm(~core, spacing_mm)
    return mask & (reach <= CORE_SHARE * depth.max())


def rough_frame(
    distance_mm: Grid, lps_from_index: Affine, cranial: Point, *, upper_only: bool = False
) -> Rough:
    """Frame of the vertebra whose label has this signed distance.

    Args:
        distance_mm: (i, j, k) signed distance to the label's border, negative inside, uniform grid.
        lps_from_index: of that grid.
        cranial: (3,) rough cranial direction, LPS (along the spine).
        upper_only: whether z is square to the upper endplate alone (S1 has no lower one), and not
            to the mean of both.
    """
    mask = distance_mm < 0
    spacing = np.linalg.norm(lps_from_index[:3, :3], axis=0)
    body = body_core(mask, spacing)
    inside = moved(lps_from_index, np.argwhere(body).astype(float))
    arch = moved(lps_from_index, np.argwhere(mask & ~body).astype(float))
    posterior = arch.mean(axis=0) - inside.mean(axis=0)
    tries = [_framed(inside, posterior, unit(cranial), upper_only)]
    if unit(cranial)[2] < np.cos(np.radians(DOUBTFUL_DEG)):
        # A neighbour's label may be broken: then the scan's own axis leads to flatter plates.
        tries.append(_framed(inside, posterior, np.array([0.0, 0.0, 1.0]), upper_only))
    start, half, _ = min(tries, key=lambda found: found[2])
    return _mirrored(distance_mm, lps_from_index, start, half)


def _framed(
    inside: np.ndarray, posterior: Point, cranial: Point, upper_only: bool
) -> tuple[Affine, Point, float]:
    """Frame, half extents and roughness of the plates, mm, from a first cranial direction."""
    centre, half, rough_mm = inside.mean(axis=0), np.zeros(3), 0.0
    for _ in range(FRAME_ROUNDS):
        lps_from_body = right_handed(np.cross(posterior, cranial), cranial, centre)
        centre, cranial, half, rough_mm = _settled(
            moved(inverse(lps_from_body), inside), lps_from_body, upper_only
        )
    return right_handed(np.cross(posterior, cranial), cranial, centre), half, rough_mm


def _settled(
    body: np.ndarray, lps_from_body: Affine, upper_only: bool
) -> tuple[Point, Point, Point, float]:
    """Centre (LPS), cranial axis (LPS), half extents and plate roughness from body points."""
    low, high = np.percentile(body, [2, 98], axis=0)
    # Broad pedicles pass for body, but not in the midline: there the canal lies behind it.
    aside = np.abs(body[:, 0] - (low[0] + high[0]) / 2)
    between = body[aside < MIDLINE_SHARE * (high[0] - low[0]) / 2, 1]
    low[1], high[1] = np.percentile(between, MIDLINE_PERCENT)
    middle, half = (low + high) / 2, (high - low) / 2
    inner = ((body[:, :2] - middle[:2]) / (half[:2] * INNER_SHARE)) ** 2
    columns = body[inner.sum(axis=1) < 1.0]
    keys = np.round(columns[:, :2] / (2 * COARSE_MM)).astype(int)
    keys -= keys.min(axis=0)
    # One number a column; those without points are left out.
    key = keys[:, 0] * (keys[:, 1].max() + 1) + keys[:, 1]
    column_of = (np.cumsum(np.bincount(key) > 0) - 1)[key]
    xy = _mean_by(columns[:, :2], column_of)
    top = ndimage.maximum(columns[:, 2], column_of, np.arange(len(xy)))
    bottom = ndimage.minimum(columns[:, 2], column_of, np.arange(len(xy)))
    upper = plane_over_xy(np.column_stack([xy, top]), 1.0)
    lower = plane_over_xy(np.column_stack([xy, bottom]), 1.0)
    slope = np.array(upper.slope)
    if not upper_only:
        slope = (slope + np.array(lower.slope)) / 2
    cranial = lps_from_body[:3, :3] @ unit(np.array([-slope[0], -slope[1], 1.0]))
    middle[2] = (upper.offset + lower.offset) / 2 + slope @ middle[:2]
    return moved(lps_from_body, middle), cranial, half, upper.residual_mm + lower.residual_mm


def _mean_by(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    count = np.bincount(group)
    return np.column_stack([np.bincount(group, column) / count for column in values.T])


def _mirrored(distance_mm: Grid, lps_from_index: Affine, start: Affine, half: Point) -> Rough:
    """Turn the frame until the bone equals its mirror image in the plane x = 0."""
    shell = np.argwhere(np.abs(distance_mm) < 0.5 * COARSE_MM)[::7]
    points = moved(inverse(start), moved(lps_from_index, shell.astype(float)))

    def misfit(motion: np.ndarray) -> np.ndarray:
        normal = unit(np.array([1.0, motion[1], motion[2]]))
        image = points - 2.0 * ((points @ normal) - motion[0])[:, None] * normal
        return interpolated(distance_mm, lps_from_index, moved(start, image), outside=10.0).astype(
            float
        )

    best = least_squares(
        misfit, np.zeros(3), loss="soft_l1", x_scale=[1.0, 0.05, 0.05], diff_step=1e-2, max_nfev=30
    )
    normal = unit(np.array([1.0, best.x[1], best.x[2]]))
    origin = moved(start, best.x[0] * normal)
    lps_from_body = right_handed(start[:3, :3] @ normal, start[:3, 2], origin)
    residual = float(np.sqrt(np.mean(np.clip(misfit(best.x), -5, 5) ** 2)))
    return Rough(lps_from_body=lps_from_body, half_mm=half, symmetry_residual_mm=residual)
