"""The basivertebral foramen, looked for in the CT as a gap in the posterior wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from basivert.anatomy.model import Foramen, NotVisible, PosteriorWall
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Point
from basivert.constants.model import Table
from basivert.estimate import normal
from basivert.geometry.grids import interpolated
from basivert.geometry.morphology import pieces
from basivert.geometry.rigid import moved

MAP_STEP_MM = 0.4
# Layer that the foramen and the mouth of its channel interrupt, mm inwards from the wall (the
# bony canal is 12–21.8 % of the depth, 4–8 mm: target.foramen).
LAYER_MM = np.arange(-0.5, 4.26, 0.25)
# Where an opening may lie: about the midline, away from the endplates (share of half height).
HALF_SPAN_X_MM, HALF_SPAN_Z_SHARE = 7.0, 0.55
MAP_HALF_X_MM, MAP_HALF_Z_SHARE = 12.0, 0.75
# Size of the matched filter: an opening 3–8 by 2–6 mm (domain.md foramen.size).
INNER_SD_MM = 1.0
OUTER_SD_MM = 3.5
# The wall between the pedicles' roots; further out their cortex brightens the map.
FLAT_X_MM, FLAT_Z_SHARE = 8.5, 0.95
# Depth of the layer that gives the noise, mm.
QUIET_MM = 9.0
LEAST_NOISE_HU = 5.0
# What the wall stands out from is read this far behind it, in the canal, mm.
CANAL_MM = -1.5
# The wall's own variation is that of places this far from the peak, mm.
ELSEWHERE_MM = 4.5
# Cancellous bone is this much smoother than a wall under the same filter (virtual patients).
DEEP_WEIGHT = 1.67
# A peak's place on the wall is this share of its width over its contrast, and of the surface's SD
# along the body's axis; the wall's depth there this share of the surface's SD (virtual patients).
PEAK_SHARE, PLACE_SHARE, DEPTH_SHARE = 0.5, 0.47, 0.5
# The noise is that away from the peak, and the peak weighs by the noise: settled after this many.
PLACE_ROUNDS = 2
# A second opening: at least this far aside, and this deep compared with the first.
SECOND_APART_MM, SECOND_SHARE = 3.2, 0.6

# Levels whose walls the thresholds were measured on; elsewhere the prior stands.
MEASURED = ("L1", "L2", "L3", "L4", "L5")

# Place on the wall's map.
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WallMap:
    """Mean HU of the wall's layer over (x, z) of the body frame, mm."""

    x: np.ndarray
    z: np.ndarray
    hu: np.ndarray


def foramen(
    refined: Refined, wall: PosteriorWall, half_mm: Point, lps_from_body: Affine,
    level: str, targets: Table,
) -> Foramen | NotVisible:  # fmt: skip
    """Find the opening, or say that it cannot be told from the wall.

    Args:
        targets: table with `foramen.least_contrast`, and the prior's rows for this level.

    Assumes: a gap at its usual place stands out when its matched-filter response exceeds what wall
        and bone give without one `foramen.least_contrast` times, and further away the more so:
        contrast² − (distance in SD)² is the log-odds of a normal prior of place. Measured on
        virtual patients without a foramen. The gap must also take away at least
        `foramen.least_share` of what the wall's layer stands out by from the canal: noise in a
        smooth wall can be unlike its surroundings and still no gap.
    """
    wall_map = _wall_map(refined, wall, half_mm, 0.0)
    deep = _wall_map(refined, wall, half_mm, QUIET_MM).hu
    flat = _flat(wall_map)
    response = _darkness(wall_map.hu, flat)
    quiet = _darkness(deep, flat)
    unusual = _unusual(wall_map, half_mm, level, targets)
    allowed = (np.abs(wall_map.x) < HALF_SPAN_X_MM)[:, None] & (
        np.abs(wall_map.z) < HALF_SPAN_Z_SHARE * half_mm[2]
    )[None, :]
    best = _highest(np.where(allowed, response, -np.inf))
    for _ in range(PLACE_ROUNDS):
        contrast = response / _noise(wall_map, response, quiet, flat, best)
        odds = np.where(allowed & (response > 0), contrast**2 - unusual, -np.inf)
        best = _highest(odds)
    found = float(response[best] / _noise(wall_map, response, quiet, flat, best))
    canal = _wall_map(refined, wall, half_mm, CANAL_MM, np.zeros(1)).hu
    cortex = float(np.median(wall_map.hu[flat > 0]) - np.median(canal[flat > 0]))
    dim = response[best] < targets["foramen.least_share"].value * cortex
    needed = np.hypot(targets["foramen.least_contrast"].value, np.sqrt(unusual[best]))
    if level not in MEASURED or dim or found < needed:
        return _prior(wall, half_mm, lps_from_body, level, targets, found)
    return _seen(wall_map, response, allowed, best, found, refined, wall, lps_from_body)


