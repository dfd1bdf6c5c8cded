"""The frame that a NIfTI header states, read without a library that would repair it silently."""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from basivert.arrays import Affine
from basivert.errors import Finding, VolumeError
from basivert.volume.model import SHEAR_TOLERANCE_DEG, shear_deg

HEADER_BYTES = 348
NIFTI2_BYTES = 540
# Spatial part of xyzt_units; 2 is millimetres, 0 is not stated.
UNITS = {1: "metres", 3: "micrometres"}
LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
# Rounding of the header's single precision, and of quaternions.
SPACING_TOLERANCE = 0.01
TURN_TOLERANCE_DEG = 1.0
SHIFT_TOLERANCE_MM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class NiftiHeader:
    """What a NIfTI-1 header says about the frame.

    pixdim: (8,) first the handedness sign, then spacings.  sform: (3, 4) RAS.
    quaternion: (3,) b, c, d.  offset: (3,) RAS.  shape: (3,) voxels.
    """

    pixdim: np.ndarray
    units: int
    qform_code: int
    sform_code: int
    quaternion: np.ndarray
    offset: np.ndarray
    sform: np.ndarray
    shape: np.ndarray


def nifti_frame(path: Path) -> tuple[Affine | None, tuple[Finding, ...]]:
    """Voxel → LPS mm as the header states it; None where the header states none.

    The sform counts before the qform, as the standard's own tools do.
    Raises: VolumeError for wrong units, bad spacing, shear, two frames that turn differently.
    """
    header, name = _header(path), path.name
    if header.units in UNITS:
        raise VolumeError(
            f"{name} says its lengths are {UNITS[header.units]}; millimetres are needed.",
            fix="Correct xyzt_units (and the spacing) in the header.",
        )
    spacing = header.pixdim[1:4]
    if not np.all(np.isfinite(spacing)) or np.any(spacing <= 0):
        raise VolumeError(
            f"{name} has the voxel spacing {_numbers(spacing)}; negative, zero or missing values "
            "leave left and right open.", fix="Export the scan again.",
        )  # fmt: skip
    stated = {}
    if header.sform_code > 0:
        stated["sform"] = _checked_sform(header, name)
    if header.qform_code > 0:
        stated["qform"] = _qform(header)
        if not np.all(np.isfinite(stated["qform"])):
            raise VolumeError(f"{name}: the qform holds no numbers.", fix="Export the scan again.")
    if not stated:
        return None, (Finding(
            code="no-frame", severity="caution",
            what=f"{name} does not say how it lies in the patient (both form codes are 0): "
            "left and right may be exchanged.",
        ),)  # fmt: skip
    used = stated.get("sform", stated.get("qform"))
    findings = _compared(stated, header, name) if len(stated) == 2 else ()
    return LPS_FROM_RAS @ used, findings


def _header(path: Path) -> NiftiHeader:
    opened: Any = gzip.open if path.name.lower().endswith(".gz") else Path.open
    try:
        with opened(path, "rb") as file:
            raw = file.read(HEADER_BYTES)
    except (OSError, EOFError) as cause:
        raise VolumeError(
            f"{path.name} cannot be read: {cause}.", fix="Export it again."
        ) from cause
    order = "<" if raw[:1] in (b"\x5c", b"\x1c") else ">"
    if len(raw) < HEADER_BYTES or struct.unpack(f"{order}i", raw[:4])[0] != HEADER_BYTES:
        kind = "NIfTI-2" if raw[:4] == struct.pack("<i", NIFTI2_BYTES) else "not NIfTI-1"
        raise VolumeError(f"{path.name} is {kind}.", fix="Give NIfTI-1, NRRD or MetaImage.")
    floats = struct.unpack(f"{order}18f", raw[256:328])
    codes = struct.unpack(f"{order}2h", raw[252:256])
    return NiftiHeader(
        pixdim=np.array(struct.unpack(f"{order}8f", raw[76:108])), units=raw[123] & 7,
        qform_code=codes[0], sform_code=codes[1],
        quaternion=np.array(floats[:3]), offset=np.array(floats[3:6]),
        sform=np.array(floats[6:]).reshape(3, 4),
        shape=np.array(struct.unpack(f"{order}8h", raw[40:56])[1:4]),
    )  # fmt: skip


def _checked_sform(header: NiftiHeader, name: str) -> Affine:
    sform = np.vstack([header.sform, [0.0, 0.0, 0.0, 1.0]])
    if not np.all(np.isfinite(sform)):
        raise VolumeError(f"{name}: the sform holds no numbers.", fix="Export the scan again.")
    lengths = np.linalg.norm(sform[:3, :3], axis=0)
    if np.any(lengths == 0):
        raise VolumeError(
            f"{name} has an axis without length in its sform ({_numbers(lengths)} mm a voxel).",
            fix="Correct the header or export the scan again.",
        )
    if (shear := shear_deg(sform)) > SHEAR_TOLERANCE_DEG:
        raise VolumeError(
            f"{name}: the volume's axes are {shear:.2f}° away from a right angle "
            f"(allowed: {SHEAR_TOLERANCE_DEG}°).",
            fix="Resample it to an orthogonal grid first (gantry tilt or a wrong affine).",
            shear_deg=shear,
        )
    if np.any(np.abs(lengths / header.pixdim[1:4] - 1.0) > SPACING_TOLERANCE):
        raise VolumeError(
            f"{name} states two voxel sizes: {_numbers(lengths)} mm in its sform and "
            f"{_numbers(header.pixdim[1:4])} mm in pixdim.", fix="Correct the header.",
        )  # fmt: skip
    return sform


def _qform(header: NiftiHeader) -> Affine:
    """RAS affine of the quaternion. Source: NIfTI-1 standard, method 2."""
    b, c, d = header.quaternion
    a = np.sqrt(max(0.0, 1.0 - (b * b + c * c + d * d)))
    turn = np.array([
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ])  # fmt: skip
    spacing = header.pixdim[1:4] * [1.0, 1.0, -1.0 if header.pixdim[0] < 0 else 1.0]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * spacing, header.offset
    return affine


def _compared(stated: dict[str, Affine], header: NiftiHeader, name: str) -> tuple[Finding, ...]:
    """The two frames of one header: a turn or flip stops, a shift is told."""
    first, second = stated["sform"], stated["qform"]
    axes = [form[:3, :3] / np.linalg.norm(form[:3, :3], axis=0) for form in (first, second)]
    turn = float(np.degrees(np.arccos(np.clip(np.sum(axes[0] * axes[1], axis=0), -1, 1)).max()))
    if turn > TURN_TOLERANCE_DEG:
        raise VolumeError(
            f"{name} states two frames that differ by {turn:.0f}° (sform and qform): sides or "
            "directions may be exchanged.", fix="Correct the header; one of the two is wrong.",
            turn_deg=turn,
        )  # fmt: skip
    middle = np.append((header.shape - 1) / 2, 1.0)
    shift = float(np.linalg.norm((first @ middle - second @ middle)[:3]))
    if shift <= SHIFT_TOLERANCE_MM:
        return ()
    return (Finding(
        code="two-frames", severity="caution",
        what=f"{name} states two frames {shift:.1f} mm apart (sform and qform); the sform is used.",
    ),)  # fmt: skip


def _numbers(values: np.ndarray) -> str:
    return " × ".join(f"{value:g}" for value in np.round(values, 4))
