"""One plan's burn as it is prepared, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from basivert.ablation.change import Adjustment, Refusal
from basivert.ablation.fields import Fields
from basivert.ablation.grid import Resolution
from basivert.ablation.log import GeneratorLog
from basivert.ablation.log_comparison import Comparison
from basivert.ablation.model import Balance, Course, Effort, Material, Physics, Probe
from basivert.ablation.patient.known import Known
from basivert.ablation.patient.outcome import Dose, Lesion, Verdict, worst
from basivert.ablation.patient.structures import Structure
from basivert.ablation.patient.tissues import Tissues, TissueTables
from basivert.ablation.protocol import Protocol
from basivert.ablation.uncertainty.model import HeatUncertainty
from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Affine, Points, Vector
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.geometry.grids import grid_points
from basivert.instruments.model import Instrument
from basivert.planning.model import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTables:
    """All tables heat reads; their editions are printed with it."""

    tissues: TissueTables
    damage: Table
    log: Table
    adjustment: Table
    thresholds: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """Every one of them."""
        t = self.tissues
        return (t.tissue, t.marrow, t.layers, t.priors, self.damage, self.log, self.adjustment,
                self.thresholds)  # fmt: skip

    @property
    def editions(self) -> dict[str, str]:
        """Table name → edition."""
        return {table.name: table.edition for table in self.all}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planned:
    """What of a plan the heat needs.

    path, partner: of the probe, and of the other probe of a pair.
    worth: probability to reach the hub and to stay in bone, by which plans are chosen.
    findings: what was noticed about its vertebra and its path.
    """

    side: Side
    rank: int
    path: Path
    partner: Path | None
    instrument: Instrument
    worth: float
    findings: tuple[Finding, ...]

    @property
    def curved_mm(self) -> float:
        """Length of the curved part from the tip backwards; 0 for straight probes."""
        return 0.0 if self.path.bend_radius_mm is None else self.path.deployment_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapGrid:
    """Regular grid about the heating zone on which probabilities are mapped.

    lps_from_index: 4×4, voxel centre → LPS mm, along the vertebra's own axes.
    """

    lps_from_index: Affine
    shape: tuple[int, int, int]

    @property
    def points(self) -> Points:
        """(n, 3) LPS mm in the order of a raveled (i, j, k) array."""
        return grid_points(self.lps_from_index, self.shape).reshape(-1, 3).astype(float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setup:
    """One burn, ready to be solved, and what is asked about it.

    protocol: burns as they are planned.  log: of a burn that was done, which then replaces them.
    hub, hub_weights: (n, 3) LPS mm and (n,) places of the nerve's hub and their probability.
    """

    vertebra: Vertebra
    planned: Planned
    known: Known
    probes: tuple[Probe, ...]
    tissues: Tissues
    physics: Physics
    protocol: Protocol
    log: GeneratorLog | None
    structures: Mapping[str, Structure]
    hub: Points
    hub_weights: Vector
    resolution: Resolution
    map: MapGrid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heat:
    """What one plan's burn does.

    moments: states every minute, the end last.  lesions: the default endpoint's first.
    comparison: of a generator's log with the model that it drives; None without a log.
    uncertainty: None where no samples were asked for; its `p_dead` lies on `setup.map`.
    adjustment: None where no coverage was asked for.
    """

    setup: Setup
    moments: tuple[Fields, ...]
    course: Course
    balance: Balance
    effort: Effort
    lesions: tuple[Lesion, ...]
    doses: tuple[Dose, ...]
    findings: tuple[Finding, ...]
    comparison: Comparison | None
    uncertainty: HeatUncertainty | None
    adjustment: Adjustment | Refusal | None

    @property
    def verdict(self) -> Verdict:
        """The gravest of all structures."""
        return worst(self.doses)

    @property
    def lesion(self) -> Lesion:
        """Under the default endpoint."""
        return self.lesions[0]

    @property
    def materials(self) -> tuple[Material, ...]:
        """Tissues of the burn."""
        return self.setup.tissues.materials
