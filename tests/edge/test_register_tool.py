"""An introducer in frames of a virtual patient: where it is, and what to do about it."""

import json

import numpy as np
import pytest

from basivert.edge.imaging.plan_folder import write_plan
from basivert.fluoroscopy.tools import Stage, straight_mm, tools
from basivert.workflow.as_inserted import moved_path
from basivert.workflow.curve_as_inserted import bend_of, with_curve
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of
from tests.edge.shots import XRAY, run, shoot, view

# Read from two pictures: the end of a shadow to about a pixel, the bone to half a millimetre.
TIP_MM, AXIS_DEG = 1.0, 1.5


@pytest.fixture(scope="module")
def best(planned):
    return max(planned.levels[0].plans, key=lambda plan: plan.worth)


@pytest.fixture(scope="module")
def patient(case):
    return patient_of(case.ct, fluoro_tables())


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned):
    place = tmp_path_factory.mktemp("with_tool")
    write_plan(place, case, planned, {"virtual_seed": 5})
    return place


def introducer(best, shift=(0.0, 0.0, 0.0), deeper=0.0):
    """The introducer at its planned end, moved; its tools and its tip, LPS mm of the CT."""
    path = best.path
    tip = path.curve_start + deeper * path.axis + np.asarray(shift)
    stage = Stage(depth_mm=straight_mm(path), deployed_mm=0.0, inside="stylet")
    return tools(moved_path(path, tip, path.axis), best.instrument, stage, XRAY), tip


def told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys, in_views=(1, 1),
         tilt=-10.0, heat=False):  # fmt: skip
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    files = [
        shoot(tmp_path / f"{name}.dcm", patient, drawn if shown else (),
              view(primary, centre, secondary))
        for name, primary, secondary, shown in zip(
            ("ap", "lateral"), (180.0, 90.0), (tilt, 5.0), in_views, strict=True)
    ]  # fmt: skip
    run(folder, case, monkeypatch, files, level_check=False, heat=heat)
    return json.loads(capsys.readouterr().out)


def test_an_introducer_at_its_planned_end_may_go_on(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    drawn, tip = introducer(best)
    found = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys)
    assert found["verdict"] == "good"
    tool = found["tool"]
    assert np.linalg.norm(np.array(tool["tip_ct_mm"]) - tip) < TIP_MM
    off = np.degrees(np.arccos(np.clip(np.array(tool["axis_ct"]) @ best.path.axis, -1, 1)))
    assert off < AXIS_DEG
    assert tool["verdict"] == "go"


def test_too_shallow_by_four_is_advanced_by_about_four(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    drawn, tip = introducer(best, deeper=-4.0)
    found = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys, heat=True)
    tool, (words,) = found["tool"], found["heat"]["beside_the_plan"]
    assert f"hub in the lesion with {found['heat']['coverage']:.2f}" in words
    assert np.linalg.norm(np.array(tool["tip_ct_mm"]) - tip) < TIP_MM
    assert tool["beyond_mm"] == pytest.approx(-4.0, abs=TIP_MM)
    assert tool["verdict"] == "correct"
    (advice,) = tool["advice"]
    assert float(advice.removeprefix("Advance ").removesuffix(" mm.")) == pytest.approx(4, abs=1)


def test_four_to_the_head_is_said_and_not_let_through(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    head = planned.levels[0].vertebra.lps_from_body[:3, 2]
    across = head - (head @ best.path.axis) * best.path.axis
    drawn, tip = introducer(best, shift=4.0 * across / np.linalg.norm(across))
    tool = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys)["tool"]
    assert np.linalg.norm(np.array(tool["tip_ct_mm"]) - tip) < TIP_MM
    assert tool["beside_mm"][2] == pytest.approx(4.0, abs=TIP_MM)
    assert tool["verdict"] in ("correct", "stop")
    assert tool["verdict"] == "stop" or any("to the head" in line for line in tool["advice"])


def test_a_tool_in_one_view_is_said_to_need_another(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    drawn, _ = introducer(best)
    found = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys, (0, 1))
    assert found["tool"] is None
    assert [one["tool"] for one in found["frames"]] == [False, True]
    assert "found in 1 of 2 frames" in found["tool_words"]


def test_in_the_plane_of_both_beams_the_tip_is_told_and_the_direction_asked_for(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    drawn, tip = introducer(best)
    found = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys, tilt=5.0)
    tool = found["tool"]
    assert np.linalg.norm(np.array(tool["tip_ct_mm"]) - tip) < TIP_MM
    assert not tool["axis_measured"]
    assert tool["axis_sd_deg"] is None
    assert tool["verdict"] == "correct"
    assert any("tilt" in line for line in tool["advice"])


def test_a_curve_turned_by_forty_degrees_is_told(
    folder, case, planned, best, patient, tmp_path, monkeypatch, capsys
) -> None:
    vertebra, path = planned.levels[0].vertebra, best.path
    bend = bend_of(vertebra, path, path.axis, path.roll_deg + 40.0)
    real = with_curve(path, best.instrument, bend, path.deployment_mm, path.bend_radius_mm)
    stage = Stage(depth_mm=straight_mm(path), deployed_mm=path.deployment_mm, inside="cannula")
    drawn = tools(real, best.instrument, stage, XRAY)
    found = told(folder, case, planned, patient, drawn, tmp_path, monkeypatch, capsys)
    assert found["verdict"] == "good"
    curve = found["tool"]["curve"]
    assert not curve["unknown"]
    # No two rays were taken to meet; the fit's own residual is told, and is not nothing.
    assert found["tool"]["rays_miss_mm"] is None
    assert 0.01 < found["tool"]["off_shadow_mm"] < 0.6
    assert curve["off_plan_deg"] == pytest.approx(40.0, abs=15.0)
    assert np.linalg.norm(np.array(curve["tip_ct_mm"]) - real.tip) < 2.0
    assert curve["deployed_mm"] == pytest.approx(path.deployment_mm, abs=2.5)
