"""Solves that the surrogate is made from, and what is kept of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from basivert.ablation.fields import Fields
from basivert.ablation.fitted import Fitted
from basivert.ablation.frame import frame
from basivert.ablation.grid import Resolution
from basivert.ablation.interpolation import interpolated
from basivert.ablation.lesion import above
from basivert.ablation.mesh import Mesh
from basivert.ablation.model import TissueMap
from basivert.ablation.moves import Motion
from basivert.ablation.protocol import Protocol
from basivert.ablation.uncertainty.burning import Burnt, burnt
from basivert.ablation.uncertainty.design import changed, moved_as, moved_by, values
from basivert.ablation.uncertainty.lattice import Lattice, lattice
from basivert.ablation.uncertainty.model import Endpoint, Factor, HeatCase
from basivert.arrays import Codes, Points, Vector
from basivert.errors import NumericsError

# Grid of the training solves: between 40 and 75 °C it differs from the full one by 0.07 °C (RMS)
# once the mean difference is taken off (a virtual patient), at a tenth of its time.
EDGE_MM, GROWTH, LARGEST_MM, ANGLES = 0.4, 1.4, 8.0, 6
# Of the general grid, which all spacings follow.
SEVERAL_EDGE_MM = 0.5
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
    volume_ml: of the first endpoint's lesion; asked of full solves only.
    """

    fields: dict[str, np.ndarray]
    scalars: Vector
    asked_degc: Vector
    volume_ml: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """The patient as the unmoved first probe sees it: moving the patient back is moving the probe.

    All solves then share one grid, and what the grid costs in accuracy is the same in all.
    """

    tissue: TissueMap
    motion: Motion

    def __call__(self, points: Points) -> Codes:
        """(n,) tissue at (n, 3) points of the probe's frame."""
        return self.tissue(self.motion.moved(points))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solver:
    """Solves of one case; can be sent to another process.

    place: angle, depth and distance of the lattice's points from the probe, (n³,) each; None
    on the general grid, or where the probe is drawn back on the way: the last grid is another.
    """

    case: HeatCase
    factors: tuple[Factor, ...]
    lattice: Lattice
    endpoints: tuple[Endpoint, ...]
    place: tuple[Vector, Vector, Vector] | None

    @property
    def laws(self) -> tuple[str, ...]:
        """Laws of damage that an endpoint rests on."""
        return tuple(dict.fromkeys(e.field for e in self.endpoints if e.field not in DOSES))

    def __call__(self, task: Task) -> Observed | None:
        """What one draw of the inputs gives; None where the solver fails its own check."""
        value = values(self.factors, task.x)
        motion, true = moved_by(self.case, value), changed(self.case, value)
        others, back = true.insertions[1:], motion.undone()
        here = replace(
            true, insertions=(self.case.insertions[0], *(moved_as(o, back) for o in others)),
            tissue=Moved(tissue=self.case.tissue, motion=motion),
        )  # fmt: skip
        if not task.full:
            here = replace(here, resolution=coarse(here.resolution, len(here.probes)))
        try:
            done = burnt(here)
        except NumericsError:
            return None
        return self._kept(done, motion, task.full)

    def _kept(self, done: Burnt, motion: Motion, full: bool) -> Observed:
        end = done.final
        course = done.course
        last = int(np.flatnonzero(course.power_w > 0.0)[-1])
        scalars = (course.power_w[last], course.power_w.max(), course.impedance_ohm[last],
                   done.given_j)  # fmt: skip
        read = self._reader(end.mesh)
        rise = np.maximum(read(done.hottest_degc, end.body_degc) - end.body_degc, 0.0)
        doses = {"cem43": end.log_cem43} | {law: end.log_omega[law] for law in self.laws}
        fields = {"temperature": np.log(rise + SOFT_DEGC)}
        fields |= {name: read(dose, float(dose.min())) for name, dose in doses.items()}
        return Observed(
            fields=fields, scalars=np.log(np.maximum(scalars, NOTHING)),
            asked_degc=done.peaks(motion.back(asked(self.case))),
            volume_ml=self._volume(end, done.hottest_degc) if full else 0.0,
        )  # fmt: skip

    def _reader(self, mesh: Mesh) -> Callable[[np.ndarray, float], Vector]:
        """Reads values at the lattice's points."""
        if self.place is None or not isinstance(mesh, Fitted):
            return mesh.reader(self.lattice.points)
        nodes, place = mesh.nodes, self.place
        return lambda values_, outside: interpolated(nodes, values_, *place, outside)

    def _volume(self, end: Fields, hottest: np.ndarray) -> float:
        rule = self.endpoints[0]
        grown = {"temperature": hottest, "cem43": end.log_cem43, **end.log_omega}
        region = above(end, grown[rule.field], rule.threshold)
        return region.volume_ml if region else 0.0


def solver(case: HeatCase, factors: tuple[Factor, ...], endpoints: tuple[Endpoint, ...]) -> Solver:
    """What makes the training runs of a case."""
    about, first = lattice(case.probes), case.probes[0]
    several = isinstance(case.drive, Protocol) and len(case.drive.burns) > 1
    fitted = len(case.probes) == 1 and not several
    place = frame(first, case.resolution).coordinates(about.points) if fitted else None
    return Solver(case=case, factors=factors, lattice=about, endpoints=endpoints, place=place)


def asked(case: HeatCase) -> Points:
    """(m, 3) the hub's places and all structures, LPS mm."""
    return np.concatenate([case.hub, *case.structures.values()])


def coarse(full: Resolution, probes: int) -> Resolution:
    """The grid of the training solves, never finer than the full one."""
    edge = EDGE_MM if probes == 1 else SEVERAL_EDGE_MM
    return replace(
        full, edge_mm=max(full.edge_mm, edge), growth=max(full.growth, GROWTH),
        largest_mm=max(full.largest_mm, LARGEST_MM), angles=min(full.angles, ANGLES),
    )  # fmt: skip


def degc(field: np.ndarray, body_degc: float) -> np.ndarray:
    """Temperature of the field that is kept, °C."""
    return np.exp(field) - SOFT_DEGC + body_degc
