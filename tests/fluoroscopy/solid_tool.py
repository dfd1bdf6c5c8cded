"""A tool drawn without the package's own renderer: its volume in small cubes, each projected."""

from dataclasses import dataclass

import numpy as np

from basivert.fluoroscopy.carm import CArm

STEEL, NITINOL, WATER = 0.950, 0.763, 0.0206  # 1/mm at 60 keV
TUBE, CORE = (1.695, 2.095), 1.05
GRAIN_MM, OUTSIDE_MM = 0.2, 110.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """Introducer to `start` along `axis`, then `length` mm of arc towards `bend`."""

    start: np.ndarray
    axis: np.ndarray
    bend: np.ndarray
    radius: float
    length: float

    def at(self, s: np.ndarray) -> np.ndarray:
        angle = np.maximum(s, 0.0) / self.radius
        ahead = np.where(s > 0.0, self.radius * np.sin(angle), s)
        return self.start + ahead[:, None] * self.axis + (
            self.radius * (1.0 - np.cos(angle))[:, None] * self.bend
        )  # fmt: skip

    @property
    def tip(self) -> np.ndarray:
        return self.at(np.array([self.length]))[0]


def metal(tool: Solid, view: CArm) -> np.ndarray:
    """(rows, columns) what the tool adds to the line integral."""
    rows, columns = view.detector.pixels
    found = np.zeros(rows * columns)
    for inner, outer, end, mu in ((*TUBE, 0.0, STEEL), (0.0, CORE, tool.length, NITINOL)):
        if end <= -OUTSIDE_MM:
            continue
        places, volume = cubes(tool, inner, outer, end)
        way = places - view.source
        away = np.linalg.norm(way, axis=1)
        cosine = (way @ view.axes[2]) / away
        pixel = np.prod(view.detector.pitch_mm) * cosine**3 / view.source_detector_mm**2
        at = np.rint(view.pixel(places)).astype(int)
        held = (at >= 0).all(axis=1) & (at[:, 0] < columns) & (at[:, 1] < rows)
        share = (mu - WATER) * volume / (pixel * away**2)
        found += np.bincount(at[held, 1] * columns + at[held, 0], share[held], rows * columns)
    return found.reshape(rows, columns)


def cubes(tool: Solid, inner: float, outer: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) that fill a tube up to `end` mm of its line, and the volume of each, mm³."""
    rng = np.random.default_rng(3)
    count = round((end + OUTSIDE_MM) / GRAIN_MM)
    s = -OUTSIDE_MM + (np.arange(count) + 0.5) * (end + OUTSIDE_MM) / count
    flat = np.arange(-outer, outer + GRAIN_MM, GRAIN_MM)
    s, x, y = (one.ravel() for one in np.meshgrid(s, flat, flat, indexing="ij"))
    x, y = (one + GRAIN_MM * rng.uniform(-0.5, 0.5, one.shape) for one in (x, y))
    held = (np.hypot(x, y) <= outer) & (np.hypot(x, y) >= inner)
    s, x, y = s[held], x[held], y[held]
    angle = np.maximum(s, 0.0)[:, None] / tool.radius
    aside = np.cos(angle) * tool.bend - np.sin(angle) * tool.axis
    places = tool.at(s) + x[:, None] * aside + y[:, None] * np.cross(tool.axis, tool.bend)
    squeezed = np.where(s > 0.0, 1.0 - x / tool.radius, 1.0)
    return places, GRAIN_MM**2 * (end + OUTSIDE_MM) / count * squeezed


def shot(tool: Solid, view: CArm, rng: np.random.Generator) -> np.ndarray:
    """−log of counts behind an uneven body, with scatter of half the primary and noise."""
    rows, columns = np.indices(view.detector.pixels)
    body = 4.0 + 0.5 * np.sin(rows / 23.0 + 1.0) + 0.4 * np.cos(columns / 19.0)
    body += 0.12 * (np.abs(columns - 128 - 0.2 * rows) < 25)  # a bone's edge across the picture
    through = np.exp(-body - metal(tool, view))
    scatter = 0.5 * np.exp(-4.0)
    counts = rng.poisson((through + scatter) * 600.0 / np.exp(-4.0))
    return -np.log(np.maximum(counts, 1) / 600.0).astype(np.float32)
