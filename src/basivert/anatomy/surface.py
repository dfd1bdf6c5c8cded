"""The bone's surface where the CT puts it: label border moved to the intensity crossing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from skimage.measure import marching_cubes

from basivert.arrays import Affine, Grid, Mask, Point, Points
from basivert.geometry.grids import interpolated, regridded
from basivert.geometry.morphology import depth_mm
from basivert.geometry.rigid import inverse, moved
from basivert.geometry.smoothing import smoothed

# Look for the crossing this far inside and outside of the label's border, mm.
SEARCH_IN_MM = 2.5
SEARCH_OUT_MM = 2.5
SEARCH_STEP_MM = 0.25
# A crossing counts when bone stands out from what lies outside by this much, HU (assumption:
# five times the noise of a usual abdominal scan).
LEAST_CONTRAST_HU = 120.0
# The tallest profiles are taken for cortex thicker than the blur.
THICK_PERCENTILE, THICK_SHARE = 97.0, 0.85
# The displacement is shared among neighbours within this distance, mm.
SHARE_MM = 1.4
# Smoothing of the label's own staircase, in grid steps.
LABEL_SMOOTHING = 0.8
# Where the Gaussians of the label and of the displacement end, in SD.
USUAL_END, NEAR_END = 4.0, 3.0
# Systematic part of the surface error, as share of the voxel (measured on virtual patients).
POSITION_SHARE = 0.19


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refined:
    """Level-set of the bone in the body frame.

    phi: (i, j, k) mm, near-distance to the surface, negative inside, exact only near zero.
    vertices, normals: (n, 3) body frame; faces (m, 3).
    sd_mm, refined_fraction: see `Surface`.  voxel: (3, 3) edges of the scan's voxel as columns,
    body frame, mm.
    """

    phi: Grid
    hu: Grid
    body_from_index: Affine
    vertices: Points
    normals: Points
    faces: np.ndarray
    sd_mm: float
    refined_fraction: float
    voxel: np.ndarray

    def sd_along(self, heading: Point) -> float:
        """SD of the surface's position along a direction (3,) unit, mm: thick slices count there.

        A position is lost in the voxel's length along that direction, never less than in a cube
        of the same volume.
        """
        cube = float(np.cbrt(abs(np.linalg.det(self.voxel))))
        length = float(np.linalg.norm(heading @ self.voxel))
        return float(np.hypot(self.sd_mm, POSITION_SHARE * np.sqrt(max(length**2 - cube**2, 0.0))))


def label_distance(mask: Mask, spacing_mm: np.ndarray) -> Grid:
    """Signed distance to the border of a label at its own spacing, mm; negative inside.

    Source: shape-based interpolation, Raya and Udupa 1990, doi:10.1109/42.52980.
    """
    outside = depth_mm(~mask, spacing_mm)
    inside = np.zeros_like(outside)
    # Depth needs the label's own box alone, one empty voxel around it included.
    box = tuple(slice(max(axis.min() - 1, 0), axis.max() + 2) for axis in np.nonzero(mask))
    inside[box] = depth_mm(mask[box], spacing_mm)
    # Voxel centres next to the border are half a voxel away from it, not a whole one.
    half = 0.5 * float(np.min(spacing_mm))
    signed = np.where(mask, half - inside, outside - half)
    return signed.astype(np.float32)


def refined_surface(
    label_mm: Grid,
    hu: Grid,
    lps_from_index: Affine,
    lps_from_body: Affine,
    body_from_index: Affine,
    shape: tuple[int, int, int],
) -> Refined:
    """Bone surface on a body-aligned grid.

    Args:
        label_mm: (i, j, k) signed distance of the label at the scan's spacing.
        hu: (i, j, k) CT on the same voxels.
        lps_from_index: of both.
        lps_from_body: body frame → LPS.
        body_from_index, shape: the fine grid to answer on.
    """
    lps_from_fine = lps_from_body @ body_from_index
    phi = regridded(label_mm, lps_from_index, lps_from_fine, shape, outside=20.0)
    phi = smoothed(phi, LABEL_SMOOTHING, USUAL_END)
    fine_hu = regridded(hu, lps_from_index, lps_from_fine, shape, outside=-1024.0)
    vertices, faces, normals = _surface(phi, body_from_index)
    shift, sure = crossings(
        hu, lps_from_index, moved(lps_from_body, vertices), normals @ lps_from_body[:3, :3].T
    )
    moved_by, residual = _shared(shift, sure, vertices, body_from_index, shape)
    phi = phi - moved_by
    vertices, faces, normals = _surface(phi, body_from_index)
    spacing = float(np.cbrt(np.prod(np.linalg.norm(lps_from_index[:3, :3], axis=0))))
    return Refined(
        phi=phi, hu=fine_hu, body_from_index=body_from_index, vertices=vertices, normals=normals,
        faces=faces, sd_mm=float(np.hypot(residual, POSITION_SHARE * spacing)),
        refined_fraction=float(sure.mean()),
        voxel=inverse(lps_from_body)[:3, :3] @ lps_from_index[:3, :3],
    )  # fmt: skip


def _surface(phi: Grid, body_from_index: Affine) -> tuple[Points, np.ndarray, Points]:
    vertices, faces, _, _ = marching_cubes(phi, 0.0, allow_degenerate=False)
    slope = np.stack(
        [interpolated(axis, np.eye(4), vertices, outside=0.0) for axis in np.gradient(phi)], axis=1
    )
    normals = slope @ np.linalg.inv(body_from_index[:3, :3])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return moved(body_from_index, vertices), faces, normals / np.maximum(length, 1e-9)


def crossings(
    hu: Grid, lps_from_index: Affine, vertices: Points, normals: Points
) -> tuple[np.ndarray, np.ndarray]:
    """Outer half-maximum of the cortex along each normal.

    Args:
        vertices, normals: (n, 3) LPS mm and unit.

    Returns: (n,) shift outwards in mm (0 where unsure) and (n,) bool whether the CT decided.
    """
    t = np.arange(-SEARCH_IN_MM, SEARCH_OUT_MM + SEARCH_STEP_MM / 2, SEARCH_STEP_MM)
    line = vertices[:, None, :] + t[None, :, None] * normals[:, None, :]
    profile = interpolated(hu, lps_from_index, line, outside=-1024.0)
    peak_at = np.argmax(profile[:, t <= 1.0], axis=1)
    peak = np.take_along_axis(profile, peak_at[:, None], axis=1)[:, 0]
    behind = np.arange(len(t))[None, :] >= peak_at[:, None]
    # Falling only until the profile turns up again: what lies beyond may be the next bone.
    lowest = np.minimum.accumulate(np.where(behind, profile, peak[:, None]), axis=1)
    rising = behind & (profile > lowest + 0.15 * (peak[:, None] - lowest))
    stop = np.where(rising.any(axis=1), np.argmax(rising, axis=1), len(t) - 1)
    base = np.take_along_axis(lowest, stop[:, None], axis=1)[:, 0]
    half = 0.5 * (peak + base)
    below = behind & (profile < half[:, None])
    first = np.argmax(below, axis=1)
    sure = below.any(axis=1) & (peak - base > LEAST_CONTRAST_HU) & (first > 0)
    before = np.maximum(first - 1, 0)
    a = np.take_along_axis(profile, before[:, None], axis=1)[:, 0]
    b = np.take_along_axis(profile, first[:, None], axis=1)[:, 0]
    share = np.clip((a - half) / np.maximum(a - b, 1e-3), 0.0, 1.0)
    steepest = (a - b) / SEARCH_STEP_MM
    shift = t[before] + share * SEARCH_STEP_MM - _thin_cortex_mm(peak - base, steepest, sure)
    return np.where(sure, shift, 0.0), sure


def _thin_cortex_mm(
    height_hu: np.ndarray, steepest_hu_mm: np.ndarray, sure: np.ndarray
) -> np.ndarray:
    """How far outside the true surface the half-maximum of a thin, blurred cortex lies, mm.

    A cortex of thickness T under a blur of SD σ peaks at 2Φ(T/2σ) − 1 of the thick cortex's height;
    from that share follow T/σ and the place of half its maximum. Thick cortex and σ are read off
    this vertebra: the tallest profiles and the slope of their edge, (C − B)/(σ√2π).

    Source: the model of Treece 2010, doi:10.1016/j.media.2010.01.003, with cortical density fixed.
    """
    if not sure.any():
        return np.zeros_like(height_hu)
    thick = float(np.percentile(height_hu[sure], THICK_PERCENTILE))
    tall = sure & (height_hu > THICK_SHARE * thick)
    sigma = thick / (np.sqrt(2.0 * np.pi) * float(np.median(steepest_hu_mm[tall])))
    thickness = np.linspace(0.05, 6.0, 80)
    outwards = np.linspace(0.0, 1.5, 151)
    peak = 2.0 * ndtr(thickness / 2.0) - 1.0
    pulse = ndtr(outwards[None, :] + thickness[:, None]) - ndtr(outwards[None, :])
    place = outwards[np.argmin(np.abs(pulse - peak[:, None] / 2.0), axis=1)]
    return sigma * np.interp(height_hu / thick, peak, place)


def _shared(
    shift: np.ndarray,
    sure: np.ndarray,
    vertices: Points,
    body_from_index: Affine,
    shape: tuple[int, int, int],
) -> tuple[Grid, float]:
    """Displacement as a smooth field about the surface, and its standard error, mm."""
    at = np.round(moved(inverse(body_from_index), vertices)).astype(int)
    at = np.clip(at, 0, np.array(shape) - 1)
    weight = np.zeros(shape, np.float32)
    total = np.zeros(shape, np.float32)
    np.add.at(weight, tuple(at.T), sure.astype(np.float32))
    np.add.at(total, tuple(at.T), np.where(sure, shift, 0.0).astype(np.float32))
    sigma = SHARE_MM / float(np.linalg.norm(body_from_index[:3, 0]))
    smooth_weight = smoothed(weight, sigma, NEAR_END)
    smooth_total = smoothed(total, sigma, NEAR_END)
    # One lone vertex moves nothing: the denominator fades the field out away from the evidence.
    field = smooth_total / (smooth_weight + 0.1 * float(smooth_weight.max()))
    residual = (shift - field[tuple(at.T)])[sure]
    independent = 2.0 * np.pi * sigma**2 / 2.0
    scatter = 1.4826 * np.median(np.abs(residual)) if residual.size else 1.0
    return field, float(scatter / np.sqrt(max(independent, 1.0)))
