"""Step sheets: order, distances and walls against the virtual patient's truth."""

import dataclasses

import numpy as np
import pytest

from basivert.fluoroscopy.landmarks import landmarks, point_at
from basivert.fluoroscopy.machine import machine
from basivert.fluoroscopy.model import way_of
from basivert.fluoroscopy.stages import MOST_STEPS
from basivert.fluoroscopy.walls import medial_rule
from basivert.geometry.rigid import inverse, moved
from basivert.report.steps.words import angles_words
from basivert.workflow.step_sheet import sheet_tables, step_sheet

TABLES = sheet_tables()
ORDER = ("position", "mark", "incision", "bone", "isthmus", "introducer_stop", "tip", "probe",
         "heat", "close")  # fmt: skip


def first(planned, side):
    return next(plan for plan in planned.levels[0].plans if (plan.side, plan.rank) == (side, 1))


@pytest.fixture(scope="module", params=["left", "right"])
def sheet(planned, request):
    return step_sheet(planned.levels[0].vertebra, way_of(first(planned, request.param)), TABLES)


def check(step, view, key):
    return next(c for c in step.checks if (c.view, c.key) == (view, key))


def by_key(sheet):
    return {step.key: step for step in sheet.steps}


def test_steps_follow_the_procedure_and_depths_never_go_back(sheet):
    keys = [step.key for step in sheet.steps]
    assert [key for key in keys if key in ORDER] == list(ORDER)
    assert [step.number for step in sheet.steps] == list(range(1, len(keys) + 1))
    depths = [step.from_bone_mm for step in sheet.steps if step.from_bone_mm is not None]
    assert depths == sorted(depths)
    assert keys.index("wall_shown") < keys.index("tip")
    assert keys.index("wall_true") < keys.index("tip")


def test_every_wanted_view_is_placed_and_every_check_has_its_view(sheet):
    for step in sheet.steps:
        assert set(step.views) <= set(sheet.presets)
        for one in step.checks:
            assert one.view in step.views
            assert one.wrong
            assert one.tolerance_mm > 0


def test_the_shown_wall_is_reached_where_its_step_says(sheet):
    """The lateral picture and the depth on the shaft agree on the midline's wall.

    Small differences are parallax: the crossing lies beside the plane of the wall's middle.
    """
    assert abs(check(by_key(sheet)["wall_shown"], "lateral", "wall_shown").expected_mm) < 0.6
    assert abs(check(by_key(sheet)["wall_true"], "lateral", "wall_true").expected_mm) < 0.6


def test_distances_on_the_ap_view_are_those_of_the_body_frame(planned, sheet):
    """AP looks along the plane of symmetry: off the midline is |x| of the body frame."""
    vertebra = planned.levels[0].vertebra
    sign = 1.0 if sheet.way.side == "left" else -1.0
    for key in ("introducer_stop", "halfway", "tip"):
        step = by_key(sheet)[key]
        x = sign * moved(inverse(vertebra.lps_from_body), step.tip)[0]
        assert check(step, "ap", "midline").expected_mm == pytest.approx(x, abs=0.05)


def test_depth_behind_the_wall_is_that_of_the_body_frame(planned, sheet):
    """Lateral looks along the width axis; parallax shifts by off-centre height times offset."""
    vertebra = planned.levels[0].vertebra
    for key in ("isthmus", "introducer_stop", "tip"):
        step = by_key(sheet)[key]
        x, y, z = moved(inverse(vertebra.lps_from_body), step.tip)
        true = float(vertebra.posterior_wall.y_mm(0.0, z)) - y
        found = check(step, "lateral", "wall_shown").expected_mm
        assert found == pytest.approx(true, abs=0.15 + 0.05 * abs(true) + 0.01 * abs(x))


def test_the_planned_tip_stays_lateral_of_the_medial_border_until_the_wall_is_passed(sheet):
    border = check(by_key(sheet)["wall_shown"], "ap", "medial_border")
    assert sheet.rule.kept
    assert border.expected_mm > 0
    assert border.plus == "lateral of it"


def test_a_shaft_that_turns_in_too_early_breaks_the_rule_of_two_views(planned, sheet):
    vertebra = planned.levels[0].vertebra
    medial = vertebra.lps_from_body[:3, 0] * (-1.0 if sheet.way.side == "left" else 1.0)
    shifted = dataclasses.replace(
        sheet.way, path=dataclasses.replace(
            sheet.way.path, centre_line=sheet.way.path.centre_line + 9.0 * medial
        ),
    )  # fmt: skip
    rule = medial_rule(shifted, landmarks(vertebra, shifted), sheet.presets["ap"])
    assert not rule.kept
    assert rule.border_mm < rule.wall_mm
    assert "medial breach" in rule.words


