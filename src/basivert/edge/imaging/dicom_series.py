"""A folder with a DICOM CT series, sorted by position and not by name."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from basivert.errors import Finding, VolumeError
from basivert.volume.model import Volume

# Slice steps may differ by this share before slices count as missing.
STEP_TOLERANCE = 0.05
TILT_TOLERANCE_DEG = 0.5
PARALLEL_TOLERANCE = 1e-3


def read_series(folder: Path) -> tuple[Volume, tuple[Finding, ...]]:
    """The folder's largest CT series as a volume in HU.

    Raises: VolumeError for no CT, mixed directions, double or missing slices, gantry tilt.
    """
    series = _grouped(folder)
    key = max(series, key=lambda uid: len(series[uid]))
    slices, findings = series[key], []
    if len(series) > 1:
        findings.append(Finding(
            code="several-series", severity="caution",
            what=f"{folder.name} holds {len(series)} series; the largest ({len(slices)} slices) "
            "was taken.",
        ))  # fmt: skip
    if len(slices) < 3:
        raise VolumeError(f"{folder.name} holds {len(slices)} CT slices; at least 3 are needed.")
    row, column, normal = _directions(slices)
    position = np.array([s.ImagePositionPatient for s in slices], float)
    order = np.argsort(position @ normal)
    slices, position = [slices[n] for n in order], position[order]
    step = _step(position, normal, folder.name)
    spacing = np.array(slices[0].PixelSpacing, float)
    lps_from_index = np.eye(4)
    lps_from_index[:3, 0], lps_from_index[:3, 1] = row * spacing[1], column * spacing[0]
    lps_from_index[:3, 2], lps_from_index[:3, 3] = step, position[0]
    values = np.stack([_hounsfield(s) for s in slices], axis=2)
    return Volume(values=values, lps_from_index=lps_from_index, unit="HU"), tuple(findings)


def _grouped(folder: Path) -> dict[tuple[str, tuple[int, int]], list[Any]]:
    """CT slices by series and matrix."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    series: dict[tuple[str, tuple[int, int]], list[Any]] = defaultdict(list)
    modalities: set[str] = set()
    for file in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
        try:
            data = pydicom.dcmread(file)
        except InvalidDicomError:
            continue
        modalities.add(str(data.get("Modality", "unknown")))
        if data.get("Modality") == "CT" and "ImagePositionPatient" in data:
            uid = str(data.get("SeriesInstanceUID", "") or "")
            series[(uid, (int(data.Rows), int(data.Columns)))].append(data)
    if not series:
        seen = ", ".join(sorted(modalities)) or "no DICOM file"
        raise VolumeError(
            f"{folder} holds no CT slice (found: {seen}).", fix="Give the folder of the CT series."
        )
    return series


def _directions(slices: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, column and normal directions, equal in all slices."""
    cosines = np.array([s.ImageOrientationPatient for s in slices], float)
    if np.abs(cosines - cosines[0]).max() > PARALLEL_TOLERANCE:
        raise VolumeError(
            "The slices of this series do not lie parallel.", fix="Remove the scout pictures."
        )
    row, column = cosines[0, :3], cosines[0, 3:]
    return row, column, np.cross(row, column)


def _step(position: np.ndarray, normal: np.ndarray, name: str) -> np.ndarray:
    """(3,) LPS step from slice to slice."""
    along = np.diff(position @ normal)
    usual = float(np.median(along))
    if np.any(along < STEP_TOLERANCE * usual):
        raise VolumeError(
            f"{name} holds {int(np.sum(along < STEP_TOLERANCE * usual))} slices twice at one "
            "position.", fix="Remove the second reconstruction.",
        )  # fmt: skip
    if np.any(np.abs(along - usual) > STEP_TOLERANCE * usual):
        gap = int(np.argmax(np.abs(along - usual)))
        raise VolumeError(
            f"{name}: slices are missing; the step after slice {gap + 1} is {along[gap]:.2f} mm "
            f"instead of {usual:.2f} mm.", fix="Export the whole series again.",
        )  # fmt: skip
    step = (position[-1] - position[0]) / (len(position) - 1)
    tilt = np.degrees(np.arccos(np.clip(step @ normal / np.linalg.norm(step), -1.0, 1.0)))
    if tilt > TILT_TOLERANCE_DEG:
        raise VolumeError(
            f"{name} was scanned with the gantry tilted by {tilt:.1f}°.",
            fix="Resample it to a straight grid (dcm2niix does) and give that file.",
            tilt_deg=float(tilt),
        )
    return step


def _hounsfield(data: Any) -> np.ndarray:
    """(columns, rows) HU of one slice."""
    if "RescaleSlope" not in data or "RescaleIntercept" not in data:
        raise VolumeError(
            "The series lacks RescaleSlope or RescaleIntercept, so its values are not HU.",
            fix="Export the original series, not a secondary capture.",
        )
    pixels = data.pixel_array.astype(np.float32)
    return (pixels * float(data.RescaleSlope) + float(data.RescaleIntercept)).T
