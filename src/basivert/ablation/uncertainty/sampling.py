"""What each draw of the inputs does, by the surrogate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from basivert.ablation.moves import Motion
from basivert.ablation.uncertainty.lattice import Lattice
from basivert.ablation.uncertainty.measures import Ruler, margin_mm, measured, surface_tree
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
        coverage = float(self.case.hub_weights @ read(self.case.hub).dead)
        near = surface_tree(lesion, self.tool.along)
        risks = [self._risk(read, near, points) for points in self.case.structures.values()]
        numbers = np.array([
            lesion.volume_ml, *lesion.lengths_mm, coverage, *np.exp(draw.scalars),
            *(value for row in risks for value in row),
        ])  # fmt: skip
        limits, map_ = self.case.limits, read(self.case.points)
        safe = np.array([t < limits.degc and c < limits.cem43_min for t, c, _ in risks], bool)
        spared = (map_.degc < limits.degc) & (map_.cem43_min < limits.cem43_min)
        return Outcome(numbers=numbers, safe=safe, dead=map_.dead, spared=spared, cut=lesion.cut)

    @property
    def _body(self) -> float:
        return self.case.physics.body_degc

    def _risk(self, read: _Reader, near: KDTree, points: Points) -> tuple[float, float, float]:
        found = read(points)
        margin = margin_mm(near, read.motion.back(points), found.dead)
        return float(found.degc.max()), float(found.cem43_min.max()), margin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spots:
    """One draw at (n,) points: temperature, CEM43, and whether the draw's endpoint is reached."""

    degc: Vector
    cem43_min: Vector
    dead: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reader:
    """One draw's fields at points of the patient."""

    sampler: Sampler
    splines: Mapping[str, np.ndarray]
    motion: Motion
    field: str
    threshold: float

    def __call__(self, points: Points) -> _Spots:
        """Each field is read once."""
        lattice = self.sampler.tool.lattice
        index = lattice.index(self.motion.back(points))
        names_ = {"temperature", "cem43", self.field}
        found = {name: lattice.read(self.splines[name], index) for name in names_}
        hot = degc(found["temperature"], self.sampler.case.physics.body_degc)
        dose = hot if self.field == "temperature" else found[self.field]
        return _Spots(degc=hot, cem43_min=np.exp(found["cem43"]), dead=dose >= self.threshold)
