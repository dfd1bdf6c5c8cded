"""Frames of a moved virtual patient, written as DICOM, give its motion back; bad files say why."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from basivert.edge.cli import register as command
from basivert.edge.imaging.frames import read_shots
from basivert.edge.imaging.plan_folder import write_plan
from basivert.errors import InputError
from basivert.geometry.rigid import moved
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of
from tests.edge.shots import PLATE, TABLE, XRAY, run, shoot, view


@pytest.fixture(scope="module")
def truth(planned):
    """A motion of 7 mm and 6° about the body's centre."""
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_rotvec([4.0, -3.0, 3.5], degrees=True).as_matrix()
    motion[:3, 3] = centre - motion[:3, :3] @ centre + np.array([4.0, -3.0, 5.0])
    return motion


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned, truth):
    """A plan, and an AP and a lateral frame of the patient after the motion."""
    place = tmp_path_factory.mktemp("registered")
    write_plan(place, case, planned, {"virtual_seed": 5})
    ct = replace(case.ct, lps_from_index=truth @ case.ct.lps_from_index)
    patient = patient_of(ct, fluoro_tables())
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    for name, primary in (("ap", 180.0), ("lateral", 90.0)):
        shoot(place / f"{name}.dcm", patient, (), view(primary, centre))
    return place


def changed(folder, target, **values):
    """A copy of the AP frame with other tags; None takes a tag away."""
    data = pydicom.dcmread(folder / "ap.dcm")
    for keyword, value in values.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    data.save_as(target)
    return target


def test_the_motion_comes_back_from_files_one_of_them_inverted(
    folder, case, planned, truth, tmp_path, monkeypatch, capsys
) -> None:
    data = pydicom.dcmread(folder / "lateral.dcm")
    data.PixelData = (65535 - data.pixel_array).tobytes()
    data.save_as(tmp_path / "inverted.dcm")
    files = [folder / "ap.dcm", tmp_path / "inverted.dcm"]
    run(folder, case, monkeypatch, files, tmp_path / "out")
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "good"
    assert told["research_use_only"]
    assert [one["inverted"] for one in told["frames"]] == [False, True]
    hub = planned.levels[0].vertebra.target.centre
    assert np.linalg.norm(np.array(told["hub_mm"]) - moved(truth, hub)) < 1.0
    turn = np.array(told["room_from_ct"])[:3, :3].T @ truth[:3, :3]
    assert np.degrees(Rotation.from_matrix(turn).magnitude()) < 1.5
    assert told["tool"] is None
    assert json.loads((tmp_path / "out" / "register.json").read_text())["level"] == "L4"
    drawn = np.asarray(Image.open(tmp_path / "out" / "frame_2.png")).astype(int)
    assert np.sum(np.abs(drawn - [230, 159, 0]).sum(axis=2) < 30) > 200


def test_a_frame_without_the_bone_is_refused_with_its_code(
    folder, case, tmp_path, monkeypatch, capsys
) -> None:
    rng = np.random.default_rng(2)
    files = []
    for name in ("ap", "lateral"):
        data = pydicom.dcmread(folder / f"{name}.dcm")
        data.PixelData = rng.integers(2**16, size=PLATE.pixels, dtype=np.uint16).tobytes()
        data.save_as(tmp_path / f"{name}.dcm")
        files.append(tmp_path / f"{name}.dcm")
    with pytest.raises(SystemExit) as ended:
        run(folder, case, monkeypatch, files)
    assert ended.value.code == 4
    assert json.loads(capsys.readouterr().out)["verdict"] == "failed"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ImagerPixelSpacing": [-1, -1]}, "ImagerPixelSpacing .* is -1, -1 mm"),
        ({"ImagerPixelSpacing": None}, "no pixel spacing"),
        ({"PositionerPrimaryAngle": None}, "lacks primary_deg, PositionerPrimaryAngle"),
        ({"EstimatedRadiographicMagnificationFactor": "1.2"}, "magnification of 1.200, .* 1.645"),
        ({"DistanceSourceToPatient": "1200", "EstimatedRadiographicMagnificationFactor": None},
         "does not lie between"),
        ({"DistanceSourceToDetector": "102", "DistanceSourceToPatient": "62"}, "is no C-arm's"),
    ],
)  # fmt: skip
def test_bad_tags_are_named(folder, tmp_path, values, words) -> None:
    file = changed(folder, tmp_path / "a.dcm", **values)
    with pytest.raises(InputError, match=words) as caught:
        read_shots([file], None, np.zeros(3), TABLE, XRAY)
    assert caught.value.exit_code == 3
    assert caught.value.fix


