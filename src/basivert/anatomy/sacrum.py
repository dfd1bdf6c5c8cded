"""S1, the first piece of the sacrum: no bone ends it below, and its ala has another label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from basivert.anatomy.model import BodySize, Endplate, Pedicle
from basivert.arrays import Affine, Mask, Point
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.estimate import Estimate, normal
from basivert.geometry.rigid import inverse, moved
from basivert.volume.model import Labels

# A piece this long below L5, near the midline, holds more than S1, mm (S1's body is at most about
# 40 mm high and 45 mm deep, a sacrum at least 90 mm long).
LONGEST_S1_MM = 70.0
MIDLINE_MM = 15.0
# First look at an undivided sacrum: this deep below its nearest point to L5; the body, without
# ala, reaches this far aside (half of the widest usual upper endplate), mm.
FIRST_DEPTH_MM, FIRST_ASIDE_MM = 42.0, 27.0
# Where the label of S1 ends below is the labelling program's choice, mm (SD; ours).
LABEL_END_SD_MM = 3.0
# The ala leaves the section beside the body open: what a ray measures there is a lower limit, mm.
OPEN_SECTION_SD_MM = 5.0
# Beside the body there is no wall but the ala; the upper plate's width stands in, mm.
BESIDE_SD_MM = 8.0


def top_of_sacrum(labels: Labels) -> Point | None:
    """(3,) LPS mm, middle of what lies next below L5 in a sacrum labelled as one piece, or None."""
    name = undivided(labels)
    if name is None:
        return None
    voxels = np.argwhere(_first_look(labels, name))
    return moved(labels.volume.lps_from_index, voxels.astype(float)).mean(axis=0)


def undivided(labels: Labels) -> str | None:
    """Name of the label that holds S1 together with what lies below it, or None where S1 is alone.

    None also without L5: then nothing tells where the sacrum begins.
    """
    above = labels.centre("L5")
    if above is None:
        return None
    if labels.centre("S1") is None:
        return None if labels.centre("sacrum") is None else "sacrum"
    points = _lps(labels, labels.mask("S1"))
    middle = points[np.abs(points[:, 0] - above[0]) < MIDLINE_MM]
    if not len(middle):
        return None
    return "S1" if np.ptp(np.linalg.norm(middle - above, axis=1)) > LONGEST_S1_MM else None


def first_piece(labels: Labels) -> Mask:
    """S1's own label, or a first look at S1 in a sacrum that is one piece."""
    name = undivided(labels)
    return labels.mask("S1") if name is None else _first_look(labels, name)


def trimmed(labels: Labels, lps_from_body: Affine, top_mm: float, height_mm: float) -> Mask:
    """S1 without ala, and out of an undivided sacrum down to `height_mm` below its upper endplate.

    Args:
        lps_from_body: z square to the upper endplate.  top_mm: that plate's z.
    """
    name = undivided(labels)
    mask = labels.mask(name or "S1")
    at = moved(inverse(lps_from_body), _lps(labels, mask))
    keep = np.abs(at[:, 0]) < FIRST_ASIDE_MM
    if name is not None:
        keep &= at[:, 2] > top_mm - height_mm
    return _only(np.argwhere(mask)[keep], mask.shape)


def with_ala(labels: Labels, own: Mask, lps_from_body: Affine, half_height_mm: float) -> Mask:
    """S1 with the sacrum's bone at its own height: label maps give S1 without its ala."""
    mask = np.zeros_like(own)
    for name in ("S1", "sacrum"):
        if name in labels.code_of:
            mask |= labels.mask(name)
    at = moved(inverse(lps_from_body), _lps(labels, mask))
    return own | _only(np.argwhere(mask)[np.abs(at[:, 2]) < half_height_mm], mask.shape)


