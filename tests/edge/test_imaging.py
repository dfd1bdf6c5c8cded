"""Readers against independent writers; bad input gets its own sentence."""

import nibabel as nib
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from scipy.spatial.transform import Rotation

from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.phantom_files import write_volume
from basivert.edge.imaging.volumes import read_volume
from basivert.errors import LabelError, VolumeError
from basivert.geometry.rigid import inverse, moved
from basivert.volume.model import Volume

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), flip=st.booleans())
def test_marked_voxel_lies_where_another_writer_put_it(tmp_path_factory, seed, flip):
    rng = np.random.default_rng(seed)
    affine = np.eye(4)
    spacing = rng.uniform(0.5, 3, 3) * ([-1, 1, 1] if flip else [1, 1, 1])
    affine[:3, :3] = Rotation.random(random_state=seed).as_matrix() * spacing
    affine[:3, 3] = rng.uniform(-100, 100, 3)
    values = np.zeros((7, 8, 9), np.int16)
    marked = tuple(rng.integers(0, (7, 8, 9)))
    values[marked] = 1000
    file = tmp_path_factory.mktemp("nifti") / "ct.nii.gz"
    nib.save(nib.Nifti1Image(values, affine), file)
    volume, _ = read_volume(file)
    at = np.argwhere(volume.values == 1000)[0].astype(float)
    expected = moved(RAS_TO_LPS @ affine, np.array(marked, float))
    np.testing.assert_allclose(moved(volume.lps_from_index, at), expected, atol=1e-3)


def test_what_we_write_another_reader_puts_at_the_same_place(tmp_path, case):
    write_volume(tmp_path / "ct.nii.gz", case.ct)
    image = nib.load(tmp_path / "ct.nii.gz")
    np.testing.assert_allclose(image.affine, RAS_TO_LPS @ case.ct.lps_from_index, atol=1e-3)


def series(folder, *, positions, shuffled=False, tilt=0.0, modality="CT"):
    folder.mkdir()
    uid = generate_uid()
    order = np.random.default_rng(0).permutation(len(positions)) if shuffled else range(
        len(positions))  # fmt: skip
    for name, number in enumerate(order):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        data.Modality, data.SeriesInstanceUID = modality, uid
        data.Rows, data.Columns, data.BitsAllocated, data.BitsStored, data.HighBit = (
            6,
            5,
            16,
            16,
            15,
        )
        data.PixelRepresentation, data.SamplesPerPixel = 1, 1
        data.PhotometricInterpretation = "MONOCHROME2"
        data.PixelSpacing, data.ImageOrientationPatient = [0.8, 0.7], [1, 0, 0, 0, 1, 0]
        z = positions[number]
        data.ImagePositionPatient = [-10.0, -20.0 + z * np.tan(np.radians(tilt)), z]
        data.RescaleSlope, data.RescaleIntercept = 2, -1000
        data.PixelData = np.full((6, 5), number, np.int16).tobytes()
        pydicom.dcmwrite(folder / f"{name:03d}", data, enforce_file_format=True)
    return folder


def test_series_is_sorted_by_position_and_in_hu(tmp_path):
    volume, _ = read_volume(series(tmp_path / "s", positions=[0, 2.0, 4.0, 6.0], shuffled=True))
    assert volume.values[0, 0].tolist() == [-1000, -998, -996, -994]
    np.testing.assert_allclose(volume.spacing_mm, [0.7, 0.8, 2.0])
    np.testing.assert_allclose(volume.lps_from_index[:3, 3], [-10, -20, 0])


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"positions": [0, 2.0, 6.0, 8.0]}, "missing"),
        ({"positions": [0, 2.0, 2.0, 4.0]}, "twice"),
        ({"positions": [0, 2.0, 4.0], "tilt": 12.0}, "tilted by 12.0"),
        ({"positions": [0, 2.0, 4.0], "modality": "MR"}, "no CT slice"),
    ],
)
def test_a_broken_series_says_what_is_broken(tmp_path, how, word):
    with pytest.raises(VolumeError, match=word):
        read_volume(series(tmp_path / "s", **how))


