"""NIfTI, NRRD and MetaImage files; their own frames end here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from basivert.errors import Finding, VolumeError
from basivert.volume.model import Volume

ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
# NIfTI's spatial unit codes; 2 is millimetres, 0 is unknown.
NIFTI_UNITS = {"1": "metres", "3": "micrometres"}


def read_volume(path: Path, unit: str = "HU") -> tuple[Volume, tuple[Finding, ...]]:
    """Read a scan or a label map as LPS mm.

    Args:
        path: a NIfTI, NRRD or MetaImage file, or the folder of one DICOM series.
        unit: "HU" or "label".

    Raises: VolumeError where the file is missing, unreadable, not 3-D, not in millimetres.
    """
    if not path.exists():
        raise VolumeError(f"{path} does not exist.", fix="Check the path.")
    if path.is_dir():
        from basivert.edge.imaging.dicom_series import read_series

        return read_series(path)
    if not path.name.lower().endswith(ENDINGS):
        raise VolumeError(
            f"{path.name} is not a kind of file that is read here.",
            fix=f"Give one of {', '.join(ENDINGS)}, or the folder of a DICOM series.",
        )
    return _read_file(path, unit)


def _read_file(path: Path, unit: str) -> tuple[Volume, tuple[Finding, ...]]:
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
            raise VolumeError(
                f"{path.name} has {reader.GetDimension()} dimensions and "
                f"{reader.GetNumberOfComponents()} values a voxel; 3 and 1 are needed.",
                fix="Export one 3-D series.",
            )
        findings = _header(path, reader)
        image = reader.Execute()
    except RuntimeError as cause:
        raise VolumeError(
            f"{path.name} cannot be read: {_first_line(cause)}",
            fix="If the message names non-orthonormal axes, the file holds shear (gantry tilt): "
            "resample it to a straight grid. Otherwise export it again.",
        ) from cause
    values = sitk.GetArrayFromImage(image).transpose(2, 1, 0)
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    lps_from_index[:3, 3] = image.GetOrigin()
    if unit == "label":
        values = whole_numbers(values, path.name)
    else:
        values = values.astype(np.float32)
    volume = Volume(values=values, lps_from_index=lps_from_index, unit=unit)  # type: ignore[arg-type]
    return volume, findings


def _header(path: Path, reader: object) -> tuple[Finding, ...]:
    """Units and the two frames of a NIfTI header."""
    if ".nii" not in path.name.lower():
        return ()
    keys = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}  # type: ignore[attr-defined]
    unit = keys.get("xyzt_units", "2").strip()
    spatial = str(int(unit) & 7) if unit.isdigit() else "2"
    if spatial in NIFTI_UNITS:
        raise VolumeError(
            f"{path.name} says its lengths are {NIFTI_UNITS[spatial]}; millimetres are needed.",
            fix="Correct xyzt_units (and the spacing) in the header.",
        )
    if keys.get("qform_code", "1").strip() == "0" and keys.get("sform_code", "1").strip() == "0":
        return (Finding(
            code="no-frame", severity="caution",
            what=f"{path.name} does not say how it lies in the patient (both form codes are 0): "
            "left and right may be exchanged.",
        ),)  # fmt: skip
    return ()


def whole_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Label codes as int16. Raises VolumeError where they are not whole numbers."""
    rounded = np.rint(values)
    if not np.array_equal(rounded, values):
        raise VolumeError(
            f"{name} holds values that are not whole numbers, so it is not a label map.",
            fix="Give the segmentation itself, resampled with nearest neighbour if at all.",
        )
    return rounded.astype(np.int16)


def _first_line(cause: Exception) -> str:
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return lines[-1] if lines else "unknown reason"