def lower_limit(
    upper: Endplate, lps_from_body: Affine, half_mm: Point, morphometry: Table, cut: bool
) -> Endplate:
    """Where S1 ends below: a limit by the label or by published height, tilted by the usual wedge.

    Args:
        cut: whether S1 was cut out of the sacrum by its height.
    """
    wedge = morphometry["S1.wedge"]
    angle = np.radians(-wedge.value)
    # Anterior taller (wedge < 0) turns the lower plate forwards, as at L5.
    across = lps_from_body[:3, 0]
    up = upper.normal
    direction = -(up * np.cos(angle) + np.cross(across, up) * np.sin(angle))
    plate_sd = wedge.sd or 6.0
    height_sd = (morphometry["S1.height_posterior"].sd or 5.0) if cut else LABEL_END_SD_MM
    basis = "no endplate: limit of the label, tilted by the published wedge"
    return Endplate(
        centre=moved(lps_from_body, np.array([0.0, 0.0, -half_mm[2]])),
        normal=direction,
        sagittal_deg=_tilt(-direction[1], direction, plate_sd, basis),
        coronal_deg=_tilt(direction[0], direction, plate_sd, basis),
        concavity_mm=normal(0.0, height_sd, "mm", basis),
        residual_mm=height_sd,
    )


def _tilt(sideways: float, direction: Point, sd: float, basis: str) -> Estimate:
    return normal(float(np.degrees(np.arctan2(-sideways, -direction[2]))), sd, "deg", basis)


def sacral_size(size: BodySize, half_mm: Point, cut: bool, morphometry: Table) -> BodySize:
    """Sizes with the uncertainty of a body that runs into ala and S2."""
    end = (morphometry["S1.height_posterior"].sd or 5.0) if cut else LABEL_END_SD_MM
    width = normal(2.0 * half_mm[0], BESIDE_SD_MM, "mm", "the body runs into the ala")

    def open_below(found: Estimate) -> Estimate:
        return normal(found.value, np.hypot(found.sd, end), "mm", "ends at a limit, not at bone")

    return replace(
        size,
        height_anterior_mm=open_below(size.height_anterior_mm),
        height_middle_mm=open_below(size.height_middle_mm),
        height_posterior_mm=open_below(size.height_posterior_mm),
        width_upper_mm=width, width_middle_mm=width, width_lower_mm=width,
        depth_lower_mm=open_below(size.depth_lower_mm),
    )  # fmt: skip


def sacral_pedicle(pedicle: Pedicle) -> Pedicle:
    """The bridge to the ala, whose section is open to its side."""
    basis = "section open to the ala: a lower limit"
    return replace(
        pedicle,
        width_mm=normal(pedicle.width_mm.value, OPEN_SECTION_SD_MM, "mm", basis),
        height_mm=normal(pedicle.height_mm.value, OPEN_SECTION_SD_MM, "mm", basis),
        cortex_mm=None,
    )


def told(cut: bool, joined: bool, morphometry: Table) -> tuple[Finding, ...]:
    """What was done to get S1, for the report."""
    findings: list[Finding] = []
    if cut:
        height = morphometry["S1.height_posterior"]
        findings.append(Finding(
            code="sacrum-cut", severity="caution", level="S1", source=height.source,
            what="The sacrum is labelled as one piece. S1 was cut out of it below its upper "
            f"endplate by a height of {height.value:.0f} ± {height.sd or 5.0:.0f} mm: its lower "
            "end is an assumption.",
        ))  # fmt: skip
    elif joined:
        findings.append(Finding(
            code="sacrum-joined", severity="caution", level="S1", source="S1.route",
            what="The label of S1 was joined with the sacrum's at the same height to hold the "
            "ala; its border to S2 is the label's, not the bone's.",
        ))  # fmt: skip
    findings.append(Finding(
        code="sacrum-open", severity="info", level="S1",
        what="S1 has no lower endplate and no free side: its lower plane, heights and widths are "
        "limits, with wide intervals.",
    ))  # fmt: skip
    return tuple(findings)


def _first_look(labels: Labels, name: str) -> Mask:
    above = labels.pieces[labels.code_of["L5"]].centre
    mask = labels.mask(name)
    points = _lps(labels, mask)
    far = np.linalg.norm(points - above, axis=1)
    near = (np.abs(points[:, 0] - above[0]) < FIRST_ASIDE_MM) & (far < far.min() + FIRST_DEPTH_MM)
    return _only(np.argwhere(mask)[near], mask.shape)


def _lps(labels: Labels, mask: Mask) -> np.ndarray:
    return moved(labels.volume.lps_from_index, np.argwhere(mask).astype(float))


def _only(voxels: np.ndarray, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    mask[tuple(voxels.T)] = True
    return mask
