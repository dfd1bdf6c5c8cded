"""What is said of a pedicle once its isthmus is found: centre, chords, cortex and angles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Pedicle, Side
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Point, Points
from basivert.estimate import Estimate, normal
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import moved, turned, unit

# The axis is where the section is smallest: an error of the surface turns it as if on this lever.
# What is too far outside on both sides leaves the centre where it is, so its error is of second
# order: mm for each mm² across and along the axis (all measured on virtual patients).
ANGLE_LEVER_MM = 30.0
ACROSS_PER_MM, ALONG_PER_MM = 0.62, 1.35
# A chord has two ends with nearly independent errors (√2 if quite so; virtual patients).
CHORD_SHARE = 1.36
# The upper and lower edge of a narrow pedicle are thinner than a CT resolves: SD of its height for
# each mm by which it is narrower than this (measured on virtual patients).
NARROW_MM, NARROW_SD = 5.6, 1.3
# A border is looked for this far from the axis.
REACH_MM = 15.0
# Cortex: how far inside the border its inner half-maximum is looked for.
CORTEX_REACH_MM = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One cut through a pedicle: area mm², centroid (3,) body frame, second moments (2, 2) mm²."""

    area: float
    centre: Point
    moments: np.ndarray


def described(
    refined: Refined, sections: list[Section], centre: Point, axis: Point,
    lps_from_body: Affine, side: Side,
) -> Pedicle:  # fmt: skip
    """The pedicle from its sections near the isthmus; `centre` and `axis` in the body frame."""
    across, up = across_axes(axis)
    moments = np.mean([section.moments for section in sections], axis=0)
    _, vectors = np.linalg.eigh(moments)
    narrow = vectors[0, 0] * across + vectors[1, 0] * up
    tall = vectors[0, 1] * across + vectors[1, 1] * up
    # The field calls the more horizontal principal axis the width.
    width_axis, height_axis = (narrow, tall) if abs(narrow[2]) < abs(tall[2]) else (tall, narrow)
    width = _chord(refined, centre, axis, width_axis)
    height = _chord(refined, centre, axis, height_axis)
    width_sd, height_sd = (CHORD_SHARE * refined.sd_along(a) for a in (width_axis, height_axis))
    height_sd = np.hypot(height_sd, NARROW_SD * max(NARROW_MM - width, 0.0))
    vague = refined.sd_along(height_axis) ** 2
    inward = -axis[0] if side == "left" else axis[0]
    basis = "surface position and scatter of sections"
    scatter = float(np.std([section.centre for section in sections], axis=0).min())
    angle_sd = np.degrees(np.hypot(refined.sd_mm, scatter) / ANGLE_LEVER_MM)
    return Pedicle(
        side=side,
        centre=moved(lps_from_body, centre),
        centre_sd_mm=np.hypot(
            scatter, vague * np.array([ACROSS_PER_MM, ACROSS_PER_MM, ALONG_PER_MM])
        ),
        axis=turned(lps_from_body, axis),
        width_axis=turned(lps_from_body, unit(width_axis)),
        height_axis=turned(lps_from_body, unit(height_axis)),
        width_mm=normal(width, width_sd, "mm", basis),
        height_mm=normal(height, height_sd, "mm", basis),
        cortex_mm=_cortex(refined, centre, width_axis, height_axis),
        transverse_deg=normal(np.degrees(np.arctan2(inward, -axis[1])), angle_sd, "deg", basis),
        sagittal_deg=normal(np.degrees(np.arctan2(-axis[2], -axis[1])), angle_sd, "deg", basis),
    )


def _border(refined: Refined, start: Points, heading: Point) -> np.ndarray:
    r = np.arange(0.0, REACH_MM, 0.25)
    phi = interpolated(
        refined.phi, refined.body_from_index, start[:, None, :] + r[None, :, None] * heading,
        outside=20.0,
    )  # fmt: skip
    out = phi > 0
    first = np.maximum(np.argmax(out, axis=1), 1)
    rows = np.arange(len(start))
    a, b = phi[rows, first - 1], phi[rows, first]
    share = np.clip(-a / np.maximum(b - a, 1e-6), 0.0, 1.0)
    return np.where(out.any(axis=1), r[first - 1] + 0.25 * share, REACH_MM)


def _chord(refined: Refined, centre: Point, axis: Point, heading: Point) -> float:
    """Border to border along `heading`, averaged over ±1 mm of the axis."""
    start = centre + np.linspace(-1.0, 1.0, 5)[:, None] * axis
    return float(np.median(_border(refined, start, heading) + _border(refined, start, -heading)))


def _cortex(refined: Refined, centre: Point, across: Point, up: Point) -> Estimate | None:
    """Mean full width at half maximum of the cortical peak on rays across the isthmus."""
    widths = []
    r = np.arange(-CORTEX_REACH_MM, 1.01, 0.25)
    for turn in np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False):
        heading = np.cos(turn) * across + np.sin(turn) * up
        border = float(_border(refined, centre[None, :], heading)[0])
        line_points = centre + (border + r)[:, None] * heading
        hu = interpolated(refined.hu, refined.body_from_index, line_points, outside=-1024.0)
        peak = int(np.argmax(hu))
        inner = hu[: peak + 1]
        half = 0.5 * (hu[peak] + inner.min())
        below = np.nonzero(inner < half)[0]
        if len(below) and hu[peak] - inner.min() > 100.0:
            widths.append(0.0 - r[below[-1]])
    if len(widths) < 6:
        return None
    return normal(float(np.median(widths)), float(np.std(widths)) / np.sqrt(len(widths)) + 0.2,
                  "mm", "half width of the cortical peak; clinical CT shows at least twice the "
                  "true thickness (Silva 1994, shell.thickness)")  # fmt: skip


def across_axes(axis: Point) -> tuple[Point, Point]:
    """Unit vectors square to `axis` and to each other: level, and the one closest to cranial."""
    across = unit(np.cross(axis, np.array([0.0, 0.0, 1.0])))
    return across, unit(np.cross(across, axis))
