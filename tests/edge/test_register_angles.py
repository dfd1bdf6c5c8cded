"""Frames whose C-arm angles are wrong, unknown, or mirrored."""

import json

import numpy as np
import pydicom
import pytest

from basivert.edge.imaging.plan_folder import write_plan
from basivert.errors import InputError
from basivert.fluoroscopy.angles import apart_deg
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of
from tests.edge.shots import run, shoot, view


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
    with pytest.raises(InputError, match="2 frames of unknown angles"):
        told(folder, case, pair[0], monkeypatch, capsys, "unknown")
    with pytest.raises(InputError, match="exact, near or unknown"):
        told(folder, case, pair[0], monkeypatch, capsys, "roughly")


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