def _wall_map(
    refined: Refined, wall: PosteriorWall, half_mm: Point, under_mm: float,
    layer_mm: np.ndarray = LAYER_MM,
) -> WallMap:  # fmt: skip
    x = np.arange(-MAP_HALF_X_MM, MAP_HALF_X_MM + 0.1, MAP_STEP_MM)
    reach = MAP_HALF_Z_SHARE * half_mm[2]
    z = np.arange(-reach, reach + 0.1, MAP_STEP_MM)
    gx, gz = np.meshgrid(x, z, indexing="ij")
    y = wall.y_mm(gx, gz)
    points = np.stack(
        [np.broadcast_to(axis[..., None], (*gx.shape, len(layer_mm))) for axis in (gx, y, gz)],
        axis=-1,
    ).copy()
    points[..., 1] -= layer_mm + under_mm
    hu = interpolated(refined.hu, refined.body_from_index, points, outside=-1024.0)
    return WallMap(x=x, z=z, hu=hu.mean(axis=-1))


def _flat(wall_map: WallMap) -> np.ndarray:
    """(x, z) 1 where the wall is wall, 0 where pedicles and rims brighten it."""
    gx, gz = np.meshgrid(wall_map.x, wall_map.z, indexing="ij")
    return ((np.abs(gx) < FLAT_X_MM) & (np.abs(gz) < FLAT_Z_SHARE * wall_map.z[-1])).astype(float)


def _unusual(wall_map: WallMap, half_mm: Point, level: str, targets: Table) -> np.ndarray:
    """(x, z) squared distance from the usual place of an opening, in its SD."""
    height = targets[f"foramen.height_share.{level}"].value
    across = wall_map.x / targets["foramen.search_lateral_sd"].value
    along = (wall_map.z / half_mm[2] + 1.0) / 2.0 - height
    return across[:, None] ** 2 + (along / targets["foramen.search_height_sd"].value)[None, :] ** 2


def _noise(
    wall_map: WallMap, response: np.ndarray, deep: np.ndarray, flat: np.ndarray, best: Cell
) -> float:
    """What the filter gives without an opening, HU: the worse of two witnesses.

    The same wall away from the peak, where other gaps and a rough cortex show; and cancellous bone
    deep in the body, where no foramen is, weighted because bone inside is smoother than a wall.
    """
    gx, gz = np.meshgrid(wall_map.x, wall_map.z, indexing="ij")
    away = np.hypot(gx - wall_map.x[best[0]], gz - wall_map.z[best[1]]) > ELSEWHERE_MM
    elsewhere = response[(flat > 0) & away]
    quiet = deep[flat > 0]
    inside = 1.4826 * float(np.median(np.abs(quiet - np.median(quiet))))
    return max(float(elsewhere.std()), DEEP_WEIGHT * max(inside, LEAST_NOISE_HU))


