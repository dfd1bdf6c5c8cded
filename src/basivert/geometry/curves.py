"""Centre lines of instruments: a straight shaft that ends in an arc."""

from __future__ import annotations

import numpy as np

from basivert.arrays import Point, Points


def deployed_curve(
    tip: Point, axis: Point, bend: Point, *, bend_radius_mm: float, length_mm: float,
    spacing_mm: float = 0.25,
) -> Points:  # fmt: skip
    """Centre line of a pre-curved stylet pushed out of a straight introducer.

    Args:
        tip: (3,) introducer's tip, mm; first point of the result.
        axis: (3,) unit vector along the introducer, inwards.
        bend: (3,) unit vector towards the centre of the bend, at right angles to `axis`.
        bend_radius_mm: radius of the pre-set curve, mm; infinite for a straight instrument.
        length_mm: length outside the introducer, mm; 0 gives the tip alone, twice.
        spacing_mm: largest distance between two points, mm.

    Returns: (n, 3) points along the arc in the frame of `tip`, n ≥ 2.
    Assumes: rigid arc of constant radius, no give in cancellous bone (docs/limits.md#arc).
    """
    steps = max(1, int(np.ceil(length_mm / spacing_mm)))
    along, aside = arc(np.linspace(0.0, length_mm, steps + 1), bend_radius_mm)
    return tip + along[:, None] * axis + aside[:, None] * bend


def arc(length_mm: np.ndarray, bend_radius_mm: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Way along the axis and aside from it after `length_mm` on an arc, mm; arrays broadcast."""
    curvature = 1.0 / np.asarray(bend_radius_mm, dtype=float)
    angle = length_mm * curvature
    # sinc keeps the straight limit exact where the curvature vanishes.
    along = length_mm * np.sinc(angle / np.pi)
    aside = 0.5 * length_mm * angle * np.sinc(angle / (2.0 * np.pi)) ** 2
    return along, aside


def thinned(line: Points, every: int) -> Points:
    """Every so many points of a line (n, 3), and always its last."""
    return line[np.unique(np.append(np.arange(0, len(line), every), len(line) - 1))]


def arc_lengths(line: Points) -> np.ndarray:
    """(n,) length along a line (n, 3) from its first point to each, in its unit."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def segment_distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of points (..., 3) to the segment between start and end (..., 3), broadcast, mm."""
    way = end - start
    share = np.sum((points - start) * way, axis=-1) / np.maximum(np.sum(way * way, axis=-1), 1e-12)
    nearest = start + np.clip(share, 0.0, 1.0)[..., None] * way
    return np.linalg.norm(points - nearest, axis=-1)
