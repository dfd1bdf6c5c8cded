"""Simulated pictures as files: DICOM read back by two libraries, PNG, letters, and the command."""

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from PIL import Image
from pydicom.uid import XRayAngiographicImageStorage

from basivert.constants.load import builtin
from basivert.edge.cli import fluoro as command
from basivert.edge.cli.register_words import motion
from basivert.edge.documents.xray_marks import edge_letters, monitor_pixels, pixels, write_png
from basivert.edge.imaging.frames import read_shots
from basivert.edge.imaging.plan_folder import write_plan
from basivert.edge.imaging.xa_file import Origin, write_xa
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.fluoroscope import Frame
from basivert.fluoroscopy.image import usual_exposure
from basivert.fluoroscopy.window import Window
from basivert.volume.model import Labels, Volume
from basivert.workflow.fluoro_frame import bone_shown

# Type 1 attributes of the modules of the XA image IOD (PS3.3 A.14.3, C.7, C.8.7, C.12) that a
# single frame always needs.
TYPE_1 = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality",
    "ImageType", "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData",
    "PixelIntensityRelationship", "RadiationSetting",
)  # fmt: skip
TYPE_2 = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName", "SeriesNumber", "Manufacturer",
    "InstanceNumber", "KVP", "PositionerPrimaryAngle", "PositionerSecondaryAngle",
)  # fmt: skip
REGISTRATION, XRAY = builtin("registration"), builtin("xray")
ORIGIN = Origin(study="abc", view="L4 left ap", kilovolts=80.0)


def shot(primary: float = 180.0, secondary: float = -12.3456789) -> Frame:
    plate = Detector(side_mm=(240.0, 300.0), pixels=(201, 251), offset_mm=(0.0, 0.0))
    carm = CArm(primary_deg=primary, secondary_deg=secondary, isocentre=np.zeros(3),
                source_isocentre_mm=600.0, source_detector_mm=1000.0, detector=plate)  # fmt: skip
    grey = np.random.default_rng(1).uniform(0, 1, plate.pixels).astype(np.float32)
    known = np.ones(plate.pixels, dtype=bool)
    known[150:] = False
    seen = Window(centre=0.5, width=0.6, black=0.02, white=0.86)
    return Frame(grey=grey, unclipped=grey, window=seen, known=known,
                 free=np.ones_like(known), carm=carm,
                 exposure=usual_exposure(builtin("xray")))  # fmt: skip


@pytest.mark.parametrize("bits", [8, 16])
def test_dicom_comes_back_with_its_geometry_and_says_what_it_is(tmp_path, bits) -> None:
    frame, file = shot(), tmp_path / "a.dcm"
    values = pixels(frame, "L4 left ap", bits)
    write_xa(file, values, frame, ORIGIN)
    data = pydicom.dcmread(file)
    assert all(data.get(name) not in (None, "", b"") for name in TYPE_1)
    assert all(name in data for name in TYPE_2)
    assert data.SOPClassUID == XRayAngiographicImageStorage
    assert list(data.ImageType) == ["DERIVED", "SECONDARY", "SINGLE PLANE"]
    assert np.array_equal(data.pixel_array, values)
    assert data.BurnedInAnnotation == "YES"
    assert "RESEARCH USE ONLY" in data.ImageComments
    assert float(data.PositionerPrimaryAngle) == 180.0
    assert float(data.PositionerSecondaryAngle) == pytest.approx(-12.3456789)
    assert float(data.EstimatedRadiographicMagnificationFactor) == pytest.approx(1000 / 600)
    assert float(data.DistanceSourceToDetector) == 1000.0
    assert float(data.DistanceSourceToPatient) == 600.0
    # Spacing is that of the detector, rows first; a spacing in the patient would be a lie.
    assert [float(x) for x in data.ImagerPixelSpacing] == pytest.approx([240 / 201, 300 / 251])
    assert "PixelSpacing" not in data
    # Prone, receptor behind, as seen from there: columns run to the right, rows to the feet.
    assert data.PatientOrientation[0] == "R"
    assert data.PatientOrientation[1][0] == "F"
    read = sitk.GetArrayFromImage(sitk.ReadImage(str(file)))[0]
    assert np.array_equal(read, values)


def test_the_same_picture_has_the_same_identifiers_and_another_one_its_own(tmp_path) -> None:
    found = []
    for number, frame in enumerate((shot(), shot(), shot(90.0))):
        file = tmp_path / f"{number}.dcm"
        write_xa(file, pixels(frame, "ap", 8), frame, ORIGIN)
        found.append(pydicom.dcmread(file))
    assert found[0].SOPInstanceUID == found[1].SOPInstanceUID != found[2].SOPInstanceUID
    assert found[0].StudyInstanceUID == found[2].StudyInstanceUID


