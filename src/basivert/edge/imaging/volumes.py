"""NIfTI, NRRD and MetaImage files; their own frames end here."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np

from basivert.edge.imaging.nifti_frame import nifti_frame
from basivert.edge.imaging.text_headers import header_findings
from basivert.errors import Finding, VolumeError
from basivert.volume.model import Volume

ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
LARGEST_CODE = 32767
# The library's switch for its own warnings is one for all threads.
READING = Lock()


def read_volume(
    path: Path, unit: Literal["HU", "label"] = "HU"
) -> tuple[Volume, tuple[Finding, ...]]:
    """Read a scan or a label map as LPS mm.

    Args:
        path: a NIfTI, NRRD or MetaImage file, or the folder of one DICOM series.
        unit: "HU" (float32 values) or "label" (int16 codes).

    Raises: VolumeError where the file is missing, unreadable, not 3-D, or states no usable
        frame; LabelError is left to who names the codes.
    """
    if not path.exists():
        raise VolumeError(f"{path} does not exist.", fix="Check the path.")
    if path.is_dir():
        from basivert.edge.imaging.dicom_series import read_series

        if unit == "label":
            raise VolumeError(
                f"{path.name} is a folder; a label map is one file.",
                fix=f"Give one of {', '.join(ENDINGS)}.",
            )
        return read_series(path)
    if not path.name.lower().endswith(ENDINGS):
        raise VolumeError(
            f"{path.name} is not a kind of file that is read here.",
            fix=f"Give one of {', '.join(ENDINGS)}, or the folder of a DICOM series.",
        )
    return _read_file(path, unit)


def _read_file(path: Path, unit: Literal["HU", "label"]) -> tuple[Volume, tuple[Finding, ...]]:
    lps_from_index, findings = _stated_frame(path)
    image = _image(path)
    if lps_from_index is None:
        lps_from_index = np.eye(4)
        lps_from_index[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
        lps_from_index[:3, 3] = image.GetOrigin()
    import SimpleITK as sitk

    values = sitk.GetArrayViewFromImage(image).transpose(2, 1, 0)
    values = whole_numbers(values, path.name) if unit == "label" else values.astype(np.float32)
    return Volume(values=values, lps_from_index=lps_from_index, unit=unit), findings


def _stated_frame(path: Path) -> tuple[np.ndarray | None, tuple[Finding, ...]]:
    """LPS mm from a NIfTI header; the other formats state one frame, read with the voxels."""
    if path.name.lower().endswith((".nii", ".nii.gz")):
        return nifti_frame(path)
    return None, header_findings(path)


def _image(path: Path) -> Any:
    """The file's voxels with the library's frame."""
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    with READING:
        loud = sitk.ProcessObject.GetGlobalWarningDisplay()
        # What it would warn about on stderr is checked and said by us.
        sitk.ProcessObject.SetGlobalWarningDisplay(False)
        try:
            return _executed(reader, path)
        except RuntimeError as cause:
            raise _unreadable(path, str(cause)) from cause
        finally:
            sitk.ProcessObject.SetGlobalWarningDisplay(loud)


def _executed(reader: Any, path: Path) -> Any:
    reader.ReadImageInformation()
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        raise VolumeError(
            f"{path.name} has {reader.GetDimension()} dimensions and "
            f"{reader.GetNumberOfComponents()} values a voxel; 3 and 1 are needed.",
            fix="Export one 3-D series.",
        )
    return reader.Execute()


def _unreadable(path: Path, message: str) -> VolumeError:
    if "orthonormal" in message or "determinant" in message:
        return VolumeError(
            f"{path.name}: the volume's axes are not at right angles, or one is missing.",
            fix="Resample it to an orthogonal grid first (gantry tilt or a wrong affine).",
        )
    if "spacing" in message.lower():
        return VolumeError(
            f"{path.name} has a negative or zero voxel spacing.", fix="Export the scan again."
        )
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return VolumeError(f"{path.name} cannot be read: {lines[-1]}", fix="Export it again.")


def whole_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Label codes as int16. Raises VolumeError where they are not whole numbers from 0 up."""
    if values.dtype.kind == "f" and not np.array_equal(np.rint(values), values):
        raise VolumeError(
            f"{name} holds values that are not whole numbers, so it is not a label map.",
            fix="Give the segmentation itself, resampled with nearest neighbour if at all.",
        )
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > LARGEST_CODE:
        raise VolumeError(
            f"{name} holds codes from {low:.0f} to {high:.0f}; a label map has codes from 0 to "
            f"{LARGEST_CODE}.", fix="Give the segmentation, not the scan.",
        )  # fmt: skip
    return values.astype(np.int16)
