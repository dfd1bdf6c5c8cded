"""Frames with a curved tool that no code of basivert draws: rays through the CT by the shared
benchmark's exact integration, the tool by projecting its volume in small cubes. Simulated.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np
from scipy.ndimage import gaussian_filter

from basivert.fluoroscopy.carm import CArm, Detector

from .registration import SHARED, definition

SIDE_MM, PIXELS = 300.0, 256
# As the shared `hard` frames: scatter to primary, its spread, blur, quanta behind the body.
SCATTER = {"ap": 0.6, "lateral": 1.0}
SPREAD_MM, BLUR_MM, QUANTA = 40.0, 0.4, 600.0
# The CT's last slice goes on to the feet for so many slices.
EXTRA = 40
STEEL, NITINOL, WATER = 0.950, 0.763, 0.0206  # 1/mm at 60 keV
# The tool's volume is cut into cubes of this side; so much of it lies behind the introducer's tip.
GRAIN_MM, OUTSIDE_MM = 0.15, 130.0
# Outer and inner radius of the steel introducer, of the nitinol core, of the probe's rings, mm.
INTRODUCER, CORE, RINGS, WIRE = (2.095, 1.695), 1.05, (0.85, 0.70), 0.4
RING_MM = ((0.0, 3.0), (6.0, 9.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A tool: introducer to `start` along `axis`, then an arc in the plane of `bend`; LPS mm."""

    start: np.ndarray
    axis: np.ndarray
    bend: np.ndarray
    radius_mm: float
    deployed_mm: float
    probe: bool

    def at(self, length: np.ndarray) -> np.ndarray:
        """(n, 3) points at lengths beyond the introducer's tip; negative: inside it."""
        angle = np.maximum(length, 0.0) / self.radius_mm
        along = np.where(length > 0.0, self.radius_mm * np.sin(angle), length)
        aside = self.radius_mm * (1.0 - np.cos(angle))
        return self.start + along[:, None] * self.axis + aside[:, None] * self.bend

    @property
    def tip(self) -> np.ndarray:
        """(3,) end of the arc."""
        return self.at(np.array([self.deployed_mm]))[0]


def lateral_like(primary_deg: float) -> bool:
    """Whether a view looks from the side."""
    return abs(np.sin(np.radians(primary_deg))) > 0.7


@cache
def _integrator() -> ModuleType:
    """The shared benchmark's exact line integrals."""
    definition()
    sys.path.insert(0, str(SHARED.resolve()))
    try:
        return import_module("make_reference")
    finally:
        sys.path.remove(str(SHARED.resolve()))


def view(primary_deg: float, secondary_deg: float, isocentre: np.ndarray) -> CArm:
    """The shared benchmark's C-arm at any angle."""
    plate = Detector(side_mm=(SIDE_MM, SIDE_MM), pixels=(PIXELS, PIXELS), offset_mm=(0.0, 0.0))
    return CArm(primary_deg=primary_deg, secondary_deg=secondary_deg, isocentre=isocentre,
                source_isocentre_mm=600.0, source_detector_mm=1000.0, detector=plate)  # fmt: skip


def _detector(carm: CArm, shared: ModuleType) -> tuple[np.ndarray, np.ndarray]:
    """Source (3,) and points (rows, columns, 3) on the detector, by the benchmark's definition."""
    source, centre, across, down, _ = shared.carm(
        carm.primary_deg, carm.secondary_deg, carm.isocentre
    )
    k = (np.arange(PIXELS) + 0.5) * SIDE_MM / PIXELS - SIDE_MM / 2
    return source, centre + k[:, None, None] * down + k[None, :, None] * across


def backdrop(hu: np.ndarray, lps_from_index: np.ndarray, carm: CArm) -> np.ndarray:
    """(rows, columns) exact line integrals of a CT at 60 keV, its last slice repeated."""
    shared = definition()
    mu = shared.hu_to_mu(hu).astype(np.float32)
    mu = np.concatenate([np.repeat(mu[:, :, :1], EXTRA, axis=2), mu], axis=2)
    affine = lps_from_index.copy()
    affine[:3, 3] -= EXTRA * affine[:3, 2]
    source, places = _detector(carm, shared)
    return np.asarray(_integrator().line_integrals(mu, affine, source, places, "trilinear"))


