"""Views from this patient's anatomy: what must be a line is a line, what must be a dot is a dot."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.landmarks import point_at
from basivert.fluoroscopy.machine import from_dorsal_deg, machine
from basivert.fluoroscopy.measures import beside_line_mm, flat_mm, inside_ring_mm
from basivert.fluoroscopy.model import way_of
from basivert.fluoroscopy.views import presets
from basivert.geometry.rigid import moved
from basivert.phantom.shapes import plate_normal
from basivert.planning.views import views

ARM = machine(builtin("carms/mobile"))


@pytest.fixture(scope="module")
def sheetless(planned):
    level = planned.levels[0]
    way = way_of(next(plan for plan in level.plans if plan.rank == 1))
    return level.vertebra, way, presets(level.vertebra, way, ARM)


def thickness_mm(points):
    """Extent of a flat cloud across its own longest direction."""
    away = points - points.mean(axis=0)
    return np.ptp(away @ np.linalg.svd(away, full_matrices=False)[2][1])


@pytest.mark.parametrize("name", ["upper", "lower"])
def test_squared_view_shows_its_endplate_as_a_line(sheetless, name):
    vertebra, _, found = sheetless
    plate = getattr(vertebra, f"{name}_endplate")
    across = np.linalg.svd(plate.normal[None])[2][1:]
    turn = np.linspace(0, 2 * np.pi, 60)
    rim = plate.centre + 20 * (
        np.cos(turn)[:, None] * across[0] + np.sin(turn)[:, None] * across[1]
    )
    assert thickness_mm(flat_mm(found[f"ap_{name}"].carm, rim)) < 1e-6
    carm = found[f"ap_{name}"].carm
    tilted = ARM.placed(carm.axes[2] + 0.2 * plate.normal, carm.isocentre)
    assert thickness_mm(flat_mm(tilted, rim)) > 5.0


def test_the_squared_view_is_right_by_the_true_plate_too(sheetless, spine):
    """Against the phantom's own plate, within the error of its measured inclination."""
    found = sheetless[2]
    truth = spine.vertebrae["L4"]
    normal = truth.lps_from_body[:3, :3] @ plate_normal(
        truth.spec.upper_tilt_deg, truth.spec.upper_lean_deg
    )
    toward = found["ap_upper"].carm.axes[2]
    assert abs(np.degrees(np.arcsin(toward @ normal))) < 1.5


def test_en_face_shows_the_whole_straight_shaft_as_a_dot(sheetless):
    _, way, found = sheetless
    depths = np.linspace(-40.0, way.depths.curve_start_mm, 20)
    shaft = np.array([point_at(way, depth) for depth in depths])
    spread = np.ptp(flat_mm(found["en_face"].carm, shaft), axis=0)
    assert spread.max() < 1e-3
    assert np.ptp(flat_mm(found["ap"].carm, shaft), axis=0).max() > 10.0


def test_true_lateral_lays_both_halves_of_the_posterior_wall_on_each_other(sheetless):
    vertebra, _, found = sheetless
    carm, wall = found["lateral"].carm, vertebra.posterior_wall
    centre = np.linalg.inv(vertebra.lps_from_body) @ np.r_[carm.isocentre, 1.0]
    halves = np.array([[side * 8.0, centre[1], centre[2]] for side in (-1.0, 1.0)])
    left, right = flat_mm(carm, moved(vertebra.lps_from_body, halves))
    assert np.linalg.norm(left - right) < 1e-9
    # The fitted wall itself, as far as it is symmetric.
    halves[:, 1] = wall.y_mm(halves[:, 0], halves[:, 2])
    left, right = flat_mm(carm, moved(vertebra.lps_from_body, halves))
    uneven = abs(float(np.diff(halves[:, 1])[0]))
    assert np.linalg.norm(left - right) < 2.2 * uneven + 0.2


def test_angles_agree_with_those_of_the_plan(sheetless):
    """One source of directions: DICOM counts from the chest, the plan from the back."""
    vertebra, way, found = sheetless
    plan = {v.name: v for v in views(vertebra, way.path.axis, builtin("carms/mobile"))}
    for own, name in (("en_face", "pedicle en face"), ("ap_upper", "AP, upper endplate squared"),
                      ("ap", "check from behind (AP)"),
                      ("lateral", "check from the side (true lateral)")):  # fmt: skip
        arm = found[own].carm
        assert from_dorsal_deg(arm.primary_deg) == pytest.approx(plan[name].primary_deg, abs=1e-6)
        assert arm.secondary_deg == pytest.approx(plan[name].secondary_deg, abs=1e-6)


