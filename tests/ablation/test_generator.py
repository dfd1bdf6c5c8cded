"""The sampled controller against exact control, against tiny steps, and against its limits."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basivert.ablation import control, run, steps
from basivert.ablation.ablate import ablate
from basivert.ablation.control import DONE, IMPEDANCE_STOP, ON
from basivert.ablation.generator import ExactControl
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.pilot import setting
from basivert.ablation.protocol import protocol
from basivert.constants.load import builtin
from tests.ablation.problems import bone, one_tissue, physics, probe, straight

USUAL = Resolution(edge_mm=0.3, growth=1.2, largest_mm=3.0)


def standard(*, limits=(), controller=(), roll_off=(), **burn):
    first = protocol(builtin("protocols/standard"), builtin("protocol_bounds"), 37.0).drives[0]
    return replace(
        first, burn=replace(first.burn, **burn), limits=replace(first.limits, **dict(limits)),
        controller=replace(first.controller, **dict(controller)),
        roll_off=replace(first.roll_off, **dict(roll_off)),
    )  # fmt: skip


def burnt(drive, *, materials=None, start=None, **changes):
    return ablate(
        probe(straight()), one_tissue, materials or [bone()], physics(**changes), drive,
        resolution=USUAL, start=start,
    )  # fmt: skip


def hot_ml(answer):
    last = answer.moments[-1]
    return above(last, last.temperature_degc, 50.0).volume_ml


def test_the_default_burn_holds_its_setpoint_and_heats_as_an_exact_one():
    drive = standard()
    exact = ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=900.0)
    one, ideal = burnt(drive), burnt(exact)
    settled = one.course.sensor_degc[one.course.time_s > drive.ramp_s + 15.0]
    assert np.abs(settled - 85.0).max() < 0.3
    assert one.course.sensor_degc.max() < 87.0
    assert one.balance.given_j == pytest.approx(ideal.balance.given_j, rel=0.01)
    assert hot_ml(one) == pytest.approx(hot_ml(ideal), rel=0.01)
    assert one.balance.error < 0.001


@pytest.mark.parametrize("by_voltage", [False, True])
def test_long_steps_show_the_same_display_as_steps_of_a_sample(monkeypatch, by_voltage):
    gains = (
        dict(by_voltage=True, proportional=4.0, integral=1.0) if by_voltage else dict(integral=0.2)
    )
    drive = standard(hold_s=40.0, ramp_degc_s=2.0, controller=gains, limits={"power_w": 2.2})
    long = burnt(drive)
    monkeypatch.setattr(steps, "LARGEST_S", 0.1)
    monkeypatch.setattr(steps, "FIRST_S", 0.02)
    monkeypatch.setattr(run, "FIRST_S", 0.02)
    short = burnt(drive)
    assert long.effort.steps < short.effort.steps / 8
    times = np.linspace(1.0, 60.0, 100)
    one, two = (np.interp(times, a.course.time_s, a.course.sensor_degc) for a in (long, short))
    np.testing.assert_allclose(one, two, atol=0.15)
    assert long.balance.given_j == pytest.approx(short.balance.given_j, rel=0.005)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    power=st.floats(0.3, 3.0), voltage=st.floats(10.0, 40.0), current=st.floats(0.02, 0.1),
    gain=st.floats(0.05, 1.5), setpoint=st.floats(45.0, 95.0), period=st.floats(0.05, 0.5),
)  # fmt: skip
def test_no_limit_is_ever_exceeded(power, voltage, current, gain, setpoint, period):
    drive = standard(
        setpoint_degc=setpoint, hold_s=30.0, cool_down_s=5.0,
        limits=dict(power_w=power, voltage_v=voltage, current_a=current),
        controller=dict(period_s=period, proportional=gain, integral=gain / 5),
    )  # fmt: skip
    answer = burnt(drive)
    course = answer.course
    assert course.power_w.min() >= 0.0
    assert course.power_w.max() <= power * (1 + 1e-9)
    assert course.voltage_v.max() <= voltage * (1 + 1e-9)
    assert course.current_a.max() <= current * (1 + 1e-9)
    assert answer.balance.error < 0.005


def test_the_hold_ends_at_its_time_and_the_rest_cools():
    drive = standard(hold_s=20.03, cool_down_s=30.0)
    answer = burnt(drive)
    course = answer.course
    on = course.time_s[course.power_w > 0]
    assert drive.heating_s - drive.controller.period_s <= on.max() < drive.heating_s
    assert set(course.doing[course.time_s >= drive.heating_s]) == {DONE}
    rest = course.sensor_degc[course.time_s > drive.heating_s + 1.0]
    assert (np.diff(rest) < 0).all()
    assert answer.moments[-1].time_s == pytest.approx(48.0 + 20.03 + 30.0)


def test_an_impedance_outside_its_limits_stops_the_generator():
    free = burnt(standard(hold_s=10.0)).course
    between = (free.impedance_ohm[0] + free.impedance_ohm[-1]) / 2
    answer = burnt(standard(hold_s=10.0, limits=dict(lowest_ohm=between)))
    course = answer.course
    stopped = course.doing == IMPEDANCE_STOP
    assert stopped.any() and (course.power_w[stopped] == 0).all()
    assert (course.impedance_ohm[course.doing == ON] >= between * (1 - 1e-6)).all()
    assert course.sensor_degc[-1] < free.sensor_degc[-1] - 5.0


def roll_off_run(course, **changes):
    """The loop alone on a sensor that hardly warms, with conductances given over 10 s."""
    drive = standard(roll_off=changes)
    memory, rows = control.fresh(), []
    rates, gains, state = np.array([0.01]), np.array([0.001]), np.zeros(1)
    for start, (before, after) in enumerate(pairwise(course)):
        room = np.empty((20, control.COLUMNS))
        stretch = control.Stretch(float(start), start + 1.0, 0.0, 0.0, before, after)
        memory, count, _ = control.run(
            setting(drive), memory, stretch, rates, gains, state, room
        )  # fmt: skip
        rows.append(room[:count].copy())
    return np.concatenate(rows)


def test_roll_off_pauses_then_gives_up():
    drying = 1e-3 * np.concatenate([[1.0, 1.0, 1.0], np.full(8, 0.5)])
    paused = roll_off_run(drying, rise=0.3, pause_s=2.0, tries=1)
    off = paused[paused[:, 4] == control.PAUSED]
    assert off[-1, 0] - off[0, 0] == pytest.approx(2.0, abs=0.11)
    assert (off[:, 2] == 0).all() and paused[-1, 4] == ON and paused[-1, 2] > 0
    ended = roll_off_run(drying, rise=0.3, pause_s=2.0, tries=0)
    assert ended[-1, 4] == control.ROLLED_OFF and ended[-1, 2] == 0
    calm = roll_off_run(drying, rise=1.5, pause_s=2.0, tries=0)
    assert (calm[:, 4] == ON).all()


@pytest.mark.parametrize("period", [0.05, 0.25])
def test_integral_action_grows_by_gain_error_and_time_whatever_the_period(period):
    """A sensor that does not move, 48 °C too cold: after t seconds the command is gain · 48 · t."""
    drive = standard(
        ramp_degc_s=1e6, controller=dict(period_s=period, proportional=1e-12, integral=0.004)
    )
    room, state = np.empty((100, control.COLUMNS)), np.zeros(1)
    stretch = control.Stretch(0.0, 4.0, 0.0, 0.0, 1e-2, 1e-2)
    _, count, _ = control.run(
        setting(drive), control.fresh(), stretch, np.array([1.0]), np.array([1e-12]), state, room
    )
    seen = room[:count]
    # At the first sample the ramp has only begun.
    np.testing.assert_allclose(seen[1:, 2], 0.004 * 48.0 * seen[1:, 0], rtol=1e-6)
