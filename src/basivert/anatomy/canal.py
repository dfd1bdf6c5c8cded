"""The vertebral canal: free space behind the posterior wall, seen from inside."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from basivert.anatomy.model import Canal, PosteriorWall
from basivert.anatomy.surface import Refined
from basivert.arrays import Matrix, Point
from basivert.errors import NumericsError
from basivert.estimate import normal
from basivert.geometry.grids import interpolated

ANGLES = 72
STEP_MM = 0.5
# No lumbar canal is wider; a ray that meets no bone this far looks out through a foramen.
REACH_MM = 22.0
PLANE_MM = 1.0
CENTRE_ROUNDS = 4
FIRST_CENTRE_MM = 8.0
SMOOTH_ANGLE, SMOOTH_PLANES = 1.5, 1.5
LEAST_CLOSED = 0.25


def canal(refined: Refined, wall: PosteriorWall, half_mm: Point) -> Canal:
    """Star-shaped tube about the canal's axis, body frame, over the body's height.

    Raises: NumericsError where bone closes too little of it.
    """
    z = np.arange(-half_mm[2], half_mm[2] + PLANE_MM / 2, PLANE_MM)
    angle = np.linspace(0.0, 2.0 * np.pi, ANGLES, endpoint=False)
    centre = np.stack([np.zeros_like(z), wall.y_mm(np.zeros_like(z), z) + FIRST_CENTRE_MM], axis=1)
    for _ in range(CENTRE_ROUNDS):
        radius, met = _rays(refined, centre, z, angle)
        radius = _bridged(radius, met)
        centre = ndimage.gaussian_filter1d(
            _centroid(centre, radius, angle), 4.0 / PLANE_MM, axis=0, mode="nearest"
        )
    radius, met = _rays(refined, centre, z, angle)
    closed = float(met.mean())
    if closed < LEAST_CLOSED:
        raise NumericsError(
            f"Bone closes only {closed:.0%} of the vertebral canal (needed: {LEAST_CLOSED:.0%}).",
            fix="Check that the label holds the vertebral arch and not the body alone.",
        )
    radius = _bridged(radius, met)
    width, depth = _extent(radius, met, angle, z, half_mm)
    basis = "surface position on both sides"
    sd = np.sqrt(2.0) * np.hypot(refined.sd_mm, 0.5 * STEP_MM / np.sqrt(12))
    return Canal(
        axis_xy=centre, z_mm=z, angle_rad=angle, radius_mm=radius, closed_fraction=closed,
        width_mm=normal(width, sd, "mm", basis), depth_mm=normal(depth, sd, "mm", basis),
    )  # fmt: skip


def _rays(
    refined: Refined, centre: Matrix, z: np.ndarray, angle: np.ndarray
) -> tuple[Matrix, np.ndarray]:
    r = np.arange(STEP_MM, REACH_MM + STEP_MM / 2, STEP_MM)
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    xy = centre[:, None, None, :] + r[None, None, :, None] * heading[None, :, None, :]
    height = np.broadcast_to(z[:, None, None, None], (*xy.shape[:3], 1))
    phi = interpolated(
        refined.phi, refined.body_from_index, np.concatenate([xy, height], axis=3), outside=20.0
    )
    inside = phi < 0
    met = inside.any(axis=2)
    first = np.argmax(inside, axis=2)
    before = np.maximum(first - 1, 0)
    a = np.take_along_axis(phi, before[..., None], axis=2)[..., 0]
    b = np.take_along_axis(phi, first[..., None], axis=2)[..., 0]
    share = np.clip(a / np.where(first > 0, a - b, 1.0), 0.0, 1.0)
    return np.where(met, r[before] + share * STEP_MM, np.nan), np.asarray(met)


def _bridged(radius: Matrix, met: np.ndarray) -> Matrix:
    """Missing directions from their neighbours by normalised smoothing; met ones stay."""
    filled = np.where(met, radius, 0.0)
    out = np.full(radius.shape, np.nan)
    for grow in (1.0, 2.0, 4.0, 8.0):
        sigma = (SMOOTH_PLANES * grow, SMOOTH_ANGLE * grow)
        weight, total = _smoothed(met.astype(float), sigma), _smoothed(filled, sigma)
        known = weight > 0.05
        out = np.where(np.isnan(out) & known, total / np.maximum(weight, 1e-9), out)
    out = np.where(np.isnan(out), np.nanmedian(out), out)
    return np.where(met, radius, out)


def _smoothed(values: Matrix, sigma: tuple[float, float]) -> Matrix:
    """Over planes and directions; directions close the circle."""
    along = ndimage.gaussian_filter1d(values, sigma[0], axis=0, mode="nearest")
    return ndimage.gaussian_filter1d(along, sigma[1], axis=1, mode="wrap")


def _centroid(centre: Matrix, radius: Matrix, angle: np.ndarray) -> Matrix:
    """Centroid of the star-shaped section, Δ = ∫ r³/3 e(θ) / ∫ r²/2."""
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centre + (radius**3 @ heading / 3.0) / (radius**2).sum(axis=1, keepdims=True) * 2.0


def _extent(
    radius: Matrix, met: np.ndarray, angle: np.ndarray, z: np.ndarray, half_mm: Point
) -> tuple[float, float]:
    """Width and depth where the ring is most complete (pedicle level)."""
    at_pedicle = z > 0.0
    # The widest and deepest closed chords of the planes in the upper half.
    half = len(angle) // 2
    chord = radius[:, :half] + radius[:, half:]
    across = met[:, :half] & met[:, half:]
    side = np.abs(np.cos(angle[:half])) > np.cos(np.radians(20))
    along = np.abs(np.sin(angle[:half])) > np.cos(np.radians(20))

    def typical(which: np.ndarray, project: np.ndarray) -> float:
        chosen = across & at_pedicle[:, None] & which[None, :]
        if not chosen.any():
            chosen = np.broadcast_to(which[None, :], chord.shape)
        return float(np.median((chord * np.abs(project)[None, :])[chosen]))

    return typical(side, np.cos(angle[:half])), typical(along, np.sin(angle[:half]))
