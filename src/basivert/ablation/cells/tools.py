"""Nodes on and around one tool: rings about a probe's axis, shells about a ball.

Each ring lies on a cylinder, its nodes at the same angles from ring to ring, so that the links
between them run across, along and around the probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from basivert.ablation.cells.metal import Metal, Sphere, rod
from basivert.ablation.cells.size import CellSize
from basivert.ablation.frame import course
from basivert.ablation.model import Ball, Probe
from basivert.arrays import Codes, Points, Vector

TISSUE, SURFACE, INSIDE = range(3)
"""Kinds of nodes."""
NEAR_MM = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToolNodes:
    """Nodes of one tool.

    points: (n, 3) LPS mm.  kind: (n,).  place: (n, 3) number of angle, depth and radius.
    spacing: (n,) mm to the next node outwards.  potential: (n,) share of the voltage on
    electrodes, NaN elsewhere.  sensor: (n,) weights.  radii, depths: of the rings, mm.
    beyond: (depths,) whether a ring lies behind a rod that ends.
    surface: number of the metal's surface in `radii`.  edges: of electrodes, as depth, direction
    off the metal (±1), and whether the metal ends there too.
    """

    points: Points
    kind: Codes
    place: np.ndarray
    spacing: Vector
    potential: Vector
    sensor: Vector
    radii: Vector
    depths: Vector
    beyond: np.ndarray
    surface: int
    edges: tuple[tuple[float, float, bool], ...]
    metal: Metal

    def take(self, keep: np.ndarray) -> ToolNodes:
        """Only the chosen nodes."""
        return ToolNodes(
            points=self.points[keep], kind=self.kind[keep], place=self.place[keep],
            spacing=self.spacing[keep], potential=self.potential[keep],
            sensor=self.sensor[keep], radii=self.radii, depths=self.depths, beyond=self.beyond,
            surface=self.surface, edges=self.edges, metal=self.metal,
        )  # fmt: skip


def tool_nodes(tool: Probe | Ball, size: CellSize, length_mm: float) -> ToolNodes:
    """Nodes of a tool; `length_mm`: how far a shaft that goes on is followed from the tip."""
    return _ball(tool, size) if isinstance(tool, Ball) else _probe(tool, size, length_mm)


def _radii(radius: float, size: CellSize) -> tuple[Vector, int]:
    """Radii of rings: inside, on and around the metal; and which one is the surface."""
    count = max(1, round(radius / size.inside_mm))
    inner = radius * (np.arange(count) + 0.5) / (count + 0.5)
    outer = radius + np.cumsum(size.outwards(min(size.edge_mm, size.share * radius)))
    return np.concatenate([inner, [radius], outer]), count


def _depths(probe: Probe, size: CellSize, length: float) -> Vector:
    """Depths of rings, finest at electrode ends."""
    edge = min(size.edge_mm, size.share * probe.radius_mm)
    ends = sorted(
        {0.0, *(m for e in probe.electrodes for m in (e.start_mm, e.end_mm) if m <= length)}
    )
    found = [-np.cumsum(size.outwards(edge))[::-1], [0.0]]
    for start, stop in pairwise(ends):
        half = size.along((stop - start) / 2, edge)
        found.append(start + np.cumsum(np.concatenate([half, half[::-1]])))
    if length - ends[-1] > NEAR_MM:
        found.append(ends[-1] + np.cumsum(size.along(length - ends[-1], edge)))
    if probe.ends:
        found.append(length + np.cumsum(size.outwards(edge)))
    return np.concatenate(found)


def _probe(probe: Probe, size: CellSize, length: float) -> ToolNodes:
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    whole = float(steps.sum())
    length = whole if probe.ends else max(length, whole)
    line = course(probe, size.zone_mm + 1.0, length + size.zone_mm + 1.0)
    radii, surface = _radii(probe.radius_mm, size)
    depths = _depths(probe, size, length)
    angles = size.angles
    turn, k, i = (
        a.ravel()
        for a in np.meshgrid(
            np.arange(angles), np.arange(len(depths)), np.arange(len(radii)), indexing="ij"
        )
    )
    axis = np.arange(len(depths))
    none = np.full(len(depths), -1)
    turn, k, i = np.append(turn, none), np.append(k, axis), np.append(i, none)
    angle, depth = 2 * np.pi * turn / angles, depths[k]
    radius = np.where(i < 0, 0.0, radii[i])
    points = (
        line.centre(depth) + (radius * np.cos(angle))[:, None] * line.side(depth)
        + (radius * np.sin(angle))[:, None] * line.up(depth)
    )  # fmt: skip
    beside = (depth >= -NEAR_MM) & (not probe.ends or depth <= length + NEAR_MM)
    within = beside & (i < surface)
    faces = np.abs(depth) < NEAR_MM
    if probe.ends:
        faces |= np.abs(depth - length) < NEAR_MM
    kind = np.where(within & ~faces, INSIDE, TISSUE)
    kind[(beside & (i == surface)) | (within & faces)] = SURFACE
    gap = np.append(np.diff(radii), radii[-1] - radii[-2])
    return ToolNodes(
        points=points, kind=kind, place=np.stack([turn, k, i], axis=1),
        spacing=np.maximum(gap[np.maximum(i, 0)], size.share * radius),
        potential=_potential(probe, depth, kind), sensor=_sensor(probe, depths, k, i == surface),
        radii=radii, depths=depths, beyond=(depths > length - NEAR_MM) & probe.ends,
        surface=surface, edges=_edges(probe, length),
        metal=rod(line, length, probe.radius_mm, probe.ends),
    )  # fmt: skip


def _edges(probe: Probe, length: float) -> tuple[tuple[float, float, bool], ...]:
    found: list[tuple[float, float, bool]] = []
    for electrode in probe.electrodes:
        found.append((electrode.start_mm, -1.0, electrode.start_mm < NEAR_MM))
        if electrode.end_mm <= length + NEAR_MM:
            last = probe.ends and electrode.end_mm > length - NEAR_MM
            found.append((electrode.end_mm, 1.0, last))
    return tuple(found)


def _potential(probe: Probe, depth: Vector, kind: Codes) -> Vector:
    found = np.full(len(depth), np.nan)
    for electrode in probe.electrodes:
        on = (depth >= electrode.start_mm - NEAR_MM) & (depth <= electrode.end_mm + NEAR_MM)
        found[on & (kind == SURFACE)] = electrode.potential
    return found


def _sensor(probe: Probe, depths: Vector, k: Codes, on: np.ndarray) -> Vector:
    """Weights of the mean around the surface at the sensor's depth."""
    after = int(np.clip(np.searchsorted(depths, probe.sensor_mm), 1, len(depths) - 1))
    share = (probe.sensor_mm - depths[after - 1]) / (depths[after] - depths[after - 1])
    return np.where(on & (k == after), share, np.where(on & (k == after - 1), 1 - share, 0.0))