def frame(
    tissue: np.ndarray, drawn: Drawn | None, carm: CArm, rng: np.random.Generator
) -> np.ndarray:
    """−log of counts: transmission, scatter inside the body's shadow, blur, quanta."""
    through = np.exp(-(tissue + (0.0 if drawn is None else _metal(drawn, carm))))
    pitch = SIDE_MM / PIXELS
    ratio = SCATTER["lateral" if lateral_like(carm.primary_deg) else "ap"]
    lit = through + ratio * gaussian_filter(np.minimum(through, np.exp(-2.5)), SPREAD_MM / pitch)
    lit = gaussian_filter(lit, BLUR_MM / pitch)
    gain = QUANTA / np.median(lit[lit < 0.1])
    return -np.log(np.maximum(rng.poisson(lit * gain), 1) / gain).astype(np.float32)


def _metal(drawn: Drawn, carm: CArm) -> np.ndarray:
    """(rows, columns) what the tool adds to the line integral: its volume in small parts, each
    spread over the pixel that it falls on.
    """
    added = np.zeros(PIXELS * PIXELS)
    for inner, outer, low, high, mu in _parts(drawn):
        places, volume = _filled(drawn, inner, outer, low, high)
        pixels = np.rint(carm.pixel(places)).astype(int)
        ways = places - carm.source
        cosine = (ways @ carm.axes[2]) / np.linalg.norm(ways, axis=1)
        reach = carm.source_detector_mm / cosine
        # Area that one pixel's cone has at each part, at right angles to its ray.
        area = (SIDE_MM / PIXELS) ** 2 * cosine * (ways**2).sum(axis=1) / reach**2
        held = ((pixels >= 0) & (pixels < PIXELS)).all(axis=1)
        at = pixels[held, 1] * PIXELS + pixels[held, 0]
        added += np.bincount(at, (mu - WATER) * (volume / area)[held], PIXELS * PIXELS)
    return added.reshape(PIXELS, PIXELS)


def _parts(drawn: Drawn) -> list[tuple[float, float, float, float, float]]:
    """Tubes: inner and outer radius, from and to along the line (mm), attenuation (1/mm)."""
    end = drawn.deployed_mm
    tube = (INTRODUCER[1], INTRODUCER[0], -OUTSIDE_MM, 0.0, STEEL)
    if not drawn.probe:
        return [tube, (0.0, CORE, -OUTSIDE_MM, end, NITINOL)]
    rings = [(RINGS[1], RINGS[0], end - far, end - near, STEEL) for near, far in RING_MM]
    return [tube, (0.0, WIRE, -OUTSIDE_MM, end, NITINOL), *rings]


def _filled(
    drawn: Drawn, inner: float, outer: float, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) that fill a tube with flat ends evenly, and the volume of each, mm³."""
    rng = np.random.default_rng(0)
    flat = np.arange(-outer, outer + GRAIN_MM, GRAIN_MM)
    count = max(round((high - low) / GRAIN_MM), 1)
    s, x, y = (
        one.ravel()
        for one in np.meshgrid(
            low + (np.arange(count) + 0.5) * (high - low) / count, flat, flat, indexing="ij"
        )
    )
    x, y = (one + GRAIN_MM * rng.uniform(-0.5, 0.5, one.shape) for one in (x, y))
    held = (np.hypot(x, y) <= outer) & (np.hypot(x, y) >= inner)
    s, x, y = s[held], x[held], y[held]
    angle = np.maximum(s, 0.0) / drawn.radius_mm
    toward = np.cos(angle)[:, None] * drawn.bend - np.sin(angle)[:, None] * drawn.axis
    places = drawn.at(s) + x[:, None] * toward + y[:, None] * np.cross(drawn.axis, drawn.bend)
    squeezed = np.where(s > 0.0, 1.0 - x / drawn.radius_mm, 1.0)
    return places, GRAIN_MM**2 * (high - low) / count * squeezed
