"""What an uncertainty computation is given and what it answers. LPS mm, °C, s, W, Ω."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from basivert.ablation.generator import Drive
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Material, Physics, Probe, TissueMap
from basivert.ablation.protocol import Protocol
from basivert.arrays import Matrix, Point, Points, Vector
from basivert.errors import InputError
from basivert.estimate import Estimate

Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""`map`, or the `map` of an executor; the answers come in the order of the tasks."""

Say = Callable[[float, str], None]
"""Share done, 0–1, and what is being worked on; may raise `Cancelled`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One uncertain input: middle + width·x with x normal (SD 1) or uniform on −1 … 1.

    name: what it changes. `<tissue>.sigma|k|c|perfusion` multiplies that constant of all materials
    whose name starts with the tissue's; `physics.<field>` replaces; `drive.setpoint` (°C),
    `pose.depth|side|up` (mm), `pose.roll|turn|tilt` (deg) and `endpoint.threshold` (in spreads of
    the endpoint) add.
    log: middle and width are those of the logarithm.
    """

    name: str
    kind: Literal["normal", "uniform"]
    middle: float
    width: float
    log: bool
    source: str

    def value(self, x: float) -> float:
        """The input's value at standard coordinate `x`."""
        found = self.middle + self.width * x
        return float(np.exp(found)) if self.log else float(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A rule that says where tissue is dead: `field` ≥ threshold.

    field: `temperature` (°C), `cem43` (ln of minutes) or the name of a law (ln Ω).
    spread: SD of the threshold, in units of the field.  weight: belief in this rule.
    """

    name: str
    field: str
    threshold: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is uncertain. Factors are independent of each other; one endpoint holds per sample."""

    factors: tuple[Factor, ...]
    endpoints: tuple[Endpoint, ...]

    def __post_init__(self) -> None:
        total = sum(e.weight for e in self.endpoints)
        if not self.endpoints or abs(total - 1.0) > 1e-6:
            raise InputError(
                f"The weights of the endpoints sum to {total:.3f}.", fix="They must sum to 1."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A structure is safe below both: temperature, °C, and CEM43, minutes."""

    degc: float
    cem43_min: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Insertion:
    """What goes in through one entry and moves as one: a probe, or all tines of one.

    entry: (3,) LPS mm, where the shaft enters bone; errors of angle turn the probes about it.
    """

    probes: tuple[Probe, ...]
    entry: Point

    @property
    def shaft(self) -> Point:
        """(3,) unit, from the tip backwards: along the probes' last parts, the mean of tines."""
        last = [p.line[-1] - p.line[-2] for p in self.probes]
        total = np.sum([part / np.linalg.norm(part) for part in last], axis=0)
        return total / np.linalg.norm(total)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatCase:
    """One planned burn and what is asked about it.

    insertions … drive: as for `ablate`, or a protocol as for `treat`; resolution: of the full
    solver.
    hub, hub_weights: (n, 3) and (n,) places of the nerve's hub and their probability.
    structures: name → (m, 3) points of what must not be heated.
    points: (p, 3) where P(dead) and P(safe) are wanted.
    """

    insertions: tuple[Insertion, ...]
    tissue: TissueMap
    materials: tuple[Material, ...]
    physics: Physics
    drive: Drive | Protocol
    resolution: Resolution
    hub: Points
    hub_weights: Vector
    structures: Mapping[str, Points]
    points: Points
    limits: Limits

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Everything that heats."""
        return tuple(probe for insertion in self.insertions for probe in insertion.probes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Share of a result's variance that one factor explains, each with one SD of error.

    first: alone.  total: alone and together with others.
    """

    factor: str
    first: float
    first_sd: float
    total: float
    total_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of the result under all uncertainties.

    estimate: median and 90 % interval.  mean: over all samples.
    by_endpoint: median under each endpoint alone.
    indices: Sobol indices, the most important factor first.  unexplained: share of the variance
    that the indices do not describe.
    """

    estimate: Estimate
    mean: float
    by_endpoint: Mapping[str, float]
    indices: tuple[Index, ...]
    unexplained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """Probability that a structure stays below both limits, 95 % interval of its sampling."""

    p_safe: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrogateError:
    """Surrogate against the full solver at draws that it was not made from.

    runs: coarse solves it was made from; failed: of them without an answer; checks: full solves.
    rms_degc, largest_degc: temperature at the hub's places and at the structures.
    rms_volume: relative error of the volume.  rms_power: of the power at the end.
    expected_degc: RMS that leaving one run out predicts.  bias_degc: mean full minus coarse.
    """

    runs: int
    failed: int
    checks: int
    rms_degc: float
    largest_degc: float
    rms_volume: float
    rms_power: float
    expected_degc: float
    bias_degc: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatUncertainty:
    """Distribution of what a burn does.

    quantities: name with unit → distribution (`volume_ml`, `coverage`, `<structure>.peak_degc` …).
    safety: structure → probability of staying within the limits.
    p_dead, p_safe: (p,) at the case's points.
    cut: share of samples whose lesion leaves the region that is looked at.
    factors: names of the columns of `inputs`; inputs: (samples, factors) standard coordinates.
    outputs: (samples, quantities) in the order of `quantities`.
    """

    samples: int
    seed: int
    quantities: Mapping[str, Quantity]
    safety: Mapping[str, Safety]
    p_dead: Vector
    p_safe: Vector
    cut: float
    error: SurrogateError
    factors: tuple[str, ...]
    inputs: Matrix
    outputs: Matrix
