"""From a scan with labels to a plan for every vertebra in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from basivert.anatomy.find import Tables, located
from basivert.anatomy.levels import PLANNED, centres, numbering_findings
from basivert.anatomy.model import Partial, Side, Vertebra
from basivert.constants.load import TableOf, builtin
from basivert.constants.model import Table
from basivert.errors import Finding, LabelError
from basivert.instruments.model import Instrument
from basivert.planning.model import CasePlan, LevelPlan
from basivert.planning.plan import plan_vertebra
from basivert.provenance import Provenance
from basivert.volume.model import Case
from basivert.workflow.progress import Mapper, Progress, silent

VESSELS = ("aorta", "vena_cava")
# Indication of the default device (device.indication): planning elsewhere carries a note.
INDICATED = ("L3", "L4", "L5", "S1")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTables:
    """All tables a plan reads; their editions are printed with it."""

    anatomy: Tables
    errors: Table
    technique: Table
    carm: Table

    @property
    def editions(self) -> dict[str, str]:
        """Table name → edition."""
        tables = (
            self.anatomy.targets, self.anatomy.thresholds, self.anatomy.morphometry, self.errors,
            self.technique, self.carm,
        )  # fmt: skip
        return {table.name: table.edition for table in tables}


def builtin_tables(table: TableOf = builtin) -> CaseTables:
    """The tables that ship with the package, or those of `table`."""
    return CaseTables(
        anatomy=Tables(
            targets=table("targets"),
            thresholds=table("thresholds"),
            morphometry=table("morphometry"),
        ),
        errors=table("errors_model"),
        technique=table("technique"),
        carm=table("carms/mobile"),
    )


def levels_in(case: Case, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Levels to work on, cranial to caudal.

    Raises: LabelError naming what was asked for and what the label map holds.
    """
    labelled = centres(case.labels)
    present = tuple(level for level in PLANNED if level in labelled)
    if not present:
        raise LabelError(
            f"The label map names no vertebra from L1 to S1 (it names: "
            f"{', '.join(sorted(case.labels.code_of)) or 'nothing'}).",
            fix="Give a lumbar scan, or name the codes with --label-map.",
        )
    if wanted is None:
        return present
    if absent := [level for level in wanted if level not in present]:
        raise LabelError(
            f"{', '.join(absent)} not in the label map (it holds: {', '.join(present)}).",
            fix="Choose --levels from those.",
        )
    return tuple(level for level in present if level in wanted)


def anatomy_case(
    case: Case,
    levels: Sequence[str] | None = None,
    tables: CaseTables | None = None,
    progress: Progress = silent,
) -> tuple[Vertebra | Partial, ...]:
    """Anatomy of every chosen level.

    Raises: LabelError when a level is not in the label map.
    """
    tables = tables or builtin_tables()
    chosen = levels_in(case, levels)
    found = []
    for done, level in enumerate(chosen):
        progress(done / len(chosen), f"anatomy of {level}")
        found.append(located(case, level, tables.anatomy))
    progress(1.0, "anatomy done")
    return tuple(found)


def plan_case(
    case: Case,
    instrument: Instrument,
    *,
    seed: int,
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    levels: Sequence[str] | None = None,
    sides: Sequence[Side] = ("left", "right"),
    tables: CaseTables | None = None,
    progress: Progress = silent,
    mapper: Mapper = map,
) -> CasePlan:
    """Anatomy and ranked plans of every chosen level.

    Args:
        inputs: file name → SHA-256, carried into the result.
        versions: package → version, carried into the result.
        seed: of the robustness draws; the same seed gives the same plan.
        mapper: works on the levels, `map` or that of a pool of threads; gives the same plan.

    Raises: LabelError when a level is not in the label map.
    """
    tables = tables or builtin_tables()
    chosen = levels_in(case, levels)
    code_of, present = case.labels.code_of, case.labels.pieces
    obstacles = {name: code_of[name] for name in VESSELS if code_of.get(name) in present}
    plans: list[LevelPlan] = []

    def planned(level: str) -> LevelPlan:
        vertebra = located(case, level, tables.anatomy)
        return _planned(case, vertebra, instrument, sides, tables, seed, obstacles)

    progress(0.0, f"anatomy and plans of {', '.join(chosen)}")
    for done, level in enumerate(mapper(planned, chosen), start=1):
        plans.append(level)
        progress(done / len(chosen), f"{level.level} planned")
    findings = (*case.findings, *numbering_findings(case.labels), *_outside_indication(chosen))
    return CasePlan(
        levels=tuple(plans), findings=findings, instrument=instrument,
        provenance=Provenance(
            inputs=inputs, editions=tables.editions | {"instrument": instrument.edition},
            versions=versions, seed=seed,
        ),
    )  # fmt: skip


def _planned(
    case: Case, vertebra: Vertebra | Partial, instrument: Instrument, sides: Sequence[Side],
    tables: CaseTables, seed: int, obstacles: Mapping[str, int],
) -> LevelPlan:  # fmt: skip
    if isinstance(vertebra, Partial):
        return LevelPlan(vertebra=vertebra, plans=(), refusals=(), front={})
    return plan_vertebra(
        vertebra, case, instrument, sides=sides, errors=tables.errors,
        thresholds=tables.anatomy.thresholds, technique=tables.technique, carm=tables.carm,
        seed=seed, obstacles=obstacles,
    )  # fmt: skip


def _outside_indication(levels: Sequence[str]) -> tuple[Finding, ...]:
    outside = [level for level in levels if level not in INDICATED]
    if not outside:
        return ()
    return (Finding(
        code="outside-indication", severity="caution",
        what=f"{', '.join(outside)}: outside the cleared indication of the device (L3 to S1).",
        source="device.indication",
    ),)  # fmt: skip
