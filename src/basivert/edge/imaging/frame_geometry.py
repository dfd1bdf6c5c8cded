"""Where the C-arm stood for a frame: from DICOM tags, from a C-arm file, or both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.edge.imaging.xa_file import OWN_GROUP, OWN_ISOCENTRE, OWNER
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector

# Field of the C-arm file → how DICOM names it.
NUMBERS = {
    "primary_deg": "PositionerPrimaryAngle (0018,1510)",
    "secondary_deg": "PositionerSecondaryAngle (0018,1511)",
    "source_detector_mm": "DistanceSourceToDetector (0018,1110)",
    "source_isocentre_mm": "DistanceSourceToPatient (0018,1111)",
}
SIDE = "detector_side_mm"
FIELDS = (*NUMBERS, SIDE, "isocentre_lps_mm", "polarity", "seen")
POLARITIES = ("bone_bright", "bone_dark")

Given = Mapping[str, Any]


def read_carm_file(file: Path, count: int) -> list[Given]:
    """One object for each frame, in their order. Raises InputError."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause
    except ValueError as cause:
        raise InputError(f"{file} is not JSON: {cause}.") from cause
    rows = rows if isinstance(rows, list) else [rows]
    if len(rows) != count or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            f"{file.name} describes {len(rows)} frames, {count} were given.",
            fix="Give a list with one object for each frame, in the order of the frames.",
        )
    for row in rows:
        if unknown := sorted(set(row) - set(FIELDS)):
            raise InputError(
                f"{file.name}: {', '.join(unknown)} unknown.", fix=f"Known: {', '.join(FIELDS)}."
            )
    return rows


def from_dicom(name: str, data: Any, table: Table) -> dict[str, Any]:
    """What the tags of a DICOM frame say, as fields of the C-arm file.

    Raises: InputError where tags contradict each other or hold a placeholder.
    """
    keywords = {field: tag.split()[0] for field, tag in NUMBERS.items()}
    found: dict[str, Any] = {
        field: float(data[keyword].value) for field, keyword in keywords.items()
        if keyword in data and data[keyword].value not in (None, "")
    }  # fmt: skip
    spacing = data.get("ImagerPixelSpacing")
    if spacing is not None:
        pitch = [float(value) for value in spacing]
        if len(pitch) != 2 or min(pitch) <= 0.0:
            raise InputError(
                f"{name}: the pixel spacing at the detector, ImagerPixelSpacing (0018,1164), is "
                f"{', '.join(f'{value:g}' for value in pitch)} mm.",
                fix=f"Give {SIDE} of this frame in a C-arm file (--carm).",
            )
        found[SIDE] = [pitch[0] * int(data.Rows), pitch[1] * int(data.Columns)]
    stated = data.get("EstimatedRadiographicMagnificationFactor")
    if stated and {"source_detector_mm", "source_isocentre_mm"} <= set(found):
        _magnification(name, float(stated), found, table)
    try:
        own = data.private_block(OWN_GROUP, OWNER)
        found["isocentre_lps_mm"] = [float(value) for value in own[OWN_ISOCENTRE].value]
    except KeyError:
        pass
    return found


def _magnification(name: str, stated: float, found: Given, table: Table) -> None:
    if found["source_isocentre_mm"] <= 0.0:
        return  # told by the check of the distances
    computed = found["source_detector_mm"] / found["source_isocentre_mm"]
    if abs(stated / computed - 1.0) > table["file.magnification"].value:
        raise InputError(
            f"{name} states a magnification of {stated:.3f}, its distances make {computed:.3f}.",
            fix="Give the right source_detector_mm and source_isocentre_mm in a C-arm file "
            "(--carm).",
            stated=stated, computed=computed,
        )  # fmt: skip


def carm(name: str, given: Given, pixels: tuple[int, int], assumed: Point, table: Table) -> CArm:
    """The C-arm of a frame.

    Args:
        given: fields as in the C-arm file.
        assumed: (3,) LPS mm, the isocentre where none is given.

    Raises: InputError naming what is missing or impossible.
    """
    if not set(given) & {*NUMBERS, SIDE}:
        raise InputError(
            f"{name} does not say where the C-arm stood.",
            fix="Give a C-arm file (--carm FILE.json) with " + ", ".join((*NUMBERS, SIDE)) + ".",
        )
    if absent := [f"{field}, {tag}" for field, tag in NUMBERS.items() if field not in given]:
        raise InputError(
            f"{name} lacks {'; '.join(absent)}.", fix="Add it with a C-arm file (--carm)."
        )
    if SIDE not in given:
        raise InputError(
            f"{name} has no pixel spacing at the detector, ImagerPixelSpacing (0018,1164).",
            fix=f"Give {SIDE} of this frame in a C-arm file (--carm).",
        )
    numbers = {field: _number(name, field, given[field]) for field in NUMBERS}
    side = _list(name, SIDE, given[SIDE], 2)
    _within(name, "source_detector_mm", [numbers["source_detector_mm"]], table, "distance")
    _within(name, SIDE, side, table, "side")
    isocentre = _list(name, "isocentre_lps_mm", given.get("isocentre_lps_mm", assumed.tolist()), 3)
    try:
        return CArm(
            **numbers, isocentre=np.array(isocentre),
            detector=Detector(side_mm=(side[0], side[1]), pixels=pixels, offset_mm=(0.0, 0.0)),
        )  # fmt: skip
    except InputError as cause:
        raise InputError(f"{name}: {cause.what}", fix=cause.fix) from cause


def _number(name: str, field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise InputError(f"{name}: {field} = {value!r} is not a number.")
    return float(value)


def _list(name: str, field: str, value: Any, count: int) -> list[float]:
    values: list[Any] = list(value) if isinstance(value, list | tuple) else [value] * count
    if len(values) != count:
        raise InputError(f"{name}: {field} = {value!r} does not hold {count} numbers.")
    return [_number(name, field, one) for one in values]


def _within(name: str, field: str, values: list[float], table: Table, row: str) -> None:
    low, high = table[f"file.least_{row}"].value, table[f"file.most_{row}"].value
    for value in values:
        if not low <= value <= high:
            raise InputError(
                f"{name}: {field} = {value:g} mm is no C-arm's (it is {low:g} to {high:g} mm).",
                fix="Give the distance in mm in a C-arm file (--carm).",
            )


def seen_part(name: str, given: Given, pixels: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns that are to be looked at: field `seen`, top, left, bottom, right."""
    if "seen" not in given:
        return slice(None), slice(None)
    top, left, bottom, right = (int(one) for one in _list(name, "seen", given["seen"], 4))
    if not (0 <= top < bottom <= pixels[0] and 0 <= left < right <= pixels[1]):
        raise InputError(
            f"{name}: seen = {given['seen']} is no part of a picture of {pixels} pixels.",
            fix="Give top, left, bottom, right in pixels.",
        )
    return slice(top, bottom), slice(left, right)


def polarity(name: str, given: Given) -> str | None:
    """Field `polarity`, None where it is to be found out."""
    said = given.get("polarity")
    if said is not None and said not in POLARITIES:
        raise InputError(f"{name}: polarity = {said!r} is none of {', '.join(POLARITIES)}.")
    return said
