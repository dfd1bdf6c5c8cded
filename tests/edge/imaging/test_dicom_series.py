"""A DICOM folder is sorted by place; what is broken in it has its own sentence."""

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.edge.imaging.volumes import read_volume
from basivert.errors import VolumeError
from basivert.geometry.rigid import moved
from tests.edge.imaging.dicom_files import slice_at, stack, written


def codes(findings):
    return {finding.code for finding in findings}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_shuffled_oblique_series_keeps_every_voxel_in_its_place(tmp_path_factory, seed):
    turn = Rotation.random(random_state=seed).as_matrix()
    slices = stack(4, step=2.5 * turn[:, 2], directions=[*turn[:, 0], *turn[:, 1]])
    volume, findings = read_volume(written(tmp_path_factory.mktemp("dicom"), slices, seed))
    assert not findings
    for number, data in enumerate(slices):
        corner = np.array(data.ImagePositionPatient, float)
        at = np.argwhere(volume.values == 2 * (number + 500) - 1000)[0].astype(float)
        expected = corner + 3 * 0.7 * turn[:, 0] + 1 * 0.8 * turn[:, 1]
        np.testing.assert_allclose(moved(volume.lps_from_index, at), expected, atol=1e-6)


def without(slices, *numbers):
    return [data for number, data in enumerate(slices) if number not in numbers]


def shifted(slices):
    slices[2].ImagePositionPatient = [-7.0, -20.0, 34.0]
    return slices


def turned(slices):
    slices[2].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    return slices


def lacking(slices, field):
    delattr(slices[1], field)
    return slices


@pytest.mark.parametrize(
    ("slices", "word"),
    [
        (without(stack(6), 2), "missing.*after slice 2 is 4.00 mm instead of 2.00"),
        ([*stack(4), *stack(4)], "4 slices twice"),
        (stack(4, step=(0.0, 0.6, 2.0)), "tilted by 16.7°"),
        (shifted(stack(5)), "sideways by up to 3.0 mm"),
        (turned(stack(5)), "mixed orientation"),
        (lacking(stack(4), "RescaleSlope"), "lack RescaleSlope"),
        (lacking(stack(4), "ImagePositionPatient"), "lack ImagePositionPatient"),
        (stack(4, Modality="MR"), "no CT slice.*MR"),
        (stack(4, NumberOfFrames=3), "multi-frame"),
        (stack(2), "at least 3"),
        ([*stack(3), slice_at((-10, -20, 36), np.zeros((6, 5)), PixelSpacing=[0.9, 0.9])],
         "changes from slice to slice"),
    ],
)  # fmt: skip
def test_a_broken_series_says_what_is_broken(tmp_path, slices, word):
    with pytest.raises(VolumeError, match=word):
        read_volume(written(tmp_path, slices))


def test_of_several_series_the_largest_is_taken_and_told(tmp_path):
    written(tmp_path, stack(3, series="1.2.9"), seed=1)
    volume, findings = read_volume(written(tmp_path, stack(5)))
    assert volume.values.shape == (5, 6, 5)
    assert codes(findings) == {"several-series"}
    assert "5, 3 slices" in findings[0].what


def test_two_kernels_without_identifiers_are_not_mixed(tmp_path):
    written(tmp_path, stack(5, series="", ConvolutionKernel="Br60"), seed=1)
    volume, findings = read_volume(written(tmp_path, stack(6, series="", ConvolutionKernel="Br38")))
    assert volume.values.shape[2] == 6
    assert codes(findings) == {"several-series"}


def test_scouts_and_foreign_files_are_left_out_and_told(tmp_path):
    scout = slice_at((0, 0, 0), np.zeros((6, 5)), directions=(1, 0, 0, 0, 0, -1),
                     ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])  # fmt: skip
    written(tmp_path, stack(5))
    written(tmp_path, [scout], seed=1)
    (tmp_path / "readme.txt").write_text("not DICOM")
    volume, findings = read_volume(tmp_path)
    assert volume.values.shape[2] == 5
    assert "1 scout" in findings[0].what


def test_the_same_file_twice_is_read_once(tmp_path):
    written(tmp_path, stack(5))
    first = sorted(tmp_path.iterdir())[0]
    shutil.copy(first, tmp_path / "copy")
    volume, findings = read_volume(tmp_path)
    assert volume.values.shape[2] == 5
    assert codes(findings) == {"doubled-files"}


def test_thick_overlapping_slices_are_told(tmp_path):
    _, findings = read_volume(written(tmp_path, stack(5, SliceThickness=5.0)))
    assert codes(findings) == {"overlapping-slices"}


def test_undecodable_pixels_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(VolumeError, match="no DICOM file"):
        read_volume(tmp_path)
    short = stack(4)
    short[1].PixelData = b"\0\0"
    with pytest.raises(VolumeError, match="cannot be decoded"):
        read_volume(written(tmp_path, short))


def test_a_folder_is_no_label_map(tmp_path):
    with pytest.raises(VolumeError, match="one file"):
        read_volume(written(tmp_path, stack(4)), "label")


def test_a_compressed_series_with_empty_identifiers_lies_on_its_labels(shared):
    folder = shared / "dicom" / "ct_siemens_abdomen"
    volume, findings = read_volume(folder)
    labels, _ = read_volume(shared / "dicom" / "ct_siemens_abdomen_totalseg.nii.gz", "label")
    assert codes(findings) == {"overlapping-slices"}
    ends = [{tuple(np.round(moved(v.lps_from_index, np.array(corner, float)), 2))
             for corner in np.ndindex(2, 2, 2)
             for corner in [np.array(corner) * (np.array(v.values.shape) - 1)]}
            for v in (volume, labels)]  # fmt: skip
    assert ends[0] == ends[1]


def test_a_series_beside_segmentation_objects_is_read(shared):
    volume, findings = read_volume(shared / "dicom" / "seg_liver_3slice")
    assert volume.values.shape == (512, 512, 3)
    assert "2 SEG" in " ".join(finding.what for finding in findings)
