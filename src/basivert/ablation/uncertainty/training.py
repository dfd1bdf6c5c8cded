"""Solves that the surrogate is made from, and what is kept of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from basivert.ablation.ablate import Ablation, ablate
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.uncertainty.design import changed, moved_by, values
from basivert.ablation.uncertainty.lattice import Lattice
from basivert.ablation.uncertainty.model import Endpoint, Factor, HeatCase
from basivert.arrays import Points, Vector
from basivert.errors import NumericsError

# Grid of the training solves: at most 0.13 °C from the full one in the shared case C, at a fifth of
# its time.
EDGE_MM, GROWTH, LARGEST_MM, ANGLES = 0.3, 1.25, 5.0, 8
# Added to the rise before its logarithm, so that tissue which stays cold does not rule, °C.
SOFT_DEGC = 0.5
NOTHING = 1e-300
DOSES = ("temperature", "cem43")
SCALARS = ("power_end_w", "power_peak_w", "impedance_end_ohm", "energy_j")


class Task(NamedTuple):
    """One solve: standard coordinates (factors,), and whether on the full grid."""

    x: Vector
    full: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """What is kept of a solve.

    fields: name → (n³,) on the lattice moved with the probe: ln(rise + 0.5 °C), ln CEM43, ln Ω.
    scalars: (4,) logarithms, in the order of `SCALARS`.
    asked_degc: (m,) at the patient's own points that matter, `asked`.
    volume_ml: of the first endpoint's lesion.
    """

    fields: dict[str, np.ndarray]
    scalars: Vector
    asked_degc: Vector
    volume_ml: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solver:
    """Solves of one case; can be sent to another process."""

    case: HeatCase
    factors: tuple[Factor, ...]
    lattice: Lattice
    endpoints: tuple[Endpoint, ...]

    @property
    def laws(self) -> tuple[str, ...]:
        """Laws of damage that an endpoint rests on."""
        return tuple(dict.fromkeys(e.field for e in self.endpoints if e.field not in DOSES))

    def __call__(self, task: Task) -> Observed | None:
        """What one draw of the inputs gives; None where the solver fails its own check."""
        value = values(self.factors, task.x)
        case = changed(self.case, value)
        resolution = case.resolution if task.full else coarse(case.resolution)
        try:
            done = ablate(
                case.probe, case.tissue, case.materials, case.physics, case.drive,
                resolution=resolution,
            )  # fmt: skip
        except NumericsError:
            return None
        return self._kept(done, moved_by(self.case, value).moved(self.lattice.points))

    def _kept(self, done: Ablation, points: Points) -> Observed:
        course, end = done.course, done.moments[-1]
        scalars = (course.power_w[-1], course.power_w.max(), course.impedance_ohm[-1],
                   done.balance.given_j)  # fmt: skip
        read = end.sampled(points)
        rise = np.maximum(read.temperature_degc - end.body_degc, 0.0)
        fields = {"temperature": np.log(rise + SOFT_DEGC), "cem43": _log(read.cem43_min)}
        fields |= {law: _log(read.omega[law]) for law in self.laws}
        rule = self.endpoints[0]
        grown = {"temperature": end.temperature_degc, "cem43": end.log_cem43, **end.log_omega}
        region = above(end, grown[rule.field], rule.threshold)
        return Observed(
            fields=fields, scalars=_log(np.array(scalars)),
            asked_degc=end.sampled(asked(self.case)).temperature_degc,
            volume_ml=region.volume_ml if region else 0.0,
        )  # fmt: skip


def asked(case: HeatCase) -> Points:
    """(m, 3) the hub's places and all structures, LPS mm."""
    return np.concatenate([case.hub, *case.structures.values()])


def coarse(full: Resolution) -> Resolution:
    """The grid of the training solves, never finer than the full one."""
    return replace(
        full, edge_mm=max(full.edge_mm, EDGE_MM), growth=max(full.growth, GROWTH),
        largest_mm=max(full.largest_mm, LARGEST_MM), angles=min(full.angles, ANGLES),
    )  # fmt: skip


def degc(field: np.ndarray, body_degc: float) -> np.ndarray:
    """Temperature of the field that is kept, °C."""
    return np.exp(field) - SOFT_DEGC + body_degc


def _log(dose: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(dose, NOTHING))
