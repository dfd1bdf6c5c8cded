"""The posterior wall of the lateral view against the phantom's own, and mirrored patients."""

import dataclasses

import numpy as np
import pytest

from basivert.anatomy.find import located
from basivert.constants.load import builtin
from basivert.fluoroscopy.landmarks import landmarks
from basivert.fluoroscopy.machine import from_dorsal_deg, machine
from basivert.fluoroscopy.model import way_of
from basivert.fluoroscopy.views import presets
from basivert.fluoroscopy.walls import wall_trap
from basivert.geometry.rigid import moved, turned
from basivert.phantom.render import render
from basivert.phantom.shapes import posterior_wall
from basivert.phantom.spine import make_spine
from basivert.planning.depths import crossing_mm
from basivert.volume.model import Volume
from basivert.workflow.plan_case import builtin_tables
from basivert.workflow.step_sheet import sheet_tables, step_sheet
from tests.conftest import scanner, wish

MIRROR = np.diag([-1.0, 1.0, 1.0, 1.0])
ARM = machine(builtin("carms/mobile"))


@pytest.fixture(scope="module")
def convex():
    """An L5 whose wall stands 2.5 mm further back at the midline than 8 mm aside."""
    spine = make_spine(wish(levels=("L5",)), builtin("morphometry"), builtin("targets"))
    truth = spine.vertebrae["L5"]
    truth = dataclasses.replace(truth, spec=dataclasses.replace(truth.spec, bulge_mm=2.5))
    case = render(dataclasses.replace(spine, vertebrae={"L5": truth}), scanner())
    return truth, located(case, "L5", builtin_tables().anatomy)


def straight(vertebra, way, x_mm):
    """A straight way that crosses the measured wall x mm beside the midline, 25° inwards."""
    turn = np.radians(25.0)
    axis = np.array([-np.sign(x_mm) * np.sin(turn), -np.cos(turn), 0.0])
    wall = vertebra.posterior_wall
    depth = np.arange(0.0, 45.0, 0.05)
    line = np.array([x_mm, float(wall.y_mm(x_mm, 0.0)), 0.0]) + (depth[:, None] - 25.0) * axis
    zero = np.zeros(len(line))
    lps = moved(vertebra.lps_from_body, line)
    depths = dataclasses.replace(
        way.depths, wall_line_mm=crossing_mm(depth, line, wall.y_mm(zero, line[:, 2])),
        true_wall_mm=crossing_mm(depth, line, wall.y_mm(line[:, 0], line[:, 2])),
    )  # fmt: skip
    path = dataclasses.replace(way.path, entry_bone=lps[0], centre_line=lps,
                               axis=turned(vertebra.lps_from_body, axis))  # fmt: skip
    return dataclasses.replace(way, level="L5", side="left" if x_mm > 0 else "right", path=path,
                               depths=depths)  # fmt: skip


@pytest.mark.parametrize("x_mm", [8.0, -8.0, 15.0, -15.0])
def test_what_the_lateral_hides_is_the_analytic_difference_of_the_convex_wall(
    convex, planned, x_mm
):
    truth, vertebra = convex
    way = straight(vertebra, way_of(planned.levels[0].plans[0]), x_mm)
    views = presets(vertebra, way, ARM)
    trap = wall_trap(vertebra, way, landmarks(vertebra, way), views["lateral"])
    hidden = float(posterior_wall(truth.spec, np.array(0.0))
                   - posterior_wall(truth.spec, np.array(x_mm)))  # fmt: skip
    assert hidden > 2.0
    assert trap.shape == "convex"
    assert trap.on_picture_mm.low < hidden < trap.on_picture_mm.high
    # While the shaft goes from one line to the other the wall recedes under it.
    assert trap.along_shaft_mm.value > trap.on_picture_mm.value * 0.6
    assert "mm of shaft to go" in trap.words
    if abs(x_mm) < vertebra.posterior_wall.reach_mm[0]:
        assert trap.on_picture_mm.value == pytest.approx(hidden, abs=0.5)
        assert trap.measured_to_mm is None
    else:
        assert trap.measured_to_mm == pytest.approx(vertebra.posterior_wall.reach_mm[0])
        assert "at least" in trap.words


def mirrored(volume):
    """The same scan of a patient whose left is right."""
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = volume.values.shape[0] - 1
    return Volume(values=np.ascontiguousarray(volume.values[::-1]), unit=volume.unit,
                  lps_from_index=MIRROR @ volume.lps_from_index @ flip)  # fmt: skip


def test_a_mirrored_patient_gives_a_mirrored_sheet(case, planned):
    labels = dataclasses.replace(case.labels, volume=mirrored(case.labels.volume))
    other = located(dataclasses.replace(case, ct=mirrored(case.ct), labels=labels), "L4",
                    builtin_tables().anatomy)  # fmt: skip
    plan = next(p for p in planned.levels[0].plans if (p.side, p.rank) == ("left", 1))
    way = way_of(plan)
    names = ("entry_bone", "axis", "curve_start", "tip", "centre_line", "active")
    turned_over = {name: moved(MIRROR, getattr(way.path, name)) for name in names}
    path = dataclasses.replace(way.path, **turned_over)
    if path.entry_skin is not None:
        path = dataclasses.replace(path, entry_skin=moved(MIRROR, path.entry_skin))
    one = step_sheet(planned.levels[0].vertebra, way, sheet_tables())
    two = step_sheet(other, dataclasses.replace(way, side="right", path=path), sheet_tables())
    for name, preset in one.presets.items():
        own, theirs = preset.carm, two.presets[name].carm
        turn = from_dorsal_deg(own.primary_deg)
        # The lateral stands at the patient's left in both.
        wanted = 180.0 - turn if name == "lateral" else -turn
        assert from_dorsal_deg(theirs.primary_deg) == pytest.approx(wanted, abs=1.5)
        tilt = -own.secondary_deg if name == "lateral" else own.secondary_deg
        assert theirs.secondary_deg == pytest.approx(tilt, abs=1.5)
    for step, twin in zip(one.steps, two.steps, strict=True):
        assert (step.key, step.from_bone_mm) == (twin.key, twin.from_bone_mm)
        for a, b in zip(step.checks, twin.checks, strict=True):
            if a.key != "pedicles":
                assert (a.view, a.key) == (b.view, b.key)
                # Beside the bone a plate's line goes on far beyond the plate itself.
                near = 0.8 if step.from_bone_mm else 1.5
                assert b.expected_mm == pytest.approx(a.expected_mm, abs=near)
    assert two.trap.along_shaft_mm.value == pytest.approx(one.trap.along_shaft_mm.value, abs=0.6)


def test_without_the_mirror_the_same_pieces_would_not_agree(planned):
    """The distances do tell sides: a left way on the right pedicle has another sign."""
    vertebra = planned.levels[0].vertebra
    way = way_of(next(p for p in planned.levels[0].plans if (p.side, p.rank) == ("left", 1)))
    wrong = step_sheet(vertebra, dataclasses.replace(way, side="right"), sheet_tables())
    stop = next(step for step in wrong.steps if step.key == "introducer_stop")
    midline = next(c for c in stop.checks if c.key == "midline")
    assert midline.expected_mm < 0
