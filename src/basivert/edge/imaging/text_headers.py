"""What NRRD and MetaImage headers state and the reading library passes over in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from basivert.errors import Finding, VolumeError

HEADER_BYTES = 65536
MILLIMETRES = frozenset({"mm", "millimeter", "millimeters", "millimetre", "millimetres"})
SPACING_FIELDS = ("spacings", "elementspacing", "elementsize")
UNIT_FIELDS = ("space units", "units", "distanceunits")


def header_findings(path: Path) -> tuple[Finding, ...]:
    """Findings about the frame of an NRRD or MetaImage file.

    Raises: VolumeError for negative, zero or missing spacing and for lengths not in millimetres.
    """
    fields = _fields(path)
    for field in SPACING_FIELDS:
        spacing = _floats(fields.get(field, ""))
        if spacing.size and not (np.all(np.isfinite(spacing)) and np.all(spacing > 0)):
            raise VolumeError(
                f"{path.name} has the voxel spacing {fields[field]}; negative, zero or missing "
                "values leave left and right open.", fix="Export the scan again.",
            )  # fmt: skip
    if "none" in fields.get("space directions", "").lower().split():
        # The reading library would take 1 mm for it.
        raise VolumeError(
            f"{path.name} gives no direction and spacing for one of its axes (space directions: "
            f"{fields['space directions']}).", fix="Export one 3-D series.",
        )  # fmt: skip
    for field in UNIT_FIELDS:
        words = fields.get(field, "").replace('"', " ").lower().split()
        if other := [word for word in words if word not in MILLIMETRES]:
            raise VolumeError(
                f"{path.name} gives its lengths in {', '.join(other)}; millimetres are needed.",
                fix="Convert the file to millimetres.",
            )
    if path.suffix.lower() in (".nrrd", ".nhdr") and "space" not in fields:
        return (Finding(
            code="no-frame", severity="caution",
            what=f"{path.name} does not name its space; left-posterior-superior is assumed, "
            "left and right may be exchanged.",
        ),)  # fmt: skip
    return ()


def _fields(path: Path) -> dict[str, str]:
    """Lower-case field name → value, up to where the voxels begin."""
    with path.open("rb") as file:
        text = file.read(HEADER_BYTES).decode("latin-1")
    fields = {}
    for line in text.splitlines():
        if not line.strip():
            break
        mark = "=" if path.suffix.lower() in (".mha", ".mhd") else ":"
        name, found, value = line.partition(mark)
        if found and not line.startswith("#"):
            fields[name.strip().lower()] = value.removeprefix("=").strip()
        if name.strip() == "ElementDataFile":
            break
    return fields


def _floats(text: str) -> np.ndarray:
    try:
        return np.array([float(word) for word in text.split()])
    except ValueError:
        return np.array([np.nan])
