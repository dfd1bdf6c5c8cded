"""All nodes of the general grid: tools, background, outer boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from basivert.ablation.cells.background import background
from basivert.ablation.cells.dual import Dual, dual, shaken
from basivert.ablation.cells.metal import nearest, owned
from basivert.ablation.cells.size import CellSize
from basivert.ablation.cells.tools import NEAR_MM, TISSUE, ToolNodes, tool_nodes
from basivert.ablation.model import Ball, Tool, Watch, unwatched
from basivert.arrays import Codes, Points, Vector
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nodes:
    """Nodes and links; those on the outer boundary come last.

    points: (n + rims, 3) LPS mm.  free: n, the number of unknowns.  kind: (n,) of `tools`.
    tool: (n,) number of the tool or −1.  potential: (n,) share of the voltage or NaN.
    tools: in the order of their nodes.
    """

    points: Points
    free: int
    kind: Codes
    tool: Codes
    potential: Vector
    tools: tuple[ToolNodes, ...]
    dual: Dual


def nodes(tools: Sequence[Tool], size: CellSize, watch: Watch = unwatched) -> Nodes:
    """The grid of a set of tools; `watch` is asked as it grows.

    Raises: InputError when an electrode lies outside the box or inside other metal.
    """
    low, high = _box(tools, size)
    length = float(np.linalg.norm(high - low)) / 2
    made = [tool_nodes(t, size, _length(t, low, high, length)) for t in tools]
    metals = [m.metal for m in made]
    kept = [
        m.take(owned(metals, n, m.points, m.kind != TISSUE) & _inside(m.points, low, high, NEAR_MM))
        for n, m in enumerate(made)
    ]
    for tool in kept:
        if not np.isfinite(tool.potential).any() or tool.sensor.sum() < 0.5:
            raise InputError(
                "An electrode or sensor lies in other metal or outside the grid.",
                fix="Move the probes apart.",
            )
    taken = np.concatenate([k.points for k in kept])
    hot = KDTree(taken[np.isfinite(np.concatenate([k.potential for k in kept]))])

    def spacing(points: Points) -> Vector:
        watch(0.0)
        return size.at(hot.query(points)[0], nearest(metals, points))

    def clear(points: Points) -> Vector:
        return nearest(metals, points) - size.zone_mm

    room = np.concatenate([k.spacing for k in kept])
    free, rims = background(low, high, size.largest_mm, spacing, clear, taken, room)
    cut = ~_inside(taken, low, high, -NEAR_MM)
    points = np.concatenate([taken[~cut], free, rims, taken[cut]])
    widths = np.concatenate([room[~cut], spacing(free), np.full(len(rims) + cut.sum(), NEAR_MM)])
    count = int((~cut).sum())
    none = np.full(len(free), -1)
    spots = shaken(points, widths)
    watch(0.0)
    return Nodes(
        points=spots, free=count + len(free),
        kind=np.append(np.concatenate([k.kind for k in kept])[~cut], np.full(len(free), TISSUE)),
        tool=np.append(np.repeat(np.arange(len(kept)), [len(k.points) for k in kept])[~cut], none),
        potential=np.append(np.concatenate([k.potential for k in kept])[~cut], none * np.nan),
        tools=tuple(k.take(_inside(k.points, low, high, -NEAR_MM)) for k in kept),
        dual=dual(spots, watch),
    )  # fmt: skip


def _inside(points: Points, low: np.ndarray, high: np.ndarray, room: float) -> np.ndarray:
    return np.all((points >= low - room) & (points <= high + room), axis=1)


def _box(tools: Sequence[Tool], size: CellSize) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the outer boundary."""
    if size.box is not None:
        return np.array(size.box[0]), np.array(size.box[1])
    spots = np.concatenate([_electrode_spots(t) for t in tools])
    return spots.min(axis=0) - size.reach_mm, spots.max(axis=0) + size.reach_mm


def _electrode_spots(tool: Tool) -> Points:
    if isinstance(tool, Ball):
        return tool.centre[None]
    steps = np.linalg.norm(np.diff(tool.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    ends = [m for e in tool.electrodes for m in (e.start_mm, e.end_mm)]
    return np.stack([np.interp(ends, depth, tool.line[:, a]) for a in range(3)], axis=1)


def _length(tool: Tool, low: np.ndarray, high: np.ndarray, most: float) -> float:
    """From the tip to where a shaft has left the box."""
    if isinstance(tool, Ball):
        return 0.0
    steps = np.linalg.norm(np.diff(tool.line, axis=0), axis=1)
    away = tool.line[-1] - tool.line[-2]
    away = away / np.linalg.norm(away)
    with np.errstate(divide="ignore", invalid="ignore"):
        walls = np.where(away > 0, high - tool.line[-1], low - tool.line[-1]) / away
    ahead = walls[np.isfinite(walls)].min()
    return float(steps.sum() + max(ahead, 0.0)) if ahead < 2 * most else float(steps.sum())
