"""Frames whose C-arm angles are wrong, unknown, or mirrored."""

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from basivert.edge.imaging.frames import read_shots
from basivert.edge.imaging.plan_folder import write_plan
from basivert.errors import InputError
from basivert.fluoroscopy.angles import apart_deg
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import bone
from basivert.geometry.rigid import moved
from basivert.workflow.angle_doubt import placed
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of
from tests.edge.shots import PLATE, TABLE, XRAY, run, shoot, view


@pytest.fixture(scope="module")
def patient(case):
    return patient_of(case.ct, fluoro_tables())


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned):
    place = tmp_path_factory.mktemp("angles")
    write_plan(place, case, planned, {"virtual_seed": 5})
    return place


@pytest.fixture(scope="module")
def pair(tmp_path_factory, planned, patient):
    """An AP frame, and a lateral one whose tags are 9° and 8° off."""
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    place = tmp_path_factory.mktemp("pair")
    ap, real, said = view(180.0, centre), view(90.0, centre), view(81.0, centre, -3.0)
    return (
        shoot(place / "ap.dcm", patient, (), ap),
        shoot(place / "lateral.dcm", patient, (), real, said),
    ), real


def told(folder, case, files, monkeypatch, capsys, angles):
    run(folder, case, monkeypatch, files, level_check=False, angles=angles)
    return json.loads(capsys.readouterr().out)


def test_wrong_angles_taken_as_exact_are_not_called_good(
    folder, case, pair, monkeypatch, capsys
) -> None:
    assert told(folder, case, pair[0], monkeypatch, capsys, "exact")["verdict"] != "good"


def test_angles_off_by_ten_degrees_are_found(
    folder, case, planned, pair, monkeypatch, capsys
) -> None:
    files, real = pair
    found = told(folder, case, files, monkeypatch, capsys, "near")
    assert found["verdict"] == "good"
    used = view(found["frames"][1]["used_primary_deg"], real.isocentre,
                found["frames"][1]["used_secondary_deg"])  # fmt: skip
    assert apart_deg(used, real) < 0.5
    hub = planned.levels[0].vertebra.target.centre
    assert np.linalg.norm(np.array(found["hub_mm"]) - hub) < 0.5


def test_one_mirrored_frame_of_a_pair_is_never_called_good(
    folder, case, planned, patient, tmp_path, monkeypatch, capsys
) -> None:
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    files = [
        shoot(tmp_path / f"{name}.dcm", patient, (), view(primary, centre))
        for name, primary in (("ap", 180.0), ("lateral", 90.0))
    ]
    data = pydicom.dcmread(files[0])
    data.PixelData = np.ascontiguousarray(data.pixel_array[:, ::-1]).tobytes()
    data.save_as(files[0])
    found = told(folder, case, files, monkeypatch, capsys, "exact")
    assert found["verdict"] != "good"


def test_one_frame_cannot_tell_wrong_angles(folder, case, pair, monkeypatch, capsys) -> None:
    with pytest.raises(InputError, match="One frame cannot tell"):
        told(folder, case, pair[0][:1], monkeypatch, capsys, "near")
    with pytest.raises(InputError, match="exact, near or unknown"):
        told(folder, case, pair[0], monkeypatch, capsys, "roughly")


def test_more_frames_of_unknown_angles_than_are_read_together_are_refused(case) -> None:
    own = bone(case.ct, case.labels, "L4", TABLE)
    empty = np.zeros(PLATE.pixels, np.float32)
    frame = Frame(picture=empty, seen=empty == 0.0, carm=view(180.0, own.fine.centre))
    with pytest.raises(InputError, match=r"5 frames of unknown angles .* at most 4"):
        placed(own, [frame] * 5, np.eye(4), "unknown", TABLE, np.random.default_rng(1))


def test_two_frames_of_unknown_angles_are_read_as_views_of_one_bone(
    case, planned, patient, tmp_path
) -> None:
    """Where bone and arms stand to each other comes back; the verdict stays doubtful."""
    vertebra = planned.levels[0].vertebra
    centre = vertebra.lps_from_body[:3, 3]
    real = view(173.0, centre, -9.0), view(96.0, centre, 7.0)
    files = [shoot(tmp_path / f"{n}.dcm", patient, (), one) for n, one in enumerate(real)]
    shots = read_shots(files, None, centre, TABLE, XRAY)
    hidden = [replace(one.frame, carm=view(180.0, centre, 0.0)) for one in shots]
    start = np.eye(4)
    start[:3, 3] = 6.0, -4.0, 5.0
    own = bone(case.ct, case.labels, "L4", TABLE)
    here = placed(own, hidden, start, "unknown", TABLE, np.random.default_rng(1))
    assert not here.mirrored
    assert "from behind and from the left" in here.doubts[0]
    hub = vertebra.target.centre
    for used, true in zip(here.frames, real, strict=True):
        # Gauge-free: the hub as each receptor sees it.
        seen = np.stack(used.carm.axes) @ (moved(here.found.room_from_ct, hub) - used.carm.source)
        assert np.linalg.norm(seen - np.stack(true.axes) @ (hub - true.source)) < 1.0
    apart = apart_deg(here.frames[0].carm, here.frames[1].carm)
    assert apart == pytest.approx(apart_deg(*real), abs=1.0)


def test_an_unknown_mirrored_lateral_is_recognised_and_never_called_good(
    folder, case, planned, patient, tmp_path, monkeypatch, capsys
) -> None:
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    file = shoot(tmp_path / "mirrored.dcm", patient, (), view(98.0, centre, -6.0))
    data = pydicom.dcmread(file)
    data.PixelData = np.ascontiguousarray(data.pixel_array[:, ::-1]).tobytes()
    del data.PositionerPrimaryAngle, data.PositionerSecondaryAngle
    data.save_as(file)
    found = told(folder, case, [file], monkeypatch, capsys, "unknown")
    assert found["verdict"] == "doubtful"
    reasons = " ".join(found["reasons"])
    assert "angles are not known" in reasons
    # A mirrored lateral from the left looks nearly like one from the right: both are named.
    assert "from the left, mirrored" in reasons
    assert "from the right" in reasons
    assert "cannot be told" in reasons
