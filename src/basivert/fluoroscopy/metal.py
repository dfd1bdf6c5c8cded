"""How long every ray runs in an instrument: true chords, each stretch counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit
from scipy.ndimage import maximum_filter

from basivert.arrays import Points, frozen
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm

SUB_RAYS = 3
# Pixels around the projected line that are looked at beyond the tool's own width.
RIM_PIXELS = 2
PARALLEL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tool:
    """A round tool along a line, solid or hollow, with round ends.

    line: (n, 3) LPS mm.  inner_mm: radius of its hollow; 0 for solid.
    """

    line: Points
    radius_mm: float
    inner_mm: float
    material: str

    def __post_init__(self) -> None:
        if len(self.line) < 1 or not 0.0 <= self.inner_mm < self.radius_mm:
            raise InputError(
                f"A tool of radius {self.radius_mm:g} mm with a hollow of {self.inner_mm:g} mm "
                f"along {len(self.line)} points cannot be."
            )
        object.__setattr__(self, "line", frozen(self.line.astype(float)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chords:
    """Where the instruments' shadow falls, and how long its rays run in them.

    rows, columns: (n,) of the pixels.  lengths_mm: material → (n, sub-rays).
    """

    rows: np.ndarray
    columns: np.ndarray
    lengths_mm: Mapping[str, np.ndarray]

    def mean(self, shape: tuple[int, int], material: str) -> np.ndarray:
        """(rows, columns) mean length in one material, mm; float32."""
        picture = np.zeros(shape, dtype=np.float32)
        if material in self.lengths_mm:
            picture[self.rows, self.columns] = self.lengths_mm[material].mean(axis=1)
        return picture


def chords(tools: Sequence[Tool], carm: CArm) -> Chords:
    """Lengths of all rays in these tools; 3 × 3 rays a pixel, since a tool is a few pixels wide.

    Where two tools overlap both count. Raises: InputError for a tool behind the source.
    """
    shape, places = carm.detector.pixels, carm.lps_from_pixel[:3]
    marked = [np.flatnonzero(_near(tool, carm)) for tool in tools]
    seen = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *marked]))
    lengths = {tool.material: np.zeros((len(seen), SUB_RAYS**2)) for tool in tools}
    step = (np.arange(SUB_RAYS) + 0.5) / SUB_RAYS - 0.5
    down, across = (grid.ravel() for grid in np.meshgrid(step, step, indexing="ij"))
    source = np.array(carm.source)
    for tool, pixels in zip(tools, marked, strict=True):
        rows, columns = np.unravel_index(pixels, shape)
        ends = (
            (columns[:, None] + across)[..., None] * places[:, 0]
            + (rows[:, None] + down)[..., None] * places[:, 1] + places[:, 3]
        )  # fmt: skip
        ways = (ends - source).reshape(-1, 3)
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        found = along(tool.line, tool.radius_mm, source, ways)
        if tool.inner_mm > 0.0:
            found -= along(tool.line, tool.inner_mm, source, ways)
        lengths[tool.material][np.searchsorted(seen, pixels)] += found.reshape(-1, SUB_RAYS**2)
    rows, columns = np.unravel_index(seen, shape)
    return Chords(rows=rows, columns=columns, lengths_mm=lengths)


def _near(tool: Tool, carm: CArm) -> np.ndarray:
    """(rows, columns) pixels within the tool's projected width of its line."""
    scale = carm.scale(tool.line)
    if scale.min() <= 0.0:
        raise InputError("A tool lies behind the source.", fix="Move the C-arm or the tool.")
    pixel = carm.pixel(tool.line)
    wide = int(np.ceil(tool.radius_mm / (scale.min() * min(carm.detector.pitch_mm)))) + RIM_PIXELS
    pieces = max(1, int(np.ceil(np.abs(np.diff(pixel, axis=0)).max(initial=0.0) / wide)))
    steps = np.linspace(0.0, 1.0, pieces + 1)[:, None, None]
    dots = np.rint((pixel[:-1] + steps * np.diff(pixel, axis=0)).reshape(-1, 2))
    dots = np.concatenate([dots, np.rint(pixel)]).astype(int)[:, ::-1]
    rows, columns = carm.detector.pixels
    dots = dots[((dots >= -wide) & (dots < np.array([rows, columns]) + wide)).all(axis=1)]
    held = np.zeros((rows + 2 * wide, columns + 2 * wide), dtype=bool)
    if len(dots):
        held[tuple((dots + wide).T)] = True
        low, high = np.maximum(dots.min(axis=0), 0), dots.max(axis=0) + 2 * wide + 1
        box = (slice(low[0], high[0]), slice(low[1], high[1]))
        # One and a half widths: dots lie a width apart.
        held[box] = maximum_filter(held[box], size=3 * wide + 1)
    return held[wide : wide + rows, wide : wide + columns]


