"""Both endplates as planes through their bony surface, with inclination and dish."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Endplate
from basivert.anatomy.surface import SHARE_MM, Refined
from basivert.arrays import Affine, Point, Points
from basivert.errors import NumericsError
from basivert.estimate import Estimate, normal
from basivert.geometry.fit import PlaneFit, plane_over_xy
from basivert.geometry.rigid import moved, turned

# Only surface that faces along the body's axis within this cosine belongs to an endplate.
FACING = 0.7
# Share of the body's half extents that is read: the rim and its spurs stay out.
INNER_SHARE = 0.82
LEAST_POINTS = 60
# What the surface has too far outside all over the plate does not tilt it, so its error is of
# second order, mm for each mm² over the half extent; neighbouring residuals of a smooth plate
# cancel but for this share (both measured on virtual patients).
TILT_PER_MM, RESIDUAL_SHARE = 0.9, 0.36


def endplate(refined: Refined, half_mm: Point, lps_from_body: Affine, upwards: bool) -> Endplate:
    """The upper (`upwards`) or lower endplate.

    Args:
        refined: bone surface in the body frame.
        half_mm: (3,) half extents of the body, mm.
        lps_from_body: body frame → LPS.

    Raises: NumericsError where too little of the plate is seen.
    """
    sign = 1.0 if upwards else -1.0
    points = plate_points(refined, half_mm, sign)
    if len(points) < LEAST_POINTS:
        raise NumericsError(
            f"Only {len(points)} surface points lie on the {'upper' if upwards else 'lower'} "
            f"endplate (needed: {LEAST_POINTS}).",
            fix="Check that the label holds the whole vertebral body.",
        )
    fit = plane_over_xy(points, correlation_points=_neighbours(refined, points))
    outwards = sign * np.array([-fit.slope[0], -fit.slope[1], 1.0])
    direction = turned(lps_from_body, outwards / np.linalg.norm(outwards))
    centre_xy = points[:, :2].mean(axis=0)
    centre = np.array([*centre_xy, fit.offset + np.dot(fit.slope, centre_xy)])
    up = sign * direction
    basis = "plane fit residual and voxel size"
    lean_sd, tilt_sd = (_slope_sd(fit, refined, half_mm, axis) for axis in (0, 1))
    return Endplate(
        centre=moved(lps_from_body, centre),
        normal=direction,
        sagittal_deg=normal(np.degrees(np.arctan2(-up[1], up[2])), tilt_sd, "deg", basis),
        coronal_deg=normal(np.degrees(np.arctan2(up[0], up[2])), lean_sd, "deg", basis),
        concavity_mm=_dish(points, fit, half_mm, sign, refined.sd_mm),
        residual_mm=fit.residual_mm,
    )


def plate_points(refined: Refined, half_mm: Point, sign: float) -> Points:
    """(n, 3) surface points of one plate, body frame mm; `sign` +1 upper, −1 lower."""
    v, n = refined.vertices, refined.normals
    inner = (v[:, 0] / half_mm[0]) ** 2 + (v[:, 1] / half_mm[1]) ** 2 < INNER_SHARE**2
    level = np.abs(sign * v[:, 2] - half_mm[2]) < 0.6 * half_mm[2]
    return v[inner & level & (sign * n[:, 2] > FACING)]


def _neighbours(refined: Refined, points: Points) -> float:
    """Points that share one error because the surface was smoothed over `SHARE_MM`."""
    spacing = float(np.linalg.norm(refined.body_from_index[:3, 0]))
    return max(1.0, 4.0 * np.pi * (SHARE_MM / spacing) ** 2)


def _slope_sd(fit: PlaneFit, refined: Refined, half_mm: Point, axis: int) -> float:
    """SD of the plate's slope along one axis of the body, degrees."""
    scattered = RESIDUAL_SHARE * np.sqrt(fit.covariance[axis, axis])
    common = TILT_PER_MM * refined.sd_along(np.array([0.0, 0.0, 1.0])) ** 2 / half_mm[axis]
    return float(np.degrees(np.hypot(scattered, common)))


def _dish(points: Points, fit: PlaneFit, half_mm: Point, sign: float, sd_mm: float) -> Estimate:
    """How much deeper the middle lies than the edge of the inner region."""
    height = sign * (points[:, 2] - fit.offset - points[:, :2] @ np.array(fit.slope))
    share = np.hypot(points[:, 0] / half_mm[0], points[:, 1] / half_mm[1]) / INNER_SHARE
    middle, edge = height[share < 0.4], height[share > 0.8]
    if not len(middle) or not len(edge):
        return normal(0.0, 5.0, "mm", "endplate too small to tell")
    depth = float(np.median(edge) - np.median(middle))
    return normal(depth, np.hypot(sd_mm, fit.residual_mm / 5), "mm", "surface and fit residual")
