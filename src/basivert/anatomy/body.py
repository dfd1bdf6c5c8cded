"""Height, width and depth of the body, each at three places, by rays to the surface."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import BodySize, PosteriorWall
from basivert.anatomy.surface import Refined
from basivert.arrays import Point
from basivert.estimate import Estimate, normal
from basivert.geometry.grids import interpolated

RAY_STEP_MM = 0.25
REACH_MM = 45.0
# Where the three places lie, as share of the half extents.
OUTER_SHARE = 0.75
BAND_MM = (-3.0, 0.0, 3.0)
# Posterior height is read beside the midline, where no foramen opens.
BESIDE_MM = (-9.0, -7.0, 7.0, 9.0)


def body_size(refined: Refined, wall: PosteriorWall, half_mm: Point) -> BodySize:
    """Nine measures of the body; each is the median of parallel rays."""
    z_out = OUTER_SHARE * half_mm[2]
    y_out = OUTER_SHARE * half_mm[1]
    heights = [_height(refined, y) for y in (-y_out, 0.0, y_out)]
    widths = [_width(refined, z) for z in (z_out, 0.0, -z_out)]
    depths = [_depth(refined, wall, z) for z in (z_out, 0.0, -z_out)]
    return BodySize(
        height_anterior_mm=heights[0], height_middle_mm=heights[1], height_posterior_mm=heights[2],
        width_upper_mm=widths[0], width_middle_mm=widths[1], width_lower_mm=widths[2],
        depth_upper_mm=depths[0], depth_middle_mm=depths[1], depth_lower_mm=depths[2],
    )  # fmt: skip


def _height(refined: Refined, y: float) -> Estimate:
    starts = [np.array([x, y, 0.0]) for x in (BESIDE_MM if y > 0 else BAND_MM)]
    return _chord(refined, starts, np.array([0.0, 0.0, 1.0]))


def _width(refined: Refined, z: float) -> Estimate:
    starts = [np.array([0.0, y, z]) for y in (-6.0, -4.0, -2.0)]
    return _chord(refined, starts, np.array([1.0, 0.0, 0.0]))


def _depth(refined: Refined, wall: PosteriorWall, z: float) -> Estimate:
    """Anterior surface by ray; posterior by the wall's fit, so that the foramen adds nothing."""
    lengths = []
    for x in BAND_MM:
        front = _reach(refined, np.array([x, 0.0, z]), np.array([0.0, -1.0, 0.0]))
        lengths.append(front + float(wall.y_mm(np.array(x), np.array(z))))
    return _estimate(lengths, refined)


def _chord(refined: Refined, starts: list[Point], axis: Point) -> Estimate:
    lengths = [_reach(refined, s, axis) + _reach(refined, s, -axis) for s in starts]
    return _estimate(lengths, refined)


def _estimate(lengths: list[float], refined: Refined) -> Estimate:
    sd = np.hypot(np.sqrt(2.0) * refined.sd_mm, np.std(lengths) / np.sqrt(len(lengths)))
    return normal(float(np.median(lengths)), sd, "mm", "surface position and scatter of rays")


def _reach(refined: Refined, start: Point, heading: Point) -> float:
    """Distance from inside the body to its surface along a ray, mm."""
    r = np.arange(0.0, REACH_MM, RAY_STEP_MM)
    phi = interpolated(
        refined.phi, refined.body_from_index, start + r[:, None] * heading, outside=20.0
    )
    first = max(1, int(np.argmax(phi > 0)))
    share = -phi[first - 1] / max(phi[first] - phi[first - 1], 1e-6)
    return float(r[first - 1] + RAY_STEP_MM * np.clip(share, 0.0, 1.0))