@njit(cache=True, nogil=True)
@no_type_check
def _enter(a, b, radius, source, way):
    """First and last place of a ray in one capsule; first >= last where it misses."""
    first, last = 1e30, -1e30
    ox, oy, oz = source[0] - a[0], source[1] - a[1], source[2] - a[2]
    ax, ay, az = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    wx, wy, wz = way[0], way[1], way[2]
    lift, slope, square = (
        ox * ax + oy * ay + oz * az,
        wx * ax + wy * ay + wz * az,
        (ax * ax + ay * ay + az * az),
    )
    ow, oo = ox * wx + oy * wy + oz * wz, ox * ox + oy * oy + oz * oz
    # Round ends: |o + t w|² = r², and the same about b.
    for middle, far in ((-ow, oo), (slope - ow, oo - 2.0 * lift + square)):
        inside = radius * radius - far + middle * middle
        if inside > 0.0:
            half = np.sqrt(inside)
            first, last = min(first, middle - half), max(last, middle + half)
    if square < PARALLEL:
        return first, last
    # Round wall between two planes, about the axis.
    lift, slope = lift / square, slope / square
    aa, bb = 1.0 - slope * slope * square, ow - lift * slope * square
    cc = oo - lift * lift * square - radius * radius
    begin, end = -1e30, 1e30
    if aa > PARALLEL:
        inside = bb * bb - aa * cc
        if inside <= 0.0:
            return first, last
        root = np.sqrt(inside)
        begin, end = (-bb - root) / aa, (-bb + root) / aa
    elif cc >= 0.0:
        return first, last
    if abs(slope) > PARALLEL:
        one, other = -lift / slope, (1.0 - lift) / slope
        begin, end = max(begin, min(one, other)), min(end, max(one, other))
    elif lift < 0.0 or lift > 1.0:
        return first, last
    if begin < end:
        first, last = min(first, begin), max(last, end)
    return first, last


@njit(cache=True, nogil=True)
@no_type_check
def along(line, radius, source, ways):
    """(rays,) mm of each ray inside the chain of capsules along a line (n, 3), counted once.

    source: (3,).  ways: (rays, 3) unit vectors.
    """
    found = np.zeros(len(ways))
    parts = max(1, len(line) - 1)
    firsts, lasts = np.empty(parts), np.empty(parts)
    middles, reaches = np.empty((parts, 3)), np.empty(parts)
    for n in range(parts):
        a, b = line[n], line[min(n + 1, len(line) - 1)]
        long = 0.0
        for axis in range(3):  # one number at a time: arrays here triple the time to compile
            middles[n, axis] = 0.5 * (a[axis] + b[axis]) - source[axis]
            long += (b[axis] - a[axis]) ** 2
        reaches[n] = (radius + 0.5 * np.sqrt(long)) ** 2
    for ray in range(len(ways)):
        count = 0
        x, y, z = ways[ray]
        for n in range(parts):
            # Most capsules are nowhere near the ray: their bounding balls say so at once.
            mx, my, mz = middles[n]
            ahead = mx * x + my * y + mz * z
            if mx * mx + my * my + mz * mz - ahead * ahead > reaches[n]:
                continue
            first, last = _enter(
                line[n], line[min(n + 1, len(line) - 1)], radius, source, ways[ray]
            )
            if first >= last:
                continue
            at = count  # kept in order of entry
            while at > 0 and firsts[at - 1] > first:
                firsts[at], lasts[at] = firsts[at - 1], lasts[at - 1]
                at -= 1
            firsts[at], lasts[at] = first, last
            count += 1
        reached = -1e30
        for n in range(count):
            found[ray] += max(0.0, lasts[n] - max(firsts[n], reached))
            reached = max(reached, lasts[n])
    return found
