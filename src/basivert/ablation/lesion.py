"""The region that reaches a threshold: volume, axes, extent, surface. Tissue only, no probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.fields import Fields, stencil
from basivert.arrays import Matrix, Point, Points, Vector

# Fine cells per interval of the grid.
SPLIT = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A region of tissue above a threshold.

    volume_ml: without the probe.  centre: (3,) LPS mm.  axes: (3, 3) rows are unit principal
    directions, longest first.  lengths_mm: (3,) extent along them.  surface: (n, 3) LPS mm.
    """

    volume_ml: float
    centre: Point
    axes: Matrix
    lengths_mm: Vector
    surface: Points

    def extent_mm(self, direction: Point) -> tuple[float, float]:
        """Smallest and largest x · direction over the region, mm."""
        along = self.surface @ direction
        return float(along.min()), float(along.max())


def above(fields: Fields, values: np.ndarray, threshold: float) -> Region | None:
    """The region where `values` (angles, s, r) of `fields` exceed `threshold`; None if nowhere.

    Values should be smooth: temperature, or the logarithm of a dose.
    """
    blocks = [_block(fields, values - threshold, ahead) for ahead in (False, True)]
    volume = sum(float(b.share.sum()) for b in blocks)
    surface = np.concatenate([_crossings(fields, b) for b in blocks])
    if volume <= 0.0 or not len(surface):
        return None
    middle, spread = np.zeros(3), np.zeros((3, 3))
    for block in blocks:
        inside = block.share > 0
        points, share = _points(fields, block)[inside.ravel()], block.share[inside]
        middle += share @ points / volume
        spread += (points.T * share) @ points / volume
    axes = np.linalg.eigh(spread - np.outer(middle, middle))[1].T[::-1]
    along = surface @ axes.T
    return Region(
        volume_ml=volume / 1e3, centre=middle, axes=axes, lengths_mm=np.ptp(along, axis=0),
        surface=surface,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """Part of the grid, refined; `value` and `share` (mm³ inside) at (angle, depth, distance)."""

    angle: Vector
    depth: Vector
    distance: Vector
    value: np.ndarray
    share: np.ndarray


def _block(fields: Fields, value: np.ndarray, ahead: bool) -> _Block:
    """The tissue beside the probe, or (ahead) the column in front of its tip."""
    nodes = fields.nodes
    split_r = slice(0, nodes.surface + 1) if ahead else slice(nodes.surface, None)
    depths = nodes.depths[: nodes.tip] if ahead else nodes.depths
    radii = nodes.radii[split_r]
    part = value[:, : len(depths), split_r]
    borders_r = _refined(np.concatenate([[0.0], radii]) if ahead else radii)
    borders_s = _refined(depths)
    turn = 2 * np.pi / (nodes.angles * (SPLIT if nodes.angles > 1 else 1))
    angle = turn * np.arange(round(2 * np.pi / turn))
    depth, distance = (borders_s[1:] + borders_s[:-1]) / 2, (borders_r[1:] + borders_r[:-1]) / 2
    fine = np.einsum("tj,jkr->tkr", _ring(angle, nodes.angles), part)
    fine = np.einsum("sk,tkr->tsr", _matrix(depths, depth), fine)
    fine = np.einsum("ri,tsi->tsr", _matrix(radii, distance), fine)
    cell = turn * np.diff(borders_s)[:, None] * np.diff(borders_r**2)[None] / 2
    cell = cell * fields.frame.stretch(angle, depth, distance)
    width = sum(np.abs(np.gradient(fine, axis=a)) for a in range(1 if len(angle) == 1 else 0, 3))
    inside = np.clip(0.5 + fine / np.maximum(width, 1e-12), 0.0, 1.0)
    return _Block(angle=angle, depth=depth, distance=distance, value=fine, share=inside * cell)


def _refined(borders: Vector) -> Vector:
    steps = np.repeat(np.diff(borders) / SPLIT, SPLIT)
    return borders[0] + np.concatenate([[0.0], np.cumsum(steps)])


def _matrix(grid: Vector, at: Vector) -> Matrix:
    """Cubic interpolation from `grid` to `at`."""
    found = np.zeros((len(at), len(grid)))
    index, weight = stencil(grid, at)
    for n, row in enumerate(weight):
        found[np.arange(len(at)), index + n] = row
    return found


def _ring(angle: Vector, angles: int) -> Matrix:
    """Trigonometric interpolation around."""
    if angles == 1:
        return np.ones((len(angle), 1))
    between = angle[:, None] - 2 * np.pi * np.arange(angles) / angles
    total = np.ones_like(between)
    for mode in range(1, angles // 2 + 1):
        total += (1.0 if 2 * mode == angles else 2.0) * np.cos(mode * between)
    return total / angles


def _points(fields: Fields, block: _Block) -> Points:
    grid = np.meshgrid(block.angle, block.depth, block.distance, indexing="ij")
    return fields.frame.points(*(g.ravel() for g in grid))


def _crossings(fields: Fields, block: _Block) -> Points:
    """Points where the value passes zero between neighbours along depth and distance."""
    found: list[Points] = []
    turns = block.angle
    if len(turns) == 1:
        turns = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    value = np.broadcast_to(block.value, (len(turns), *block.value.shape[1:]))
    for axis, line in ((1, block.depth), (2, block.distance)):
        one, two = _neighbours(value, axis)
        where = np.nonzero((one >= 0) != (two >= 0))
        share = one[where] / (one[where] - two[where])
        place = [turns[where[0]], block.depth[where[1]], block.distance[where[2]]]
        place[axis] = place[axis] + share * np.diff(line)[where[axis]]
        found.append(fields.frame.points(*place))
    return np.concatenate(found)


def _neighbours(value: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    last = value.shape[axis]
    return np.take(value, range(last - 1), axis), np.take(value, range(1, last), axis)
