"""An introducer moved on purpose against the plan is told back as it was moved."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from basivert.constants.load import builtin
from basivert.fluoroscopy.register import Registered
from basivert.fluoroscopy.triangulate import Seen
from basivert.fluoroscopy.trust import Trust
from basivert.geometry.rigid import moved, turned
from basivert.workflow.as_inserted import as_inserted, moved_path

TABLE = builtin("registration")
SURE = Trust(probability=0.99, flatness=0.4, verdict="good")


def told(level, room, shift=(0.0, 0.0, 0.0), deeper=0.0, trust=SURE):
    plan = level.plans[0]
    tip = plan.path.curve_start + deeper * plan.path.axis + np.asarray(shift)
    seen = Seen(
        tip=moved(room, tip), axis=turned(room, plan.path.axis), missed_mm=0.1, off_shadow_mm=None,
        angle_deg=90.0,
        sd_mm=0.3, axis_sd_deg=0.2,
    )  # fmt: skip
    found = Registered(
        name=level.level, room_from_ct=room, evidence=0.4, by_view=(0.4, 0.4), rival=0.2,
        trust=trust,
    )  # fmt: skip
    return as_inserted(level.vertebra, plan.path, plan.instrument, seen, found, TABLE)


def test_an_introducer_where_it_was_planned_is_told_so(level, room) -> None:
    found = told(level, room)
    assert found.verdict == "go"
    assert abs(found.beyond_mm) < 1e-9
    assert found.angle_deg < 1e-4
    assert np.allclose(found.path.tip, level.plans[0].path.tip)


def test_too_deep_by_three_is_withdrawn_by_three(level, room) -> None:
    found = told(level, room, deeper=3.0)
    assert found.beyond_mm == pytest.approx(3.0)
    assert found.verdict == "correct"
    assert "Withdraw 3 mm." in found.advice


def test_a_tip_beside_the_line_is_named_by_its_side(level, room) -> None:
    path = level.plans[0].path
    head = level.vertebra.lps_from_body[:3, 2]
    shift = head - (head @ path.axis) * path.axis
    found = told(level, room, shift=3.0 * shift / np.linalg.norm(shift))
    assert np.linalg.norm(found.beside_mm) == pytest.approx(3.0)
    assert found.beside_mm[2] > 2.0
    assert found.verdict == "stop" or any("to the head" in line for line in found.advice)


def test_a_tip_in_the_canal_stops(level, room) -> None:
    path, vertebra = level.plans[0].path, level.vertebra
    medial = -np.sign(path.axis @ vertebra.lps_from_body[:3, 0]) * vertebra.lps_from_body[:3, 0]
    found = told(level, room, shift=-9.0 * medial, deeper=-12.0)
    assert min(found.margins_mm[w] for w in ("pedicle_medial", "posterior_wall")) < 1.0
    assert found.verdict == "stop"


def test_an_unsure_registration_judges_nothing(level, room) -> None:
    unsure = replace(SURE, probability=0.4, verdict="failed")
    found = told(level, room, trust=unsure)
    assert found.verdict == "stop"
    assert "failed" in found.advice[0]


def test_a_moved_path_keeps_its_shape(level) -> None:
    path = level.plans[0].path
    axis = Rotation.from_euler("xyz", [6.0, 4.0, -3.0], degrees=True).apply(path.axis)
    other = moved_path(path, path.curve_start + np.array([1.0, 2.0, 3.0]), axis)
    assert np.allclose(
        np.linalg.norm(np.diff(other.centre_line, axis=0), axis=1),
        np.linalg.norm(np.diff(path.centre_line, axis=0), axis=1),
    )
    assert other.axis @ axis == pytest.approx(1.0)
    assert np.linalg.norm(other.tip - other.curve_start) == pytest.approx(
        np.linalg.norm(path.tip - path.curve_start)
    )