def test_what_is_unknown_does_not_look_like_air_or_tissue(tmp_path) -> None:
    frame = replace(shot(), unclipped=np.full((201, 251), 2.0, dtype=np.float32))
    file = tmp_path / "a.png"
    write_png(file, monitor_pixels(frame, "", 16), frame.window)
    back = np.asarray(Image.open(file)).astype(float) / 65535
    assert back.shape == (201, 251)
    hidden = back[155:165, 5:240]
    # The words that say so are bright and run through it.
    assert (hidden < 0.6).mean() > 0.85
    assert hidden.std() > 0.01


@pytest.mark.parametrize(
    ("primary", "left", "right"), [(180, "L", "R"), (90, "A", "P"), (-90, "P", "A"), (0, "R", "L")]
)
def test_letters_stand_where_the_patient_lies(primary, left, right) -> None:
    letters = edge_letters(shot(float(primary), 0.0).carm)
    assert (letters["left"], letters["right"]) == (left, right)
    assert (letters["top"], letters["bottom"]) == ("S", "I")


def choice(**changed: object) -> command.Choice:
    usual = dict(level="L4", side="auto", rank=None, view="ap", primary_deg=None,
                 secondary_deg=None, step=None, size=96, bits=8, dose_ngy=None, round_field=False,
                 blades_mm=None, bare=False, ruler=False, carm=None, ct=None, labels=None,
                 seed=1)  # fmt: skip
    return command.Choice(**(usual | changed))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def written(tmp_path_factory, case, planned):
    folder = tmp_path_factory.mktemp("plan")
    write_plan(folder, case, planned, {"virtual_seed": 5})
    return folder


@pytest.fixture
def folder(written, case, monkeypatch):
    monkeypatch.setattr(command, "case_of", lambda *_: case)
    return written


def test_the_command_writes_each_kind_of_file(folder, tmp_path, capsys) -> None:
    metal = {}
    for name, bare in (("tools.npy", False), ("bare.npy", True)):
        command.fluoro(folder, tmp_path / name, choice(bare=bare, size=128), as_json=True)
        metal[name] = np.load(tmp_path / name)
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["simulated"] and told["research_use_only"]
    gain = metal["tools.npy"] - metal["bare.npy"]
    assert gain.max() > 0.5
    assert np.mean(gain > 0.1) < 0.2
    assert (told["view"], told["step"], told["instrument_sides"]) == ("ap", None, [])
    command.fluoro(folder, tmp_path / "a.dcm", choice(view="lateral", step=4), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["view"], told["step"]) == ("L4", "lateral", 4)
    assert told["side"] in ("left", "right") and told["instrument_sides"] == [told["side"]]
    lateral = pydicom.dcmread(tmp_path / "a.dcm")
    command.fluoro(folder, tmp_path / "a.png", choice(primary_deg=150.0, ruler=True), as_json=False)
    assert np.asarray(Image.open(tmp_path / "a.png")).shape == (96, 96)
    command.fluoro(folder, tmp_path / "new" / "b.npy", choice(side="right", secondary_deg=3.0),
                   as_json=True)  # fmt: skip
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["side"], told["view"], told["secondary_deg"]) == ("right", None, 3.0)
    assert told["file"] == str(tmp_path / "new" / "b.npy")
    assert abs(abs(float(lateral.PositionerPrimaryAngle)) - 90.0) < 25.0
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize(
    ("name", "changed", "word"),
    [("a.jpg", {}, "none of"), ("a.png", {"bits": 12}, "8 or 16"), ("a.png", {"size": 5}, "pixels"),
     ("a.png", {"view": "top"}, "ap_upper"), ("a.png", {"step": 99}, "no step 99"),
     ("a.png", {"view": "lat"}, "Did you mean lateral")],
)  # fmt: skip
def test_wrong_wishes_are_named(folder, tmp_path, name, changed, word) -> None:
    with pytest.raises(InputError, match=word):
        command.fluoro(folder, tmp_path / name, choice(**changed), as_json=False)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("changed", [{"view": "lat"}, {"step": 60}, {"side": "upper"}])
def test_a_wrong_wish_is_told_before_the_plan_is_read(tmp_path, changed) -> None:
    with pytest.raises(InputError, match=str(next(iter(changed.values())))):
        command.fluoro(tmp_path / "no plan", tmp_path / "a.png", choice(**changed), as_json=False)


