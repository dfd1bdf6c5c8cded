"""The grid fitted to one probe, as a mesh: reading it, and where something is positive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from basivert.ablation.frame import Frame
from basivert.ablation.grid import Nodes
from basivert.ablation.interpolation import interpolated, stencil
from basivert.ablation.mesh import Pieces
from basivert.arrays import Matrix, Points, Vector

# Fine cells per interval of the grid.
SPLIT = 3
# Nodes kept beside those above 0: two for a cubic, one for a slope.
BESIDE = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """Nodes about one probe; arrays are (angles, s, r)."""

    frame: Frame
    nodes: Nodes

    @property
    def shape(self) -> tuple[int, int, int]:
        """Unknowns as (angles, s, r)."""
        return self.nodes.shape

    @property
    def places(self) -> Points:
        """(n, 3) LPS mm, in the order of raveled arrays."""
        nodes = self.nodes
        turn = 2 * np.pi * np.arange(nodes.angles) / nodes.angles
        grid = np.meshgrid(turn, nodes.depths, nodes.radii, indexing="ij")
        return self.frame.points(*(g.ravel() for g in grid))

    def reader(self, points: Points) -> Callable[[np.ndarray, float], Vector]:
        """Reads node values at points (n, 3); the second argument holds outside."""
        place = self.frame.coordinates(points)

        def read(values: np.ndarray, outside: float) -> Vector:
            return interpolated(self.nodes, values, *place, outside)

        return read

    def positive(self, values: np.ndarray, outside: float) -> Pieces:
        """Where in the tissue values are above 0; `outside`: not needed, nodes reach far."""
        blocks = [_block(self, values, ahead) for ahead in (False, True)]
        inside = [_inside(self, block) for block in blocks]
        return Pieces(
            points=np.concatenate([points for points, _ in inside]),
            volume=np.concatenate([volume for _, volume in inside]),
            surface=np.concatenate([_crossings(self, block) for block in blocks]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """Part of the grid, refined.

    value: at (angle, depth, distance), the cells' middles.  cell: (depth, distance) mm³ of each on
    a straight grid.
    """

    angle: Vector
    depth: Vector
    distance: Vector
    value: np.ndarray
    cell: np.ndarray


def _block(mesh: Fitted, value: np.ndarray, ahead: bool) -> _Block:
    """What may be above 0 of the tissue beside the probe, or (ahead) before its tip."""
    nodes = mesh.nodes
    split_r = slice(0, nodes.surface + 1) if ahead else slice(nodes.surface, None)
    depths = nodes.depths[: nodes.tip] if ahead else nodes.depths
    radii, part = nodes.radii[split_r], value[:, : len(depths), split_r]
    rows, columns = _near(np.any(part > 0, axis=(0, 2))), _near(np.any(part > 0, axis=(0, 1)))
    depths, radii, part = depths[rows], radii[columns], part[:, rows, columns]
    from_axis = ahead and columns.start == 0
    borders_r = _refined(np.concatenate([[0.0], radii]) if from_axis else radii)
    borders_s = _refined(depths)
    turn = 2 * np.pi / (nodes.angles * (SPLIT if nodes.angles > 1 else 1))
    angle = turn * np.arange(round(2 * np.pi / turn))
    depth, distance = (borders_s[1:] + borders_s[:-1]) / 2, (borders_r[1:] + borders_r[:-1]) / 2
    fine = np.tensordot(_ring(angle, nodes.angles), part, axes=1)
    fine = _matrix(depths, depth) @ fine @ _matrix(radii, distance).T
    cell = turn * np.diff(borders_s)[:, None] * np.diff(borders_r**2)[None] / 2
    return _Block(angle=angle, depth=depth, distance=distance, value=fine, cell=cell)


def _near(positive: np.ndarray) -> slice:
    """The nodes that are, with enough beside them for cubics; never fewer than a cubic needs."""
    if not positive.any():
        return slice(0, 4)
    found = np.flatnonzero(positive)
    start = max(int(found[0]) - BESIDE, 0)
    return slice(min(start, max(len(positive) - 4, 0)), max(int(found[-1]) + BESIDE + 1, start + 4))


def _inside(mesh: Fitted, block: _Block) -> tuple[Points, Vector]:
    """Middles of the cells that are above 0, wholly or in part, LPS mm, and mm³ of them."""
    fine = block.value
    around = range(1 if len(block.angle) == 1 else 0, 3)
    width = sum(np.abs(np.gradient(fine, axis=a)) for a in around)
    share = np.clip(0.5 + fine / np.maximum(width, 1e-12), 0.0, 1.0)
    where = np.nonzero(share > 0)
    place = (block.angle[where[0]], block.depth[where[1]], block.distance[where[2]])
    volume = share[where] * block.cell[where[1:]] * mesh.frame.stretch(*place)
    return mesh.frame.points(*place), volume


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


def _crossings(mesh: Fitted, block: _Block) -> Points:
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
        found.append(mesh.frame.points(*place))
    return np.concatenate(found)


def _neighbours(value: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    last = value.shape[axis]
    return np.take(value, range(last - 1), axis), np.take(value, range(1, last), axis)
