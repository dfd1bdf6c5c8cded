"""A curved part comes back from frames that other code draws; what cannot be told is not told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.constants.load import builtin
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.curve import Curve, curve
from basivert.fluoroscopy.curve_fit import _soft
from basivert.fluoroscopy.detect import shadow, straight_part
from basivert.fluoroscopy.frame import Frame, thin_parts
from basivert.fluoroscopy.triangulate import shaft
from basivert.geometry.rigid import unit
from basivert.instruments.load import builtin_instrument
from basivert.workflow.curve_from_frames import kit_of
from tests.fluoroscopy.solid_tool import Solid, shot

TABLE = builtin("registration")
# Further off would mislead the hand; typical errors: python -m benchmarks curved_tool.
# A middle line is read to 0.3 mm (views.pointing).
MIDDLE_MM = 0.4
MISLED_DEG, TIP_MM = 15.0, 2.0
PLATE = Detector(side_mm=(300.0, 300.0), pixels=(256, 256), offset_mm=(0.0, 0.0))
KIT = kit_of(builtin_instrument("curved_bipolar"), 20.0, builtin("errors_model"))
AXIS = unit(np.array([-0.35, -0.9, -0.2]))
MEDIAL = unit(np.array([-1.0, 0.0, 0.0]) + (AXIS @ [1.0, 0.0, 0.0]) * AXIS)


def carm(primary: float, secondary: float) -> CArm:
    return CArm(
        primary_deg=primary, secondary_deg=secondary, isocentre=np.zeros(3),
        source_isocentre_mm=600.0, source_detector_mm=1000.0, detector=PLATE,
    )  # fmt: skip


PAIRS = {
    "true": (carm(180.0, 0.0), carm(90.0, 0.0)),
    "tilted": (carm(180.0, -12.0), carm(90.0, 8.0)),
    "oblique": (carm(150.0, -15.0), carm(90.0, 0.0)),
}


def drawn(roll: float, length: float, radius: float = 20.0, axis: np.ndarray = AXIS) -> Solid:
    a, medial = np.radians(roll), unit(MEDIAL - (MEDIAL @ axis) * axis)
    bend = np.cos(a) * medial + np.sin(a) * np.cross(axis, medial)
    return Solid(start=np.array([9.0, 12.0, 1.0]), axis=axis, bend=bend, radius=radius,
                 length=length)  # fmt: skip


def looked(tool: Solid, views: tuple[CArm, ...], seed: int = 1) -> Curve | None:
    rng = np.random.default_rng(seed)
    frames = [
        Frame(picture=shot(tool, one, rng), seen=np.ones((256, 256), bool), carm=one)
        for one in views
    ]
    shadows = [shadow(one, one.carm.pixel(np.zeros((1, 3)))[0], TABLE) for one in frames]
    assert all(one is not None for one in shadows)
    lines = [straight_part(one.line) for one in shadows if one is not None]
    line = shaft(views, lines, AXIS, TABLE)
    thins = [thin_parts(one.picture, one.carm, TABLE) for one in frames]
    return curve(views, thins, line, KIT, TABLE)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(
    ("roll", "length"), [(0.0, 18.0), (70.0, 20.0), (-80.0, 22.0), (180.0, 16.0)]
)
def test_turn_length_and_tip_come_back(pair: str, roll: float, length: float) -> None:
    tool = drawn(roll, length, radius=20.5)
    found = looked(tool, PAIRS[pair])
    assert found is not None
    assert not found.unknown
    off = np.degrees(np.arctan2(
        found.arc.bend @ np.cross(tool.axis, tool.bend), found.arc.bend @ tool.bend))  # fmt: skip
    assert abs(off) < MISLED_DEG
    assert np.linalg.norm(found.arc.tip - tool.tip) < TIP_MM
    assert 0.0 < found.off_mm < MIDDLE_MM
    assert found.arc.deployed_mm == pytest.approx(length, abs=2.0)
    assert np.degrees(np.arccos(found.arc.axis @ tool.axis)) < 2.5


@pytest.mark.parametrize("pair", PAIRS)
def test_a_shaft_alone_has_no_curve(pair: str) -> None:
    assert looked(drawn(30.0, 0.2), PAIRS[pair]) is None


def test_too_little_deployed_has_no_turn() -> None:
    found = looked(drawn(60.0, 5.0), PAIRS["tilted"])
    assert found is None or found.unknown


@pytest.mark.parametrize("length", [3.0, 4.0, 5.0])
def test_what_the_pictures_do_not_tell_has_a_large_sd(length: float) -> None:
    found = looked(drawn(60.0, length), PAIRS["tilted"])
    assert found is None or found.turn_sd_deg > 30.0


@pytest.mark.parametrize(("roll", "told"), [(90.0, True), (-90.0, True), (0.0, False),
                                            (180.0, False), (30.0, False)])  # fmt: skip
def test_a_shaft_in_the_plane_of_both_beams_tells_its_turn_or_nothing(roll, told) -> None:
    """A bend at right angles to that plane shows where the shaft ends; one within it does not."""
    tool = drawn(roll, 20.0, axis=unit(np.array([-0.35, -0.9, 0.0])))
    found = looked(tool, PAIRS["true"])
    known = found is not None and not found.unknown
    assert known == told
    if known:
        off = np.arctan2(
            found.arc.bend @ np.cross(tool.axis, tool.bend), found.arc.bend @ tool.bend
        )
        assert abs(np.degrees(off)) < MISLED_DEG
        assert np.linalg.norm(found.arc.tip - tool.tip) < TIP_MM


def test_far_middles_count_by_distance_and_near_ones_by_the_square() -> None:
    assert _soft(np.array([-0.01, 0.0, 0.01])) ** 2 == pytest.approx([1e-4, 0.0, 1e-4], rel=1e-4)
    far = _soft(np.array([100.0, 200.0])) ** 2
    assert far[1] / far[0] == pytest.approx(2.0, rel=0.01)
    assert _soft(np.array([-100.0]))[0] < 0.0


numbers = st.floats(-1.0, 1.0)


@given(step=st.tuples(*[numbers] * 8).map(np.array))
def test_a_change_undone_is_no_change(step: np.ndarray) -> None:
    small = step * [2.0, 2.0, 2.0, 0.02, 0.02, 0.5, 3.0, 3.0]
    arc = Arc(start=np.array([1.0, 2.0, 3.0]), axis=AXIS, zero=MEDIAL, turn=0.4, deployed_mm=20.0,
              radius_mm=20.0)  # fmt: skip
    other = arc.moved_by(small)
    assert abs(other.axis @ other.zero) < 1e-12
    assert other.bend @ other.axis == pytest.approx(0.0, abs=1e-12)
    length = np.linspace(-10.0, other.deployed_mm + 4.0, 300)
    steps = np.linalg.norm(np.diff(other.at(length), axis=0), axis=1)
    assert steps == pytest.approx(np.diff(length), rel=1e-3)
    again = replace(other, turn=other.turn - small[5])
    assert np.allclose(again.start - arc.start, small[:3] @ [AXIS, MEDIAL, np.cross(AXIS, MEDIAL)])
