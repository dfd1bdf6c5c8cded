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


def told(
    level, room, shift=(0.0, 0.0, 0.0), deeper=0.0, trust=SURE, table=TABLE, wider=0.0,
    axis_sd_deg=0.2,
):  # fmt: skip
    plan = level.plans[0]
    wide = plan.instrument.introducer_diameter_mm
    kit = replace(plan.instrument, introducer_diameter_mm=replace(wide, value=wide.value + wider))
    tip = plan.path.curve_start + deeper * plan.path.axis + np.asarray(shift)
    seen = Seen(
        tip=moved(room, tip), axis=turned(room, plan.path.axis), missed_mm=0.1, off_shadow_mm=None,
        angle_deg=90.0, sd_mm=0.3, axis_sd_deg=axis_sd_deg,
    )  # fmt: skip
    found = Registered(
        name=level.level, room_from_ct=room, evidence=0.4, by_view=(0.4, 0.4), rival=0.2,
        trust=trust,
    )  # fmt: skip
    return as_inserted(level.vertebra, plan.path, kit, seen, found, table)


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
    path = level.plans[0].path
    away = path.curve_start + 3.0 * path.axis - level.vertebra.target.centre
    assert found.to_hub_mm == pytest.approx(np.linalg.norm(away))


def test_a_tip_beside_the_line_is_named_by_its_side(level, room) -> None:
    path = level.plans[0].path
    head = level.vertebra.lps_from_body[:3, 2]
    shift = head - (head @ path.axis) * path.axis
    found = told(level, room, shift=3.0 * shift / np.linalg.norm(shift))
    assert np.linalg.norm(found.beside_mm) == pytest.approx(3.0)
    assert found.beside_mm[2] > 2.0
    assert found.verdict == "stop" or any("to the head" in line for line in found.advice)


@pytest.mark.parametrize(
    ("axis", "sign", "word"),
    [(0, 1.0, "left"), (0, -1.0, "right"), (1, 1.0, "back"), (1, -1.0, "front"),
     (2, 1.0, "head"), (2, -1.0, "feet")],
)  # fmt: skip
def test_each_side_is_named_by_its_word(level, room, axis: int, sign: float, word: str) -> None:
    """The body's axes point left, back and to the head; no margin stops the words here."""
    row = TABLE["insertion.stop_margin"]
    never = replace(row, value=-99.0, low=None, high=None)
    table = replace(TABLE, rows=dict(TABLE.rows) | {"insertion.stop_margin": never})
    along, way = level.plans[0].path.axis, sign * level.vertebra.lps_from_body[:3, axis]
    across = way - (way @ along) * along
    found = told(level, room, shift=6.0 * across / np.linalg.norm(across), table=table)
    assert np.sign(found.beside_mm[axis]) == sign
    assert f"mm to the {word}" in found.advice[0]


def test_a_wider_introducer_leaves_less_bone_by_its_radius(level, room) -> None:
    usual, wide = told(level, room), told(level, room, wider=1.0)
    for wall, left in usual.margins_mm.items():
        assert wide.margins_mm[wall] == pytest.approx(left - 0.5)


def test_a_direction_that_was_not_measured_lets_nothing_through(level, room) -> None:
    found = told(level, room, axis_sd_deg=None)
    assert found.verdict == "correct"
    (asked,) = found.advice
    assert "direction in that plane is taken from the plan" in asked
    deep = told(level, room, deeper=3.0, axis_sd_deg=None)
    assert deep.advice == ("Withdraw 3 mm.", asked)


def test_a_tip_in_the_canal_stops(level, room) -> None:
    path, vertebra = level.plans[0].path, level.vertebra
    medial = -np.sign(path.axis @ vertebra.lps_from_body[:3, 0]) * vertebra.lps_from_body[:3, 0]
    found = told(level, room, shift=-9.0 * medial, deeper=-12.0)
    assert min(found.margins_mm[w] for w in ("pedicle_medial", "posterior_wall")) < 1.0
    assert found.verdict == "stop"


@pytest.mark.parametrize("verdict", ["failed", "doubtful"])
def test_an_unsure_registration_judges_nothing(level, room, verdict) -> None:
    unsure = replace(SURE, probability=0.4, verdict=verdict)
    found = told(level, room, trust=unsure)
    assert found.verdict == "stop"
    assert verdict in found.advice[0]


def test_a_moved_path_keeps_its_shape(level) -> None:
    path = level.plans[0].path
    axis = Rotation.from_euler("xyz", [6.0, 4.0, -3.0], degrees=True).apply(path.axis)
    other = moved_path(path, path.curve_start + np.array([1.0, 2.0, 3.0]), axis)
    assert np.allclose(
        np.linalg.norm(np.diff(other.centre_line, axis=0), axis=1),
        np.linalg.norm(np.diff(path.centre_line, axis=0), axis=1),
    )
    assert other.axis @ axis == pytest.approx(1.0)
    shaft = other.curve_start - other.entry_bone
    assert shaft / np.linalg.norm(shaft) @ axis == pytest.approx(1.0, abs=1e-9)
    ahead = (other.centre_line - other.curve_start) @ axis
    assert np.allclose(ahead, (path.centre_line - path.curve_start) @ path.axis)
    assert np.linalg.norm(other.tip - other.curve_start) == pytest.approx(
        np.linalg.norm(path.tip - path.curve_start)
    )
