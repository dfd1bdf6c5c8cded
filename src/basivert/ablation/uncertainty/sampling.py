"""What each draw of the inputs does, by the surrogate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation.moves import Motion
from basivert.ablation.uncertainty.lattice import Lattice
from basivert.ablation.uncertainty.measures import Lesion, Ruler, margin_mm, measured
from basivert.ablation.uncertainty.model import Endpoint, HeatCase
from basivert.ablation.uncertainty.surrogate import Reduced
from basivert.ablation.uncertainty.training import SCALARS, degc
from basivert.arrays import Points, Vector

SHAPE = ("volume_ml", "length_1_mm", "length_2_mm", "length_3_mm", "coverage")
AT_RISK = ("peak_degc", "cem43_min", "margin_mm")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """A field as base + weights·modes + error of one run, on the lattice and as spline.

    values, splines: (1 + modes + runs, n³).  modes: how many.
    """

    values: np.ndarray
    splines: np.ndarray
    modes: int

    def mixture(self, weights: Vector, run: int) -> Vector:
        """Row to multiply `values` or `splines` with."""
        found = np.zeros(len(self.values))
        found[0], found[1 : 1 + self.modes], found[1 + self.modes + run] = 1.0, weights, 1.0
        return found


def parts(field: Reduced, bias: np.ndarray, lattice: Lattice) -> Parts:
    """A field's parts; bias: (n³,) full minus coarse solver."""
    values = np.concatenate([(field.mean + bias)[None], field.modes, field.missed])
    return Parts(values=values, splines=lattice.coefficients(values), modes=len(field.modes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draw:
    """One draw: weights of the fields' modes, scalars (4,), the run whose error it gets."""

    weights: Vector
    scalars: Vector
    run: int
    motion: Motion
    endpoint: Endpoint
    shift: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One draw's results.

    numbers: in the order of `names`.  safe: by structure.  dead, spared: (p,) at the case's points.
    """

    numbers: Vector
    safe: np.ndarray
    dead: np.ndarray
    spared: np.ndarray
    cut: bool


def names(structures: Sequence[str]) -> tuple[str, ...]:
    """Names of an outcome's numbers."""
    return (*SHAPE, *SCALARS, *(f"{s}.{n}" for s in structures for n in AT_RISK))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampler:
    """Everything that is the same for all draws."""

    case: HeatCase
    tool: Ruler
    fields: Mapping[str, Parts]

    def __call__(self, draw: Draw) -> Outcome:
        """What one draw does."""
        field = draw.endpoint.field
        mixed = {n: p.mixture(draw.weights, draw.run) for n, p in self.fields.items()}
        splines = {n: mixed[n] @ p.splines for n, p in self.fields.items()}
        threshold = draw.endpoint.threshold + draw.shift * draw.endpoint.spread
        if field == "temperature":
            excess = degc(mixed[field] @ self.fields[field].values, self._body) - threshold
        else:
            excess = mixed[field] @ self.fields[field].values - threshold
        lesion = measured(self.tool, excess)
        read = _Reader(sampler=self, splines=splines, motion=draw.motion, field=field,
                       threshold=threshold)  # fmt: skip
        coverage = float(self.case.hub_weights @ read.dead(self.case.hub))
        risks = [self._risk(read, lesion, points) for points in self.case.structures.values()]
        numbers = np.array([
            lesion.volume_ml, *lesion.lengths_mm, coverage, *np.exp(draw.scalars),
            *(value for row in risks for value in row),
        ])  # fmt: skip
        limits = self.case.limits
        safe = np.array([t < limits.degc and c < limits.cem43_min for t, c, _ in risks], bool)
        return Outcome(
            numbers=numbers, safe=safe, dead=read.dead(self.case.points),
            spared=(read.degc(self.case.points) < limits.degc)
            & (read.cem43(self.case.points) < limits.cem43_min), cut=lesion.cut,
        )  # fmt: skip

    @property
    def _body(self) -> float:
        return self.case.physics.body_degc

    def _risk(self, read: _Reader, lesion: Lesion, points: Points) -> tuple[float, float, float]:
        own = read.motion.back(points)
        margin = margin_mm(lesion, own, read.dead(points), self.tool.along)
        return float(read.degc(points).max()), float(read.cem43(points).max()), margin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reader:
    """One draw's fields at points of the patient."""

    sampler: Sampler
    splines: Mapping[str, np.ndarray]
    motion: Motion
    field: str
    threshold: float

    def _read(self, name: str, points: Points) -> Vector:
        lattice = self.sampler.tool.lattice
        return lattice.read(self.splines[name], lattice.index(self.motion.back(points)))

    def degc(self, points: Points) -> Vector:
        """Temperature."""
        return degc(self._read("temperature", points), self.sampler.case.physics.body_degc)

    def cem43(self, points: Points) -> Vector:
        """Minutes."""
        return np.exp(self._read("cem43", points))

    def dead(self, points: Points) -> np.ndarray:
        """Whether the draw's endpoint is reached."""
        if self.field == "temperature":
            return self.degc(points) >= self.threshold
        return self._read(self.field, points) >= self.threshold
