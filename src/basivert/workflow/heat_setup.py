"""One planned burn, ready to be solved: probe, tissue, structures, protocol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.grid import Resolution
from basivert.ablation.log import GeneratorLog
from basivert.ablation.patient.known import Known
from basivert.ablation.patient.model import HeatTables, MapGrid, Planned, Setup
from basivert.ablation.patient.placement import check_place
from basivert.ablation.patient.probes import probes
from basivert.ablation.patient.structures import structures
from basivert.ablation.patient.tissues import TissueTables, tissues
from basivert.ablation.protocol import Protocol, protocol
from basivert.ablation.tables import physics
from basivert.anatomy.model import Vertebra
from basivert.arrays import Points
from basivert.constants.load import TableOf, builtin
from basivert.errors import Finding
from basivert.geometry.rigid import moved
from basivert.planning.model import Plan
from basivert.planning.reach import hub_points
from basivert.volume.model import Case

# Laws that a run keeps; the one that stops perfusion and kills by default comes first.
LAWS, STOP_LAW = ("skin", "general"), "skin"
HUB_COUNT = 512
# Grid on which probabilities are mapped.
MAP_STEP_MM, MAP_REACH_MM = 1.5, 14.0
# Twice as many nodes change temperatures at structures of a real L3 by 0.12 °C at most,
# volumes by 0.1 %.
FINE = Resolution(
    edge_mm=0.25, growth=1.15, growth_along=1.25, largest_mm=4.0, angles=12, reach_mm=42.0,
    behind_mm=60.0, ahead_mm=40.0,
)  # fmt: skip


def heat_tables(table: TableOf = builtin) -> HeatTables:
    """The tables that ship with the package, or those of `table`."""
    return HeatTables(
        tissues=TissueTables(
            tissue=table("tissue"), marrow=table("marrow"), layers=table("tissue_layers"),
            priors=table("heat_priors"),
        ),
        damage=table("damage"), log=table("generator_log"), adjustment=table("adjustment"),
        thresholds=table("thresholds"),
    )  # fmt: skip


def standard_protocol(tables: HeatTables) -> Protocol:
    """The default burn."""
    body = tables.tissues.tissue["body.temperature"].value
    return protocol(builtin("protocols/standard"), builtin("protocol_bounds"), body)


def planned(plan: Plan, noticed: tuple[Finding, ...] = ()) -> Planned:
    """What of a plan the heat needs, with what was noticed about its vertebra."""
    return Planned(
        side=plan.side, rank=plan.rank, path=plan.path, partner=plan.partner,
        instrument=plan.instrument, worth=plan.worth,
        findings=(*noticed, *plan.findings),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What is to be computed.

    protocol: burns as they are planned.  log: of a burn that was done, which then replaces them.
    seed: of the draws of the hub's places.
    """

    protocol: Protocol
    log: GeneratorLog | None
    seed: int


def setup(
    vertebra: Vertebra, case: Case, planned: Planned, known: Known, asked: Asked,
    tables: HeatTables,
) -> Setup:  # fmt: skip
    """Put a plan's probe into the patient's tissue.

    Raises: InputError for a tip, an electrode or a curve outside the bone or in the canal.
    """
    found = probes(planned.path, planned.partner, planned.instrument)
    check_place(found, vertebra, planned.curved_mm)
    hub = moved(
        vertebra.lps_from_body,
        hub_points(vertebra.target, vertebra.lps_from_body, HUB_COUNT, asked.seed),
    )
    return Setup(
        vertebra=vertebra, planned=planned, known=known, probes=found,
        tissues=tissues(vertebra, case, known, tables.tissues),
        physics=physics(tables.tissues.tissue, tables.damage, LAWS, STOP_LAW),
        protocol=asked.protocol, log=asked.log,
        structures=structures(vertebra, case, tables.tissues.layers), hub=hub,
        hub_weights=np.full(HUB_COUNT, 1.0 / HUB_COUNT), resolution=FINE,
        map=_map(vertebra, _zones(planned)),
    )  # fmt: skip


def _map(vertebra: Vertebra, zones: Points) -> MapGrid:
    """A box about all heating zones, along the vertebra's axes."""
    turn = vertebra.lps_from_body[:3, :3]
    inside = zones @ turn
    low, high = inside.min(axis=0) - MAP_REACH_MM, inside.max(axis=0) + MAP_REACH_MM
    counts = np.ceil((high - low) / MAP_STEP_MM).astype(int) + 1
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = turn * MAP_STEP_MM
    lps_from_index[:3, 3] = turn @ low
    return MapGrid(
        lps_from_index=lps_from_index, shape=(int(counts[0]), int(counts[1]), int(counts[2]))
    )


def _zones(planned: Planned) -> Points:
    """(n, 3) ends of the heating zones of one probe or both, LPS mm."""
    both = (planned.path, planned.partner)
    return np.concatenate([path.active for path in both if path is not None])
