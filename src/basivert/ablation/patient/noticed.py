"""What the reader of a burn must know: constants used beyond their ranges, the canal's nearness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from basivert.ablation.fields import Fields
from basivert.ablation.patient.model import HeatTables, Setup
from basivert.ablation.patient.outcome import Lesion
from basivert.arrays import Points
from basivert.constants.model import Constant, Table
from basivert.errors import Finding
from basivert.geometry.curves import segment_distance
from basivert.geometry.rigid import inverse, moved


def beyond_ranges(
    prepared: Setup, moments: Sequence[Fields], tables: HeatTables
) -> tuple[Finding, ...]:
    """Where the model was used beyond what its constants are stated for.

    Args:
        prepared: the burn.
        moments: its kept states.
        tables: constants with their ranges.
    """
    marrow = tables.tissues.marrow
    return (
        *_boiling(prepared, moments, tables.tissues.tissue["sigma_with_temperature.cap"]),
        *_age(prepared, marrow),
        *_flow(prepared, tables.tissues.priors["perfusion.unknown"]),
        *_density(prepared, marrow),
        *(f for table in tables.all for f in _own(table, prepared.vertebra.level)),
    )


def near_canal(found: Lesion, level: str, rule: Constant) -> tuple[Finding, ...]:
    """The device's rule about the canal, which does not say from where the distance counts."""
    near = {name: found.margins_mm.get(name, np.inf) for name in ("canal", "posterior_wall")}
    if min(near.values()) >= rule.value:
        return ()
    return (Finding(
        code="near-canal", severity="caution", level=level, source=rule.source,
        what=f"The computed lesion ends {near['canal']:.1f} mm from the canal's bony border and "
        f"{near['posterior_wall']:.1f} mm from the posterior wall. The device is contraindicated "
        f"where the ablation zone is less than {rule.value:g} mm from the canal; whether that "
        "means the zone's edge or the aim point is not published.",
    ),)  # fmt: skip


def _boiling(prepared: Setup, moments: Sequence[Fields], cap: Constant) -> tuple[Finding, ...]:
    hottest = max(float(m.temperature_degc.max()) for m in moments)
    if hottest <= cap.value:
        return ()
    return (Finding(
        code="beyond-boiling", severity="caution", level=prepared.vertebra.level,
        source=cap.source,
        what=f"The hottest point reaches {hottest:.0f} °C; constants hold to {cap.value:g} °C.",
    ),)  # fmt: skip


def _age(prepared: Setup, marrow: Table) -> tuple[Finding, ...]:
    """Nothing known of the marrow, or an age that its fat was not measured at."""
    age, level = prepared.known.age_years, prepared.vertebra.level
    if age is None:
        return (Finding(
            code="marrow-unknown", severity="info", level=level, source="perf.use",
            what="Age and blood flow of the marrow are not known; the whole range counts.",
        ),)  # fmt: skip
    young, old = marrow["fat.young_age"], marrow["fat.old_age"]
    if young.value <= age <= old.value:
        return ()
    row = young if age < young.value else old
    return (Finding(
        code="age-beyond-range", severity="info", level=level, source=row.source,
        what=f"Fat of the marrow is stated for {young.value:g} to {old.value:g} years; at "
        f"{age:g} years that of {row.value:g} counts.",
    ),)  # fmt: skip


def _flow(prepared: Setup, row: Constant) -> tuple[Finding, ...]:
    """Parts of the marrow whose flow is outside the range that sources give."""
    if row.low is None or row.high is None:
        return ()
    return tuple(
        Finding(
            code="flow-beyond-range", severity="caution", level=prepared.vertebra.level,
            source=row.source,
            what=f"Blood flow of the marrow {f'at the {part} endplate' if part else 'of the body'} "
            f"is taken as {state.flow_ml_min_kg:.3g} {row.unit}; the range that sources give is "
            f"{row.low:g} to {row.high:g}.",
        )
        for part, state in prepared.tissues.parts.items()
        if not row.low <= state.flow_ml_min_kg <= row.high
    )  # fmt: skip


def _density(prepared: Setup, marrow: Table) -> tuple[Finding, ...]:
    """Marrow near the heating zone with less or more bone than its table knows."""
    reach, most = marrow["beyond.reach"].value, marrow["beyond.share"]
    beyond = _near(prepared, reach)
    ends = ((-1, "less", marrow["volume_fraction.lowest"]),
            (1, "more", marrow["volume_fraction.highest"]))  # fmt: skip
    return tuple(
        Finding(
            code="density-beyond-range", severity="caution", level=prepared.vertebra.level,
            source=row.source,
            what=f"The CT number of {100 * share:.0f} % of the marrow within {reach:g} mm of the "
            f"heating zone means {word} bone than the {100 * row.value:g} % by volume where the "
            f"table {marrow.name} ends, which is taken instead (warned of above "
            f"{100 * most.value:g} %).",
        )
        for sign, word, row in ends
        if len(beyond) and (share := float(np.mean(beyond == sign))) > most.value
    )  # fmt: skip


def _near(prepared: Setup, reach_mm: float) -> np.ndarray:
    """(n,) `Tissues.beyond` of the marrow's voxels within reach of a heating zone."""
    tissues, paths = prepared.tissues, (prepared.planned.path, prepared.planned.partner)
    zones = [path.active for path in paths if path is not None]
    lps_from_index = inverse(tissues.grid.index_from_lps)
    step = float(np.linalg.norm(lps_from_index[:3, 0]))
    ends = moved(tissues.grid.index_from_lps, np.concatenate(zones))
    low = np.maximum(np.floor(ends.min(axis=0) - reach_mm / step).astype(int), 0)
    high = np.ceil(ends.max(axis=0) + reach_mm / step).astype(int) + 1
    box = tuple(slice(a, max(b, a)) for a, b in zip(low, high, strict=True))
    at = np.argwhere(tissues.marrow[box])
    points: Points = moved(lps_from_index, (at + low).astype(float))
    away = np.min([segment_distance(points, *zone) for zone in zones], axis=0)
    return tissues.beyond[box][tuple(at[away <= reach_mm].T)]


def _own(table: Table, level: str) -> tuple[Finding, ...]:
    """Rows that a clinic replaced by a value outside the range that the shipped row states."""
    return tuple(
        Finding(
            code="constant-beyond-range", severity="caution", level=level, source=shipped.source,
            what=f"Table {table.name}, row {key}: {own.value:g} {own.unit} by your own table lies "
            f"outside the range that sources give, {_end(shipped.low)} to {_end(shipped.high)}.",
        )
        for key, shipped in table.overridden.items()
        if _outside((own := table[key]).value, shipped)
    )  # fmt: skip


def _outside(value: float, row: Constant) -> bool:
    return (row.low is not None and value < row.low) or (row.high is not None and value > row.high)


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:g}"