def _darkness(hu: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Surroundings minus middle, both means over what is flat (normalised convolution)."""
    means = []
    for sd in (INNER_SD_MM, OUTER_SD_MM):
        weight = ndimage.gaussian_filter(flat, sd / MAP_STEP_MM, mode="constant")
        total = ndimage.gaussian_filter(hu * flat, sd / MAP_STEP_MM, mode="constant")
        means.append(total / np.maximum(weight, 1e-6))
    return means[1] - means[0]


def _highest(values: np.ndarray) -> Cell:
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(row), int(column)


def _seen(
    wall_map: WallMap, response: np.ndarray, allowed: np.ndarray, best: Cell, contrast: float,
    refined: Refined, wall: PosteriorWall, lps_from_body: Affine,
) -> Foramen:  # fmt: skip
    openings = [_centroid(wall_map, response, best)]
    second = _second(wall_map, response, allowed, best)
    if second is not None:
        openings.append(_centroid(wall_map, response, second))
    xz = np.array([opening[:2] for opening in openings])
    on_wall = np.column_stack([xz[:, 0], wall.y_mm(xz[:, 0], xz[:, 1]), xz[:, 1]])
    width = openings[0][2] + (float(np.ptp(xz[:, 0])) if len(xz) > 1 else 0.0)
    height = openings[0][3]
    vague = PLACE_SHARE * refined.sd_along(np.array([0.0, 0.0, 1.0]))
    sd = float(np.hypot(PEAK_SHARE * INNER_SD_MM / max(contrast, 1.0), vague))
    return Foramen(
        centre=moved(lps_from_body, on_wall.mean(axis=0)),
        sd_mm=np.array([sd, np.hypot(DEPTH_SHARE * refined.sd_mm, wall.residual_mm), sd]),
        width_mm=normal(width, 1.0, "mm", "width at half depth of the gap, blurred by the scan"),
        height_mm=normal(height, 1.0, "mm", "height at half depth of the gap, blurred by the scan"),
        openings=moved(lps_from_body, on_wall),
        contrast_to_noise=contrast,
    )


def _centroid(
    wall_map: WallMap, response: np.ndarray, at: Cell
) -> tuple[float, float, float, float]:
    """(x, z, width, height) of the dark gap about a peak of the filter."""
    parts, _ = pieces(response > 0.5 * response[at])
    mine = parts == parts[at]
    weight = np.where(mine, response, 0.0)
    x = float((weight.sum(axis=1) @ wall_map.x) / weight.sum())
    z = float((weight.sum(axis=0) @ wall_map.z) / weight.sum())
    return (
        x,
        z,
        float(mine.any(axis=1).sum() * MAP_STEP_MM),
        float(mine.any(axis=0).sum() * MAP_STEP_MM),
    )


def _second(
    wall_map: WallMap, response: np.ndarray, allowed: np.ndarray, best: Cell
) -> Cell | None:
    """A second peak beside the first with a clear saddle between them, or None."""
    peaks = (ndimage.maximum_filter(response, size=5) == response) & allowed
    apart = np.abs(wall_map.x - wall_map.x[best[0]])[:, None] >= SECOND_APART_MM
    value = np.where(peaks & apart, response, -np.inf)
    other = _highest(value)
    if value[other] < SECOND_SHARE * response[best]:
        return None
    between = np.linspace(best, other, 20)
    saddle = ndimage.map_coordinates(response, between.T, order=1).min()
    return other if saddle < 0.7 * value[other] else None


def _prior(
    wall: PosteriorWall, half_mm: Point, lps_from_body: Affine, level: str, targets: Table,
    contrast: float,
) -> NotVisible:  # fmt: skip
    height = targets[f"foramen.height_share.{level}"]
    z = (2.0 * height.value - 1.0) * half_mm[2]
    lateral = targets["hub.lateral_sd"]
    expected = np.array([0.0, float(wall.y_mm(np.array(0.0), np.array(z))), z])
    sd = np.array([lateral.value, wall.residual_mm, 2.0 * half_mm[2] * (height.sd or 0.1)])
    return NotVisible(
        expected=moved(lps_from_body, expected), sd_mm=sd, contrast_to_noise=contrast,
        prior=f"foramen.height_share.{level} ({height.source})",
    )  # fmt: skip
