"""Matrices of the general grid and their approximate inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_matrix

from basivert.arrays import Codes, Vector

# Nodes of the coarsest level.
COARSEST = 150


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sparse:
    """A symmetric matrix."""

    matrix: csr_matrix

    def __matmul__(self, x: np.ndarray) -> np.ndarray:
        """Matrix · x."""
        return self.matrix @ x

    def inverse(self) -> Multigrid:
        """One cycle of algebraic multigrid."""
        return Multigrid(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """Where a matrix of links has entries.

    ends: (e, 2) nodes.  size: n.  indices, indptr: of its rows.  source: (entries,) number of the
    link, or e + node on the diagonal.
    """

    ends: np.ndarray
    size: int
    indices: Codes
    indptr: Codes
    source: Codes

    def filled(self, conductance: Vector, diagonal: Vector) -> Sparse:
        """Matrix of conductances (e,) between nodes, plus a diagonal (n,)."""
        one, two = self.ends.T
        whole = diagonal + np.bincount(one, conductance, self.size)
        whole += np.bincount(two, conductance, self.size)
        data = np.concatenate([-conductance, whole])[self.source]
        return Sparse(
            matrix=csr_matrix((data, self.indices, self.indptr), shape=(self.size, self.size))
        )


def pattern(ends: np.ndarray, size: int) -> Pattern:
    """The pattern of links (e, 2) between `size` nodes."""
    one, two = ends.T
    own = np.arange(size)
    numbers = np.concatenate([np.arange(len(ends)), np.arange(len(ends)), len(ends) + own])
    rows, columns = np.concatenate([one, two, own]), np.concatenate([two, one, own])
    made = coo_array((numbers + 1, (rows, columns)), shape=(size, size)).tocsr()
    made.sort_indices()
    return Pattern(
        ends=ends, size=size, indices=made.indices, indptr=made.indptr, source=made.data - 1
    )


class Multigrid:
    """One V-cycle of classical algebraic multigrid, symmetric."""

    def __init__(self, operator: Sparse) -> None:
        """Set the levels up."""
        # Slow to import, and not needed on the fitted grid.
        import pyamg  # noqa: PLC0415

        made: Any = pyamg.ruge_stuben_solver(
            operator.matrix, presmoother=("gauss_seidel", {"sweep": "forward"}),
            postsmoother=("gauss_seidel", {"sweep": "backward"}), max_coarse=COARSEST,
        )  # fmt: skip
        self._cycle = made.aspreconditioner(cycle="V")

    def __call__(self, b: np.ndarray) -> np.ndarray:
        """About matrix⁻¹ · b."""
        return self._cycle.matvec(b)
