"""Plans against the true surface, and the laws that margins and robustness obey."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from basivert.constants.load import builtin
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument, names
from basivert.phantom.render import render
from basivert.phantom.shapes import signed_distance, surface_points
from basivert.phantom.spine import make_spine
from basivert.planning import choice, clearance
from basivert.planning.depths import depths
from basivert.planning.gates import PEDICLE_BEHIND_MM, pedicle_gate
from basivert.planning.margins import Track, around, wall_margins
from basivert.planning.model import worth
from basivert.planning.plan import plan_vertebra
from basivert.planning.poses import lines
from basivert.planning.reach import hub_points, reached
from basivert.planning.robustness import grades
from basivert.planning.search import Candidates
from basivert.workflow.plan_case import builtin_tables, plan_case
from tests.conftest import scanner, wish

TABLES = builtin_tables()


def replan(case, vertebra, instrument, **changes):
    given_ = dict(sides=("left", "right"), errors=TABLES.errors, seed=5, obstacles={},
                  thresholds=TABLES.anatomy.thresholds, technique=TABLES.technique,
                  carm=TABLES.carm)  # fmt: skip
    return plan_vertebra(vertebra, case, instrument, **{**given_, **changes})


def wider(instrument, mm):
    dimension = dataclasses.replace(
        instrument.introducer_diameter_mm, value=instrument.introducer_diameter_mm.value + mm
    )
    return dataclasses.replace(instrument, introducer_diameter_mm=dimension)


def test_every_plan_stays_inside_the_true_bone(spine, planned):
    truth = spine.vertebrae["L4"]
    surface = cKDTree(surface_points(truth.spec, 0.7))
    plans = planned.levels[0].plans
    assert {plan.side for plan in plans} == {"left", "right"}
    for plan in plans:
        line = plan.path.centre_line
        depth = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
        counts = depth > plan.depths.isthmus_mm - PEDICLE_BEHIND_MM
        points = moved(inverse(truth.lps_from_body), line[counts])
        assert (signed_distance(truth.spec, points) < 0).all()
        room = surface.query(points)[0] - plan.path.radius_mm[counts]
        assert room.min() > 0
        # From the isthmus on no arch is near: the stated margin may not promise more than is there.
        bone = min(m.value_mm.value for m in plan.margins if m.wall != "canal")
        assert bone <= room[depth[counts] > plan.depths.isthmus_mm].min() + 0.6


def test_path_goes_through_its_own_pedicle_to_the_target(planned):
    level = planned.levels[0]
    for plan in level.plans:
        own = level.vertebra.pedicles[plan.side]
        nearest = np.linalg.norm(plan.path.centre_line - own.centre, axis=1).min()
        assert nearest < own.width_mm.value / 2
        start = np.linalg.norm(plan.path.entry_bone - level.vertebra.target.centre)
        assert np.linalg.norm(plan.path.tip - level.vertebra.target.centre) < start / 2
        assert plan.reach > 0.3


def test_path_is_a_straight_shaft_and_an_arc_of_the_set_radius(planned):
    for plan in planned.levels[0].plans:
        line = plan.path.centre_line
        start = int(np.argmin(np.linalg.norm(line - plan.path.curve_start, axis=1)))
        along = line[: start + 1] - line[0]
        aside = along - np.outer(along @ plan.path.axis, plan.path.axis)
        assert np.linalg.norm(aside, axis=1).max() < 1e-6
        a, b, c = line[start], line[(start + len(line) - 1) // 2], line[-1]
        ab, bc, ca = (np.linalg.norm(p - q) for p, q in ((a, b), (b, c), (c, a)))
        area = 0.5 * np.linalg.norm(np.cross(b - a, c - a))
        radius = ab * bc * ca / (4 * area)
        assert radius == pytest.approx(plan.instrument.curve_radius_mm.value, rel=0.02)


def test_margin_falls_by_exactly_the_radius_that_is_added(planned):
    level = planned.levels[0]
    plan = level.plans[0]
    depth = np.r_[0, np.cumsum(np.linalg.norm(np.diff(plan.path.centre_line, axis=0), axis=1))]
    vessels = {"aorta": (plan.path.tip - np.array([0.0, 30.0, 0.0]))[None]}
    found = []
    for more in (0.0, 0.75):
        track = Track(
            points=moved(inverse(level.vertebra.lps_from_body), plan.path.centre_line),
            depth_mm=depth, radius_mm=plan.path.radius_mm + more, axis=plan.path.axis,
            entry_mm=plan.depths.isthmus_mm, deployed=depth > plan.depths.curve_start_mm,
            counts=depth >= plan.depths.isthmus_mm - PEDICLE_BEHIND_MM,
        )  # fmt: skip
        margins = wall_margins(around(level.vertebra, vessels), track, frozenset(), plan.instrument)
        found.append({m.wall: m.value_mm.value for m in margins})
    assert {"canal", "aorta"} < set(found[0])
    for wall, value in found[0].items():
        assert value - found[1][wall] == pytest.approx(0.75, abs=1e-9)


def test_margin_has_the_radius_in_it(planned):
    """Distance from the centre line to the nearest surface vertex bounds margin + radius."""
    level = planned.levels[0]
    surface = level.vertebra.surface
    for plan in level.plans:
        shaft = plan.path.centre_line[plan.path.radius_mm > plan.path.radius_mm.min() + 0.1]
        away = np.linalg.norm(surface.vertices[None, ::3] - shaft[::6, None], axis=2).min()
        wide = plan.instrument.introducer_diameter_mm.value / 2
        assert plan.smallest_margin.value_mm.value <= away + 0.5 or away < wide


def test_too_wide_an_instrument_is_refused_with_both_numbers(case, planned):
    vertebra = planned.levels[0].vertebra
    instrument = wider(builtin_instrument("curved_bipolar"), 14.0)
    level = replan(case, vertebra, instrument)
    assert not level.plans
    assert level.status == "no_path"
    width = vertebra.pedicles["left"].width_mm.value
    left = next(r for r in level.refusals if r.side == "left")
    assert f"{width:.1f}" in left.reason
    assert "18.19" in left.reason


def test_small_pedicles_leave_less_room(planned):
    spine = make_spine(wish(pedicle_scale=0.55), builtin("morphometry"), builtin("targets"))
    made = plan_case(render(spine, scanner()), builtin_instrument("curved_bipolar"), seed=5,
                     inputs={}, versions={})  # fmt: skip
    small = [p.smallest_margin.value_mm.value for p in made.levels[0].plans]
    usual = max(p.smallest_margin.value_mm.value for p in planned.levels[0].plans)
    assert not small or max(small) < usual


def test_same_seed_same_plan_and_side_is_kept(case, planned):
    level = replan(case, planned.levels[0].vertebra, planned.instrument, sides=("left",))
    first = next(p for p in planned.levels[0].plans if p.side == "left")
    assert {p.side for p in level.plans} == {"left"}
    np.testing.assert_array_equal(level.plans[0].path.tip, first.path.tip)
    assert level.plans[0].robustness == first.robustness


@pytest.mark.parametrize("name", names())
def test_every_instrument_family_is_planned_by_the_same_code(case, planned, name):
    level = replan(case, planned.levels[0].vertebra, builtin_instrument(name), sides=("left",))
    assert level.plans or level.refusals
    for plan in level.plans:
        assert plan.instrument.name == name
        assert plan.smallest_margin.value_mm.value >= 0


def test_larger_errors_breach_more_and_reach_less(case, planned):
    rows = dict(TABLES.errors.rows)
    for key in ("entry.L4", "angle.L4", "depth.L4"):
        rows[key] = dataclasses.replace(rows[key], value=3 * rows[key].value)
    worse = dataclasses.replace(TABLES.errors, rows=rows)
    one = replan(case, planned.levels[0].vertebra, planned.instrument).plans[0].robustness
    other = replan(case, planned.levels[0].vertebra, planned.instrument, errors=worse)
    assert other.plans[0].robustness.p_breach.value > one.p_breach.value + 0.05
    assert other.plans[0].robustness.p_reach.value < one.p_reach.value
    assert sum(one.grade.values()) == pytest.approx(1.0)
    assert one.draws >= 2000


def test_breach_of_a_lone_shift_is_the_normal_tail(planned):
    """With the surface's error alone, P(breach) is Φ(−margin / SD)."""
    from scipy.special import ndtr

    from basivert.planning.robustness import Errors, Insertion, robustness

    level = planned.levels[0]
    vertebra, plan = level.vertebra, level.plans[0]
    gate = pedicle_gate(vertebra, vertebra.pedicles[plan.side])
    bend = 1.0 / plan.instrument.curve_radius_mm.value
    pose = np.array([0.0, 0.0, gate.turn, gate.tilt, 4.0, 0.0, 10.0, bend])
    paths = lines(pose[None], gate, plan.instrument)
    margin = float(clearance.margins(vertebra, paths, plan.instrument, gate)[0])
    sd = max(margin, 0.5)
    errors = Errors(entry_mm=0.0, angle_deg=0.0, depth_mm=0.0, roll_deg=0.0, curve_radius_share=0.0,
                    surface_mm=sd)  # fmt: skip
    hubs = hub_points(vertebra.target, vertebra.lps_from_body, 64, 1)
    probe = Insertion(pose=pose, gate=gate, entry_mm=15.0)
    found = robustness(vertebra, [probe], plan.instrument, hubs, errors,
                       TABLES.anatomy.thresholds, 3, draws=20_000)  # fmt: skip
    assert found.p_breach.value == pytest.approx(float(ndtr(-margin / sd)), abs=0.015)


