"""From a plan to its heat: tissues, burn, lesions, doses, certainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from basivert.ablation.fields import Fields
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Effort
from basivert.ablation.patient.known import Known
from basivert.ablation.patient.model import Heat, HeatTables, MapGrid, Planned, Setup
from basivert.ablation.patient.outcome import doses, lesion
from basivert.ablation.patient.probes import check_place, probes
from basivert.ablation.patient.structures import structures
from basivert.ablation.patient.tissues import TissueTables, tissues
from basivert.ablation.protocol import Protocol, protocol
from basivert.ablation.tables import physics
from basivert.ablation.treatment import treat
from basivert.ablation.uncertainty.forward import forward
from basivert.ablation.uncertainty.model import HeatCase, Limits, Mapper
from basivert.ablation.uncertainty.priors import endpoints, prior, with_known_marrow
from basivert.anatomy.model import Vertebra
from basivert.arrays import Point
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.geometry.rigid import moved
from basivert.planning.reach import hub_points
from basivert.planning.robustness import errors_at
from basivert.volume.model import Case
from basivert.workflow.progress import Progress, silent

# Laws that a run keeps; the one that stops perfusion and kills by default comes first.
LAWS, STOP_LAW = ("skin", "general"), "skin"
# Times of kept states, s: close enough for curves and peaks.
EVERY_S = 60.0
HUB_COUNT = 512
# Grid on which probabilities are mapped.
MAP_STEP_MM, MAP_REACH_MM = 1.5, 18.0
FINE = Resolution(angles=16, reach_mm=42.0, behind_mm=60.0, ahead_mm=40.0)


def heat_tables() -> HeatTables:
    """The tables that ship with the package."""
    return HeatTables(
        tissues=TissueTables(
            tissue=builtin("tissue"), marrow=builtin("marrow"), layers=builtin("tissue_layers"),
            priors=builtin("heat_priors"),
        ),
        damage=builtin("damage"),
    )  # fmt: skip


def standard_protocol(tables: HeatTables) -> Protocol:
    """The default burn."""
    body = tables.tissues.tissue["body.temperature"].value
    return protocol(builtin("protocols/standard"), builtin("protocol_bounds"), body)


def setup(
    vertebra: Vertebra, case: Case, planned: Planned, known: Known, burns: Protocol,
    tables: HeatTables, seed: int,
) -> Setup:  # fmt: skip
    """Put a plan's probe into the patient's tissue.

    Raises: InputError for electrodes outside the bone or in the canal.
    """
    found = probes(planned.path, planned.partner, planned.instrument)
    check_place(found, vertebra)
    hub = moved(
        vertebra.lps_from_body,
        hub_points(vertebra.target, vertebra.lps_from_body, HUB_COUNT, seed),
    )
    return Setup(
        vertebra=vertebra, planned=planned, known=known, probes=found,
        tissues=tissues(vertebra, case, known, tables.tissues),
        physics=physics(tables.tissues.tissue, tables.damage, LAWS, STOP_LAW), protocol=burns,
        structures=structures(vertebra, case, tables.tissues.layers), hub=hub,
        hub_weights=np.full(HUB_COUNT, 1.0 / HUB_COUNT), resolution=FINE,
        map=_map(vertebra, planned.path.active.mean(axis=0)),
    )  # fmt: skip


def _map(vertebra: Vertebra, centre: Point) -> MapGrid:
    count = 2 * round(MAP_REACH_MM / MAP_STEP_MM) + 1
    lps_from_index = vertebra.lps_from_body.copy()
    lps_from_index[:3, :3] *= MAP_STEP_MM
    lps_from_index[:3, 3] = centre - lps_from_index[:3, :3] @ np.full(3, (count - 1) / 2)
    return MapGrid(lps_from_index=lps_from_index, shape=(count, count, count))


def ablate_plan(
    prepared: Setup, tables: HeatTables, progress: Progress = silent
) -> Heat:  # fmt: skip
    """Solve one plan's burn with the constants as they stand in the tables.

    Raises: NumericsError when the solver fails its own check.
    """
    progress(0.0, f"heat in {prepared.vertebra.level}")
    length = sum(drive.duration_s for drive in prepared.protocol.drives)
    done = treat(
        prepared.probes[0], prepared.tissues.grid, prepared.tissues.materials, prepared.physics,
        prepared.protocol, moments_s=tuple(np.arange(EVERY_S, length, EVERY_S).tolist()),
        resolution=prepared.resolution,
    )  # fmt: skip
    progress(0.8, "lesions and doses")
    lesions = tuple(
        lesion(done.final, rule, prepared.hub, prepared.hub_weights, prepared.structures)
        for rule in endpoints(tables.tissues.priors)
    )
    effort = [burn.effort for burn in done.burns]
    return Heat(
        setup=prepared, moments=done.moments, course=done.course, balance=done.balance,
        effort=Effort(
            nodes=max(e.nodes for e in effort), steps=sum(e.steps for e in effort),
            field_sweeps=sum(e.field_sweeps for e in effort),
            heat_sweeps=sum(e.heat_sweeps for e in effort),
        ),
        lesions=lesions, doses=doses(done.moments, prepared.structures, tables.damage),
        findings=_noticed(done.moments, prepared, tables), uncertainty=None,
    )  # fmt: skip


def with_uncertainty(
    heat: Heat, level: str, tables: HeatTables, errors: Table, *, samples: int, seed: int,
    mapper: Mapper, progress: Progress = silent,
) -> Heat:  # fmt: skip
    """The same heat with intervals, probability maps and what they depend on.

    Args:
        heat: of the nominal constants.
        level: decides the errors of the insertion.
        tables: constants with their ranges.
        errors: table `errors_model`.
        samples: of the inputs; a power of two serves best.
        seed: of all draws.
        mapper: runs the solves, `map` or an executor's.

    Raises: NumericsError when too many of the training solves fail.
    """
    made, priors = heat.setup, tables.tissues.priors
    (drive, *_), damage = made.protocol.drives, tables.damage
    case = HeatCase(
        probe=made.probes[0], tissue=made.tissues.grid, materials=made.tissues.materials,
        physics=made.physics, drive=drive, resolution=made.resolution,
        entry=made.planned.path.entry_bone, hub=made.hub, hub_weights=made.hub_weights,
        structures={n: s.points for n, s in made.structures.items()}, points=made.map.points,
        limits=Limits(
            degc=damage["limit.warn_temperature"].value,
            cem43_min=damage["limit.warn_cem43"].value,
        ),
    )  # fmt: skip
    drawn = prior(
        [m.name for m in case.materials], tables.tissues.tissue, priors,
        errors_at(level, errors, made.vertebra.surface.sd_mm),
    )  # fmt: skip
    if made.known.age_years is not None:
        drawn = with_known_marrow(drawn, priors)
    return replace(heat, uncertainty=forward(
        case, drawn, samples=samples, seed=seed, mapper=mapper, say=progress
    ))  # fmt: skip


def _noticed(moments: Sequence[Fields], prepared: Setup, tables: HeatTables) -> tuple[Finding, ...]:
    """Where the model was used beyond what its constants are stated for."""
    level = prepared.vertebra.level
    hottest = max(float(m.temperature_degc.max()) for m in moments)
    cap = tables.tissues.tissue["sigma_with_temperature.cap"]
    found: list[Finding] = []
    if hottest > cap.value:
        found.append(Finding(
            code="beyond-boiling", severity="caution", level=level, source=cap.source,
            what=f"The hottest point reaches {hottest:.0f} °C; constants hold to {cap.value:g} °C.",
        ))  # fmt: skip
    if prepared.known.age_years is None:
        found.append(Finding(
            code="marrow-unknown", severity="info", level=level, source="perf.use",
            what="Age and blood flow of the marrow are not known; the whole range counts.",
        ))  # fmt: skip
    return tuple(found)
