"""What a burn would do at another pose and for another hold, guessed from one solve.

The field of the solve is carried along with the probe, as if tissue were the same everywhere; the
states on the way of the longest hold are those of all shorter ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.ablate import ablate
from basivert.ablation.burns import Burn, SampledControl
from basivert.ablation.fields import Fields
from basivert.ablation.generator import Drive, ExactControl
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Probe, Watch
from basivert.ablation.moves import Motion, push_motion, roll_motion, shift
from basivert.ablation.protocol import Protocol
from basivert.ablation.uncertainty.lattice import Lattice, lattice
from basivert.ablation.uncertainty.model import Endpoint, HeatCase
from basivert.ablation.uncertainty.training import SOFT_DEGC, coarse, degc
from basivert.arrays import Points, Vector
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guess:
    """One solve as splines on a lattice that moves with the probe.

    depth_mm, roll_deg: pose of the solve.  temperature: (holds, n³) of ln(rise + 0.5 °C);
    cem43, dose: (holds, n³) of ln CEM43 and of the endpoint's field.
    """

    lattice: Lattice
    depth_mm: float
    roll_deg: float
    body_degc: float
    temperature: np.ndarray
    cem43: np.ndarray
    dose: np.ndarray

    def dead(self, points: Points, moved: Motion, rule: Endpoint) -> np.ndarray:
        """(holds, n) which of the points die with the probe moved."""
        found = self._read(self.dose, points, moved)
        if rule.field == "temperature":
            found = degc(found, self.body_degc)
        return found >= rule.threshold

    def doses(self, points: Points, moved: Motion) -> tuple[Vector, Vector]:
        """(holds,) hottest of the points, °C, and their largest CEM43, minutes."""
        hot = degc(self._read(self.temperature, points, moved), self.body_degc)
        return hot.max(axis=1), np.exp(self._read(self.cem43, points, moved).max(axis=1))

    def _read(self, values: np.ndarray, points: Points, moved: Motion) -> np.ndarray:
        index = self.lattice.index(moved.back(points))
        return np.stack([self.lattice.read(row, index) for row in values])


def guess(
    case: HeatCase,
    probes: tuple[Probe, ...],
    holds_s: Vector,
    field: str,
    depth_mm: float,
    roll_deg: float,
    watch: Watch,
) -> Guess:
    """Solve the longest of the holds at one pose.

    Args:
        case: the burn as planned.
        probes: where they are now.
        holds_s: (n,) changes of the hold, ascending.
        field: of the endpoint.
        depth_mm, roll_deg: how they got there.
        watch: as for `ablate`.
    """
    longest = _without_rest(held(case.drive, float(holds_s[-1])))
    ends = longest.duration_s - holds_s[-1] + holds_s
    done = ablate(
        probes, case.tissue, case.materials, case.physics, longest,
        moments_s=tuple(ends.tolist()), resolution=_enough(case), watch=watch,
    )  # fmt: skip
    about = lattice(case.probes)
    points = motion(case, depth_mm, roll_deg).moved(about.points)
    rows = [_rows(state, points, field) for state in done.moments[-len(holds_s) :]]
    hot, cem, dose = (about.coefficients(np.stack(part)) for part in zip(*rows, strict=True))
    return Guess(lattice=about, depth_mm=depth_mm, roll_deg=roll_deg,
                 body_degc=case.physics.body_degc, temperature=hot, cem43=cem,
                 dose=hot if field == "temperature" else dose)  # fmt: skip


def motion(case: HeatCase, depth_mm: float, roll_deg: float) -> Motion:
    """Rigid motion of the heating zone by a push and then a turn.

    Assumes: the zone between several probes goes the mean of their ways.
    """
    if len(case.probes) > 1:
        return shift(-depth_mm * np.mean([one.shaft for one in case.insertions], axis=0))
    (one,) = case.insertions
    turn = roll_motion(one.probes[0], one.entry, roll_deg)
    return push_motion(one.probes[0], depth_mm).then(turn)


def _enough(case: HeatCase) -> Resolution:
    """The grid to guess on: the general one costs too much in full."""
    several = len(case.probes) > 1
    return coarse(case.resolution, len(case.probes)) if several else case.resolution


def hold_s(drive: Drive | Protocol) -> float:
    """Length of the hold at the set-point.

    Raises: InputError where there is none or several.
    """
    if isinstance(drive, ExactControl):
        return drive.duration_s - drive.kinks_s[0]
    return _burn(drive).hold_s


def held(drive: Drive | Protocol, longer_s: float) -> ExactControl | SampledControl | Protocol:
    """The drive with a longer hold (negative: shorter).

    Raises: InputError as `hold_s`.
    """
    if isinstance(drive, ExactControl):
        return replace(drive, duration_s=drive.duration_s + longer_s)
    burn = _burn(drive)
    burn = replace(burn, hold_s=burn.hold_s + longer_s)
    if isinstance(drive, SampledControl):
        return replace(drive, burn=burn)
    assert isinstance(drive, Protocol)
    return replace(drive, burns=(burn,))


def _burn(drive: Drive | Protocol) -> Burn:
    if isinstance(drive, SampledControl):
        return drive.burn
    if isinstance(drive, Protocol) and len(drive.burns) == 1:
        return drive.burns[0]
    raise InputError(
        "A change is sought for one burn with a set-point and a hold only.",
        fix="Give a protocol with a single burn.",
    )


def _without_rest(
    drive: ExactControl | SampledControl | Protocol,
) -> ExactControl | SampledControl:
    """Heating alone: little happens in the rest."""
    if isinstance(drive, Protocol):
        drive = drive.drives[0]
    if isinstance(drive, SampledControl):
        return replace(drive, burn=replace(drive.burn, cool_down_s=0.0))
    return drive


def _rows(state: Fields, points: Points, field: str) -> tuple[Vector, Vector, Vector]:
    read = state.sampled(points)
    rise = np.maximum(read.temperature_degc - state.body_degc, 0.0)
    cem = np.log(read.cem43_min)
    return np.log(rise + SOFT_DEGC), cem, np.log(read.omega[field]) if field in read.omega else cem
