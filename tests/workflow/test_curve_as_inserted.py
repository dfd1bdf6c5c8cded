"""A deployed curve against the plan: its roll, its path, and the smallest change that mends it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from basivert.constants.load import builtin
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.curve import Curve
from basivert.fluoroscopy.register import Registered
from basivert.fluoroscopy.triangulate import Seen
from basivert.fluoroscopy.trust import Trust
from basivert.geometry.curves import segment_distance
from basivert.geometry.rigid import moved, turned, unit
from basivert.planning.margins import NAMES, around, wall_distances_mm
from basivert.workflow.as_inserted import as_inserted, with_its_curve
from basivert.workflow.correction import limits, standing
from basivert.workflow.curve_as_inserted import bend_of, roll_deg, towards, with_curve
from basivert.workflow.heat_as_inserted import BentTo, InsertedPose, inserted
from basivert.workflow.heat_setup import planned as planned_of

TABLE, CHANGE = builtin("registration"), builtin("adjustment")
SURE = Trust(probability=0.99, flatness=0.4, verdict="good")


def planned_bend(path):
    """Where the plan's curve goes, from its points alone."""
    off = path.tip - path.curve_start
    return unit(off - (off @ path.axis) * path.axis)


def told(level, room, rolled=0.0, deeper=0.0, longer=0.0, unknown="", trust=SURE):
    """A tool as planned, turned about its shaft by so much (+ from medial to cranial)."""
    plan, lps = level.plans[0], level.vertebra.lps_from_body
    path = plan.path
    sign = np.sign(np.cross(planned_bend(path), path.axis) @ lps[:3, 2])
    medial = -np.sign((path.entry_bone - lps[:3, 3]) @ lps[:3, 0]) * lps[:3, 0]
    cranial_turn = np.sign(np.cross(path.axis, medial) @ lps[:3, 2])
    assert sign != 0.0
    bend = Rotation.from_rotvec(np.radians(rolled) * cranial_turn * path.axis).apply(
        planned_bend(path)
    )
    start = path.curve_start + deeper * path.axis
    arc = Arc(start=moved(room, start), axis=turned(room, path.axis), zero=turned(room, bend),
              turn=0.0, deployed_mm=path.deployment_mm + longer,
              radius_mm=path.bend_radius_mm)  # fmt: skip
    curve = Curve(arc=arc, covariance=np.eye(8), turn_sd_deg=4.0, deployed_sd_mm=0.6, tip_sd_mm=0.8,
                  off_mm=0.1, unknown=unknown)  # fmt: skip
    seen = Seen(tip=arc.start, axis=arc.axis, missed_mm=0.1, off_shadow_mm=None,
                angle_deg=90.0, sd_mm=0.5,
                axis_sd_deg=0.5)  # fmt: skip
    found = Registered(name=level.level, room_from_ct=room, evidence=0.4, by_view=(0.4, 0.4),
                       rival=0.2, trust=trust)  # fmt: skip
    straight = as_inserted(level.vertebra, path, plan.instrument, seen, found, TABLE)
    return with_its_curve(level.vertebra, path, plan.instrument, straight, curve, found, TABLE,
                          CHANGE)  # fmt: skip


def test_the_plans_own_roll_is_read_back(level) -> None:
    for plan in level.plans:
        back = roll_deg(level.vertebra, plan.path, plan.path.axis, planned_bend(plan.path))
        assert back == pytest.approx(plan.path.roll_deg, abs=0.1)


def test_as_planned_goes_on(level, room) -> None:
    found, path = told(level, room), level.plans[0].path
    assert found.curve.off_plan_deg == pytest.approx(0.0, abs=0.1)
    assert found.curve.tip_off_mm < 0.05
    assert found.verdict == "go"
    assert np.linalg.norm(found.path.tip - path.tip) < 0.05
    assert np.abs(found.path.active - path.active).max() < 0.1


