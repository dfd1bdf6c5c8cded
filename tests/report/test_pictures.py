"""What a reader sees must be true to size, to side and to the table."""

import numpy as np
import pytest

from basivert.geometry.rigid import inverse, moved
from basivert.report.pictures import plan_axis, plan_pictures
from basivert.report.plan import plan_report
from basivert.report.planes import Plane, letters_of
from basivert.workflow.plan_case import builtin_tables

THRESHOLDS = builtin_tables().anatomy.thresholds
MARGIN_STYLES = ("go", "caution", "stop")


@pytest.fixture(scope="module")
def drawn(case, planned):
    level = planned.levels[0]
    plan = level.plans[0]
    return level.vertebra, plan, plan_pictures(level.vertebra, case.ct, plan, THRESHOLDS)


def test_axial_and_sagittal_stand_in_radiological_convention(drawn):
    """The vertebra of the fixture is turned by a few degrees only, so letters are single."""
    axial, sagittal = drawn[2][:2]
    assert axial.letters == ("R", "L", "A", "P")
    assert sagittal.letters == ("A", "P", "S", "I")


def test_the_pedicle_of_the_left_lies_on_the_right_of_the_axial_picture(drawn):
    _, plan, pictures = drawn
    middle = pictures[0].pixels.shape[1] * pictures[0].mm_per_pixel / 2
    shaft = next(shape for shape in pictures[0].shapes if shape.style == "shaft")
    side = 1.0 if plan.side == "left" else -1.0
    assert side * (shaft.points[:, 0].mean() - middle) > 5.0


def test_instrument_is_drawn_true_to_size(drawn):
    """Area of the shaft's outline in its own plane = diameter × length."""
    _, plan, pictures = drawn
    shaft = next(shape for shape in pictures[2].shapes if shape.style == "shaft")
    x, y = shaft.points.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    length = np.linalg.norm(plan.path.curve_start - plan.path.entry_bone)
    width = plan.instrument.introducer_diameter_mm.value
    assert area == pytest.approx(length * width, rel=0.02)
    assert not shaft.dashed


def test_section_across_the_shaft_is_a_circle_of_its_diameter(drawn):
    _, plan, pictures = drawn
    circle = next(shape for shape in pictures[3].shapes if shape.style == "instrument")
    width = plan.instrument.introducer_diameter_mm.value
    np.testing.assert_allclose(np.ptp(circle.points, axis=0), width, rtol=0.02)


def test_leaders_are_as_long_as_they_say_and_never_shorter_than_the_smallest_margin(case, planned):
    level = planned.levels[0]
    for plan in level.plans:
        for picture in plan_pictures(level.vertebra, case.ct, plan, THRESHOLDS)[2:]:
            leaders = [shape for shape in picture.shapes if shape.style in MARGIN_STYLES]
            assert leaders
            for leader in leaders:
                drawn_mm = np.linalg.norm(leader.points[1] - leader.points[0])
                told_mm = float(leader.label)
                # Its end may lie 1 mm out of the cut; the line on paper is then a little shorter.
                assert told_mm - 0.06 <= np.hypot(drawn_mm, 1.0)
                assert drawn_mm <= told_mm + 0.06
                assert told_mm >= plan.smallest_margin.value_mm.value - 0.06


def test_a_picture_that_the_path_leaves_carries_no_numbers(drawn):
    """The midline's: no path through a pedicle stays in it."""
    midline = drawn[2][1]
    assert not [shape for shape in midline.shapes if shape.style in MARGIN_STYLES]


def test_no_two_leaders_end_at_one_place(drawn):
    for picture in drawn[2][2:]:
        ends = [s.points[1] for s in picture.shapes if s.style in MARGIN_STYLES]
        gaps = [np.linalg.norm(a - b) for n, a in enumerate(ends) for b in ends[:n]]
        assert not gaps or min(gaps) > 3.5


def test_a_point_of_the_cut_is_found_again_on_the_picture():
    rng = np.random.default_rng(0)
    right, down = np.linalg.qr(rng.normal(size=(3, 2)))[0].T
    plane = Plane(centre=rng.normal(size=3), right=right, down=down, half_mm=(20.0, 10.0))
    at = rng.uniform(size=(5, 2)) * [40.0, 20.0]
    points = plane.corner + at @ np.array([right, down])
    np.testing.assert_allclose(plane.flat(points), at, atol=1e-9)
    np.testing.assert_allclose(plane.off(points), 0.0, atol=1e-9)
    assert plane.faces(np.cross(right, down))
    assert not plane.faces(right)


@pytest.mark.parametrize(("way", "letters"), [
    ([1, 0, 0], "L"), ([-1, 0, 0], "R"), ([0, 1, 0], "P"), ([0, -1, 0], "A"), ([0, 0, 1], "S"),
    ([0, 0, -1], "I"), ([0.8, 0.6, 0], "LP"), ([-0.6, 0, -0.8], "IR"),
])  # fmt: skip
def test_letters_are_those_of_the_patient(way, letters):
    assert letters_of(np.array(way, float)) == letters


def test_axis_in_the_body_frame_points_forwards(drawn):
    vertebra, plan, _ = drawn
    assert plan_axis(vertebra, plan)[1] < 0
    body = moved(inverse(vertebra.lps_from_body), plan.path.centre_line)
    assert body[-1, 1] < body[0, 1]


def test_what_both_sides_say_alike_is_said_once(case, planned):
    for section in plan_report(case, planned, THRESHOLDS).sections:
        assert len(set(section.warnings)) == len(section.warnings)
