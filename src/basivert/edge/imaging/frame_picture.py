"""The picture of a frame's file: DICOM, PNG or npy, as one array of grey values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from basivert.constants.model import Table
from basivert.edge.documents.xray_marks import WINDOW_KEY
from basivert.errors import InputError, MissingExtra
from basivert.fluoroscopy.window import Window

Scale = Literal["integral", "log", "counts", "display"]
RELATIONS: dict[str, Scale] = {"LIN": "counts", "LOG": "log", "DISP": "display"}
KINDS = ".dcm, .png, .npy"
# Enhanced XA and XRF hold their geometry in functional groups, frame by frame.
ENHANCED = ("1.2.840.10008.5.1.4.1.1.12.1.1", "1.2.840.10008.5.1.4.1.1.12.2.1")
OVERLAYS = range(0x6000, 0x6020, 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What is in the file.

    values: (rows, columns) float64.  full: largest value that the file's type can hold.
    scale: what the values stand for.  data: the DICOM data set, or None.
    drawn: (rows, columns) bool, what DICOM overlays lie over; None without any.
    """

    values: np.ndarray
    full: float
    scale: Scale
    data: Any
    drawn: np.ndarray | None = None


def read_picture(file: Path, table: Table) -> Picture:
    """Read a picture by what the file is named.

    Raises: InputError for a photo, several frames, or a file that cannot be read.
    """
    if not file.is_file():
        raise InputError(f"There is no file {file}.", fix="Give one file for each frame.")
    kind = file.suffix.lower()
    if kind == ".npy":
        return _npy(file)
    if kind == ".png":
        return _png(file, table)
    if kind in (".dcm", "", ".ima"):
        return _dicom(file, table)
    raise InputError(f"{file.name} is none of {KINDS}.", fix="Save the frame as DICOM or PNG.")


def _npy(file: Path) -> Picture:
    try:
        values = np.load(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as cause:
        raise InputError(f"{file.name} is not an array of numpy: {cause}.") from cause
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.number):
        raise InputError(
            f"{file.name} holds an array of shape {values.shape}; a frame has rows and columns.",
            fix="Save one frame as a two-dimensional array.",
        )
    values = values.astype(float)
    if not np.isfinite(values).all():
        raise InputError(
            f"{file.name} holds values that are not numbers.", fix="Write finite values."
        )
    return Picture(values=values, full=float(values.max()), scale="integral", data=None)


def _png(file: Path, table: Table) -> Picture:
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(file)
        image.load()
        window = getattr(image, "text", {}).get(WINDOW_KEY)
        if image.mode in ("P", "RGBA", "LA", "1"):
            image = image.convert("RGB" if image.mode in ("P", "RGBA") else "L")
        values = np.asarray(image)
    except (UnidentifiedImageError, OSError) as cause:
        raise InputError(f"{file.name} is not a PNG that can be read.") from cause
    full = 255.0 if values.dtype == np.uint8 else 65535.0
    shown = grey(file.name, values, full, table)
    if window is not None:
        shown = full * _window(file.name, window).taken_back(shown / full)
    return Picture(values=shown, full=full, scale="display", data=None)


def _window(name: str, text: str) -> Window:
    try:
        centre, width, black, white = (float(one) for one in text.split())
    except ValueError as cause:
        raise InputError(
            f"{name} says {WINDOW_KEY} = {text!r}, which is not four numbers.",
            fix="Write the picture again with basivert fluoro.",
        ) from cause
    return Window(centre=centre, width=width, black=black, white=white)


def _dicom(file: Path, table: Table) -> Picture:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        data = dcmread(file)
    except InvalidDicomError as cause:
        raise InputError(f"{file.name} is not DICOM.", fix=f"Frames are {KINDS}.") from cause
    _not_enhanced(file.name, data)
    try:
        values = data.pixel_array
    except (ImportError, RuntimeError, NotImplementedError) as cause:
        raise MissingExtra(
            f"The compression of {file.name} cannot be read here: {cause}",
            fix="Save the frame without compression.",
        ) from cause
    except (AttributeError, ValueError, KeyError, OSError) as cause:
        raise InputError(f"{file.name} holds no picture that can be read: {cause}.") from cause
    frames = int(data.get("NumberOfFrames", 1) or 1)
    if frames > 1:
        raise InputError(
            f"{file.name} is a run of {frames} frames.", fix="Save the one frame that is meant."
        )
    full = 2.0 ** float(data.get("BitsStored", 8 * values.dtype.itemsize)) - 1.0
    values = grey(file.name, values, full, table)
    if data.get("PhotometricInterpretation") == "MONOCHROME1":
        values = full - values
    relation = str(data.get("PixelIntensityRelationship", "DISP"))
    return Picture(values=values, full=full, scale=RELATIONS.get(relation, "display"), data=data,
                   drawn=_overlays(file.name, data, values.shape))  # fmt: skip


def _not_enhanced(name: str, data: Any) -> None:
    if str(data.get("SOPClassUID", "")) in ENHANCED:
        raise InputError(
            f"{name} is an Enhanced XA or XRF object; its angles lie in functional groups, "
            "which are not read.",
            fix="Export the frame as XA Image Storage, or as PNG with a C-arm file (--carm).",
        )


def _overlays(name: str, data: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """(rows, columns) bool of all overlay planes (60xx,3000), placed by their origin."""
    found: np.ndarray | None = None
    for group in OVERLAYS:
        if (group, 0x3000) not in data:
            continue
        try:
            plane = np.asarray(data.overlay_array(group), bool)
            top, left = (int(one) - 1 for one in data[group, 0x0050].value)
        except (AttributeError, ValueError, KeyError, TypeError) as cause:
            raise InputError(
                f"{name} has an overlay (group {group:04X}) that cannot be read: {cause}.",
                fix="Export the frame without overlays.",
            ) from cause
        if plane.ndim != 2:
            raise InputError(f"{name} has an overlay of several frames.",
                             fix="Export the frame without overlays.")  # fmt: skip
        found = np.zeros(shape, bool) if found is None else found
        low = np.maximum([top, left], 0)
        high = np.maximum(np.minimum([top + plane.shape[0], left + plane.shape[1]], shape), low)
        found[low[0] : high[0], low[1] : high[1]] |= plane[
            low[0] - top : high[0] - top, low[1] - left : high[1] - left
        ]
    return found


def grey(name: str, values: np.ndarray, full: float, table: Table) -> np.ndarray:
    """(rows, columns) float64 of a grey picture, or of one that only stores grey as three colours.

    Raises: InputError for a photo.
    """
    if values.ndim == 2:
        return values.astype(float)
    if values.ndim != 3 or values.shape[2] not in (3, 4):
        raise InputError(f"{name} holds an array of shape {values.shape}, not one picture.")
    three = values[..., :3].astype(float)
    coloured = np.ptp(three, axis=2) > table["file.colour"].value * full
    share = float(coloured.mean())
    if share > table["file.coloured"].value:
        raise InputError(
            f"{name} is a colour picture ({share:.0%} of its pixels are coloured): a photo, not an "
            "X-ray frame.",
            fix="Export the frame itself from the C-arm; a photo of the screen has no geometry.",
            coloured=share,
        )
    return three.mean(axis=2)
