"""A folder with a DICOM CT series, sorted by position and not by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from basivert.errors import Finding, VolumeError
from basivert.volume.model import Volume

# Slice steps may differ by this share before slices count as missing.
STEP_TOLERANCE = 0.05
TILT_TOLERANCE_DEG = 0.5
PARALLEL_TOLERANCE = 1e-3
DRIFT_TOLERANCE_MM = 0.1
LEAST_SLICES = 3
NEEDED = (
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope",
    "RescaleIntercept", "Rows", "Columns",
)  # fmt: skip

Key = tuple[str, str, str, int, int]


def read_series(folder: Path) -> tuple[Volume, tuple[Finding, ...]]:
    """The folder's largest CT series as a volume in HU.

    Raises: VolumeError for no CT, missing fields, mixed directions, double or missing slices,
        gantry tilt, or pixels that cannot be decoded.
    """
    headers, findings = _ct_headers(folder)
    chosen, noticed = _largest(headers, folder.name)
    chosen, doubled = _without_copies(chosen)
    findings += [*noticed, *doubled]
    _complete(chosen, folder.name)
    row, column, normal = _directions(chosen)
    position = np.array([s.ImagePositionPatient for s in chosen], float)
    order = np.argsort(position @ normal, kind="stable")
    chosen, position = [chosen[n] for n in order], position[order]
    step = _step(position, normal, folder.name)
    findings += _overlapping(chosen, float(np.linalg.norm(step)))
    spacing = np.array(chosen[0].PixelSpacing, float)
    lps_from_index = np.eye(4)
    lps_from_index[:3, 0], lps_from_index[:3, 1] = row * spacing[1], column * spacing[0]
    lps_from_index[:3, 2], lps_from_index[:3, 3] = step, position[0]
    values = np.stack([_hounsfield(Path(s.filename)) for s in chosen], axis=2)
    return Volume(values=values, lps_from_index=lps_from_index, unit="HU"), tuple(findings)


def _ct_headers(folder: Path) -> tuple[list[Any], list[Finding]]:
    """Headers of all CT slices below the folder; scout pictures are left out and told."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    slices: list[Any] = []
    others: Counter[str] = Counter()
    for file in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
        try:
            data = pydicom.dcmread(file, stop_before_pixels=True)
        except (InvalidDicomError, EOFError):
            continue
        modality = str(data.get("Modality", "") or "unknown modality")
        if modality != "CT":
            others[modality] += 1
        elif int(data.get("NumberOfFrames", 1) or 1) > 1:
            others["multi-frame CT"] += 1
        elif "LOCALIZER" in (data.get("ImageType") or ()):
            others["scout"] += 1
        else:
            slices.append(data)
    if not slices:
        seen = ", ".join(sorted(others)) or "no DICOM file"
        raise VolumeError(
            f"{folder} holds no CT slice (found: {seen}).",
            fix="Convert the multi-frame series to NIfTI first (dcm2niix does)."
            if "multi-frame CT" in others else "Give the folder of the CT series.",
        )  # fmt: skip
    if not others:
        return slices, []
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
    return slices, [Finding(
        code="other-files", severity="info",
        what=f"{folder.name} also holds files that are no CT slices ({listed}); they were left "
        "out.",
    )]  # fmt: skip


def _largest(headers: list[Any], name: str) -> tuple[list[Any], list[Finding]]:
    """The series with the most slices. Identifiers may be empty, so the matrix counts too."""
    series: dict[Key, list[Any]] = defaultdict(list)
    for data in headers:
        series[_key(data)].append(data)
    key = max(series, key=lambda one: len(series[one]))
    if len(series[key]) < LEAST_SLICES:
        raise VolumeError(
            f"{name} holds {len(series[key])} CT slices; at least {LEAST_SLICES} are needed.",
            fix="Give the folder of the whole series.",
        )
    if len(series) == 1:
        return series[key], []
    sizes = sorted((len(slices) for slices in series.values()), reverse=True)
    return series[key], [Finding(
        code="several-series", severity="caution",
        what=f"{name} holds {len(series)} CT series ({', '.join(map(str, sizes))} slices); the "
        f"one with {len(series[key])} slices was taken{_description(series[key][0])}.",
    )]  # fmt: skip


def _key(data: Any) -> Key:
    kernel = "\\".join(np.atleast_1d(data.get("ConvolutionKernel") or "").tolist())
    return (
        str(data.get("SeriesInstanceUID") or ""), str(data.get("SeriesNumber") or ""), kernel,
        int(data.get("Rows", 0)), int(data.get("Columns", 0)),
    )  # fmt: skip


def _description(data: Any) -> str:
    text = str(data.get("SeriesDescription") or "").strip()
    return f" ({text})" if text else ""


def _without_copies(slices: list[Any]) -> tuple[list[Any], list[Finding]]:
    """Files that hold the same slice object a second time are left out."""
    kept: dict[str, Any] = {}
    for number, data in enumerate(slices):
        kept.setdefault(str(data.get("SOPInstanceUID") or f"file {number}"), data)
    dropped = len(slices) - len(kept)
    if not dropped:
        return slices, []
    return list(kept.values()), [Finding(
        code="doubled-files", severity="info",
        what=f"{dropped} files repeat a slice that another file holds; each was read once.",
    )]  # fmt: skip


