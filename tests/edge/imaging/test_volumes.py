"""Files keep every voxel in its place, or say why they cannot be trusted."""

import gzip
import struct

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from basivert.edge.imaging.volumes import read_volume
from basivert.errors import VolumeError
from basivert.geometry.rigid import moved

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
STRAIGHT = np.diag([0.7, 0.8, 2.0, 1.0])


def marked(seed):
    rng = np.random.default_rng(seed)
    values = np.zeros((5, 6, 7), np.int16)
    at = tuple(int(n) for n in rng.integers(0, (5, 6, 7)))
    values[at] = 900
    affine = np.eye(4)
    signs = rng.choice([-1.0, 1.0], 3)
    turn = Rotation.random(random_state=seed).as_matrix()[:, rng.permutation(3)]
    affine[:3, :3] = turn * rng.uniform(0.4, 3.0, 3) * signs
    affine[:3, 3] = rng.uniform(-300, 300, 3)
    return values, np.array(at, float), affine


def place(volume):
    return moved(volume.lps_from_index, np.argwhere(volume.values == 900)[0].astype(float))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), form=st.sampled_from(["both", "sform", "qform"]))
def test_nifti_of_another_writer_keeps_a_voxels_place(tmp_path_factory, seed, form):
    values, at, affine = marked(seed)
    image = nib.Nifti1Image(values, affine)
    image.set_sform(affine, 0 if form == "qform" else 1)
    image.set_qform(affine, 0 if form == "sform" else 1)
    file = tmp_path_factory.mktemp("nifti") / "ct.nii.gz"
    nib.save(image, file)
    volume, findings = read_volume(file)
    assert not findings
    np.testing.assert_allclose(place(volume), moved(LPS_FROM_RAS @ affine, at), atol=2e-3)


@pytest.mark.parametrize("ending", ["nrrd", "nhdr", "mha", "mhd"])
def test_nrrd_and_metaimage_keep_a_voxels_place(tmp_path, ending):
    values, at, affine = marked(3)
    affine[:3, 0] *= np.sign(np.linalg.det(affine[:3, :3]))
    image = sitk.GetImageFromArray(np.ascontiguousarray(values.transpose(2, 1, 0)))
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    sitk.WriteImage(image, str(tmp_path / f"ct.{ending}"))
    volume, findings = read_volume(tmp_path / f"ct.{ending}")
    assert not findings
    np.testing.assert_allclose(place(volume), moved(affine, at), atol=1e-4)


def nifti(folder, *, shape=(4, 5, 6), edit=None, sform=STRAIGHT, qform=STRAIGHT):
    """A file whose header bytes are changed after an independent writer made it."""
    image = nib.Nifti1Image(np.zeros(shape, np.int16), STRAIGHT)
    image.set_sform(sform, 1)
    image.set_qform(qform, 1, strip_shears=True)
    image.header["pixdim"][1:4] = 0.7, 0.8, 2.0
    raw = bytearray(image.to_bytes())
    for offset, kind, value in edit or ():
        struct.pack_into(f"<{kind}", raw, offset, value)
    file = folder / "ct.nii.gz"
    file.write_bytes(gzip.compress(bytes(raw)))
    return file


def changed(row, column, value):
    affine = STRAIGHT.copy()
    affine[row, column] = value
    return affine


PIXDIM, QFORM_CODE, SFORM_CODE, SFORM, UNITS = 76, 252, 254, 280, 123


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"edit": [(UNITS, "B", 1)]}, "metres"),
        ({"edit": [(UNITS, "B", 3)]}, "micrometres"),
        ({"edit": [(PIXDIM + 4, "f", -0.7)]}, "negative"),
        ({"edit": [(PIXDIM + 12, "f", 0.0)]}, "zero"),
        ({"edit": [(PIXDIM + 8, "f", float("nan"))]}, "missing"),
        ({"edit": [(SFORM, "f", float("nan"))]}, "sform holds no numbers"),
        ({"edit": [(268, "f", float("nan")), (SFORM_CODE, "h", 0)]}, "qform holds no numbers"),
        ({"sform": changed(0, 1, 0.2)}, "right angle"),
        ({"sform": changed(2, 2, 5.0)}, "two voxel sizes"),
        ({"edit": [(SFORM + 40, "f", 0.0)]}, "axis without length"),
        ({"sform": changed(0, 0, -0.7)}, "two frames that differ by 180°"),
        ({"shape": (4, 5, 6, 2)}, "4 dimensions"),
        ({"shape": (4, 5)}, "2 dimensions"),
    ],
)
def test_a_header_that_cannot_be_trusted_is_refused(tmp_path, how, word):
    with pytest.raises(VolumeError, match=word):
        read_volume(nifti(tmp_path, **how))


def test_a_header_without_frame_or_with_two_is_told(tmp_path):
    _, findings = read_volume(nifti(tmp_path, edit=[(QFORM_CODE, "h", 0), (SFORM_CODE, "h", 0)]))
    assert [(f.code, f.severity) for f in findings] == [("no-frame", "caution")]
    volume, findings = read_volume(nifti(tmp_path, sform=changed(0, 3, 20.0)))
    assert [f.code for f in findings] == ["two-frames"]
    assert "20.0 mm" in findings[0].what
    np.testing.assert_allclose(volume.lps_from_index[:3, 3], [-20.0, 0.0, 0.0], atol=1e-5)