def test_the_check_from_behind_squares_no_plate_that_is_not_there(sheetless):
    """Half way between both endplates; at S1, which has one, on that one, here and on the sheet."""
    vertebra, way, _ = sheetless
    table = builtin("carms/mobile")
    tilt = {v.name: v.secondary_deg for v in views(vertebra, way.path.axis, table)}
    upper, lower = (tilt[f"AP, {one} endplate squared"] for one in ("upper", "lower"))
    assert tilt["check from behind (AP)"] == pytest.approx((upper + lower) / 2, abs=0.05)
    sacral = dataclasses.replace(vertebra, level="S1", lower_endplate=vertebra.upper_endplate)
    tilt = {v.name: v.secondary_deg for v in views(sacral, way.path.axis, table)}
    assert "AP, lower endplate squared" not in tilt
    assert tilt["check from behind (AP)"] == pytest.approx(upper, abs=1e-9)
    arm = presets(sacral, way, ARM)["ap"].carm
    assert arm.secondary_deg == pytest.approx(upper, abs=1e-6)


@given(st.floats(-179, 179), st.floats(-89, 89))
@example(0.0, ARM.most_secondary_deg)
@example(0.0, -ARM.most_secondary_deg)
def test_what_is_beyond_the_machine_is_said_with_both_numbers(turn, tilt):
    a, b = np.radians([turn, tilt])
    toward = np.array([np.sin(a) * np.cos(b), np.cos(a) * np.cos(b), np.sin(b)])
    words = ARM.beyond(ARM.placed(toward, np.zeros(3)))
    # A tilt that is the limit itself is reached, whatever its sine rounds to.
    far_turn = abs(turn) > ARM.most_primary_deg + 1
    far_tilt = abs(tilt) > ARM.most_secondary_deg + 1e-6
    assert bool(words) == (far_turn or far_tilt)
    assert not far_tilt or (f"{abs(tilt):.0f}° of" in words and "45°" in words)
    assert not far_tilt or ("cranial" if tilt > 0 else "caudal") in words


def test_a_plan_that_needs_too_much_tilt_says_so(sheetless):
    vertebra, way, _ = sheetless
    steep = np.array([0.0, -np.cos(np.radians(60)), -np.sin(np.radians(60))])
    tilted = dataclasses.replace(way, path=dataclasses.replace(way.path, axis=steep))
    words = presets(vertebra, tilted, ARM)["en_face"].beyond
    assert "60°" in words
    assert "cranial" in words


def test_a_machine_that_cannot_be_is_refused():
    rows = dict(builtin("carms/mobile").rows)
    rows["source_isocentre_mm"] = dataclasses.replace(rows["source_isocentre_mm"], value=2000.0,
                                                      high=None)  # fmt: skip
    with pytest.raises(InputError, match="isocentre"):
        machine(dataclasses.replace(builtin("carms/mobile"), rows=rows))


@given(st.floats(-30, 30), st.floats(-40, 40), st.floats(-40, 40))
def test_distance_beside_a_line_is_life_size_at_the_depth_of_the_point(x, y, z):
    """Seen from straight behind, the distance to a line through the central ray is x itself."""
    arm = ARM.placed(np.array([0.0, 1.0, 0.0]), np.zeros(3))
    line = np.array([[0.0, 0.0, 50.0], [0.0, 0.0, 0.0], [0.0, 0.0, -50.0]])
    point = np.array([x, y, z])
    found = beside_line_mm(arm, point[None], line, np.array([1.0, 0.0, 0.0]), point)
    assert found[0] == pytest.approx(x, abs=1e-6)


@given(st.floats(0, 18), st.floats(0, 6.28))
def test_room_in_a_ring_is_radius_less_distance(away, turn):
    arm = ARM.placed(np.array([0.0, 1.0, 0.0]), np.zeros(3))
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = 9.0 * np.column_stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)])
    point = away * np.array([np.cos(turn), 0.0, np.sin(turn)])
    assert inside_ring_mm(arm, point, ring) == pytest.approx(9.0 - away, abs=2e-3)