def test_metres_shear_and_mr_are_refused(tmp_path, case):
    values = np.zeros((5, 5, 5), np.float32)
    image = nib.Nifti1Image(values, np.eye(4))
    image.header.set_xyzt_units("meter")
    nib.save(image, tmp_path / "metres.nii.gz")
    with pytest.raises(VolumeError, match="metres"):
        read_volume(tmp_path / "metres.nii.gz")
    with pytest.raises(VolumeError, match="right angle"):
        sheared = np.eye(4)
        sheared[0, 1] = 0.3
        Volume(values=values, lps_from_index=sheared, unit="HU")
    write_volume(tmp_path / "labels_phantom.nii.gz", case.labels.volume)
    mr = Volume(values=np.abs(case.ct.values) % 400, lps_from_index=case.ct.lps_from_index,
                unit="HU")  # fmt: skip
    write_volume(tmp_path / "mr.nii.gz", mr)
    with pytest.raises(VolumeError, match="Hounsfield"):
        read_case(tmp_path / "mr.nii.gz", tmp_path / "labels_phantom.nii.gz")


def test_labels_elsewhere_or_unknown_are_refused(tmp_path, case):
    write_volume(tmp_path / "ct.nii.gz", case.ct)
    away = case.labels.volume.lps_from_index.copy()
    away[:3, 3] += 900
    write_volume(tmp_path / "far.nii.gz", Volume(values=case.labels.volume.values,
                                                 lps_from_index=away, unit="label"))  # fmt: skip
    with pytest.raises(LabelError, match="do not overlap"):
        read_case(tmp_path / "ct.nii.gz", tmp_path / "far.nii.gz")
    odd = np.where(case.labels.volume.values > 0, 777, 0).astype(np.int16)
    write_volume(tmp_path / "odd.nii.gz", Volume(
        values=odd, lps_from_index=case.ct.lps_from_index, unit="label"))  # fmt: skip
    with pytest.raises(LabelError, match="777") as caught:
        read_case(tmp_path / "ct.nii.gz", tmp_path / "odd.nii.gz")
    assert "--label-map" in caught.value.fix
    (tmp_path / "map.toml").write_text("L4 = 777\n")
    named = read_case(tmp_path / "ct.nii.gz", tmp_path / "odd.nii.gz", tmp_path / "map.toml")
    assert named.labels.mask("L4").sum() == case.labels.mask("L4").sum()


def test_real_label_maps_are_recognised_and_lie_on_bone(shared):
    verse = shared / "verse014"
    case = read_case(verse / "sub-verse014_ct.nii.gz", verse / "sub-verse014_seg-vert_msk.nii.gz")
    assert case.labels.convention == "VerSe"
    assert set(case.labels.code_of) == {"L1", "L2", "L3", "L4", "L5"}
    total = shared / "totalseg_example"
    coarse = read_case(total / "example_ct.nii.gz", total / "vertebrae_seg.nii.gz")
    assert "TotalSegmentator" in coarse.labels.convention
    assert "thick-slices" in {finding.code for finding in coarse.findings}
    for one in (case, coarse):
        heights = [moved(one.ct.lps_from_index, np.argwhere(one.labels.mask(f"L{n}")).mean(0))[2]
                   for n in range(1, 6)]  # fmt: skip
        assert heights == sorted(heights, reverse=True)
        assert np.median(one.ct.values[one.labels.mask("L3")]) > 80


def test_compressed_series_with_empty_identifiers_is_read(shared):
    volume, _ = read_volume(shared / "dicom" / "ct_siemens_abdomen")
    assert volume.values.shape == (512, 512, 20)
    np.testing.assert_allclose(volume.spacing_mm, [0.977, 0.977, 2.0], atol=1e-2)
    assert inverse(volume.lps_from_index).shape == (4, 4)