def test_no_geometry_and_photos_are_refused(tmp_path) -> None:
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(255, size=(64, 64), dtype=np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="where the C-arm stood"):
        read_shots([tmp_path / "a.png"], None, np.zeros(3), TABLE, XRAY)
    photo = rng.integers(255, size=(64, 64, 3), dtype=np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    with pytest.raises(InputError, match="a photo, not an X-ray frame"):
        read_shots([tmp_path / "photo.png"], None, np.zeros(3), TABLE, XRAY)


def test_a_carm_file_stands_for_missing_tags_and_the_isocentre_is_assumed(tmp_path) -> None:
    ramp = np.tile(np.linspace(0, 60000, 64).astype(np.uint16), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    given = {"primary_deg": 180, "secondary_deg": 0, "source_detector_mm": 1000,
             "source_isocentre_mm": 600, "detector_side_mm": 300, "polarity": "bone_bright",
             "seen": [0, 0, 32, 64]}  # fmt: skip
    (tmp_path / "c.json").write_text(json.dumps([given]))
    shot = read_shots([tmp_path / "a.png"], tmp_path / "c.json", np.arange(3.0), TABLE, XRAY)[0]
    assert np.allclose(shot.carm.isocentre, [0.0, 1.0, 2.0])
    assert any("isocentre" in note for note in shot.notes)
    assert not shot.frame.seen[32:].any()
    assert shot.frame.picture[0, 50] > shot.frame.picture[0, 10]
    (tmp_path / "c.json").write_text(json.dumps([given, given]))
    with pytest.raises(InputError, match="describes 2 frames, 1 were given"):
        read_shots([tmp_path / "a.png"], tmp_path / "c.json", np.zeros(3), TABLE, XRAY)


def test_letters_and_blank_corners_are_hidden_and_nothing_else(tmp_path) -> None:
    rows, columns = np.mgrid[:200, :200]
    values = np.clip(120 + 40 * np.sin(rows / 20) + 30 * np.cos(columns / 15), 1, 254)
    drawn = np.hypot(rows - 99.5, columns - 99.5) > 98
    drawn[90:100, 90:93] = True
    values = np.where(drawn, np.where(rows < 150, 255, 0), values).astype(np.uint8)
    Image.fromarray(values).save(tmp_path / "a.png")
    given = {"primary_deg": 180, "secondary_deg": 0, "source_detector_mm": 1000,
             "source_isocentre_mm": 600, "detector_side_mm": 300}  # fmt: skip
    (tmp_path / "c.json").write_text(json.dumps(given))
    shot = read_shots([tmp_path / "a.png"], tmp_path / "c.json", np.zeros(3), TABLE, XRAY)[0]
    assert not shot.frame.seen[drawn].any()
    assert shot.masked == pytest.approx(drawn.mean(), abs=0.07)
    assert shot.frame.seen[100:140, 60:85].all()


def test_views_close_to_each_other_are_at_most_doubtful(
    folder, case, tmp_path, monkeypatch, capsys
) -> None:
    run(folder, case, monkeypatch, [folder / "ap.dcm"], level="L4")
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "doubtful"
    assert any("at least 30°" in reason for reason in told["reasons"])


def test_one_view_says_how_little_it_knows_along_its_beam(
    folder, case, planned, truth, monkeypatch, capsys
) -> None:
    """Of one AP view: right across the beam, and along it within an interval that is wide."""
    run(folder, case, monkeypatch, [folder / "ap.dcm"], level="L4", level_check=False)
    told = json.loads(capsys.readouterr().out)
    vertebra = planned.levels[0].vertebra
    carm = view(180.0, vertebra.lps_from_body[:3, 3])
    off = np.array(told["hub_mm"]) - moved(truth, vertebra.target.centre)
    along = off @ carm.axes[2]
    assert told["along_beam_sd_mm"] > 4.0
    assert abs(along) < 2.0 * told["along_beam_sd_mm"]
    assert np.linalg.norm(off - along * carm.axes[2]) < 1.0


def test_an_overlay_is_not_looked_at_where_it_lies(folder, tmp_path) -> None:
    """An overlay of 20 × 40 pixels whose first pixel is row 51, column 101 (counted from 1)."""
    data = pydicom.dcmread(folder / "ap.dcm")
    plane = np.ones((20, 40), np.uint8)
    for element, vr, value in (
        (0x0010, "US", 20), (0x0011, "US", 40), (0x0040, "CS", "G"), (0x0050, "SS", [51, 101]),
        (0x0100, "US", 1), (0x0102, "US", 0),
        (0x3000, "OB", np.packbits(plane.ravel(), bitorder="little").tobytes()),
    ):  # fmt: skip
        data.add_new((0x6000, element), vr, value)
    data.save_as(tmp_path / "overlay.dcm")
    bare, drawn = (
        read_shots([file], None, np.zeros(3), TABLE, XRAY)[0].frame.seen
        for file in (folder / "ap.dcm", tmp_path / "overlay.dcm")
    )
    assert not drawn[50:70, 100:140].any()
    far = np.ones(drawn.shape, bool)
    far[44:76, 94:146] = False
    assert np.array_equal(bare[far], drawn[far])
    data.add_new((0x6000, 0x0010), "US", 2000)
    data.save_as(tmp_path / "overlay.dcm")
    with pytest.raises(InputError, match="overlay"):
        read_shots([tmp_path / "overlay.dcm"], None, np.zeros(3), TABLE, XRAY)


def test_enhanced_xa_is_refused_by_name(folder, tmp_path) -> None:
    file = changed(folder, tmp_path / "a.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.12.1.1")
    with pytest.raises(InputError, match="Enhanced XA") as caught:
        read_shots([file], None, np.zeros(3), TABLE, XRAY)
    assert "--carm" in caught.value.fix


def test_what_was_asked_for_reaches_the_search(folder, case, monkeypatch) -> None:
    given = []

    def stop(_case, _frames, known, wanted, *_):
        given.append((known, wanted))
        raise InputError("stopped here")

    monkeypatch.setattr(command, "told", stop)
    with pytest.raises(InputError, match="stopped"):
        run(folder, case, monkeypatch, [folder / "ap.dcm"], start_mm=(1.0, -2.0, 3.0), seed=7,
            angles="near")  # fmt: skip
    ((known, wanted),) = given
    assert np.allclose(wanted.start[:3, 3], [1.0, -2.0, 3.0])
    assert (wanted.seed, wanted.angles, known) == (7, "near", [False])


def test_neighbours_are_the_labelled_levels_next_to_it(monkeypatch) -> None:
    monkeypatch.setattr(command, "centres", lambda _: ["L1", "L2", "L3", "L4", "L5"])
    labels = SimpleNamespace(centre=lambda name: None if name == "L1" else np.zeros(3))
    for level, wanted in (("L3", ("L2", "L4")), ("L2", ("L3",)), ("L5", ("L4",))):
        assert command.neighbours(labels, level) == wanted