def _ball(ball: Ball, size: CellSize) -> ToolNodes:
    """Shells of the same directions; place: direction, 0, shell."""
    radii, surface = _radii(ball.radius_mm, size)
    directions = _directions(size.directions)
    way, i = (
        a.ravel()
        for a in np.meshgrid(np.arange(len(directions)), np.arange(len(radii)), indexing="ij")
    )
    points = np.concatenate([ball.centre + radii[i][:, None] * directions[way], [ball.centre]])
    way, i = np.append(way, -1), np.append(i, -1)
    kind = np.where(i < surface, INSIDE, np.where(i == surface, SURFACE, TISSUE))
    gap = np.append(np.diff(radii), radii[-1] - radii[-2])
    on = (i == surface).astype(float)
    return ToolNodes(
        points=points, kind=kind, place=np.stack([way, np.zeros_like(way), i], axis=1),
        spacing=gap[np.maximum(i, 0)],
        potential=np.where(i == surface, ball.potential, np.nan), sensor=on,
        radii=radii, depths=np.zeros(1), beyond=np.zeros(1, bool), surface=surface, edges=(),
        metal=Sphere(centre=ball.centre, radius_mm=ball.radius_mm),
    )  # fmt: skip


def _directions(count: int) -> Points:
    """Evenly spread unit vectors on a golden spiral."""
    n = np.arange(count) + 0.5
    z, turn = 1 - 2 * n / count, np.pi * (1 + 5**0.5) * n
    flat = np.sqrt(1 - z**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)