def test_big_endian_headers_are_read(tmp_path):
    image = nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), STRAIGHT).as_reoriented(
        [[0, 1], [1, 1], [2, 1]]
    )
    swapped = nib.Nifti1Image(np.asarray(image.dataobj), STRAIGHT,
                              header=image.header.as_byteswapped(">"))  # fmt: skip
    nib.save(swapped, tmp_path / "ct.nii")
    volume, _ = read_volume(tmp_path / "ct.nii")
    np.testing.assert_allclose(volume.spacing_mm, [0.7, 0.8, 2.0], atol=1e-6)


def text_header(folder, ending, old, new):
    image = sitk.GetImageFromArray(np.zeros((6, 5, 4), np.int16))
    image.SetSpacing((0.5, 0.8, 2.0))
    file = folder / f"ct.{ending}"
    sitk.WriteImage(image, str(file))
    text = file.read_text(encoding="latin-1")
    assert old in text
    file.write_text(text.replace(old, new), encoding="latin-1")
    return file


@pytest.mark.parametrize(
    ("ending", "old", "new", "word"),
    [
        ("mhd", "ElementSpacing = 0.5", "ElementSpacing = -0.5", "negative"),
        ("mhd", "ElementSpacing", "DistanceUnits = um\nElementSpacing", "um; millimetres"),
        ("nhdr", "endian:", 'space units: "m" "m" "m"\nendian:', "m, m, m; millimetres"),
        ("nhdr", "(0,0.8", "(0.3,0.8", "right angle"),
        ("mhd", "ElementSpacing = 0.5", "ElementSpacing = 0", "zero"),
        ("mhd", "ElementSpacing = 0.5", "ElementSize = -0.5", "negative"),
        ("nhdr", "(0.5,0,0)", "(0,0,0)", "zero voxel spacing"),
        ("nhdr", "(0.5,0,0)", "none", "no direction and spacing"),
    ],
)
def test_text_headers_are_not_taken_on_trust(tmp_path, ending, old, new, word):
    with pytest.raises(VolumeError, match=word):
        read_volume(text_header(tmp_path, ending, old, new))


@pytest.mark.parametrize(
    ("ending", "old", "new"),
    [
        ("mhd", "TransformMatrix = 1", "TransformMatrix = -1"),
        ("nhdr", "(0.5,0,0)", "(-0.5,0,0)"),
    ],
)
def test_an_axis_that_runs_the_other_way_is_kept_and_not_taken_for_negative_spacing(
    tmp_path, ending, old, new
):
    volume, findings = read_volume(text_header(tmp_path, ending, old, new))
    assert not findings
    np.testing.assert_allclose(volume.spacing_mm, [0.5, 0.8, 2.0])
    np.testing.assert_allclose(volume.lps_from_index[:3, :3], np.diag([-0.5, 0.8, 2.0]), atol=1e-9)


def test_an_nrrd_without_a_named_space_is_told(tmp_path):
    file = text_header(tmp_path, "nhdr", "space: left-posterior-superior", "space dimension: 3")
    _, findings = read_volume(file)
    assert [(f.code, f.severity) for f in findings] == [("no-frame", "caution")]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.full((4, 5, 6), 1.5, np.float32), "not whole numbers"),
        (np.full((4, 5, 6), -3, np.int16), "codes from -3"),
        (np.full((4, 5, 6), 40000, np.int32), "40000"),
    ],
)
def test_what_is_no_label_map_is_refused(tmp_path, values, word):
    nib.save(nib.Nifti1Image(values, STRAIGHT), tmp_path / "l.nii.gz")
    with pytest.raises(VolumeError, match=word):
        read_volume(tmp_path / "l.nii.gz", "label")


def test_codes_stored_as_floats_are_read(tmp_path):
    values = np.zeros((4, 5, 6))
    values[1, 2, 3] = 24.0
    nib.save(nib.Nifti1Image(values, STRAIGHT), tmp_path / "l.nii.gz")
    volume, _ = read_volume(tmp_path / "l.nii.gz", "label")
    assert volume.values.dtype == np.int16
    assert volume.values[1, 2, 3] == 24


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("ct.nii.gz", b"not a scan", "cannot be read"),
        ("ct.nii", b"short", "not NIfTI-1"),
        ("ct.nii", struct.pack("<i", 540) + bytes(600), "NIfTI-2"),
        ("ct.mha", b"nonsense", "cannot be read"),
        ("ct.jpg", b"", "not a kind of file"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, word):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VolumeError, match=word):
        read_volume(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(VolumeError, match=r"gone\.nii does not exist"):
        read_volume(tmp_path / "gone.nii")


def test_real_files_have_trustworthy_frames(shared):
    for file in sorted(shared.rglob("*.nii.gz")):
        kind = "label" if "seg" in file.name and "_im" not in file.name else "HU"
        volume, findings = read_volume(file, kind)
        assert not findings, file.name
        expected = LPS_FROM_RAS @ nib.load(file).affine
        np.testing.assert_allclose(volume.lps_from_index, expected, atol=1e-4)
