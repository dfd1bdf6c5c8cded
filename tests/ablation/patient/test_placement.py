"""Tip, electrodes and curve lie in bone, or the burn is refused; the shaft may lie anywhere."""

import numpy as np
import pytest

from basivert.ablation.model import Electrode, Probe
from basivert.ablation.patient.placement import check_place, leaves_bone
from basivert.ablation.patient.probes import probes
from basivert.errors import InputError
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import moved

LEFT, BEHIND, AHEAD = np.eye(3)[0], np.eye(3)[1], -np.eye(3)[1]


def probe(vertebra, tip, backwards, first=0.0, radius=0.85):
    """Straight, 60 mm long; tip and direction in the body frame."""
    line = tip + np.outer(np.linspace(0.0, 60.0, 121), backwards)
    return Probe(
        line=moved(vertebra.lps_from_body, line), radius_mm=radius, sensor_mm=1.0,
        electrodes=(Electrode(start_mm=first, end_mm=first + 3.0, potential=0.5),
                    Electrode(start_mm=first + 4.0, end_mm=first + 7.0, potential=-0.5)),
    )  # fmt: skip


def wall_mm(vertebra, way):
    """From the body's centre to its surface along a direction."""
    at = np.arange(0.0, 40.0, 0.05)
    field = vertebra.field
    away = interpolated(field.distance_mm, field.body_from_index, np.outer(at, way), outside=99.0)
    return float(at[np.argmax(away > 0)])


def test_a_shaft_outside_is_no_error_but_a_curve_is(vertebra):
    """From the body's centre out through its left side: only what must lie in bone counts."""
    out = wall_mm(vertebra, LEFT)
    one = probe(vertebra, np.zeros(3), LEFT)
    check_place([one], vertebra, 0.0)
    check_place([one], vertebra, out - 2.0)
    with pytest.raises(InputError, match=r"curved part of the probe lies .* outside the bone"):
        check_place([one], vertebra, out + 4.0)


def test_a_curve_through_the_canal_is_refused_by_name(vertebra):
    behind = wall_mm(vertebra, BEHIND)
    one = probe(vertebra, np.zeros(3), BEHIND)
    check_place([one], vertebra, 0.0)
    with pytest.raises(InputError, match="curved part of the probe lies in the vertebral canal"):
        check_place([one], vertebra, behind + 5.0)


def test_a_tip_through_the_front_is_refused_though_its_electrodes_lie_in_bone(vertebra):
    ahead = wall_mm(vertebra, AHEAD)
    check_place([probe(vertebra, (ahead - 2.0) * AHEAD, BEHIND, first=8.0)], vertebra, 0.0)
    with pytest.raises(InputError, match=r"tip of the probe lies [23]\.\d mm outside"):
        check_place([probe(vertebra, (ahead + 3.0) * AHEAD, BEHIND, first=8.0)], vertebra, 0.0)


def test_metal_through_the_surface_is_told_with_how_far(vertebra):
    ahead = wall_mm(vertebra, AHEAD)

    def told(short_of_wall):
        one = probe(vertebra, (ahead - short_of_wall) * AHEAD, BEHIND, first=8.0)
        check_place([one], vertebra, 0.0)
        return leaves_bone([one], vertebra, 0.0)

    assert told(2.0) == []
    (one,) = told(0.3)
    assert one.what.startswith("The tip of the probe comes 0.")
    assert float(one.what.split(" comes ")[1].split()[0]) == pytest.approx(0.85 - 0.3, abs=0.2)


def test_planned_poses_of_both_sides_pass_with_nothing_to_tell(planned, vertebra):
    plans = planned.levels[0].plans
    assert len(plans) > 1
    for plan in plans:
        found = probes(plan.path, plan.partner, plan.instrument)
        assert plan.path.bend_radius_mm is not None
        check_place(found, vertebra, plan.path.deployment_mm)
        assert leaves_bone(found, vertebra, plan.path.deployment_mm) == []
