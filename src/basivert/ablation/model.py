"""What goes into an ablation and what comes out of it. LPS mm, °C, s, V, W."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from basivert.ablation.boiling import Boiling
from basivert.arrays import Codes, Point, Points, frozen
from basivert.errors import InputError

TissueMap = Callable[[Points], Codes]
"""(n, 3) points, LPS mm → (n,) index into the list of materials."""

Watch = Callable[[float], None]
"""Is told the share of a burn done, 0–1, before every solve; what it raises ends the burn."""


def unwatched(done: float) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrode:
    """A length of bare metal on the probe.

    start_mm, end_mm: from the tip backwards along the probe; 0 includes the tip's face.
    potential: share of the generator's voltage (−0.5 and 0.5 for a bipolar pair).
    """

    start_mm: float
    end_mm: float
    potential: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.start_mm < self.end_mm:
            raise InputError(
                f"An electrode reaches from {self.start_mm} to {self.end_mm} mm.",
                fix="Lengths count from the tip backwards; the end lies beyond the start.",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """A round probe in space: a chain of capsules with electrodes on it.

    line: (n, 3) centre line from the tip backwards, LPS mm, n ≥ 2.
    radius_mm: of its cylinder; the tip is flat.
    sensor_mm: distance of the sensor from the tip; it reads the mean around the surface.
    ends: the metal ends with the line, as a tine's does; else the shaft goes on straight.
    """

    line: Points
    radius_mm: float
    electrodes: tuple[Electrode, ...]
    sensor_mm: float
    ends: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", frozen(self.line))
        _placed(self.line, self.radius_mm)
        ordered = sorted(self.electrodes, key=lambda e: e.start_mm)
        for one, two in pairwise(ordered):
            if one.end_mm >= two.start_mm:
                raise InputError(
                    f"Electrodes touch at {two.start_mm} mm from the tip.",
                    fix="Leave insulation between them.",
                )
        object.__setattr__(self, "electrodes", tuple(ordered))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ball:
    """A metal ball, all of it one electrode: a capsule of no length.

    centre: (3,) LPS mm.  potential: share of the generator's voltage.  Its sensor is its surface.
    """

    centre: Point
    radius_mm: float
    potential: float

    def __post_init__(self) -> None:
        _placed(self.centre, self.radius_mm)


def _placed(points: np.ndarray, radius_mm: float) -> None:
    """Raises InputError for metal without a place or without a thickness."""
    if not np.isfinite(points).all():
        raise InputError(
            "The place of a probe is no number.", fix="Give all of its points in LPS mm."
        )
    if not 0.0 < radius_mm < np.inf:
        raise InputError(f"A probe has a radius of {radius_mm} mm.", fix="It must be above 0 mm.")


Tool = Probe | Ball


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One tissue.

    sigma_s_m: conductivity at body temperature.  k_w_mk: heat conductivity.  perfusion: mL/min/kg.
    water: share of its mass that can boil; 0 leaves boiling out.
    """

    name: str
    sigma_s_m: float
    k_w_mk: float
    rho_kg_m3: float
    c_j_kgk: float
    perfusion_ml_min_kg: float
    water: float = 0.0

    def __post_init__(self) -> None:
        positive = (self.sigma_s_m, self.k_w_mk, self.rho_kg_m3, self.c_j_kgk)
        possible = 0 <= self.perfusion_ml_min_kg < np.inf and 0 <= self.water <= 1
        if not (all(0 < v < np.inf for v in positive) and possible):
            raise InputError(
                f"Tissue {self.name} has an impossible constant: {positive}, "
                f"perfusion {self.perfusion_ml_min_kg}, water {self.water}.",
                fix="All must be positive and finite; perfusion and water may be 0.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """An Arrhenius law of damage; Ω = 1 is the end point.  frequency: 1/s, as its logarithm."""

    name: str
    log_frequency: float
    energy_j_mol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """What holds for all tissues.

    sigma_slope: relative change of conductivity per °C, up to sigma_cap_degc.
    blood_j_m3k: heat capacity of blood by volume.  probe_k_w_mk, probe_j_m3k: the probe's metal.
    laws: damage laws; perfusion stops where the one named stop_law reaches 1 ("" = never).
    boiling: where water boils; None leaves it out.
    """

    body_degc: float
    sigma_slope: float
    sigma_cap_degc: float
    blood_j_m3k: float
    probe_k_w_mk: float
    probe_j_m3k: float
    laws: tuple[Law, ...]
    stop_law: str
    boiling: Boiling | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What the generator would have shown: one row a sample, or a step where none is sampled.

    time_s, voltage_v, power_w, impedance_ohm, sensor_degc: (n,).  doing: (n,) codes of `control`.
    """

    time_s: np.ndarray
    voltage_v: np.ndarray
    power_w: np.ndarray
    impedance_ohm: np.ndarray
    sensor_degc: np.ndarray
    doing: np.ndarray

    @property
    def current_a(self) -> np.ndarray:
        """(n,) between the electrodes."""
        return self.voltage_v / self.impedance_ohm


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where the energy went, J.  error: what is missing, as a share of what went in."""

    given_j: float
    stored_j: float
    perfused_j: float
    conducted_j: float

    @property
    def error(self) -> float:
        """Missing share of the energy given."""
        gone = self.stored_j + self.perfused_j + self.conducted_j
        return abs(self.given_j - gone) / max(abs(self.given_j), 1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What the computation took: nodes, time steps, sweeps of both systems."""

    nodes: int
    steps: int
    field_sweeps: int
    heat_sweeps: int


Extent = Mapping[str, float]
"""`volume_ml` and `x_min_mm`, `x_max_mm` of one region along named axes."""