def test_unknown_skin_is_said_and_depths_count_from_bone(planned):
    way = way_of(first(planned, "left"))
    unseen = dataclasses.replace(
        way, path=dataclasses.replace(way.path, entry_skin=None),
        depths=dataclasses.replace(way.depths, skin_to_bone_mm=None),
    )  # fmt: skip
    made = step_sheet(planned.levels[0].vertebra, unseen, TABLES)
    assert any("outside the scan" in note for note in made.notes)
    assert all(step.from_skin_mm is None for step in made.steps)
    assert "from the bone" in by_key(made)["bone"].instruction


def test_what_is_amiss_is_told_by_direction_since_distances_are_printed_without_sign(sheet):
    told = {c.key: c.wrong for step in sheet.steps for c in step.checks}
    assert told["wall_shown"].index("behind") < told["wall_shown"].index("too shallow")
    assert told["wall_shown"].index("in front") < told["wall_shown"].index("too deep")
    assert told["wall_true"].startswith("Behind it")
    for words in told.values():
        assert "egative" not in words and "Less" not in words


def test_known_skin_adds_its_own_length_to_every_depth(planned):
    way = way_of(first(planned, "left"))
    skin = way.path.entry_bone - 47.0 * way.path.axis
    seen = dataclasses.replace(
        way, path=dataclasses.replace(way.path, entry_skin=skin),
        depths=dataclasses.replace(way.depths, skin_to_bone_mm=47.0),
    )  # fmt: skip
    made = step_sheet(planned.levels[0].vertebra, seen, TABLES)
    steps = by_key(made)
    assert steps["incision"].from_skin_mm == 0.0
    np.testing.assert_allclose(steps["incision"].tip, skin, atol=1e-9)
    assert steps["tip"].from_skin_mm == pytest.approx(47.0 + way.depths.tip_mm)
    # The marker's distance from the midline is the skin point's own.
    x = moved(inverse(planned.levels[0].vertebra.lps_from_body), skin)[0]
    assert check(steps["mark"], "ap", "skin").expected_mm == pytest.approx(x, abs=0.05)


def test_point_at_a_depth_is_on_the_centre_line(planned):
    way = way_of(first(planned, "left"))
    np.testing.assert_allclose(point_at(way, 0.0), way.path.entry_bone, atol=1e-9)
    np.testing.assert_allclose(point_at(way, way.depths.tip_mm), way.path.tip, atol=0.3)
    np.testing.assert_allclose(
        point_at(way, way.depths.curve_start_mm), way.path.curve_start, atol=0.3
    )


def test_pictures_add_up_and_the_published_stands_beside(sheet):
    dose = sheet.dose
    assert dose.exposures.value == sum(step.pictures.value for step in sheet.steps)
    assert dose.minutes.low < 4.3 < dose.minutes.high
    assert dose.dose_area_gy_cm2.low < 1.3 < dose.dose_area_gy_cm2.high
    assert len(dose.neighbours) >= 4
    assert "not a dose received" in dose.basis


def codes(sheet):
    return {finding.code for finding in sheet.findings}


def test_departures_from_the_usual_technique_are_said_with_numbers(planned):
    vertebra, way = planned.levels[0].vertebra, way_of(first(planned, "left"))
    wall = max(way.depths.true_wall_mm, way.depths.wall_line_mm)
    for past, told in ((-3.0, True), (2.0, False)):
        depths = dataclasses.replace(way.depths, curve_start_mm=wall + past)
        made = step_sheet(vertebra, dataclasses.replace(way, depths=depths), TABLES)
        assert ("introducer-short" in codes(made)) == told
        if told:
            assert any("ends 3.0 mm behind the posterior wall" in f.what for f in made.findings)
    behind = vertebra.lps_from_body[:3, 1]
    left = vertebra.lps_from_body[:3, 0]
    for turn, told in ((17.0, False), (50.0, True)):
        axis = -(np.cos(np.radians(turn)) * behind + np.sin(np.radians(turn)) * left)
        path = dataclasses.replace(way.path, axis=axis)
        made = step_sheet(vertebra, dataclasses.replace(way, path=path), TABLES)
        assert ("unusual-oblique" in codes(made)) == told


