"""What is unusual about a scan and its labels, found before anything is measured."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from basivert.constants.model import Table
from basivert.errors import Finding, LabelError, VolumeError
from basivert.volume.model import Labels, Volume

# A CT holds both air or fat and bone; other images do not in these numbers.
LOW_HU, BONE_HU = -50.0, 250.0
LEAST_RANGE_HU = 400.0
STRAY_SHARE = 0.02


def ct_findings(ct: Volume, thresholds: Table) -> tuple[Finding, ...]:
    """Thick slices, padding.

    Raises: VolumeError where the values cannot be Hounsfield units.
    """
    low, high = float(ct.values.min()), float(ct.values.max())
    if not np.isfinite([low, high]).all():
        raise VolumeError("The scan holds values that are not numbers.", fix="Export it again.")
    if high - low < LEAST_RANGE_HU or high < BONE_HU or low > LOW_HU:
        raise VolumeError(
            f"Values run from {low:.0f} to {high:.0f}: these are not Hounsfield units of a CT.",
            fix="Give the CT itself (not an MRI, a mask or a rescaled picture); stored unsigned "
            "values need their intercept of −1024.",
            low=low, high=high,
        )  # fmt: skip
    findings = []
    thick, limit = float(ct.spacing_mm.max()), thresholds["slices.thick"]
    if thick >= limit.value:
        findings.append(Finding(
            code="thick-slices", severity="caution", source=limit.source,
            what=f"Slices are {thick:.1f} mm apart; below {limit.value:.1f} mm is expected. All "
            "distances across slices are less certain, and a breach cannot be judged finely.",
        ))  # fmt: skip
    padded = float(np.mean(ct.values < -1500))
    if padded > 0.001:
        findings.append(Finding(
            code="padding", severity="info",
            what=f"{padded:.0%} of the scan is padding outside the field of view "
            f"(values down to {low:.0f}).",
        ))  # fmt: skip
    return tuple(findings)


def label_findings(ct: Volume, labels: Labels, thresholds: Table) -> tuple[Finding, ...]:
    """Metal near the spine, stray voxels, contrast in the aorta.

    Raises: LabelError where labels and CT do not share a grid.
    """
    if labels.volume.values.shape != ct.values.shape or not np.allclose(
        labels.volume.lps_from_index, ct.lps_from_index, atol=1e-2
    ):
        raise LabelError("Labels and CT lie on different grids.", fix="Resample the labels first.")
    spine = [labels.code_of[n] for n in labels.code_of if n[0] in "LTS" and n[1:].isdigit()]
    near = np.isin(labels.volume.values, spine)
    findings = []
    metal_ml = float(np.sum(ct.values[near] > thresholds["metal.hu"].value)
                     * np.prod(ct.spacing_mm) / 1000)  # fmt: skip
    if metal_ml > thresholds["metal.least_ml"].value:
        findings.append(Finding(
            code="metal", severity="caution", source=thresholds["metal.hu"].source,
            what=f"{metal_ml:.2f} ml inside the labelled vertebrae are brighter than "
            f"{thresholds['metal.hu'].value:.0f} HU: metal. Surfaces beside it are not to be "
            "trusted.",
        ))  # fmt: skip
    if "aorta" in labels.code_of:
        aorta = ct.values[labels.mask("aorta")]
        if aorta.size and float(np.median(aorta)) > 150.0:
            findings.append(Finding(
                code="contrast", severity="info",
                what=f"Contrast medium is in the aorta ({np.median(aorta):.0f} HU): bone densities "
                "read higher than without.",
            ))  # fmt: skip
    return tuple(findings)


def without_strays(labels: Volume, codes: dict[str, int]) -> tuple[Volume, tuple[Finding, ...]]:
    """The label map without small detached pieces of vertebrae, each removal told."""
    values = labels.values.copy()
    findings = []
    boxes = ndimage.find_objects(values)
    for name, code in codes.items():
        if name[0] not in "LTS" or not name[1:].isdigit():
            continue
        part = values[boxes[code - 1]]
        pieces, count = ndimage.label(part == code, structure=np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())
        sizes[0] = 0
        small = [n for n in range(1, count + 1) if sizes[n] < STRAY_SHARE * sizes.sum()]
        if small:
            dropped = np.isin(pieces, small)
            part[dropped] = 0
            findings.append(Finding(
                code="stray-voxels", severity="info", level=name,
                what=f"{int(dropped.sum())} detached voxels of {name} were left out.",
            ))  # fmt: skip
    return Volume(values=values, lps_from_index=labels.lps_from_index, unit="label"), tuple(
        findings
    )
