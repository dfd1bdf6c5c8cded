"""Chords of instruments against closed answers and dense sampling."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.metal import Tool, along, chords

SOURCE = np.array([0.0, -500.0, 0.0])
WAY = np.array([[0.0, 1.0, 0.0]])


def carm(pixels: int = 64) -> CArm:
    plate = Detector(side_mm=(100.0, 100.0), pixels=(pixels, pixels), offset_mm=(0.0, 0.0))
    return CArm(primary_deg=180.0, secondary_deg=0.0, isocentre=np.zeros(3),
                source_isocentre_mm=500.0, source_detector_mm=1000.0, detector=plate)  # fmt: skip


@given(off=st.floats(0.0, 1.9), tilt=st.floats(0.0, 1.2))
def test_a_ray_across_a_long_rod_has_the_cylinders_chord(off: float, tilt: float) -> None:
    # The rod leans by `tilt` towards the ray in its own plane and passes `off` beside it.
    way = np.array([0.0, np.sin(tilt), np.cos(tilt)])
    line = np.array([off, 0.0, 0.0]) + np.outer([-50.0, 50.0], way)
    expected = 2.0 * np.sqrt(2.0**2 - off**2) / np.cos(tilt)
    assert along(line, 2.0, SOURCE, WAY)[0] == pytest.approx(expected, abs=1e-9)


@given(off=st.floats(0.0, 2.9))
def test_a_single_point_is_a_ball(off: float) -> None:
    ball = np.array([[off, 3.0, 0.0]])
    expected = 2.0 * np.sqrt(max(0.0, 2.0**2 - off**2))
    assert along(ball, 2.0, SOURCE, WAY)[0] == pytest.approx(expected, abs=1e-9)


def test_along_its_axis_a_rod_has_its_length_and_two_round_ends() -> None:
    line = np.array([[0.5, -30.0, 0.0], [0.5, 40.0, 0.0]])
    ends = 2.0 * np.sqrt(2.0**2 - 0.5**2)
    assert along(line, 2.0, SOURCE, WAY)[0] == pytest.approx(70.0 + ends, abs=1e-9)


def test_joints_count_once() -> None:
    ends = np.array([[-20.0, 5.0, 3.0], [30.0, -8.0, -4.0]])
    many = ends[0] + np.linspace(0, 1, 40)[:, None] * (ends[1] - ends[0])
    ways = np.random.default_rng(3).normal([0, 1, 0], [0.03, 0.0, 0.01], (500, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    one, other = (along(line, 1.5, SOURCE, ways) for line in (ends, many))
    assert one.max() > 2.0
    assert np.allclose(one, other, atol=1e-9)


def test_a_curved_chain_agrees_with_dense_sampling() -> None:
    angle = np.linspace(0.0, 1.5, 30)
    line = np.stack([20 * np.sin(angle), 20 * np.cos(angle), 3 * angle], axis=1)
    ways = np.random.default_rng(4).normal([0.02, 1, 0.004], [0.02, 0.0, 0.004], (60, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    at = np.arange(470.0, 530.0, 0.004)
    for way, found in zip(ways, along(line, 1.2, SOURCE, ways), strict=True):
        points = SOURCE + at[:, None] * way
        nearest = np.full(len(at), np.inf)
        for a, b in pairwise(line):
            share = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            gap = points - a - share[:, None] * (b - a)
            nearest = np.minimum(nearest, np.linalg.norm(gap, axis=1))
        assert found == pytest.approx((nearest < 1.2).sum() * 0.004, abs=0.03)


def test_a_picture_holds_the_tools_volume_where_it_lies() -> None:
    # Sum over pixels of chord × pixel area at the tool's depth is its volume.
    machine = carm(400)
    tube = Tool(line=np.array([[-10.0, 0.0, 4.0], [12.0, 0.0, 4.0]]), radius_mm=2.0, inner_mm=1.5,
                material="steel")  # fmt: skip
    ball = Tool(line=np.array([[0.0, 0.0, -10.0]]), radius_mm=1.5, inner_mm=0.0, material="peek")
    seen = chords([tube, ball], machine)
    area = np.prod(machine.detector.pitch_mm) * 0.5**2
    for tool, volume in (
        (tube, np.pi * (2.0**2 - 1.5**2) * 22.0 + 4 / 3 * np.pi * (2.0**3 - 1.5**3)),
        (ball, 4 / 3 * np.pi * 1.5**3),
    ):
        picture = seen.mean(machine.detector.pixels, tool.material)
        assert picture.sum() * area == pytest.approx(volume, rel=0.01)
    row, column = np.argwhere(seen.mean(machine.detector.pixels, "peek") > 2.5).mean(axis=0)
    assert np.allclose([column, row], machine.pixel(ball.line)[0], atol=0.5)


def test_tools_outside_the_picture_leave_nothing_and_behind_the_source_are_refused() -> None:
    far = Tool(line=np.array([[300.0, 0.0, 0.0]]), radius_mm=1.0, inner_mm=0.0, material="steel")
    assert chords([far], carm()).rows.size == 0
    with pytest.raises(InputError, match="behind the source"):
        chords([Tool(line=np.array([[0.0, -600.0, 0.0]]), radius_mm=1.0, inner_mm=0.0,
                     material="steel")], carm())  # fmt: skip
    with pytest.raises(InputError, match="hollow"):
        Tool(line=np.zeros((1, 3)), radius_mm=1.0, inner_mm=1.0, material="steel")
