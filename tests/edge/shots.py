"""Frames of a virtual patient as a C-arm would write them, and `basivert register` on them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from basivert.constants.load import builtin
from basivert.edge.cli import register as command
from basivert.edge.documents.xray_marks import pixels
from basivert.edge.imaging.xa_file import Origin, write_xa
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.image import usual_exposure
from basivert.workflow.fluoro_frame import fluoro_tables, picture

TABLE, XRAY = builtin("registration"), builtin("xray")
PLATE = Detector(side_mm=(280.0, 280.0), pixels=(320, 320), offset_mm=(0.0, 0.0))


def view(primary: float, isocentre: np.ndarray, secondary: float = 5.0) -> CArm:
    return CArm(primary_deg=primary, secondary_deg=secondary, isocentre=isocentre,
                source_isocentre_mm=620.0, source_detector_mm=1020.0, detector=PLATE)  # fmt: skip


def shoot(file: Path, patient, drawn, carm: CArm, said: CArm | None = None) -> Path:
    """A frame as DICOM; `said` is what its tags say of the C-arm, the truth where None."""
    shot = picture(patient, drawn, carm, usual_exposure(XRAY), fluoro_tables(), 1)
    values = pixels(shot, file.stem, 16)
    written = shot if said is None else replace(shot, carm=said)
    write_xa(file, values, written, Origin(study="a", view=file.stem, kilovolts=80.0))
    return file


def run(folder, case, monkeypatch, files, out=None, **other):
    monkeypatch.setattr(command, "case_of", lambda *_: case)
    usual = dict(level=None, side="auto", rank=None, carm=None, start_mm=None, level_check=True,
                 angles="exact", heat=False, ct=None, labels=None, seed=1)  # fmt: skip
    command.register(folder, files, out, command.Choice(**(usual | other)), as_json=True)
