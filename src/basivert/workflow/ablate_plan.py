"""From a plan to its heat: tissues, burn, lesions, doses, certainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.ablate import ablate
from basivert.ablation.adjust import adjusted
from basivert.ablation.change import goal
from basivert.ablation.fields import Fields
from basivert.ablation.log import drive as log_drive
from basivert.ablation.log_comparison import compare
from basivert.ablation.model import Balance, Course, Effort, Watch
from basivert.ablation.patient.model import Heat, HeatTables, Setup
from basivert.ablation.patient.noticed import beyond_ranges, near_canal
from basivert.ablation.patient.outcome import doses, lesion
from basivert.ablation.patient.placement import leaves_bone
from basivert.ablation.patient.probes import free_mm
from basivert.ablation.treatment import treat
from basivert.ablation.uncertainty.forward import forward
from basivert.ablation.uncertainty.model import HeatCase, Insertion, Limits, Mapper
from basivert.ablation.uncertainty.priors import (
    about_flow,
    as_treated,
    endpoints,
    prior,
    with_known_marrow,
)
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.planning.robustness import errors_at
from basivert.workflow.progress import Progress, silent

# Times of kept states, s: close enough for curves and peaks.
EVERY_S = 60.0


def ablate_plan(
    prepared: Setup, tables: HeatTables, progress: Progress = silent
) -> Heat:  # fmt: skip
    """Solve one plan's burn with the constants as they stand in the tables.

    Raises: NumericsError when the solver fails its own check.
    """
    what = f"heat in {prepared.vertebra.level}"
    done = _burnt(prepared, tables, lambda share: progress(0.8 * share, what))
    progress(0.8, "lesions and doses")
    lesions = tuple(
        lesion(done.moments[-1], rule, prepared.hub, prepared.hub_weights, prepared.structures)
        for rule in endpoints(tables.tissues.priors)
    )
    log, rules = prepared.log, tables.log
    comparison = None if log is None else compare(log, done.course, rules)
    noticed = (
        *beyond_ranges(prepared, done.moments, tables),
        *leaves_bone(prepared.probes, prepared.vertebra, prepared.planned.curved_mm),
        *near_canal(
            lesions[0], prepared.vertebra.level, tables.thresholds["canal.contraindicated"]
        ),
    )
    return Heat(
        setup=prepared, moments=done.moments, course=done.course, balance=done.balance,
        effort=done.effort, lesions=lesions,
        doses=doses(done.moments, prepared.structures, tables.damage),
        findings=(*noticed, *(comparison.findings if comparison else ())), comparison=comparison,
        uncertainty=None, adjustment=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Burnt:
    moments: tuple[Fields, ...]
    course: Course
    balance: Balance
    effort: Effort


def _burnt(prepared: Setup, tables: HeatTables, watch: Watch) -> _Burnt:
    """All burns of the protocol, or the one that the log tells of."""
    if prepared.log is not None:
        drive = log_drive(prepared.log, prepared.physics.body_degc, tables.log)
        one = ablate(
            prepared.probes, prepared.tissues.grid, prepared.tissues.materials,
            prepared.physics, drive, moments_s=_moments(drive.duration_s),
            resolution=prepared.resolution, watch=watch,
        )  # fmt: skip
        return _Burnt(
            moments=one.moments, course=one.course, balance=one.balance, effort=one.effort
        )
    drives = prepared.protocol.drives
    starts = np.cumsum([0.0, *(drive.duration_s for drive in drives)])
    # Tissue is hottest when a heating ends.
    ends = [float(t + d.heating_s) for t, d in zip(starts, drives, strict=False)]
    length = float(starts[-1])
    kept = sorted({*_moments(length), *(t for t in ends if t < length)})
    done = treat(
        prepared.probes, prepared.tissues.grid, prepared.tissues.materials, prepared.physics,
        prepared.protocol, moments_s=tuple(kept), resolution=prepared.resolution, watch=watch,
    )  # fmt: skip
    effort = [burn.effort for burn in done.burns]
    return _Burnt(
        moments=done.moments, course=done.course, balance=done.balance,
        effort=Effort(
            nodes=max(e.nodes for e in effort), steps=sum(e.steps for e in effort),
            field_sweeps=sum(e.field_sweeps for e in effort),
            heat_sweeps=sum(e.heat_sweeps for e in effort),
        ),
    )  # fmt: skip


def _moments(length_s: float) -> tuple[float, ...]:
    return tuple(float(t) for t in np.arange(EVERY_S, length_s, EVERY_S))


def with_uncertainty(
    heat: Heat, tables: HeatTables, errors: Table, *, samples: int, seed: int,
    mapper: Mapper, progress: Progress = silent,
) -> Heat:  # fmt: skip
    """The same heat with intervals, probability maps and what they depend on.

    Args:
        heat: of the nominal constants.
        tables: constants with their ranges.
        errors: table `errors_model`.
        samples: of the inputs; a power of two serves best.
        seed: of all draws.
        mapper: runs the solves, `map` or an executor's.

    Raises: NumericsError when too many of the training solves fail.
    """
    made, priors = heat.setup, tables.tissues.priors
    case = heat_case(made, tables)
    drawn = prior(
        [m.name for m in case.materials], tables.tissues.tissue, priors,
        errors_at(made.vertebra.level, errors, made.vertebra.surface.sd_mm), len(case.insertions),
    )  # fmt: skip
    if made.known.age_years is None:
        drawn = about_flow(drawn, priors, made.tissues.parts[""].flow_ml_min_kg)
    else:
        drawn = with_known_marrow(drawn, priors)
    drawn = as_treated(drawn, case.drive, priors)
    return replace(heat, uncertainty=forward(
        case, drawn, samples=samples, seed=seed, mapper=mapper, say=progress
    ))  # fmt: skip


def with_adjustment(
    heat: Heat, tables: HeatTables, coverage: float, progress: Progress = silent
) -> Heat:
    """The same heat with the smallest change that reaches a wanted coverage, or why none does.

    Args:
        heat: of the nominal constants.
        tables: constants, and what a change costs.
        coverage: wanted probability that the nerve's hub lies in the lesion, 0–1.
        progress: asked before every solve whether to go on; how many there will be is not known.

    Raises: InputError for a coverage that is no share.
    """
    made = heat.setup
    if made.log is not None or len(made.protocol.burns) > 1:
        return _without(heat, "change", "A change is looked for with one planned burn.")
    nerves = tuple(n for n, s in made.structures.items() if s.kind == "nerve")
    case = replace(heat_case(made, tables), drive=made.protocol.drives[0])
    wish = goal(coverage, heat.lesion.endpoint, nerves, tables.damage)
    found = adjusted(
        case, wish, tables.adjustment, lambda probe: free_mm(probe, made.vertebra),
        lambda _: progress(0.0, "smallest change that reaches the nerve"),
    )  # fmt: skip
    return replace(heat, adjustment=found)


def heat_case(made: Setup, tables: HeatTables) -> HeatCase:
    """A plan's burn and what is asked about it."""
    damage, log = tables.damage, made.log
    body = made.physics.body_degc
    return HeatCase(
        insertions=_insertions(made), tissue=made.tissues.grid, materials=made.tissues.materials,
        physics=made.physics,
        drive=made.protocol if log is None else log_drive(log, body, tables.log),
        resolution=made.resolution, hub=made.hub, hub_weights=made.hub_weights,
        structures={n: s.points for n, s in made.structures.items()}, points=made.map.points,
        limits=Limits(
            degc=damage["limit.warn_temperature"].value,
            cem43_min=damage["limit.warn_cem43"].value,
        ),
    )  # fmt: skip


def _insertions(made: Setup) -> tuple[Insertion, ...]:
    """The probes by the side that they went in from."""
    paths = [path for path in (made.planned.path, made.planned.partner) if path is not None]
    each = len(made.probes) // len(paths)
    return tuple(
        Insertion(probes=made.probes[n * each : (n + 1) * each], entry=path.entry_bone)
        for n, path in enumerate(paths)
    )


def _without(heat: Heat, part: str, why: str) -> Heat:
    missing = Finding(code=f"no-{part}", severity="info", what=why, level=heat.setup.vertebra.level)
    return replace(heat, findings=(*heat.findings, missing))