def test_a_curve_beside_the_canal_keeps_its_radius_off_it(planned):
    """A curve that lies in the canal: nothing is nearer, so the margin is gap less radius."""
    level = planned.levels[0]
    vertebra, plan = level.vertebra, level.plans[0]
    gate = pedicle_gate(vertebra, vertebra.pedicles[plan.side])
    pose = np.array([0.0, 0.0, gate.turn, gate.tilt, 4.0, 0.0, 10.0, 0.05])
    paths = lines(pose[None], gate, plan.instrument)
    level_z = len(vertebra.canal.z_mm) // 2
    middle = np.array([*vertebra.canal.axis_xy[level_z], vertebra.canal.z_mm[level_z]])
    inside = dataclasses.replace(paths, curve=np.broadcast_to(middle, paths.curve.shape).copy())
    gap = clearance.canal_distance_mm(vertebra.canal, middle[None])[0]
    radius = float(np.max(paths.curve_radius_mm))
    found = clearance.margins(vertebra, inside, plan.instrument, gate)[0]
    # The bone's distance at that point is positive outside the bone, so the canal is nearer.
    room = clearance.room(vertebra, middle[None], radius)[0]
    assert found == pytest.approx(min(gap - radius, room), abs=1e-6)
    assert gap - radius < room


def test_canal_breach_is_seen(planned):
    vertebra = planned.levels[0].vertebra
    canal = vertebra.canal
    middle = np.array([[*canal.axis_xy[len(canal.z_mm) // 2], canal.z_mm[len(canal.z_mm) // 2]]])
    assert clearance.canal_distance_mm(canal, middle)[0] < -5.0
    outside = middle - np.array([[0.0, 20.0, 0.0]])
    assert clearance.canal_distance_mm(canal, outside)[0] > 3.0


def test_reach_is_the_share_within_the_lesion():
    hubs = np.array([[0.0, 0, 0], [0, 0, 4.9], [0, 0, 5.1], [20.0, 0, 0]])
    active = np.array([[[-4.0, 0, 0], [4.0, 0, 0]]])
    assert reached(active, hubs, 5.0)[0] == pytest.approx(0.5)


@given(depth=st.lists(st.floats(-9, 9, allow_nan=False), min_size=1, max_size=40))
def test_grades_are_shares_and_no_breach_is_a(depth):
    found = grades(np.array(depth), TABLES.anatomy.thresholds)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["A"] == pytest.approx(np.mean(np.array(depth) <= 0))
    assert found["E"] == pytest.approx(np.mean(np.array(depth) >= 6.0))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60))
def test_nothing_on_the_front_is_beaten(seed, count):
    rng = np.random.default_rng(seed)
    found = Candidates(poses=np.zeros((count, 8)), margin_mm=rng.uniform(-2, 4, count),
                       reach=rng.uniform(0, 1, count), off_mm=np.zeros(count))  # fmt: skip
    for number in choice.front(found):
        better = (found.margin_mm > found.margin_mm[number]) & (found.reach > found.reach[number])
        assert not better.any()


def test_wall_line_is_that_of_the_midline_and_true_wall_that_of_the_path(planned):
    """On a wall that stands 4 mm further back beside the midline the two depths differ by it."""
    vertebra, plan = planned.levels[0].vertebra, planned.levels[0].plans[0]
    wall = vertebra.posterior_wall
    powers = (*wall.powers, (2, 0))
    bent = dataclasses.replace(
        wall, powers=powers, coefficients=np.append(wall.coefficients, 4.0 / 10.0**2)
    )
    convex = dataclasses.replace(vertebra, posterior_wall=bent)
    points = np.array([[10.0, y, 0.0] for y in np.arange(40.0, -10.0, -0.5)])
    depth = np.arange(len(points)) * 0.5
    track = Track(points=points, depth_mm=depth, radius_mm=np.ones(len(points)),
                  axis=np.array([0.0, -1.0, 0.0]), entry_mm=10.0, deployed=depth > 30.0,
                  counts=depth > 5.0)  # fmt: skip
    found = depths(convex, track, None)
    flat = float(wall.y_mm(0.0, 0.0))
    aside = float(bent.y_mm(10.0, 0.0))
    assert found.wall_line_mm == pytest.approx(40.0 - flat, abs=0.51)
    assert found.true_wall_mm == pytest.approx(40.0 - aside, abs=0.51)
    assert found.wall_line_mm - found.true_wall_mm > 2.0
    assert plan.depths.curve_start_mm < plan.depths.tip_mm


def test_both_readings_of_the_ten_millimetre_rule_differ_by_what_they_measure(planned):
    level = planned.levels[0]
    for plan in level.plans:
        zone = moved(inverse(level.vertebra.lps_from_body), plan.path.active)
        free = clearance.canal_distance_mm(level.vertebra.canal, zone)
        aim = clearance.canal_distance_mm(level.vertebra.canal, zone.mean(axis=0)[None])[0]
        lesion = plan.instrument.lesion_radius_mm.value
        assert plan.canal.aim_to_canal_mm.value == pytest.approx(aim)
        assert plan.canal.edge_to_canal_mm.value == pytest.approx(free.min() - lesion)
        wall = level.vertebra.posterior_wall
        behind = wall.y_mm(zone[:, 0], zone[:, 2]) - zone[:, 1]
        assert plan.canal.edge_to_wall_mm.value == pytest.approx(behind.min() - lesion)


def test_bone_along_the_path_is_dense_in_the_pedicle_and_marrow_in_the_body(spine, planned):
    marrow = spine.vertebrae["L4"].spec.cancellous_hu
    for plan in planned.levels[0].plans:
        parts = plan.path_hu_by_part
        assert {"pedicle", "body, deployed"} <= set(parts)
        assert parts["body, deployed"].value == pytest.approx(marrow, abs=25)
        assert parts["pedicle"].value > parts["body, deployed"].value - 25
        low, high = (f(hu.value for hu in parts.values()) for f in (min, max))
        assert low <= plan.path_hu.value <= high


def test_a_plan_is_worth_what_reaches_and_stays_in_bone(planned):
    assert worth(0.8, 0.25) == pytest.approx(0.6)
    plan = planned.levels[0].plans[0]
    robust = plan.robustness
    # Breach and reach in the same draws: the share with both lies between the two bounds.
    most = min(robust.p_reach.value, 1.0 - robust.p_breach.value)
    assert robust.p_reach.value - robust.p_breach.value <= plan.worth <= most
