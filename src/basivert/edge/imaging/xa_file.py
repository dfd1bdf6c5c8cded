"""A simulated picture as a DICOM X-ray angiography image (XA Image Storage, derived, secondary).

Attributes of PS3.3 A.14 (XA Image IOD): C.8.7.1 image, C.8.7.2 acquisition, C.8.7.5 positioner.
The picture belongs to no patient: name and identity say that it is simulated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from basivert.edge.documents.xray_marks import NOTICE, edge_letters
from basivert.fluoroscopy.fluoroscope import Frame
from basivert.fluoroscopy.window import Window

XA_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"
SIMULATED = "SIMULATED"
# DICOM has no place for the isocentre in the scan's frame: element of a private block of ours.
OWN_GROUP, OWNER, OWN_ISOCENTRE = 0x0099, "BASIVERT", 0x01


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the picture was made of.

    study: words that all pictures of one plan share, such as the scan's digest.
    view: what it shows.  kilovolts: of the beam.
    """

    study: str
    view: str
    kilovolts: float


def write_xa(file: Path, values: np.ndarray, frame: Frame, origin: Origin) -> None:
    """One frame, uint8 or uint16 with its letters burned in, as a DICOM file.

    Identifiers follow from the content: the same picture has the same ones.
    """
    from pydicom import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    digest = hashlib.sha256(values.tobytes()).hexdigest()
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = UID(XA_IMAGE_STORAGE)
    data.StudyInstanceUID = generate_uid(entropy_srcs=["study", origin.study])
    data.SeriesInstanceUID = generate_uid(entropy_srcs=["series", origin.study])
    data.SOPInstanceUID = generate_uid(entropy_srcs=["picture", origin.study, origin.view, digest])
    _patient(data, frame, origin)
    _pixels(data, values, frame.window)
    _geometry(data, frame)
    data.save_as(file, enforce_file_format=True)


def _patient(data: object, frame: Frame, origin: Origin) -> None:
    letters = edge_letters(frame.carm)
    _put(data, {
        "SpecificCharacterSet": "ISO_IR 192", "PatientName": SIMULATED, "PatientID": SIMULATED,
        "PatientBirthDate": "", "PatientSex": "", "StudyDate": "", "StudyTime": "",
        "StudyID": "", "AccessionNumber": "", "ReferringPhysicianName": "", "SeriesNumber": "1",
        "InstanceNumber": "1", "Modality": "XA", "Manufacturer": "basivert",
        "ManufacturerModelName": "simulated C-arm", "SoftwareVersions": version("basivert"),
        "SeriesDescription": NOTICE, "ImageComments": f"{origin.view}. {NOTICE}",
        "ImageType": ["DERIVED", "SECONDARY", "SINGLE PLANE"],
        "DerivationDescription": "Simulated from a CT by basivert; no X-ray was taken.",
        "PatientOrientation": [_dicom(letters["right"]), _dicom(letters["bottom"])],
        "PatientPosition": "HFP",
        "BurnedInAnnotation": "YES", "QualityControlImage": "NO", "KVP": _ds(origin.kilovolts),
        "RadiationSetting": "SC", "LossyImageCompression": "00",
    })  # fmt: skip


def _pixels(data: object, values: np.ndarray, window: Window) -> None:
    bits = 8 * values.dtype.itemsize
    _put(data, {
        "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
        "Rows": values.shape[0], "Columns": values.shape[1], "BitsAllocated": bits,
        "BitsStored": bits, "HighBit": bits - 1, "PixelRepresentation": 0,
        "PixelIntensityRelationship": "DISP", "VOILUTFunction": "SIGMOID",
        "WindowCenter": _ds(window.centre * (2.0**bits - 1)),
        "WindowWidth": _ds(window.width * (2.0**bits - 1)),
        "PixelData": values.tobytes() + b"\0" * (values.nbytes % 2),
    })  # fmt: skip


def _geometry(data: Any, frame: Frame) -> None:
    carm = frame.carm
    round_field = frame.exposure.field == "round"
    sides = carm.detector.side_mm
    _put(data, {
        "PositionerPrimaryAngle": _ds(carm.primary_deg),
        "PositionerSecondaryAngle": _ds(carm.secondary_deg),
        "DistanceSourceToDetector": _ds(carm.source_detector_mm),
        "DistanceSourceToPatient": _ds(carm.source_isocentre_mm),
        "EstimatedRadiographicMagnificationFactor": _ds(carm.magnification),
        "ImagerPixelSpacing": [_ds(pitch) for pitch in carm.detector.pitch_mm],
        "FieldOfViewShape": "ROUND" if round_field else "RECTANGLE",
        "FieldOfViewDimensions": [round(min(sides))] if round_field
        else [round(sides[1]), round(sides[0])],
    })  # fmt: skip
    own = data.private_block(OWN_GROUP, OWNER, create=True)
    own.add_new(OWN_ISOCENTRE, "FD", carm.isocentre.tolist())


def _dicom(letters: str) -> str:
    """Patient letters as DICOM writes them: head and foot for superior and inferior."""
    return letters.replace("S", "H").replace("I", "F")


def _put(data: object, values: dict[str, object]) -> None:
    for keyword, value in values.items():
        setattr(data, keyword, value)


def _ds(value: float) -> object:
    """A decimal string of at most 16 characters."""
    from pydicom.valuerep import DSfloat

    return DSfloat(value, auto_format=True)