def test_endplates_that_no_single_view_squares_are_told(planned):
    vertebra, way = planned.levels[0].vertebra, way_of(first(planned, "left"))
    assert "endplates-apart" not in codes(step_sheet(vertebra, way, TABLES))
    left, behind, up = vertebra.lps_from_body[:3, :3].T
    tilted = np.cos(np.radians(14)) * up - np.sin(np.radians(14)) * behind
    plate = dataclasses.replace(vertebra.upper_endplate, normal=tilted)
    lower = dataclasses.replace(vertebra.lower_endplate, normal=-up)
    wedge = dataclasses.replace(vertebra, upper_endplate=plate, lower_endplate=lower)
    made = step_sheet(wedge, way, TABLES)
    told = next(finding for finding in made.findings if finding.code == "endplates-apart")
    assert "14° apart" in told.what
    # The common view stands half way, in the plane of symmetry.
    assert abs(made.presets["ap"].carm.axes[2] @ left) < 1e-9


def test_a_pair_is_not_asked_to_stand_on_the_midline(planned):
    way = dataclasses.replace(way_of(first(planned, "left")), paired=True)
    steps = by_key(step_sheet(planned.levels[0].vertebra, way, TABLES))
    assert "own side of the midline" in steps["tip"].instruction
    assert not any(one.key == "hub" for one in steps["probe"].checks)
    assert "other side" in steps["probe"].instruction


def test_no_sheet_has_more_steps_than_a_command_lets_through(sheet):
    assert len(sheet.steps) <= MOST_STEPS


def test_depth_below_the_upper_endplate_is_that_in_space(planned, sheet):
    """Counted from its plane to the feet; parallax and the plate's lean shift it a little."""
    plate = planned.levels[0].vertebra.upper_endplate
    for key in ("introducer_stop", "halfway", "tip"):
        step = by_key(sheet)[key]
        true = float((plate.centre - step.tip) @ plate.normal)
        assert true > 2.0
        found = check(step, "lateral", "upper_endplate")
        assert found.plus == "below it"
        assert found.expected_mm == pytest.approx(true, abs=0.3 + 0.1 * true)


def test_en_face_the_planned_shaft_lies_inside_its_own_oval(planned, sheet):
    pedicle = planned.levels[0].vertebra.pedicles[sheet.way.side]
    room = check(by_key(sheet)["isthmus"], "en_face", "rim")
    assert 0.0 < room.expected_mm < 0.5 * pedicle.height_mm.value
    assert room.plus == "inside the oval"


def test_tolerances_are_of_depth_along_the_shaft_and_of_entry_across_it(planned, sheet):
    """Across the shaft at the bone the entry's error counts, along it that of the depth."""
    vertebra, table = planned.levels[0].vertebra, TABLES.errors
    surface = np.hypot(table["segmentation.all"].value, vertebra.surface.sd_mm)
    stop, oval = by_key(sheet)["introducer_stop"], by_key(sheet)["isthmus"]
    for found, row in (
        (check(stop, "lateral", "wall_shown"), "depth.L4"),
        (check(oval, "en_face", "rim"), "entry.L4"),
    ):
        wanted = 1.96 * np.hypot(table[row].value, surface)
        assert found.tolerance_mm == pytest.approx(wanted, rel=1e-3)
    assert table["depth.L4"].value != table["entry.L4"].value


def test_the_range_of_the_dose_is_that_of_independent_errors(sheet):
    """Squares of the logarithms add up, upwards and downwards."""
    dose, time, rate = sheet.dose, TABLES.dose["exposure.time"], TABLES.dose["exposure.rate"]
    seen, area = dose.exposures, dose.dose_area_gy_cm2
    assert area.value == pytest.approx(seen.value * time.value * rate.value)
    for end in ("low", "high"):
        parts = [np.log(getattr(one, end) / one.value) for one in (seen, time, rate)]
        found = np.log(getattr(area, end) / area.value)
        assert found**2 == pytest.approx(sum(part**2 for part in parts))


@pytest.mark.parametrize(
    ("toward", "words"),
    [((1.0, 2.0, 0.0), "27° to the left, 0°"), ((-1.0, 2.0, 0.0), "27° to the right, 0°"),
     ((0.0, 2.0, 1.0), "0°, 27° cranial"), ((0.0, 2.0, -1.0), "0°, 27° caudal")],
)  # fmt: skip
def test_words_say_where_the_receptor_stands(sheet, toward, words):
    """Directions are LPS: left, back, head."""
    preset = sheet.presets["ap"]
    carm = machine(TABLES.carm).placed(np.array(toward), preset.carm.isocentre)
    assert angles_words(dataclasses.replace(preset, carm=carm)) == words