def test_what_is_unknown_is_named_where_it_is_unknown() -> None:
    """Two hidden bands with the picture between them: no word lies on the picture."""
    whole = shot()
    known = np.zeros_like(whole.known)
    rows = slice(len(known) // 3, 2 * len(known) // 3)
    known[rows] = True
    dark = replace(whole, grey=np.zeros_like(whole.grey), known=known)
    middle = pixels(dark, "L4", 8)[rows, len(known) // 4 : -len(known) // 4]
    assert not middle.any()
    above = pixels(dark, "L4", 8)[: rows.start]
    assert (above == 255).sum() > (pixels(whole, "L4", 8)[: rows.start] == 255).sum()


@pytest.mark.parametrize("primary", [180.0, 90.0, -65.0])
def test_a_written_frame_is_read_where_it_was_taken(tmp_path, primary) -> None:
    """Signs of both angles, and rows and columns of a receptor that is not square."""
    frame, file = shot(primary), tmp_path / "a.dcm"
    write_xa(file, pixels(frame, "", 16), frame, ORIGIN)
    (read,) = read_shots([file], None, np.ones(3), REGISTRATION, XRAY)
    points = np.array([[10.0, 20.0, 30.0], [-25.0, 4.0, -18.0]])
    assert np.allclose(read.carm.pixel(points), frame.carm.pixel(points), atol=1e-3)
    assert np.allclose(read.carm.isocentre, frame.carm.isocentre)


def test_what_the_user_says_goes_before_what_the_file_says(tmp_path) -> None:
    frame, file = shot(), tmp_path / "a.dcm"
    write_xa(file, pixels(frame, "", 16), frame, ORIGIN)
    (tmp_path / "c.json").write_text(json.dumps({"secondary_deg": 7.5}))
    (read,) = read_shots([file], tmp_path / "c.json", np.zeros(3), REGISTRATION, XRAY)
    assert (read.carm.primary_deg, read.carm.secondary_deg) == (180.0, 7.5)


def test_the_same_rays_written_in_each_way_are_read_alike(tmp_path) -> None:
    """Counts, white for black, and greys of a monitor: attenuation goes up in all of them."""
    frame, file = shot(), tmp_path / "a.dcm"
    write_xa(file, pixels(frame, "", 16), frame, ORIGIN)
    data = pydicom.dcmread(file)
    counts = np.random.default_rng(2).integers(2000, 60000, frame.grey.shape, dtype=np.uint16)
    read = {}
    for name, values, tags in (
        ("DISP", counts, {}), ("LIN", counts, {"PixelIntensityRelationship": "LIN"}),
        ("MONO1", 65535 - counts, {"PhotometricInterpretation": "MONOCHROME1"}),
    ):  # fmt: skip
        for keyword, value in tags.items():
            setattr(data, keyword, value)
        data.PixelData = values.tobytes()
        data.save_as(tmp_path / f"{name}.dcm")
        data = pydicom.dcmread(file)
        (one,) = read_shots([tmp_path / f"{name}.dcm"], None, np.zeros(3), REGISTRATION, XRAY)
        read[name] = one.frame.picture[one.frame.seen]
        seen = one.frame.seen
    span = XRAY["display.span"].value
    assert np.allclose(read["LIN"], -np.log(counts.astype(float))[seen], atol=1e-5)
    assert np.allclose(read["DISP"], -span * (counts / 65535)[seen], atol=1e-5)
    assert np.allclose(read["MONO1"], read["DISP"], atol=1e-5)


@pytest.mark.parametrize(("said", "sign"), [("bone_bright", 1.0), ("bone_dark", -1.0), (None, 1.0)])
def test_line_integrals_are_turned_over_where_their_bone_is_dark(tmp_path, said, sign) -> None:
    values = np.random.default_rng(3).uniform(0.0, 5.0, (64, 64))
    np.save(tmp_path / "a.npy", values)
    given = {"primary_deg": 180, "secondary_deg": 0, "source_detector_mm": 1000,
             "source_isocentre_mm": 600, "detector_side_mm": 300}  # fmt: skip
    told = given if said is None else given | {"polarity": said}
    (tmp_path / "c.json").write_text(json.dumps(told))
    (read,) = read_shots([tmp_path / "a.npy"], tmp_path / "c.json", np.zeros(3), REGISTRATION, XRAY)
    assert np.allclose(read.frame.picture, sign * values, atol=1e-5)


def test_a_motion_is_told_as_the_way_of_the_bone_and_its_turn() -> None:
    about, shift = np.array([10.0, 20.0, 30.0]), np.array([4.0, -3.0, 5.0])
    room_from_ct = np.eye(4)
    room_from_ct[:3, :3] = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    room_from_ct[:3, 3] = about + shift - room_from_ct[:3, :3] @ about
    moved_by, turn = motion(room_from_ct, about)
    assert np.allclose(moved_by, shift)
    assert np.allclose(turn, [0.0, 0.0, 90.0])


@pytest.mark.parametrize(("feet_mm", "share"), [(0.0, 1.0), (-60.0, 0.0)])
def test_the_vertebra_itself_is_said_to_be_missing(feet_mm: float, share: float) -> None:
    # Of 201 rows of 1.2 mm the lower 51 are unknown: 36 mm and more to the feet at the isocentre.
    lps = np.eye(4)
    lps[:3, 3] = [-10.0, -10.0, feet_mm - 10.0]
    cube = Volume(values=np.ones((20, 20, 20), np.int16), lps_from_index=lps, unit="label")
    labels = Labels(volume=cube, code_of={"S1": 1}, convention="own")
    assert bone_shown(labels, "S1", shot(secondary=0.0)) == share
