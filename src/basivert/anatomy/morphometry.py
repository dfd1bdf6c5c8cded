"""Measures held against published morphometry: outside 3 SD is said, never corrected."""

from __future__ import annotations

from collections.abc import Mapping

from basivert.anatomy.model import BodySize, Canal, Pedicle, Side
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.estimate import Estimate


def flags(
    level: str, size: BodySize, canal: Canal, pedicles: Mapping[Side, Pedicle],
    morphometry: Table, thresholds: Table,
) -> tuple[Finding, ...]:  # fmt: skip
    """One finding for each measure more than `morphometry.flag_sd` SD from the published."""
    measured: dict[str, tuple[str, Estimate]] = {
        "body width": ("upper_width", size.width_upper_mm),
        "body depth": ("upper_depth", size.depth_upper_mm),
        "posterior height": ("height_posterior", size.height_posterior_mm),
        "canal width": ("canal_width", canal.width_mm),
        "canal depth": ("canal_depth", canal.depth_mm),
    }
    for side, pedicle in pedicles.items():
        measured[f"{side} pedicle width"] = ("pedicle_width", pedicle.width_mm)
        measured[f"{side} pedicle height"] = ("pedicle_height", pedicle.height_mm)
        measured[f"{side} pedicle transverse angle"] = (
            "pedicle_transverse", pedicle.transverse_deg,
        )  # fmt: skip
    limit = thresholds["morphometry.flag_sd"].value
    findings = []
    for words, (row, estimate) in measured.items():
        key = f"{level}.{row}"
        if key not in morphometry.rows:
            continue
        published = morphometry[key]
        if published.sd and abs(estimate.value - published.value) > limit * published.sd:
            findings.append(Finding(
                code="unusual-size", severity="caution", level=level,
                what=f"{words.capitalize()} {estimate.value:.1f} {estimate.unit} is more than "
                f"{limit:.0f} SD from the published {published.value:.1f} ± {published.sd:.1f} "
                f"{published.unit}.", source=published.source,
            ))  # fmt: skip
    return tuple(findings)
