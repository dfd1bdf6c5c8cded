"""Readers against independent writers; bad input gets its own sentence."""

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.phantom_files import write_volume
from basivert.edge.imaging.volumes import read_volume
from basivert.errors import LabelError, VolumeError
from basivert.geometry.rigid import moved
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
    odd = np.where(case.labels.mask("L4"), 777, 0).astype(np.int16)
    write_volume(tmp_path / "odd.nii.gz", Volume(
        values=odd, lps_from_index=case.ct.lps_from_index, unit="label"))  # fmt: skip
    with pytest.raises(LabelError, match="777") as caught:
        read_case(tmp_path / "ct.nii.gz", tmp_path / "odd.nii.gz")
    assert "--label-map" in caught.value.fix
    (tmp_path / "map.toml").write_text("L4 = 777\n")
    named = read_case(tmp_path / "ct.nii.gz", tmp_path / "odd.nii.gz", tmp_path / "map.toml")
    assert named.labels.mask("L4").sum() == case.labels.mask("L4").sum()
