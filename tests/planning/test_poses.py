"""What the eight numbers of a pose mean, on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.instruments.load import builtin_instrument
from basivert.planning.gates import pedicle_gate
from basivert.planning.poses import axes, bends, lines

angles = st.floats(-0.6, 0.6)


@given(turn=angles, tilt=angles, sign=st.sampled_from([1.0, -1.0]))
def test_turn_leads_to_the_midline_and_tilt_to_caudal(turn, tilt, sign):
    axis = axes(np.array([turn]), np.array([tilt]), sign)[0]
    assert np.linalg.norm(axis) == pytest.approx(1.0)
    assert axis[1] < 0, "inwards is to anterior"
    # Left of the patient is +x: towards the midline is −x there.
    assert np.sign(-sign * axis[0]) == np.sign(turn) or abs(axis[0]) < 1e-9
    assert np.sign(-axis[2]) == np.sign(tilt) or abs(axis[2]) < 1e-9


@given(turn=angles, tilt=angles, sign=st.sampled_from([1.0, -1.0]))
def test_roll_nought_bends_to_medial_and_a_quarter_turn_to_cranial(turn, tilt, sign):
    axis = axes(np.array([turn]), np.array([tilt]), sign)
    medial = bends(axis, np.array([0.0]), sign)[0]
    cranial = bends(axis, np.array([np.pi / 2]), sign)[0]
    assert -sign * medial[0] > 0
    assert cranial[2] > 0
    for one, other in ((medial, axis[0]), (cranial, axis[0]), (medial, cranial)):
        assert abs(one @ other) < 1e-9


@pytest.mark.parametrize("side", ["left", "right"])
def test_curve_without_roll_ends_nearer_to_the_midline_than_its_start(planned, side):
    vertebra = planned.levels[0].vertebra
    gate = pedicle_gate(vertebra, vertebra.pedicles[side])
    pose = np.array([[0.0, 0.0, gate.turn, gate.tilt, 6.0, 0.0, 20.0, 1 / 20.0]])
    curve = lines(pose, gate, builtin_instrument("curved_bipolar")).curve[0]
    straight = curve[0] + 20.0 * axes(pose[:, 2], pose[:, 3], gate.sign)[0]
    assert gate.sign * curve[-1, 0] < gate.sign * straight[0] - 5.0


def test_told_roll_is_the_plane_the_path_really_bends_in(planned):
    for plan in planned.levels[0].plans:
        level = planned.levels[0].vertebra
        axis = level.lps_from_body[:3, :3].T @ plan.path.axis
        aside = level.lps_from_body[:3, :3].T @ (plan.path.tip - plan.path.curve_start)
        aside = aside - (aside @ axis) * axis
        sign = 1.0 if plan.side == "left" else -1.0
        told = bends(axis[None], np.radians([plan.path.roll_deg]), sign)[0]
        assert aside @ told / np.linalg.norm(aside) == pytest.approx(1.0, abs=1e-6)
