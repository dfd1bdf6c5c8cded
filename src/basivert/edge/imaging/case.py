"""Scan and labels together, as one case with all that was noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from basivert.constants.load import TableOf, builtin
from basivert.constants.model import Table
from basivert.edge.imaging.labels import named_codes
from basivert.edge.imaging.volumes import read_volume
from basivert.errors import Finding, InputError, LabelError
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import inverse, moved
from basivert.volume.checks import ct_findings, label_findings, same_grid, without_strays
from basivert.volume.model import Case, Labels, Volume
from basivert.volume.resample import sample_nearest

# Share of the labels that must lie inside the CT.
LEAST_OVERLAP = 0.01
# Voxel centres of a flipped or cropped copy of the CT's grid meet this closely, in voxels.
ALIGNED_VOXELS = 0.05

Found = TypeVar("Found")


def read_case(
    ct: Path, labels: Path, label_map: Path | None = None, table: TableOf = builtin
) -> Case:
    """Read, name and check a scan with its label map.

    Args:
        label_map: TOML, JSON or CSV of structure name → code, for conventions not known here.
        table: gives each table by name.

    Raises: VolumeError, LabelError; each says what was wrong and what to do. Problems of scan and
        labels are told together.
    """
    thresholds, limits = table("thresholds"), table("input")
    problems: list[InputError] = []
    read_ct = _attempt(lambda: _scan(ct, thresholds, limits), problems)
    read_labels = _attempt(lambda: _codes(labels), problems)
    if read_ct is None or read_labels is None:
        raise _joined(problems)
    (scan, found), (codes, noticed) = read_ct, read_labels
    findings = [*found, *noticed]
    codes, noticed = on_grid(codes, scan, labels.name)
    findings += noticed
    code_of, convention = named_codes(codes, labels, label_map, limits)
    codes, noticed = without_strays(codes, code_of, limits)
    findings += noticed
    named = Labels(volume=codes, code_of=code_of, convention=convention)
    findings += label_findings(scan, named, thresholds, limits)
    return Case(
        ct=scan, labels=named, findings=tuple(findings), ct_name=ct.name, labels_name=labels.name
    )


def _scan(path: Path, thresholds: Table, limits: Table) -> tuple[Volume, tuple[Finding, ...]]:
    volume, findings = read_volume(path, "HU")
    return volume, (*findings, *ct_findings(volume, thresholds, limits))


def _codes(path: Path) -> tuple[Volume, tuple[Finding, ...]]:
    volume, findings = read_volume(path, "label")
    if not volume.values.any():
        raise LabelError(f"{path.name} is empty: it labels nothing.", fix="Check the file.")
    return volume, findings


def _attempt(read: Callable[[], Found], problems: list[InputError]) -> Found | None:
    try:
        return read()
    except InputError as problem:
        problems.append(problem)
        return None


def _joined(problems: list[InputError]) -> InputError:
    """One error for all: the kind of the first, the words of each."""
    if len(problems) == 1:
        return problems[0]
    return type(problems[0])(
        " ".join(problem.what for problem in problems),
        fix=" ".join(dict.fromkeys(problem.fix for problem in problems)),
    )


def on_grid(codes: Volume, scan: Volume, name: str) -> tuple[Volume, tuple[Finding, ...]]:
    """The labels on the scan's grid; a different grid is resampled (nearest) and told.

    Raises: LabelError with both extents where they do not overlap.
    """
    if same_grid(codes, scan):
        return codes, ()
    values = np.empty(scan.values.shape, codes.values.dtype)
    for k in range(scan.values.shape[2]):
        slab = scan.lps_from_index.copy()
        slab[:3, 3] = moved(scan.lps_from_index, np.array([0.0, 0.0, float(k)]))
        points = grid_points(slab, (*scan.values.shape[:2], 1))  # type: ignore[arg-type]
        values[:, :, k] = sample_nearest(codes, points, outside=0.0)[:, :, 0]
    kept = np.count_nonzero(values) * float(np.prod(scan.spacing_mm))
    had = np.count_nonzero(codes.values) * float(np.prod(codes.spacing_mm))
    if kept < LEAST_OVERLAP * had:
        raise LabelError(
            f"{name} and the CT do not overlap: labels lie at {_extent(codes)}, the CT at "
            f"{_extent(scan)} (LPS mm).", fix="Give the labels that were made on this CT.",
        )  # fmt: skip
    moved_labels = Volume(values=values, lps_from_index=scan.lps_from_index, unit="label")
    if _aligned(codes, scan):
        return moved_labels, (Finding(
            code="labels-reordered", severity="info",
            what=f"{name} stores the CT's voxels in another order or crop; they were put in the "
            "CT's order without interpolation.",
        ),)  # fmt: skip
    return moved_labels, (Finding(
        code="labels-resampled", severity="caution",
        what=f"{name} lies on another grid than the CT and was resampled (nearest neighbour); "
        f"{min(kept / had, 1.0):.0%} of it lies inside the CT.",
    ),)  # fmt: skip


def _aligned(codes: Volume, scan: Volume) -> bool:
    """Whether the voxel centres of both grids coincide wherever both have one."""
    index = inverse(codes.lps_from_index) @ scan.lps_from_index
    turn, shift = index[:3, :3], index[:3, 3]
    reach = np.array(scan.values.shape, float)
    return bool(
        np.all(np.abs(turn - np.rint(turn)) * reach < ALIGNED_VOXELS)
        and np.all(np.abs(shift - np.rint(shift)) < ALIGNED_VOXELS)
        and np.isclose(abs(np.linalg.det(np.rint(turn))), 1.0)
    )


def _extent(volume: Volume) -> str:
    corners = np.array(np.meshgrid(*[[0, n - 1] for n in volume.values.shape])).reshape(3, -1).T
    lps = moved(volume.lps_from_index, corners.astype(float))
    low, high = lps.min(axis=0), lps.max(axis=0)
    return " × ".join(f"{a:.0f}…{b:.0f}" for a, b in zip(low, high, strict=True))
