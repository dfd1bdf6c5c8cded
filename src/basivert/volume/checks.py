"""What is unusual about a scan and its labels, found before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from scipy import ndimage

from basivert.constants.model import Table
from basivert.errors import Finding, LabelError, VolumeError
from basivert.volume.labels import (
    LUMBAR,
    SPINE,
    is_vertebra,
    neighbours,
    out_of_order,
    plausible_distance,
)
from basivert.volume.model import Labels, Volume
from basivert.volume.pieces import Piece, boxes

# A CT holds air or fat, and bone: at least these shares of its voxels, per cent.
LOW_PERCENT, HIGH_PERCENT = 0.5, 99.95
SAMPLE_VOXELS = 2_000_000
EIGHT_BITS = 255.0
SCALED_RANGE = 2.0
# Stored unsigned, air lies near 0 and soft tissue near 1024.
OFFSET, OFFSET_SHARE = 1024.0, 0.1
SAME_GRID_MM = 1e-2


def ct_findings(ct: Volume, thresholds: Table, limits: Table) -> tuple[Finding, ...]:
    """Thick slices, large voxels, padding.

    Args:
        thresholds: table `thresholds`, row `slices.thick`.
        limits: table `input`.

    Raises: VolumeError where the spacing cannot be millimetres or the values cannot be HU.
    """
    spacing = ct.spacing_mm
    if spacing.min() < limits["voxel.least"].value or spacing.max() > limits["voxel.most"].value:
        raise VolumeError(
            f"Voxels of {' × '.join(f'{s:g}' for s in spacing)} mm are not those of a CT "
            f"(expected: {limits['voxel.least'].value:g} to {limits['voxel.most'].value:g} mm).",
            fix="The file's unit is probably not millimetres; convert it.",
        )
    reject_other_images(ct, limits)
    findings = []
    thick, limit = float(spacing.max()), thresholds["slices.thick"]
    if thick >= limit.value:
        findings.append(Finding(
            code="thick-slices", severity="caution", source=limit.source,
            what=f"Slices are {thick:.1f} mm apart; below {limit.value:.1f} mm is expected. All "
            "distances across slices are less certain, and a breach cannot be judged finely.",
        ))  # fmt: skip
    coarse = limits["voxel.coarse"]
    if np.sort(spacing)[1] >= coarse.value:
        findings.append(Finding(
            code="large-voxels", severity="caution", source=coarse.source,
            what=f"Voxels are {' × '.join(f'{s:.1f}' for s in spacing)} mm; a pedicle is a few of "
            "them wide. Margins and breach cannot be judged on this scan.",
        ))  # fmt: skip
    padded = float(np.mean(ct.values < limits["ct.padding"].value))
    if padded > 0:
        findings.append(Finding(
            code="padding", severity="info", source=limits["ct.padding"].source,
            what=f"{padded:.1%} of the scan is padding outside the field of view "
            f"(values down to {ct.values.min():.0f}).",
        ))  # fmt: skip
    return tuple(findings)


def reject_other_images(ct: Volume, limits: Table) -> None:
    """Raise VolumeError, saying what the values look like, where they cannot be HU."""
    flat = ct.values.ravel(order="K")
    low, high = float(flat.min()), float(flat.max())
    if not np.isfinite([low, high]).all():
        raise VolumeError("The scan holds values that are not numbers.", fix="Export it again.")
    few, many = np.percentile(
        flat[:: max(1, flat.size // SAMPLE_VOXELS)], [LOW_PERCENT, HIGH_PERCENT]
    )
    if few <= limits["ct.low"].value and many >= limits["ct.bone"].value:
        return
    what = f"Values run from {low:g} to {high:g}: these are not Hounsfield units of a CT"
    facts = {"low": low, "high": high}
    if high == low:
        raise VolumeError(f"{what}; all are equal.", fix="Export the scan again.", **facts)
    if high - low <= SCALED_RANGE:
        raise VolumeError(f"{what} but were scaled to a small range.",
                          fix="Give the CT as it was exported, not scaled.", **facts)  # fmt: skip
    if low >= 0 and high <= EIGHT_BITS:
        raise VolumeError(f"{what} but of an 8-bit picture or a mask.",
                          fix="Give the CT itself, not a windowed copy.", **facts)  # fmt: skip
    if low >= 0 and np.mean(np.abs(flat - OFFSET) < 150.0) > OFFSET_SHARE:
        raise VolumeError(f"{what} but look like HU stored with {OFFSET:.0f} added.",
                          fix=f"Subtract {OFFSET:.0f} (the rescale intercept) and save it again.",
                          **facts)  # fmt: skip
    missing = "no air or fat" if few > limits["ct.low"].value else "no bone"
    raise VolumeError(f"{what}: {missing} in it; an MRI, or cropped too far.",
                      fix="Give the CT itself.", **facts)  # fmt: skip


def label_findings(
    ct: Volume, labels: Labels, thresholds: Table, limits: Table
) -> tuple[Finding, ...]:
    """Order and gaps of the levels, cut edges, metal near the spine, contrast in the aorta.

    Raises: LabelError where labels and CT do not share a grid, or the levels are out of order.
    """
    if not same_grid(labels.volume, ct):
        raise LabelError("Labels and CT lie on different grids.", fix="Resample the labels first.")
    looked_at = {n: c for n, c in labels.code_of.items() if is_vertebra(n) or n == "aorta"}
    found = labels.pieces
    everything = {name: found[code] for name, code in looked_at.items() if code in found}
    at = {name: piece for name, piece in everything.items() if is_vertebra(name)}
    return (
        *_level_findings(at, labels.code_of, limits),
        *_cut_findings(at, labels.volume),
        *_metal(ct, at, thresholds, limits),
        *_contrast(ct, labels, everything.get("aorta"), limits),
    )


def same_grid(labels: Volume, ct: Volume) -> bool:
    """Whether two volumes have the same voxels at the same places."""
    return labels.values.shape == ct.values.shape and np.allclose(
        labels.lps_from_index, ct.lps_from_index, atol=SAME_GRID_MM
    )


def _level_findings(
    at: Mapping[str, Piece], code_of: Mapping[str, int], limits: Table
) -> list[Finding]:
    if wrong := out_of_order({name: piece.centre for name, piece in at.items()}):
        upper, lower = wrong[0]
        raise LabelError(
            f"{upper} does not lie above {lower} in the label map: the levels are out of order.",
            fix="Check the label map, or name the codes with --label-map.",
        )
    findings = []
    names = [name for name in SPINE if name in at]
    joined = neighbours(names)
    for upper, lower in pairwise(names):
        if (upper, lower) not in joined:
            findings.append(Finding(
                code="level-gap", severity="caution", level=lower,
                what=f"No level is labelled between {upper} and {lower}: the numbering has a gap.",
            ))  # fmt: skip
        elif {upper, lower} <= set(LUMBAR) and not plausible_distance(at[upper], at[lower], limits):
            distance = float(np.linalg.norm(at[upper].centre - at[lower].centre))
            findings.append(Finding(
                code="level-distance", severity="caution", level=lower,
                source=limits["vertebra.farthest"].source,
                what=f"{upper} and {lower} lie {distance:.0f} mm apart (expected: "
                f"{limits['vertebra.nearest'].value:.0f} to "
                f"{limits['vertebra.farthest'].value:.0f} mm): a level may be missing or doubled.",
            ))  # fmt: skip
    if "sacrum" in code_of and "S1" not in code_of:
        findings.append(Finding(
            code="sacrum-undivided", severity="info", level="S1",
            what="The label map holds the sacrum as one piece: S1 is cut out of it below L5 by "
            "its published height.",
        ))  # fmt: skip
    return findings


def _cut_findings(at: Mapping[str, Piece], labels: Volume) -> list[Finding]:
    """Which edge each vertebra's label runs into; whether that matters is judged on the bone."""
    findings = []
    for name in (name for name in LUMBAR if name in at):
        edges = dict.fromkeys(_edge(labels, axis, end) for axis, end in at[name].cut)
        if edges:
            findings.append(Finding(
                code="cut-by-edge", severity="info", level=name,
                what=f"The label of {name} runs into the {' and the '.join(edges)} edge of the "
                "scan.",
            ))  # fmt: skip
    return findings


