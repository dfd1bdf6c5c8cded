"""Density of cancellous bone as scanned, in HU, and what it means."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import BoneDensity, PosteriorWall
from basivert.anatomy.surface import Refined
from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.estimate import Estimate, normal
from basivert.geometry.rigid import moved

# Cancellous bone starts this far under the surface, out of the blurred cortex.
UNDER_MM = 3.5
# The foramen's vein and its channel stay out (vein.seen): posterior share of the body's depth.
POSTERIOR_SHARE = 0.25
# Noise is correlated over about this length in a reconstructed CT.
CORRELATION_MM = 1.5


def density(
    refined: Refined, wall: PosteriorWall, half_mm: Point, thresholds: Table
) -> BoneDensity:
    """Mean HU of the whole cancellous body and of its thirds and halves."""
    deep = refined.phi < -UNDER_MM
    points = moved(refined.body_from_index, np.argwhere(deep).astype(float))
    front = points[:, 1] < half_mm[1] * (1.0 - 2.0 * POSTERIOR_SHARE)
    inside = front & (np.abs(points[:, 2]) < half_mm[2])
    hu, x, z = refined.hu[deep][inside], points[inside, 0], points[inside, 2]
    third = half_mm[2] / 3.0
    regions = {
        "upper third": z > third,
        "middle third": np.abs(z) <= third,
        "lower third": z < -third,
        "left half": x > 0,
        "right half": x <= 0,
    }
    voxel = float(np.abs(np.linalg.det(refined.body_from_index[:3, :3])))
    body = _mean(hu, voxel)
    return BoneDensity(
        body_hu=body,
        regions_hu={name: _mean(hu[part], voxel) for name, part in regions.items()},
        meaning=_meaning(body.value, thresholds),
        source="compl.vcf; density.ct",
    )


def _mean(hu: np.ndarray, voxel_mm3: float) -> Estimate:
    if not hu.size:
        return normal(0.0, 1000.0, "HU", "no cancellous bone under the surface")
    independent = max(1.0, hu.size * voxel_mm3 / CORRELATION_MM**3)
    return normal(hu.mean(), hu.std() / np.sqrt(independent), "HU",
                  "scatter of voxels; not calibrated to mineral density")  # fmt: skip


def _meaning(hu: float, thresholds: Table) -> str:
    low, normal_from = thresholds["hu.osteoporosis"].value, thresholds["hu.low"].value
    with_loss = 100 * thresholds["vcf.with_bone_loss"].value
    without = 100 * thresholds["vcf.without_bone_loss"].value
    rates = (
        f"Fracture after the procedure was coded in {with_loss:.2f} % with known osteopenia or "
        f"osteoporosis and {without:.2f} % without."
    )
    if hu < low:
        return f"{hu:.0f} HU lies below {low:.0f} HU, in the range of osteoporosis. {rates}"
    if hu < normal_from:
        return f"{hu:.0f} HU lies between {low:.0f} and {normal_from:.0f} HU: low bone. {rates}"
    return f"{hu:.0f} HU is above the screening cut of {normal_from:.0f} HU. {rates}"
