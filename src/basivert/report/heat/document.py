"""The heat of plans as parts of a report, or as a report of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from basivert.ablation.patient.model import Heat, HeatTables
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.provenance import Provenance
from basivert.report.heat.certainty import energy_card, influence_sheet, log_sheet
from basivert.report.heat.change import change_sheet
from basivert.report.heat.constants import (
    constant_sheets,
    limit_card,
    material_sheet,
    patient_card,
)
from basivert.report.heat.courses import generator_plot, places_plot
from basivert.report.heat.doses import dose_sheet, lesion_sheet
from basivert.report.heat.pictures import heat_pictures
from basivert.report.heat.shapes import heat_scene
from basivert.report.heat.words import sentences
from basivert.report.model import HeatPart, Report, Section
from basivert.report.plan import made_from, warnings
from basivert.volume.model import Case


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heats:
    """Burns to report, with the tables they were computed from.

    findings: about the whole scan.
    """

    burns: tuple[Heat, ...]
    tables: HeatTables
    protocol: Table
    findings: tuple[Finding, ...]


def heat_report(case: Case, heats: Heats, provenance: Provenance) -> Report:
    """Heat alone, one section a vertebra.

    Args:
        case: the scan.
        heats: what was solved.
        provenance: of the inputs, editions and seed behind it.
    """
    levels = list(dict.fromkeys(heat.setup.vertebra.level for heat in heats.burns))
    return Report(
        title=f"Heat for {case.ct_name}", warnings=warnings(heats.findings),
        sections=tuple(_section(case, level, heats) for level in levels), assumptions=(),
        provenance=made_from(provenance), limits=(limit_card(heats.tables),),
        constants=constant_sheets(heats.tables, heats.protocol),
    )  # fmt: skip


def with_heat(report: Report, heats: Heats, parts: Sequence[HeatPart]) -> Report:
    """A plan's report with the heat of its plans; parts: of these burns, in their order."""
    levels = [heat.setup.vertebra.level for heat in heats.burns]
    sections = tuple(
        replace(section, heats=tuple(
            part for level, part in zip(levels, parts, strict=True) if level == section.level
        )) for section in report.sections
    )  # fmt: skip
    return replace(report, sections=sections, limits=(limit_card(heats.tables),),
                   constants=constant_sheets(heats.tables, heats.protocol))  # fmt: skip


def _section(case: Case, level: str, heats: Heats) -> Section:
    parts = heat_parts(case, heats, level)
    plans = [h.setup.planned for h in heats.burns if h.setup.vertebra.level == level]
    told = warnings(finding for plan in plans for finding in plan.findings)
    return Section(
        level=level, status="heated", summary="", warnings=told, pictures=(), cards=(), plans=(),
        front=(), scene=None, heats=parts,
    )  # fmt: skip


def heat_parts(case: Case, heats: Heats, level: str) -> tuple[HeatPart, ...]:
    """The burns of one vertebra, in their order."""
    burns: Sequence[Heat] = [h for h in heats.burns if h.setup.vertebra.level == level]
    return tuple(heat_part(case, heat, heats.tables) for heat in burns)


def heat_part(case: Case, heat: Heat, tables: HeatTables) -> HeatPart:
    """One burn."""
    planned = heat.setup.planned
    level = heat.setup.vertebra.level
    side = planned.side if planned.partner is None else "both sides"
    burn = "as planned" if heat.setup.log is None else "as treated, from the generator's log"
    return HeatPart(
        name=f"{level}-{planned.side}-{planned.rank}",
        title=f"Heat of {level}, {side}, plan {planned.rank}, {burn}", verdict=heat.verdict,
        sentences=sentences(heat, tables.damage), warnings=warnings(heat.findings),
        pictures=heat_pictures(heat, case.ct),
        plots=(generator_plot(heat), places_plot(heat, tables.damage)),
        sheets=(dose_sheet(heat, tables.damage),
                lesion_sheet(heat, tables.tissues.priors, tables.damage),
                *change_sheet(heat.adjustment), *log_sheet(heat), *influence_sheet(heat)),
        cards=(energy_card(heat), patient_card(heat, tables.tissues.marrow)),
        details=(material_sheet(heat),), scene=heat_scene(heat),
    )  # fmt: skip