def _edge(labels: Volume, axis: int, end: int) -> str:
    """The patient's side that a face of the volume looks to."""
    outwards = labels.lps_from_index[:3, axis] * (1.0 if end else -1.0)
    main = int(np.argmax(np.abs(outwards)))
    words = (("right", "left"), ("front", "back"), ("lower", "upper"))[main]
    return words[int(outwards[main] > 0)]


def _metal(ct: Volume, at: Mapping[str, Piece], thresholds: Table, limits: Table) -> list[Finding]:
    """Metal in the boxes of the vertebrae and a little around: implants often stay unlabelled."""
    margin = np.ceil(limits["metal.around"].value / ct.spacing_mm).astype(int)
    bright = np.zeros(ct.values.shape, bool)
    for piece in at.values():
        wide = tuple(slice(max(0, part.start - m), part.stop + m)
                     for part, m in zip(piece.box, margin, strict=True))  # fmt: skip
        bright[wide] = ct.values[wide] > thresholds["metal.hu"].value
    volume_ml = float(bright.sum() * np.prod(ct.spacing_mm) / 1000.0)
    if volume_ml <= thresholds["metal.least_ml"].value:
        return []
    return [Finding(
        code="metal", severity="caution", source=thresholds["metal.hu"].source,
        what=f"{volume_ml:.2f} ml in or beside the labelled vertebrae are brighter than "
        f"{thresholds['metal.hu'].value:.0f} HU: metal. Surfaces beside it are not to be trusted.",
    )]  # fmt: skip