@pytest.mark.parametrize("rolled", [40.0, -60.0, 150.0])
def test_a_turned_curve_is_told_and_mended(level, room, rolled: float) -> None:
    found, plan = told(level, room, rolled), level.plans[0]
    assert found.curve.off_plan_deg == pytest.approx(rolled, abs=0.1)
    near = around(level.vertebra, {})
    asked = limits(near, plan.path, TABLE, CHANGE)
    now = standing(near, found.path)
    if found.verdict == "go":
        assert not asked.broken(now)
        return
    assert asked.broken(now)
    if found.correction is None:
        assert found.verdict == "stop"
        return
    # Redone from the words' numbers alone.
    change = found.correction
    start = found.path.curve_start + change.deeper_mm * found.path.axis
    bend = bend_of(level.vertebra, plan.path, found.path.axis,
                   found.curve.roll_deg + change.roll_deg)  # fmt: skip
    turn = np.linspace(0.0, change.deployed_mm, 400) / found.curve.bend_radius_mm
    line = (
        start + found.curve.bend_radius_mm * np.sin(turn)[:, None] * found.path.axis
        + found.curve.bend_radius_mm * (1.0 - np.cos(turn))[:, None] * bend
    )  # fmt: skip
    zone = line[[int(400 * (1 - 9.0 / change.deployed_mm)), -1]]
    hub = level.vertebra.target.centre
    assert float(segment_distance(hub[None], *zone)[0]) == pytest.approx(
        change.stand.to_hub_mm, abs=0.1
    )
    assert change.stand.to_hub_mm <= asked.to_hub_mm
    free = wall_distances_mm(near, line)
    for wall, value in free.items():
        if wall in NAMES:
            assert value.min() - 1.55 >= min(asked.margins_mm[NAMES[wall]], 0.99) - 0.1


def test_the_words_say_what_the_numbers_say(level, room) -> None:
    found = told(level, room, 55.0, deeper=4.0)
    assert found.correction is not None
    change = found.correction
    assert ("withdraw" in change.words) == (change.deeper_mm < 0.0)
    assert ("roll" in change.words) == (change.roll_deg != 0.0)
    assert any(change.words[1:] in line for line in found.advice)


def test_no_smaller_change_of_one_knob_would_do(level, room) -> None:
    found, plan = told(level, room, 60.0, deeper=3.0), level.plans[0]
    assert found.correction is not None
    near = around(level.vertebra, {})
    asked = limits(near, plan.path, TABLE, CHANGE)
    size = (abs(found.correction.deeper_mm) + abs(found.correction.roll_deg) / 10.0
            + abs(found.correction.more_mm))  # fmt: skip
    for by in np.arange(0.5, size - 0.01, 0.5):
        for sign in (-1.0, 1.0):
            other = replace(
                found.path, curve_start=found.path.curve_start + sign * by * plan.path.axis
            )
            moved_on = with_curve(other, plan.instrument, found.curve.bend,
                                  found.path.deployment_mm, found.curve.bend_radius_mm)  # fmt: skip
            assert asked.broken(standing(near, moved_on))


def test_an_unknown_turn_is_never_judged_by_it(level, room) -> None:
    found = told(level, room, 90.0, unknown="another turn fits")
    assert found.verdict in ("correct", "stop")
    assert found.correction is None
    assert "another turn fits" in found.advice[-1]
    assert np.allclose(found.path.tip, level.plans[0].path.tip, atol=0.05)


@pytest.mark.parametrize("verdict", ["failed", "doubtful"])
def test_a_curve_in_an_unsure_registration_is_not_judged(level, room, verdict) -> None:
    unsure = replace(SURE, probability=0.4, verdict=verdict)
    found = told(level, room, trust=unsure)
    assert found.verdict == "stop"
    assert found.correction is None
    assert verdict in found.advice[0]


@pytest.mark.parametrize(
    ("roll", "by", "word"),
    [(0.0, 20.0, "cranial"), (0.0, -20.0, "caudal"), (90.0, -30.0, "medial"),
     (90.0, 30.0, "lateral"), (180.0, 20.0, "caudal"), (-90.0, 20.0, "medial"),
     (-30.0, 20.0, "cranial")],
)  # fmt: skip
def test_a_turn_is_named_by_where_it_leads(roll: float, by: float, word: str) -> None:
    assert towards(roll, by) == word


def test_the_heat_takes_the_curve_that_was_seen(level, room) -> None:
    found, plan = told(level, room, 70.0), level.plans[0]
    pose = InsertedPose(
        level=level.level, side=None, rank=None, tip=found.tip, axis=found.axis, measured=True,
        curve=BentTo(bend=found.curve.bend, deployed_mm=found.curve.deployed_mm,
                     bend_radius_mm=found.curve.bend_radius_mm),
    )  # fmt: skip
    real = inserted(planned_of(plan), pose)
    assert np.linalg.norm(real.path.tip - found.curve.tip) < 0.05
    assert np.linalg.norm(real.path.tip - plan.path.tip) > 5.0
