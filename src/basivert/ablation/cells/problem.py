"""Tools in their tissue on the general grid, ready to be heated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from basivert.ablation.cells.body import Links, links, pieces
from basivert.ablation.cells.mesh import CellMesh, cell_mesh
from basivert.ablation.cells.nodes import Nodes, nodes
from basivert.ablation.cells.size import CellSize
from basivert.ablation.cells.sparse import Pattern, Sparse, pattern
from basivert.ablation.cells.tools import INSIDE
from basivert.ablation.model import Ball, Material, Physics, TissueMap, Tool, Watch, unwatched
from basivert.arrays import Vector
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Coefficients on the general grid, W, V, K, J, s; arrays (n,) unless said.

    links: conductances.  pattern: of the matrices they make.  outer: (m,) potential, per volt, of
    the outer boundary at `links.rims`.  Else see `ablation.problem.Problem`.
    """

    mesh: CellMesh
    links: Links
    pattern: Pattern
    storage: Vector
    perfusion: Vector
    water: Vector
    rim: Vector
    fixed: np.ndarray
    potential: Vector
    sensors: np.ndarray
    outer: Vector

    def conduction(self, factor: np.ndarray) -> CellConduction:
        """Field equations where σ at a node is `factor` times that at body temperature."""
        one, two = self.links.ends.T
        electric = self.links.electric * 0.5 * (factor[one] + factor[two])
        rim = self.links.rim_electric * factor[self.links.rims[:, 0]]
        free = np.where(self.fixed[one] | self.fixed[two], 0.0, electric)
        held = electric - free
        size = len(self.storage)
        given = np.bincount(one, held * self.potential[two], size)
        given += np.bincount(two, held * self.potential[one], size)
        given += np.bincount(self.links.rims[:, 0], rim * self.outer, size)
        diagonal = np.bincount(one, held, size) + np.bincount(two, held, size)
        diagonal += np.bincount(self.links.rims[:, 0], rim, size)
        lonely = self.fixed | (diagonal + _around(free, one, two, size) <= 0.0)
        return CellConduction(
            cells=self, electric=electric, rim=rim, right=np.where(lonely, 0.0, given),
            operator=self.pattern.filled(free, np.where(lonely, 1.0, diagonal)),
        )  # fmt: skip

    def operator(self, diagonal: np.ndarray) -> Sparse:
        """Heat conduction inside plus a diagonal, W/K."""
        return self.pattern.filled(self.links.heat, diagonal)

    def alive(self, omega: np.ndarray) -> np.ndarray:
        """Share of each node's cell where Ω < 1, from how ln Ω differs between neighbours."""
        return _alive(np.log(np.maximum(omega, 1e-30)), self.links.ends)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellConduction:
    """The field's equations for one volt; electric, rim: conductances as they are now, S."""

    cells: Cells
    electric: Vector
    rim: Vector
    operator: Sparse
    right: Vector

    def joule(self, potential: np.ndarray) -> tuple[np.ndarray, float]:
        """Heat of each node, W/V², and conductance, S."""
        own = self.cells.links
        one, two = own.ends.T
        half = 0.5 * self.electric * (potential[one] - potential[two]) ** 2
        last = self.rim * (potential[own.rims[:, 0]] - self.cells.outer) ** 2
        heat = np.bincount(own.rims[:, 0], last, len(potential))
        heat += _around(half, one, two, len(potential))
        return heat, float(heat.sum())


def cells(
    tools: Sequence[Tool], size: CellSize, tissue: TissueMap, materials: Sequence[Material],
    physics: Physics, watch: Watch = unwatched,
) -> Cells:  # fmt: skip
    """Put tools into tissue on the general grid; `watch` is asked between the parts of the work.

    Raises: InputError for tools that overlap at electrodes, lone electrodes without a voltage, or a
        tissue map that names a material which does not exist.
    """
    alone = _monopolar(tools)
    grid = nodes(tools, size, watch)
    watch(0.0)
    code = pieces(grid, tissue, len(materials))
    watch(0.0)
    made, held = links(grid, code, materials, physics)
    if not alone:
        made = made.insulated()
    watch(0.0)
    mesh = cell_mesh(grid, np.all(code == len(materials), axis=1))
    watch(0.0)
    return Cells(
        mesh=mesh, links=made,
        pattern=pattern(made.ends, grid.free), storage=held.storage,
        perfusion=held.perfusion, water=held.water,
        rim=np.bincount(made.rims[:, 0], made.rim_heat, grid.free),
        fixed=np.isfinite(grid.potential) | (grid.kind == INSIDE),
        potential=np.nan_to_num(grid.potential), sensors=_sensors(grid),
        outer=np.zeros(len(made.rims)),
    )  # fmt: skip


def _monopolar(tools: Sequence[Tool]) -> bool:
    """Whether the outer boundary is the return electrode."""
    shares = {s for t in tools for s in _shares(t)}
    if len(shares) > 1:
        return False
    if shares != {1.0}:
        raise InputError(
            f"All electrodes have potential {shares}: no current can flow.",
            fix="Give electrodes different potentials, or 1 where the return is far away.",
        )
    return True


def _shares(tool: Tool) -> tuple[float, ...]:
    if isinstance(tool, Ball):
        return (tool.potential,)
    return tuple(e.potential for e in tool.electrodes)


def _sensors(grid: Nodes) -> np.ndarray:
    """(m, n) one row a tool."""
    found = np.zeros((len(grid.tools), grid.free))
    first = 0
    for row, tool in zip(found, grid.tools, strict=True):
        row[first : first + len(tool.points)] = tool.sensor / tool.sensor.sum()
        first += len(tool.points)
    return found


def _around(value: Vector, one: np.ndarray, two: np.ndarray, size: int) -> Vector:
    """Sum of links' values over each node's links."""
    return np.bincount(one, value, size) + np.bincount(two, value, size)


@njit(cache=True, nogil=True)
def _alive(log_omega: Vector, ends: np.ndarray) -> Vector:
    width = np.full(len(log_omega), 1e-9)
    for e in range(len(ends)):
        one, two = ends[e]
        apart = abs(log_omega[one] - log_omega[two])
        width[one], width[two] = max(width[one], apart), max(width[two], apart)
    return np.minimum(1.0, np.maximum(0.0, 0.5 - log_omega / width))
