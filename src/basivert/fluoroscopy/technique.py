"""Where a plan departs from the technique as it is usually described."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.fluoroscopy.machine import from_dorsal_deg
from basivert.fluoroscopy.model import MedialRule, Preset, ViewName, Way


def technique_findings(
    vertebra: Vertebra, way: Way, presets: dict[ViewName, Preset], rule: MedialRule, table: Table
) -> tuple[Finding, ...]:
    """Departures that the person at the table should know before the first cut.

    Args:
        vertebra: for its endplates.
        way: the plan.
        presets: the wanted views.
        rule: of the two views, as this plan keeps it.
        table: rows of `technique`.
    """
    found: list[Finding | None] = [
        _introducer(way, table), _oblique(way, presets, table), _wedge(vertebra, presets, table),
    ]  # fmt: skip
    if not rule.kept:
        found.append(_finding(way, "medial-border", rule.words, "tech.medial_rule"))
    return tuple(finding for finding in found if finding is not None)


def _introducer(way: Way, table: Table) -> Finding | None:
    short = max(way.depths.true_wall_mm, way.depths.wall_line_mm) - way.depths.curve_start_mm
    if short <= table["introducer.short"].value or way.path.bend_radius_mm is None:
        return None
    return _finding(
        way, "introducer-short",
        f"The planned introducer ends {short:.1f} mm behind the posterior wall, so that the curve "
        "starts inside the pedicle; usually it is stopped at the wall or a few millimetres "
        "past it.",
        table["introducer.short"].source,
    )  # fmt: skip


def _oblique(way: Way, presets: dict[ViewName, Preset], table: Table) -> Finding | None:
    key = f"oblique.{way.level}"
    if key not in table.rows or way.route != "transpedicular":
        return None
    eye, behind = (presets[name].carm.primary_deg for name in ("en_face", "ap"))
    row, turn = table[key], abs(from_dorsal_deg(180.0 + eye - behind))
    low, high, slack = row.low or 0.0, row.high or 90.0, table["oblique.slack"].value
    if low - slack <= turn <= high + slack:
        return None
    return _finding(
        way, "unusual-oblique",
        f"The shaft is seen end on at {turn:.0f}° from the AP of this vertebra; {low:.0f} to "
        f"{high:.0f}° is usual at {way.level}.", row.source,
    )  # fmt: skip


def _wedge(vertebra: Vertebra, presets: dict[ViewName, Preset], table: Table) -> Finding | None:
    if "ap_lower" not in presets:
        return None
    upper, lower = (presets[name].carm.axes[2] for name in ("ap_upper", "ap_lower"))
    apart = float(np.degrees(np.arccos(np.clip(upper @ lower, -1.0, 1.0))))
    if apart <= table["endplates.apart"].value:
        return None
    return Finding(
        code="endplates-apart", severity="caution", level=vertebra.level,
        what=f"The two endplates need AP views {apart:.0f}° apart: no single AP squares both. "
        "Square the one that is nearer to the target, or measure in the view between as drawn.",
        source=table["endplates.apart"].source,
    )  # fmt: skip


def _finding(way: Way, code: str, what: str, source: str) -> Finding:
    return Finding(code=code, severity="caution", level=way.level, what=what, source=source)
