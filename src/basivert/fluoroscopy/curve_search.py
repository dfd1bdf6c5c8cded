"""An arc beyond a straight shaft, sought among all turns and lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter, grey_opening, map_coordinates

from basivert.arrays import Points, frozen
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.carm import CArm

# Grid of the search: along the axis, across it where the views leave that open (mm), turns.
ALONG_MM = np.arange(-26.0, 14.1, 1.0)
ACROSS_MM = np.arange(-10.0, 10.1, 2.0)
TURNS = np.radians(np.arange(0.0, 360.0, 10.0))
SAMPLE_MM = 0.5
# Smoothing in radii of the curve's metal; of the noise, pixels.
NARROW, BROAD, GRAIN_PX = 0.5, 2.5, 0.7
# Metal stands out by this share of what the shaft does, or this many SD of the picture.
LEAST_SHARE, NOISES, MAD_SD = 0.15, 3.0, 1.4826
# Where what is wider than the curve keeps this share of what it has on the shaft, that goes on.
STILL_SHAFT = 0.65


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metal:
    """One picture as the search sees it; all (rows, columns).

    thin: of `frame.thin_parts`.
    ridge: how far lines of the curve's width stand out, in units of the least that counts.
    shaft: what is left where lines narrower than the shaft are taken away, in units of the shaft.
    level: what the shaft reaches in `thin`.
    """

    carm: CArm
    thin: np.ndarray
    ridge: np.ndarray
    shaft: np.ndarray
    level: float

    def __post_init__(self) -> None:
        for name in ("thin", "ridge", "shaft"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def sampled(self, picture: np.ndarray, points: np.ndarray) -> np.ndarray:
        """(...,) of a picture where points (..., 3) LPS mm fall."""
        at = self.carm.pixel(points.reshape(-1, 3))[:, ::-1].T
        return map_coordinates(picture, at, order=1, mode="nearest").reshape(points.shape[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What is known of the tool: radius of the shaft and of the metal that leaves it, mm.

    bend_mm: radius of the arc.  bend_sd_mm: its SD.  longest_mm: that it may look out.
    """

    shaft_mm: float
    curve_mm: float
    bend_mm: float
    bend_sd_mm: float
    longest_mm: float


def metal(thin: np.ndarray, carm: CArm, shaft: Points, kit: Kit) -> Metal:
    """A picture made ready.

    shaft: (n, 3) places on the shaft's middle line, LPS mm.
    """
    pixel_mm = float(np.mean(carm.detector.pitch_mm) * carm.scale(shaft[-1:])[0])
    curve, wide = kit.curve_mm / pixel_mm, kit.shaft_mm / pixel_mm
    ridge = gaussian_filter(thin, NARROW * curve) - gaussian_filter(thin, BROAD * curve)
    broad = grey_opening(gaussian_filter(thin, GRAIN_PX), footprint=_disk(curve + wide))
    pixels = carm.pixel(shaft)[:, ::-1].T
    inside = [
        float(np.median(map_coordinates(one, pixels, order=1, mode="nearest")))
        for one in (thin, broad)
    ]
    noise = MAD_SD * float(np.median(np.abs(ridge)))
    least = max(LEAST_SHARE * inside[0], NOISES * noise, 1e-6)
    return Metal(carm=carm, thin=thin, ridge=ridge / least, shaft=broad / max(inside[1], 1e-6),
                 level=inside[0])  # fmt: skip


def _disk(width_px: float) -> np.ndarray:
    """A disc of this diameter, pixels: wider than the curve, narrower than the shaft."""
    half = max(width_px / 2.0, 1.0)
    grid = np.arange(-np.floor(half), np.floor(half) + 1)
    return np.hypot(grid[:, None], grid) <= half


def sought(
    first: Arc, views: Sequence[Metal], kit: Kit, *, across: bool
) -> list[tuple[float, Arc]]:
    """The best arc of each turn, best first, with its score: mm of line that show metal.

    Args:
        first: the shaft; its start may be some mm off.  Its `zero` is the direction in which it is
            not known well where `across`.
    """
    beyond = np.arange(SAMPLE_MM, kit.longest_mm + SAMPLE_MM, SAMPLE_MM)
    sides = ACROSS_MM if across else np.zeros(1)
    along, side = (one.ravel() for one in np.meshgrid(ALONG_MM, sides, indexing="ij"))
    starts = first.start + along[:, None] * first.axis + side[:, None] * first.zero
    found: list[tuple[float, Arc]] = []
    for turn in TURNS:
        arc = replace(first, turn=float(turn), deployed_mm=kit.longest_mm)
        points = starts[:, None] + (arc.at(beyond) - arc.start)
        run = np.cumsum(_speaks(points, views), axis=1)
        row, column = np.unravel_index(int(np.argmax(run)), run.shape)
        best = replace(arc, start=starts[row], deployed_mm=float(beyond[column]))
        found.append((float(run[row, column]), best))
    return sorted(found, key=lambda one: -one[0])


def _speaks(points: np.ndarray, views: Sequence[Metal]) -> np.ndarray:
    """(...,) for points (..., 3): how much speaks for the curve's metal there, mm; else against."""
    each = np.stack([np.clip(v.sampled(v.ridge, points) - 1.0, -1.0, 1.0) for v in views])
    # Metal shows in every view, the shaft is wide in every view; one may be deceived by bone.
    seen = 0.5 * (each.mean(axis=0) + each.min(axis=0))
    wide = np.min([v.sampled(v.shaft, points) for v in views], axis=0)
    return SAMPLE_MM * np.where(wide > STILL_SHAFT, np.minimum(seen, 0.0) - 0.5, seen)
