"""The plan as a document: warnings first, then what to see, then the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from basivert.anatomy.model import Partial
from basivert.arrays import Matrix
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.planning.model import CasePlan, LevelPlan, Plan
from basivert.provenance import Provenance
from basivert.report.cards import (
    WALL_NAMES,
    anatomy_card,
    depth_card,
    margin_card,
    refusal_card,
    safety_card,
    target_card,
)
from basivert.report.model import Report, Row, Section
from basivert.report.pictures import plan_pictures
from basivert.report.scene import scene
from basivert.report.sources import in_words
from basivert.volume.model import Case

SEVERITY = {"stop": 0, "caution": 1, "info": 2}
# The slices of body and midline are the same for both sides; a second plan adds only its own.
SHARED_PICTURES = 2


def plan_report(case: Case, case_plan: CasePlan, thresholds: Table) -> Report:
    """The document of one case."""
    return Report(
        title=f"Plan for {case.ct_name}",
        warnings=warnings(case_plan.findings),
        sections=tuple(_section(case, level, thresholds) for level in case_plan.levels),
        assumptions=tuple(
            Row(name=name, value="assumed", note="no public value was found")
            for name in case_plan.instrument.assumptions
        ),
        provenance=(
            Row(name="Instrument", value=case_plan.instrument.title,
                note=in_words(case_plan.instrument.source)),
            Row(name="Labels", value=case.labels_name, note=case.labels.convention),
            *made_from(case_plan.provenance),
        ),
    )  # fmt: skip


def made_from(provenance: Provenance) -> tuple[Row, ...]:
    """Editions, hashes, versions and seed."""
    return (
        *(Row(name=f"Table {name}", value=edition)
          for name, edition in provenance.editions.items()),
        *(Row(name=name, value=digest[:16] + "…", note="SHA-256")
          for name, digest in provenance.inputs.items()),
        *(Row(name=package, value=version) for package, version in provenance.versions.items()),
        Row(name="Seed", value=str(provenance.seed)),
    )  # fmt: skip


def warnings(findings: Iterable[Finding]) -> tuple[tuple[str, str, str], ...]:
    """Worst first; what both sides say alike is said once."""
    ordered = sorted(findings, key=lambda finding: SEVERITY[finding.severity])
    return tuple(dict.fromkeys((f.severity, f.what, in_words(f.source)) for f in ordered))


def _section(case: Case, level: LevelPlan, thresholds: Table) -> Section:
    vertebra = level.vertebra
    if isinstance(vertebra, Partial):
        return Section(
            level=vertebra.level, status=level.status, summary=vertebra.reason,
            warnings=warnings(vertebra.findings), pictures=(), cards=(), plans=(), front=(),
            scene=None,
        )  # fmt: skip
    first = sorted((p for p in level.plans if p.rank == 1), key=attrgetter("worth"), reverse=True)
    pictures = plan_pictures(vertebra, case.ct, first[0] if first else None, thresholds)
    for other in first[1:]:
        pictures += plan_pictures(vertebra, case.ct, other, thresholds)[SHARED_PICTURES:]
    findings = [*vertebra.findings, *(f for plan in first for f in plan.findings)]
    return Section(
        level=vertebra.level, status=level.status, summary=_summary(level),
        warnings=warnings(findings), pictures=pictures,
        cards=(*(margin_card(plan, thresholds) for plan in first),
               *(safety_card(plan, thresholds) for plan in first),
               *(depth_card(plan) for plan in first), anatomy_card(vertebra),
               target_card(vertebra), *refusal_card(level)),
        plans=tuple(_plan_row(plan) for plan in level.plans),
        front=tuple((side, points) for side, points in _fronts(level, first).items()),
        scene=scene(vertebra, first),
    )  # fmt: skip


def _fronts(level: LevelPlan, first: Sequence[Plan]) -> dict[str, Matrix]:
    """One curve a side; a pair has one in all."""
    if first and first[0].partner is not None:
        return {"pair": level.front[first[0].side]}
    return {side: points for side, points in level.front.items()}


def _summary(level: LevelPlan) -> str:
    if not level.plans:
        return " ".join(f"{refusal.side.capitalize()}: {refusal.reason}"
                        for refusal in level.refusals)  # fmt: skip
    best = max((plan for plan in level.plans if plan.rank == 1), key=attrgetter("worth"))
    tight = best.smallest_margin
    return (
        f"Best: {_way(best)}. Tightest wall: {WALL_NAMES[tight.wall].lower()}, "
        f"{tight.value_mm.value:.1f} mm. Under the stated errors the hub lies in the assumed "
        f"lesion in {100 * best.robustness.p_reach.value:.0f} % and a wall is breached in "
        f"{100 * best.robustness.p_breach.value:.1f} % of insertions."
    )


def _way(plan: Plan) -> str:
    """Where the instrument goes in, in words."""
    if plan.partner is not None:
        return f"a probe through each side, seen from the {plan.side}"
    return {
        "transpedicular": f"{plan.side} pedicle",
        "S1": f"{plan.side} sacral pedicle",
        "extrapedicular": f"beside the {plan.side} pedicle",
    }[plan.route]


def _plan_row(plan: Plan) -> tuple[str, ...]:
    tight = plan.smallest_margin
    return (
        plan.side, str(plan.rank), plan.route + (", pair" if plan.partner is not None else ""),
        f"{tight.value_mm.value:.1f} mm", WALL_NAMES[tight.wall],
        f"{100 * plan.robustness.p_breach.value:.1f} %",
        f"{100 * plan.robustness.p_reach.value:.0f} %", f"{100 * plan.reach:.0f} %",
        f"{plan.canal.aim_to_canal_mm.value:.1f} mm", "yes" if plan.on_pareto else "no",
    )  # fmt: skip
