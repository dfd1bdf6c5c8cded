"""Instruments of a plan at each stage of their way in."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.metal import Tool
from basivert.fluoroscopy.tools import Stage, final_stage, markers, ruler, tools
from basivert.geometry.curves import arc_lengths, deployed_curve
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.planning.model import Path

XRAY, KIT = builtin("xray"), builtin_instrument(DEFAULT)


def path() -> Path:
    axis, bend = np.array([0.6, -0.8, 0.0]), np.array([0.8, 0.6, 0.0])
    entry = np.array([-30.0, 60.0, 5.0])
    start = entry + 25.0 * axis
    curve = deployed_curve(start, axis, bend, bend_radius_mm=20.0, length_mm=22.0)
    straight = entry + np.arange(0.0, 25.0, 0.5)[:, None] * axis
    line = np.concatenate([straight, curve])
    return Path(entry_skin=None, entry_bone=entry, axis=axis, curve_start=start, tip=curve[-1],
                centre_line=line, radius_mm=np.full(len(line), 2.0), active=curve[[-20, -1]],
                roll_deg=0.0, deployment_mm=22.0, bend_radius_mm=20.0)  # fmt: skip


def drawn_end(tool: Tool) -> np.ndarray:
    """Where the round end drawn beyond the line reaches."""
    way = tool.line[-1] - tool.line[-2]
    return tool.line[-1] + tool.radius_mm * way / np.linalg.norm(way)


def test_at_the_end_the_probe_lies_on_the_plan_with_its_electrodes_at_the_tip() -> None:
    here = path()
    found = tools(here, KIT, final_stage(here), XRAY)
    introducer = found[0]
    assert np.allclose(drawn_end(introducer), here.curve_start)
    hub = here.curve_start - KIT.introducer_length_mm.value * here.axis
    assert np.allclose(introducer.line[0], hub)
    rings = [tool for tool in found[1:] if tool.material == "steel"]
    assert len(rings) == len(KIT.contacts)
    for ring, contact in zip(rings, KIT.contacts, strict=True):
        length = contact.end_mm - contact.start_mm
        assert arc_lengths(ring.line)[-1] + 2 * ring.radius_mm == pytest.approx(length, rel=0.01)
        for point in ring.line:
            assert np.linalg.norm(here.centre_line - point, axis=1).min() < 0.3
    assert np.linalg.norm(rings[0].line[-1] - here.tip) == pytest.approx(
        KIT.contacts[0].start_mm + rings[0].radius_mm, abs=0.05
    )


@pytest.mark.parametrize("inside", ["stylet", "cannula", "probe"])
@pytest.mark.parametrize("deployed", [0.0, 7.3, 22.0])
def test_what_is_deployed_has_its_length_and_follows_the_curve(inside, deployed) -> None:
    here = path()
    found = tools(here, KIT, Stage(depth_mm=25.0, deployed_mm=deployed, inside=inside), XRAY)
    line = found[1].line
    assert arc_lengths(line)[-1] + found[1].radius_mm == pytest.approx(
        KIT.introducer_length_mm.value + deployed, abs=0.05
    )
    for point in line[1:]:
        assert np.linalg.norm(here.centre_line - point, axis=1).min() < 0.3
    hollow = {tool.material for tool in found if tool.inner_mm > 0}
    assert "steel" in hollow


def test_outside_the_bone_the_introducer_stands_on_the_plans_axis() -> None:
    here = path()
    (introducer, *_) = tools(
        here, KIT, Stage(depth_mm=-40.0, deployed_mm=0.0, inside="stylet"), XRAY
    )
    assert np.allclose(drawn_end(introducer), here.entry_bone - 40.0 * here.axis)


@pytest.mark.parametrize(("depth", "deployed"), [(30.0, 0.0), (25.0, 25.0), (25.0, -1.0)])
def test_beyond_the_plan_is_refused(depth: float, deployed: float) -> None:
    with pytest.raises(InputError, match="not on the plan"):
        tools(path(), KIT, Stage(depth_mm=depth, deployed_mm=deployed, inside="stylet"), XRAY)


def test_ruler_and_markers_lie_where_they_are_put() -> None:
    start = np.array([100.0, 90.0, -50.0])
    spine, *marks = ruler(start, np.array([0.0, 0.0, 1.0]), np.array([-1.0, 0.0, 0.0]), 100.0, XRAY)
    assert np.allclose(spine.line[1], start + np.array([0.0, 0.0, 100.0]))
    feet = np.array([mark.line[0] for mark in marks])
    assert np.allclose(np.diff(feet[:, 2]), XRAY["tool.ruler_step"].value)
    balls = markers(feet, XRAY)
    assert np.allclose([ball.line[0] for ball in balls], feet)
