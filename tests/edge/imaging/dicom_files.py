"""DICOM CT slices written from arrays."""

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SPACING = (0.8, 0.7)


def slice_at(position, pixels, *, directions=(1, 0, 0, 0, 1, 0), series="1.2.3", **fields):
    """One CT slice, pixels (rows, columns) stored so that HU = 2·stored − 1000."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    data.Modality, data.SeriesInstanceUID = "CT", series
    data.Rows, data.Columns = pixels.shape
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation, data.SamplesPerPixel = 1, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelSpacing, data.ImageOrientationPatient = list(SPACING), list(directions)
    data.ImagePositionPatient = [float(p) for p in position]
    data.RescaleSlope, data.RescaleIntercept = 2, -1000
    data.PixelData = pixels.astype(np.int16).tobytes()
    for name, value in fields.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    return data


def stack(count=5, *, step=(0.0, 0.0, 2.0), start=(-10.0, -20.0, 30.0), **fields):
    """A straight series; slice n holds the stored value n, with one brighter corner."""
    made = []
    for number in range(count):
        pixels = np.full((6, 5), number)
        pixels[1, 3] += 500
        made.append(slice_at(np.add(start, np.multiply(number, step)), pixels, **fields))
    return made


def written(folder, slices, seed=0):
    """The slices in a folder, under names in random order."""
    folder.mkdir(exist_ok=True)
    for name, number in enumerate(np.random.default_rng(seed).permutation(len(slices))):
        pydicom.dcmwrite(folder / f"{seed}_{name:03d}", slices[number], enforce_file_format=True)
    return folder
