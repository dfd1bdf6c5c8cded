"""Where a straight shaft ends in a frame when something thinner looks out of it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.arrays import Matrix, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame, thin_parts

FINE_PX = 0.5
# Looked at across the shaft, its middle, and the shortest thin part that counts, in its radii.
ACROSS, MIDDLE, LEAST = 1.3, 0.3, 1.0
# Share of the shaft's darkness below which its middle shows no metal.
FAINT = 0.3
# Quantile of the widths along the line that is the shaft's.
WIDE = 0.75


def shaft_line(frame: Frame, line: Matrix, radius_mm: float, table: Table) -> Matrix:
    """Of a tool's middle line (n, 2), tip first, the part in which it is as wide as its shaft.

    A core that goes on in the shaft's direction, as a curve in a lateral view does, may be as dark
    as the shaft itself: only the shadow's width falls where the shaft ends.

    Args:
        frame: as in `detect.shadow`.
        radius_mm: of the shaft.
        table: `registration`, row curve.fall and rows metal.*.

    Returns: the line unchanged where it is as wide to its end.
    """
    radius = radius_mm * frame.carm.magnification / float(np.mean(frame.carm.detector.pitch_mm))
    length = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    along = np.arange(0.0, length[-1], FINE_PX)
    width = _width(thin_parts(frame.picture, frame.carm, table), line, length, along, radius)
    end = _narrowed(width, table["curve.fall"].value)
    if end * FINE_PX < LEAST * radius:
        return line
    tip = np.array([[np.interp(along[end], length, line[:, n]) for n in (0, 1)]])
    return np.concatenate([tip, line[length > along[end] + FINE_PX]])


def _width(
    thin: np.ndarray, line: Matrix, length: Vector, along: Vector, radius: float
) -> Vector:  # fmt: skip
    """(n,) share of the strip across the line, at each place, that is as dark as its middle."""
    places = np.stack([np.interp(along, length, line[:, n]) for n in (0, 1)], axis=1)
    way = np.gradient(places, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    offset = np.linspace(-ACROSS, ACROSS, 27) * radius
    at = places[:, None] + offset[:, None] * across[:, None]
    dark = map_coordinates(thin, at.reshape(-1, 2)[:, ::-1].T, order=1, mode="nearest")
    dark = dark.reshape(at.shape[:2])
    middle = np.median(dark[:, np.abs(offset) <= MIDDLE * radius], axis=1)
    full = np.maximum(middle, max(FAINT * float(np.median(middle)), 1e-6))
    return np.minimum(dark / full[:, None], 1.0).mean(axis=1)


def _narrowed(width: Vector, fall: float) -> int:
    """How many places from the tip on are narrower than the rest, 0 where none are."""
    high = float(np.quantile(width, WIDE))
    limit, end = (1.0 - fall) * high, 0
    for _ in range(2):
        # Outside the skin the shaft's handle or the core alone may be seen again.
        wide = width[: int(np.flatnonzero(width > limit)[-1]) + 1] > limit
        # The place that parts the line best: most narrow before, most wide after.
        wrong = np.r_[0, np.cumsum(wide)] + np.r_[np.cumsum(~wide[::-1])[::-1], 0]
        end = min(int(np.argmin(wrong)), len(wide) - 1)
        low = float(np.median(width[:end])) if end else high
        if low > (1.0 - fall) * high:
            return 0
        limit = 0.5 * (high + low)
    return end
