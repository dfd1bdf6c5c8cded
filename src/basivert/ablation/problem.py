"""What a burn needs to know of its grid, whichever it is."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from basivert.ablation.mesh import Mesh


class Operator(Protocol):
    """A symmetric positive system."""

    def __matmul__(self, x: np.ndarray) -> np.ndarray:
        """Operator · x."""
        ...


class Inverse(Protocol):
    """Solves nearly the same system."""

    def __call__(self, b: np.ndarray) -> np.ndarray:
        """About operator⁻¹ · b."""
        ...


class Conduction(Protocol):
    """The field's equations for one volt at given conductivities."""

    @property
    def operator(self) -> Operator:
        """Of the nodes whose potential is sought; 1 on the diagonal of the others."""
        ...

    @property
    def right(self) -> np.ndarray:
        """What given potentials drive."""
        ...

    def joule(self, potential: np.ndarray) -> tuple[np.ndarray, float]:
        """Heat of each node, W/V², and conductance, S."""
        ...


class Problem(Protocol):
    """Tools in their tissue; arrays of the grid's shape, W, V, K, J, s.

    mesh: where the nodes lie.  storage: J/K.  perfusion: W/K.  rim: W/K to the outer boundary.
    fixed: potential is given or absent.  potential: at those nodes, per volt.  sensors: (m, …)
    weights that read each sensor.
    """

    @property
    def mesh(self) -> Mesh: ...
    @property
    def storage(self) -> np.ndarray: ...
    @property
    def perfusion(self) -> np.ndarray: ...
    @property
    def rim(self) -> np.ndarray: ...
    @property
    def fixed(self) -> np.ndarray: ...
    @property
    def potential(self) -> np.ndarray: ...
    @property
    def sensors(self) -> np.ndarray: ...

    def conduction(self, factor: np.ndarray) -> Conduction:
        """Field equations where σ at a node is `factor` times that at body temperature."""
        ...

    def operator(self, diagonal: np.ndarray) -> Operator:
        """Heat conduction inside plus a diagonal, W/K."""
        ...

    def inverse(self, operator: Operator) -> Inverse:
        """Of nearly that operator, made by `operator` or `conduction`."""
        ...

    def alive(self, omega: np.ndarray) -> np.ndarray:
        """Share of each node's cell where Ω < 1."""
        ...