def _complete(slices: list[Any], name: str) -> None:
    """Raise VolumeError naming all fields that some slice lacks, or that differ."""
    missing = [f for f in NEEDED if any(s.get(f) is None or s.get(f) == "" for s in slices)]
    if missing:
        raise VolumeError(
            f"{name}: the slices lack {', '.join(missing)}, so places or values are unknown.",
            fix="Export the original series, not a secondary capture.",
        )
    spacing = np.array([s.PixelSpacing for s in slices], float)
    if np.abs(spacing - spacing[0]).max() > PARALLEL_TOLERANCE or spacing.min() <= 0:
        raise VolumeError(
            f"{name}: the pixel spacing changes from slice to slice "
            f"({spacing.min():g} to {spacing.max():g} mm).", fix="Export one reconstruction.",
        )  # fmt: skip


def _directions(slices: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, column and normal directions, equal in all slices."""
    cosines = np.array([s.ImageOrientationPatient for s in slices], float)
    if np.abs(cosines - cosines[0]).max() > PARALLEL_TOLERANCE:
        raise VolumeError(
            "The slices of this series do not lie parallel (mixed orientation).",
            fix="Remove the scout pictures and reformats.",
        )
    row, column = cosines[0, :3], cosines[0, 3:]
    lengths = np.array([row @ row, column @ column])
    if np.abs(lengths - 1).max() > PARALLEL_TOLERANCE or abs(row @ column) > PARALLEL_TOLERANCE:
        raise VolumeError(
            "The slices' row and column directions are not unit vectors at a right angle.",
            fix="Export the series again.",
        )
    return row, column, np.cross(row, column)


def _step(position: np.ndarray, normal: np.ndarray, name: str) -> np.ndarray:
    """(3,) LPS step from slice to slice; position (n, 3) LPS mm, sorted along the normal."""
    along = np.diff(position @ normal)
    usual = float(np.median(along))
    twice = along < STEP_TOLERANCE * max(usual, PARALLEL_TOLERANCE)
    if np.any(twice) or usual <= 0:
        raise VolumeError(
            f"{name} holds {int(np.sum(twice))} slices twice at one position.",
            fix="Remove the second reconstruction or phase.",
        )
    if np.any(np.abs(along - usual) > STEP_TOLERANCE * usual):
        gap = int(np.argmax(np.abs(along - usual)))
        raise VolumeError(
            f"{name}: slices are missing or unevenly spaced; the step after slice {gap + 1} is "
            f"{along[gap]:.2f} mm instead of {usual:.2f} mm.",
            fix="Export the whole series again.", after_slice=gap + 1,
        )  # fmt: skip
    step = (position[-1] - position[0]) / (len(position) - 1)
    tilt = float(np.degrees(np.arccos(np.clip(step @ normal / np.linalg.norm(step), -1.0, 1.0))))
    if tilt > TILT_TOLERANCE_DEG:
        raise VolumeError(
            f"{name} was scanned with the gantry tilted by {tilt:.1f}°.",
            fix="Resample it to a straight grid (dcm2niix does) and give that file.",
            tilt_deg=tilt,
        )
    straight = position[0] + np.arange(len(position))[:, None] * step
    sideways = (position - straight) - np.outer((position - straight) @ normal, normal)
    drift = float(np.linalg.norm(sideways, axis=1).max())
    if drift > DRIFT_TOLERANCE_MM:
        raise VolumeError(
            f"{name}: slices are shifted sideways by up to {drift:.1f} mm against each other.",
            fix="Export one reconstruction with one field of view.",
        )
    return step


def _overlapping(slices: list[Any], step_mm: float) -> list[Finding]:
    thickness = float(slices[0].get("SliceThickness") or step_mm)
    if thickness <= step_mm * (1 + STEP_TOLERANCE):
        return []
    return [Finding(
        code="overlapping-slices", severity="info",
        what=f"Slices are {thickness:.1f} mm thick, one every {step_mm:.1f} mm: across slices the "
        "scan is less sharp than its spacing.",
    )]  # fmt: skip


def _hounsfield(file: Path) -> np.ndarray:
    """(columns, rows) HU of one slice."""
    import pydicom

    data = pydicom.dcmread(file)
    try:
        pixels = data.pixel_array.astype(np.float32)
    except (AttributeError, NotImplementedError, RuntimeError, ValueError) as cause:
        raise VolumeError(
            f"The pixels of {file.name} cannot be decoded: {cause}",
            fix="Convert the series to NIfTI first (dcm2niix does).",
        ) from cause
    if pixels.ndim != 2:
        raise VolumeError(
            f"{file.name} is a colour picture, not a CT slice.", fix="Give the CT series."
        )
    return (pixels * float(data.RescaleSlope) + float(data.RescaleIntercept)).T
