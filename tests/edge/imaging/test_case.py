"""Scan and labels meet on one grid; what was noticed arrives with them."""

import numpy as np
import pytest

from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.phantom_files import write_volume
from basivert.errors import InputError, LabelError, VolumeError
from basivert.geometry.rigid import moved
from basivert.volume.model import Volume
from tests.volume.spines import column, with_values

CODES = (20, 21, 22)


def files(folder, ct, labels, name="labels.nii.gz"):
    write_volume(folder / "ct.nii.gz", ct)
    write_volume(folder / name, labels)
    return folder / "ct.nii.gz", folder / name


def codes(case):
    return {finding.code for finding in case.findings}


def test_an_ordinary_pair_is_read_without_a_word(tmp_path):
    ct, labels = column(CODES)
    case = read_case(*files(tmp_path, ct, labels))
    assert case.findings == ()
    assert case.labels.code_of == {"L1": 20, "L2": 21, "L3": 22}
    assert (case.ct_name, case.labels_name) == ("ct.nii.gz", "labels.nii.gz")
    np.testing.assert_allclose(case.ct.lps_from_index, ct.lps_from_index, atol=1e-4)


def test_flipped_and_cropped_labels_are_reordered_exactly(tmp_path):
    ct, labels = column(CODES)
    part = labels.values[::-1, 3:, :-2]
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[:3, 3] = labels.values.shape[0] - 1, 3, 0
    other = Volume(values=np.ascontiguousarray(part),
                   lps_from_index=labels.lps_from_index @ flip, unit="label")  # fmt: skip
    case = read_case(*files(tmp_path, ct, other))
    assert codes(case) == {"labels-reordered"}
    np.testing.assert_array_equal(case.labels.volume.values, labels.values)


def test_labels_on_a_coarser_grid_are_resampled_and_told(tmp_path):
    ct, labels = column(CODES)
    _, coarse = column(CODES, spacing=(3.0, 3.0, 3.0))
    case = read_case(*files(tmp_path, ct, coarse))
    assert "labels-resampled" in codes(case)
    assert case.labels.volume.values.shape == ct.values.shape
    for name, code in case.labels.code_of.items():
        ours, truth = case.labels.mask(name), labels.values == code
        overlap = 2 * np.sum(ours & truth) / (ours.sum() + truth.sum())
        assert overlap > 0.85


def test_labels_elsewhere_are_refused_with_both_extents(tmp_path):
    ct, labels = column(CODES)
    away = labels.lps_from_index.copy()
    away[0, 3] += 900
    far = Volume(values=labels.values, lps_from_index=away, unit="label")
    with pytest.raises(LabelError, match=r"labels lie at 850…948 .* the CT at -50…48"):
        read_case(*files(tmp_path, ct, far))


def test_an_empty_label_map_is_refused(tmp_path):
    ct, labels = column(CODES)
    with pytest.raises(LabelError, match="labels nothing"):
        read_case(*files(tmp_path, ct, with_values(labels, np.zeros_like(labels.values))))


def test_problems_of_scan_and_labels_are_told_together(tmp_path):
    with pytest.raises(VolumeError, match=r"ct\.nii does not exist.*l\.nii does not exist"):
        read_case(tmp_path / "ct.nii", tmp_path / "l.nii")
    ct, labels = column(CODES)
    unsigned = with_values(ct, ct.values + 1024)
    empty = with_values(labels, np.zeros_like(labels.values))
    with pytest.raises(InputError, match=r"1024 added.*labels nothing"):
        read_case(*files(tmp_path, unsigned, empty))


def test_a_users_map_in_the_wrong_order_is_refused(tmp_path):
    ct, labels = column(CODES)
    (tmp_path / "map.toml").write_text("L3 = 20\nL2 = 21\nL1 = 22\n")
    with pytest.raises(LabelError, match="out of order"):
        read_case(*files(tmp_path, ct, labels), tmp_path / "map.toml")