def _contrast(ct: Volume, labels: Labels, vessel: Piece | None, limits: Table) -> list[Finding]:
    if vessel is None:
        return []
    inside = labels.volume.values[vessel.box] == labels.code_of["aorta"]
    aorta = float(np.median(ct.values[vessel.box][inside]))
    if aorta <= limits["contrast.aorta"].value:
        return []
    return [Finding(
        code="contrast", severity="info", source=limits["contrast.aorta"].source,
        what=f"Contrast medium is in the aorta ({aorta:.0f} HU): bone densities read higher than "
        "without.",
    )]  # fmt: skip


def without_strays(
    labels: Volume, codes: Mapping[str, int], limits: Table
) -> tuple[Volume, tuple[Finding, ...]]:
    """The label map without small detached pieces of vertebrae, each removal told."""
    values = labels.values.copy(order="K")
    findings = []
    box_of = boxes(values)
    for name, code in codes.items():
        if not is_vertebra(name):
            continue
        part = values[box_of[code - 1]]
        numbered, sizes = _components(part == code)
        small = np.flatnonzero(sizes < limits["vertebra.stray"].value * sizes.sum())
        dropped = np.isin(numbered, small[small > 0])
        if dropped.any():
            part[dropped] = 0
            findings.append(Finding(
                code="stray-voxels", severity="info", level=name,
                source=limits["vertebra.stray"].source,
                what=f"{int(dropped.sum())} detached voxels of {name} were left out.",
            ))  # fmt: skip
    clean = Volume(values=values, lps_from_index=labels.lps_from_index, unit="label")
    return clean, tuple(findings)


def _components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbered connected pieces of a mask, and the size of each; number 0 is outside."""
    numbered = np.zeros(mask.shape, np.int32)
    ndimage.label(mask, structure=np.ones((3, 3, 3)), output=numbered)
    sizes = np.bincount(numbered.ravel())
    sizes[0] = 0
    return numbered, sizes
