"""What a burn needs to know of its grid, whichever it is."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from basivert.ablation.mesh import Mesh


class Inverse(Protocol):
    """Solves nearly the same system."""

    def __call__(self, b: np.ndarray) -> np.ndarray:
        """About operator⁻¹ · b."""
        ...


class Operator(Protocol):
    """A symmetric positive system."""

    def __matmul__(self, x: np.ndarray) -> np.ndarray:
        """Operator · x."""
        ...

    def inverse(self) -> Inverse:
        """Of nearly this operator; stays good for operators like it."""
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
    """Tools in their tissue; arrays of the grid's shape, W, V, K, J, s."""

    @property
    def mesh(self) -> Mesh:
        """Where the nodes lie."""
        ...

    @property
    def storage(self) -> np.ndarray:
        """J/K."""
        ...

    @property
    def water(self) -> np.ndarray:
        """That can boil, kg."""
        ...

    @property
    def perfusion(self) -> np.ndarray:
        """Taken by blood, W/K."""
        ...

    @property
    def rim(self) -> np.ndarray:
        """To the outer boundary, W/K."""
        ...

    @property
    def fixed(self) -> np.ndarray:
        """Potential is given or absent."""
        ...

    @property
    def potential(self) -> np.ndarray:
        """At those nodes, per volt."""
        ...

    @property
    def sensors(self) -> np.ndarray:
        """(m, …) weights that read each sensor."""
        ...

    def conduction(self, factor: np.ndarray) -> Conduction:
        """Field equations where σ at a node is `factor` times that at body temperature."""
        ...

    def operator(self, diagonal: np.ndarray) -> Operator:
        """Heat conduction inside plus a diagonal, W/K."""
        ...

    def alive(self, omega: np.ndarray) -> np.ndarray:
        """Share of each node's cell where Ω < 1."""
        ...