def test_a_rendered_patient_is_read_back_as_it_was(tmp_path, case):
    back = read_case(*files(tmp_path, case.ct, case.labels.volume, "labels_phantom.nii.gz"))
    assert back.labels.code_of == case.labels.code_of
    np.testing.assert_array_equal(back.labels.volume.values, case.labels.volume.values)
    np.testing.assert_allclose(back.ct.lps_from_index, case.ct.lps_from_index, atol=1e-3)


@pytest.mark.parametrize(
    ("folder", "ct", "labels", "convention", "levels"),
    [
        ("verse014", "sub-verse014_ct.nii.gz", "sub-verse014_seg-vert_msk.nii.gz", "VerSe",
         {"L1", "L2", "L3", "L4", "L5"}),
        ("tptbox", "sub-ct_label-22_ct.nii.gz", "sub-ct_seg-vert_label-22_msk.nii.gz", "VerSe",
         {"L2", "L3", "L4"}),
        ("totalseg_example", "example_ct.nii.gz", "example_seg_fast_force_split.nii.gz",
         "TotalSegmentator v2", {"T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1"}),
        ("totalseg_example", "example_ct.nii.gz", "vertebrae_seg.nii.gz",
         "TotalSegmentator v2", {"T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1"}),
        ("dicom", "ct_siemens_abdomen", "ct_siemens_abdomen_totalseg.nii.gz",
         "TotalSegmentator v2", {"T11", "T12"}),
    ],
)  # fmt: skip
def test_real_pairs_are_named_and_their_labels_lie_on_bone(
    shared, folder, ct, labels, convention, levels
):
    case = read_case(shared / folder / ct, shared / folder / labels)
    assert case.labels.convention.startswith(convention)
    found = {name for name in case.labels.code_of if name[0] in "TLS"}
    assert found == levels
    for level in found:
        inside = case.ct.values[case.labels.mask(level)]
        assert np.percentile(inside, 90) > 200, level
    order = [n for n in ("T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1") if n in found]
    z = [moved(case.ct.lps_from_index, np.argwhere(case.labels.mask(n)).mean(axis=0))[2]
         for n in order]  # fmt: skip
    assert z == sorted(z, reverse=True)


def test_real_defects_are_told(shared):
    verse = shared / "verse014"
    case = read_case(verse / "sub-verse014_ct.nii.gz", verse / "sub-verse014_seg-vert_msk.nii.gz")
    cut = {f.level for f in case.findings if f.code == "cut-by-edge"}
    assert cut == {"L1", "L2", "L3", "L4", "L5"}
    total = shared / "totalseg_example"
    coarse = read_case(total / "example_ct.nii.gz", total / "vertebrae_seg.nii.gz")
    assert {"thick-slices", "large-voxels"} <= codes(coarse)


@pytest.mark.parametrize(
    ("ct", "labels", "word"),
    [
        ("totalseg_example/example_mr_sm.nii.gz", "totalseg_example/example_seg_mr.nii.gz",
         "not Hounsfield"),
        ("tptbox/sub-mri_label-6_T2w.nii.gz", "tptbox/sub-mri_seg-vert_label-6_msk.nii.gz",
         "not Hounsfield"),
        ("totalseg_example/example_ct.nii.gz", "totalseg_example/vertebral_body_seg.nii.gz",
         "no convention"),
        ("tptbox/sub-ct_label-22_ct.nii.gz", "tptbox/sub-ct_seg-subreg_label-22_msk.nii.gz",
         "no convention"),
        ("totalseg_example/example_ct.nii.gz", "verse004/sub-verse004_seg-vert_msk.nii.gz",
         "do not overlap"),
    ],
)  # fmt: skip
def test_real_mismatches_are_refused(shared, ct, labels, word):
    with pytest.raises(InputError, match=word):
        read_case(shared / ct, shared / labels)
