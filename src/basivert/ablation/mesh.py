"""What a field needs to know of its grid to be read and measured, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from basivert.arrays import Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """The part of the tissue where something is positive.

    points: (n, 3) LPS mm, middles of small pieces.  volume: (n,) mm³ of each that is inside.
    surface: (m, 3) where it is zero.
    """

    points: Points
    volume: Vector
    surface: Points


class Mesh(Protocol):
    """Nodes in the patient; arrays of node values have its `shape`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of arrays of node values."""
        ...

    @property
    def places(self) -> Points:
        """(n, 3) LPS mm, in the order of raveled arrays."""
        ...

    def reader(self, points: Points) -> Callable[[np.ndarray, float], Vector]:
        """Reads node values at points (n, 3); the second argument holds on the boundary."""
        ...

    def positive(self, values: np.ndarray, outside: float) -> Pieces:
        """Where in the tissue, without metal, values are above 0; `outside` on the boundary."""
        ...
