"""The general grid as a mesh: reading it, and the tissue where something is positive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.spatial import KDTree

from basivert.ablation.cells.level import inside, volumes
from basivert.ablation.cells.locate import found
from basivert.ablation.cells.nodes import Nodes
from basivert.ablation.mesh import Pieces
from basivert.arrays import Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellMesh:
    """Nodes and tetrahedra; arrays are (n,), one value an unknown.

    points: (n + rims, 3) LPS mm.  free: n.  corners, beside: (t, 4) nodes of tetrahedra and the
    ones across from them.  metal: (t,).  links: (e, 2) nodes of links in tissue.  spread: (n +
    rims, 3, 3) turns sums over links into slopes.
    """

    points: Points
    free: int
    corners: np.ndarray
    beside: np.ndarray
    metal: np.ndarray
    links: np.ndarray
    spread: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Unknowns."""
        return (self.free,)

    @property
    def places(self) -> Points:
        """(n, 3) LPS mm."""
        return self.points[: self.free]

    def reader(self, points: Points) -> Callable[[np.ndarray, float], Vector]:
        """Reads node values at points (n, 3); the second argument holds outside.

        Values and slopes of a tetrahedron's corners, weighted: exact for parabolas in tissue.
        """
        star = np.zeros(len(self.points), np.int64)
        star[self.corners.ravel()] = np.repeat(np.arange(len(self.corners)), 4)
        start = star[KDTree(self.points).query(points)[1]]
        cell, share = found(self.points, self.corners, self.beside, points, start)
        corners = self.corners[cell]
        off = points[:, None] - self.points[corners]
        curved = ~self.metal[cell]

        def read(values: np.ndarray, outside: float) -> Vector:
            whole = self._whole(values, outside)
            rise = 0.5 * np.sum(self._slopes(whole)[corners] * off, axis=2)
            at = np.sum(share * (whole[corners] + rise * curved[:, None]), axis=1)
            return np.where(cell < 0, outside, at)

        return read

    def positive(self, values: np.ndarray, outside: float) -> Pieces:
        """Where in the tissue values are above 0; `outside` on the boundary."""
        whole = self._whole(values, outside)
        slopes = self._slopes(whole)
        signs = np.sum(whole[self.corners] > 0.0, axis=1)
        full, partly = (self.corners[~self.metal & s] for s in (signs == 4, signs % 4 > 0))
        points, volume = inside(self.points[partly], whole[partly], slopes[partly])
        at = self.points[full]
        points = np.concatenate([at.mean(axis=1), points])
        volume = np.concatenate([volumes(at), volume])
        one, two = self.links.T
        middle = (whole[one] + whole[two]) / 2 + np.sum(
            (slopes[one] - slopes[two]) * (self.points[two] - self.points[one]), axis=1
        ) / 8
        surface = [
            _crossings(self.points[one], self.points[two], *ends)
            for ends in ((whole[one], middle, 0.0), (middle, whole[two], 0.5))
        ]
        return Pieces(
            points=points[volume > 0], volume=volume[volume > 0], surface=np.concatenate(surface)
        )

    def _whole(self, values: np.ndarray, outside: float) -> Vector:
        """Values of all nodes, the outer boundary's with them."""
        return np.concatenate([values, np.full(len(self.points) - self.free, outside)])

    def _slopes(self, whole: Vector) -> Points:
        """(n + rims, 3) per mm, of least squares over links in tissue."""
        total = _driven(self.points, self.links, whole)
        return np.einsum("nij,nj->ni", self.spread, total)


@njit(cache=True, nogil=True)
def _driven(points: Points, links: np.ndarray, whole: Vector) -> Points:
    """(n, 3) sum over a node's links of difference over distance, along the link."""
    total = np.zeros((len(points), 3))
    for link in range(len(links)):
        one, two = links[link]
        x = points[two, 0] - points[one, 0]
        y = points[two, 1] - points[one, 1]
        z = points[two, 2] - points[one, 2]
        share = (whole[two] - whole[one]) / (x * x + y * y + z * z)
        for node in (one, two):
            total[node, 0] += share * x
            total[node, 1] += share * y
            total[node, 2] += share * z
    return total


def _crossings(
    one: Points, two: Points, first: Vector, second: Vector, begin: float
) -> Points:  # fmt: skip
    """Where half a link, from share `begin` on, passes 0."""
    where = np.flatnonzero((first >= 0) != (second >= 0))
    share = begin + 0.5 * first[where] / (first[where] - second[where])
    return one[where] + share[:, None] * (two[where] - one[where])


def cell_mesh(nodes: Nodes, metal: np.ndarray) -> CellMesh:
    """The mesh of a grid; metal: (t,) tetrahedra that are."""
    dual = nodes.dual
    in_tissue = np.zeros(len(dual.links), bool)
    in_tissue[dual.edge[~metal].ravel()] = True
    links = dual.links[in_tissue]
    apart = nodes.points[links[:, 1]] - nodes.points[links[:, 0]]
    unit = apart / np.linalg.norm(apart, axis=1, keepdims=True)
    square = (unit[:, :, None] * unit[:, None]).reshape(-1, 9)
    total = np.stack(
        [
            np.bincount(links[:, 0], c, len(nodes.points))
            + np.bincount(links[:, 1], c, len(nodes.points))
            for c in square.T
        ],
        axis=1,
    ).reshape(-1, 3, 3)
    usable = np.linalg.cond(total) < 1e6
    spread = np.zeros_like(total)
    spread[usable] = np.linalg.inv(total[usable])
    return CellMesh(
        points=nodes.points, free=nodes.free, corners=dual.corners, beside=dual.beside,
        metal=metal, links=links, spread=spread,
    )  # fmt: skip
