"""X-ray frames from files, ready to be looked at, with what was found out about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.edge.imaging import frame_geometry as geometry
from basivert.edge.imaging.frame_picture import Picture, read_picture
from basivert.errors import InputError
from basivert.fluoroscopy.burned import burned, filled
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.frame import Frame

LEAST_COUNT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One frame of a file.

    frame: the picture with bone bright as far as the file says, drawn parts filled and not seen.
    polarity: `bone_bright` or `bone_dark` where the user said so, else None.
    masked: share of the picture that is not looked at.
    notes: what had to be assumed, one sentence each.
    """

    name: str
    frame: Frame
    polarity: str | None
    masked: float
    notes: tuple[str, ...]

    @property
    def carm(self) -> CArm:
        """Where the C-arm stood."""
        return self.frame.carm


def read_shots(
    files: Sequence[Path],
    carm_file: Path | None,
    assumed: Point,
    table: Table,
    xray: Table,
    angles_needed: bool = True,
) -> list[Shot]:
    """Read all frames.

    Args:
        carm_file: JSON with one object for each frame; its fields replace those of DICOM.
        assumed: (3,) LPS mm of the CT, the isocentre where no file says one.
        angles_needed: False where a frame may leave its angles open; they are then taken as 180/0.
        table: `registration`.  xray: `xray`, row display.span.

    Raises: InputError, see `frame_picture` and `frame_geometry`.
    """
    if carm_file is None:
        rows: list[geometry.Given] = [{} for _ in files]
    else:
        rows = geometry.read_carm_file(carm_file, len(files))
    if not angles_needed:
        rows = [{"primary_deg": 180.0, "secondary_deg": 0.0, **row} for row in rows]
    return [_shot(file, row, assumed, table, xray) for file, row in zip(files, rows, strict=True)]


def _shot(file: Path, row: geometry.Given, assumed: Point, table: Table, xray: Table) -> Shot:
    picture = read_picture(file, table)
    if float(np.ptp(picture.values)) <= 0.0:
        raise InputError(f"{file.name} shows nothing: all its pixels are alike.")
    tags = {} if picture.data is None else geometry.from_dicom(file.name, picture.data, table)
    given = tags | dict(row)
    rows, columns = picture.values.shape
    carm = geometry.carm(file.name, given, (rows, columns), assumed, table)
    pitch = float(np.mean(carm.detector.pitch_mm))
    seen, hidden = _seen(file.name, picture, given, pitch, table)
    said = geometry.polarity(file.name, given)
    shown = filled(_upwards(picture, said, xray), hidden).astype(np.float32)
    return Shot(
        name=file.name, frame=Frame(picture=shown, seen=seen, carm=carm), polarity=said,
        masked=float(1.0 - seen.mean()), notes=tuple(_notes(picture, given)),
    )  # fmt: skip


def _seen(
    name: str, picture: Picture, given: geometry.Given, pitch_mm: float, table: Table
) -> tuple[np.ndarray, np.ndarray]:
    """What is looked at, and what the machine has drawn."""
    hidden = np.zeros(picture.values.shape, bool)
    if picture.scale != "integral":
        hidden = burned(picture.values, pitch_mm, table)
    if picture.drawn is not None:
        rim = int(table["burned.rim"].value)
        hidden |= np.asarray(binary_dilation(picture.drawn, iterations=rim), bool)
    part = geometry.seen_part(name, given, picture.values.shape[:2])
    seen = np.zeros(picture.values.shape, bool)
    seen[part] = ~hidden[part]
    masked = 1.0 - float(seen.mean())
    if masked > table["burned.most"].value:
        raise InputError(
            f"{name}: {masked:.0%} of the picture is blank, blade or text; too little is left.",
            fix="Open the blades, or export the frame without its border.", masked=masked,
        )  # fmt: skip
    return seen, hidden


def _upwards(picture: Picture, said: str | None, xray: Table) -> np.ndarray:
    """Attenuation going up, as −log of counts; bone counts as dark where nothing else is said."""
    values, integral = picture.values, picture.scale == "integral"
    if integral:
        found = values
    elif picture.scale == "counts":
        found = -np.log(np.maximum(values, LEAST_COUNT))
    else:
        found = -xray["display.span"].value * values / picture.full
    otherwise = said is not None and (said == "bone_bright") != integral
    return -found if otherwise else found


def _notes(picture: Picture, given: geometry.Given) -> list[str]:
    found: list[str] = []
    if "isocentre_lps_mm" not in given:
        found.append(
            "The file does not say where the isocentre lies. It is taken in the middle of the "
            "planned vertebral body: the bone's shift then counts from there, and is right only "
            "if the table was not moved between the frames."
        )
    if picture.scale in ("display", "log"):
        found.append(
            "The picture was processed for display: how dark metal is in it had to be assumed."
        )
    return found
