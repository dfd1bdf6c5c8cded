"""A generator's log: the lesion as treated comes back, and a false log is warned of."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.ablation.ablate import ablate
from basivert.ablation.generator import MeasuredPower, MeasuredTemperature
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.log import drive, generator_log, lines
from basivert.ablation.log_comparison import compare
from basivert.ablation.protocol import protocol
from basivert.constants.load import builtin
from basivert.errors import InputError
from tests.ablation.problems import bone, one_tissue, physics, probe, straight

RULES = builtin("generator_log")
USUAL = Resolution(edge_mm=0.3, growth=1.2, largest_mm=3.0)
FIRST = protocol(builtin("protocols/standard"), builtin("protocol_bounds"), 37.0).drives[0]


def burnt(given_drive, **tissue):
    return ablate(
        probe(straight()), one_tissue, [bone(**tissue)], physics(), given_drive, resolution=USUAL
    )


def dead_ml(answer):
    last = answer.moments[-1]
    return above(last, last.log_cem43, np.log(240.0)).volume_ml


@pytest.fixture(scope="module")
def hidden():
    """A burn with settings and a conductivity that the reader of its log does not know."""
    set_ = replace(FIRST.burn, setpoint_degc=81.5, ramp_degc_s=1.4, hold_s=297.0, cool_down_s=40.0)
    gains = replace(FIRST.controller, proportional=0.9, integral=0.05, period_s=0.2)
    return burnt(replace(FIRST, burn=set_, controller=gains), sigma_s_m=0.12)


def logged(answer, *, every_s=1.0, noise_degc=0.3, power=1.0, drop=()):
    """What a display of one look a second and half a degree would have written."""
    rng = np.random.default_rng(7)
    course = answer.course
    times = np.arange(0.0, answer.moments[-1].time_s + 1e-6, every_s)
    look = np.clip(np.searchsorted(course.time_s, times, side="right") - 1, 0, None)
    degc = course.sensor_degc[look] + noise_degc * rng.standard_normal(len(times))
    columns = {
        "temperature": np.round(2 * degc) / 2, "power": power * course.power_w[look],
        "impedance": course.impedance_ohm[look],
    }  # fmt: skip
    kept = {q: v for q, v in columns.items() if q not in drop}
    return generator_log(times, kept, RULES)


def test_temperature_gives_back_the_lesion_whatever_the_conductivity(hidden):
    log = logged(hidden)
    repeat = drive(log, 37.0, RULES)
    assert isinstance(repeat, MeasuredTemperature)
    again = burnt(repeat)
    assert dead_ml(again) == pytest.approx(dead_ml(hidden), rel=0.02)
    one, two = hidden.moments[-1], again.moments[-1]
    assert np.abs(one.temperature_degc - two.temperature_degc).max() < 1.0
    found = compare(log, again.course, RULES)
    rows = {r.quantity: r for r in found.disagreements}
    assert rows["temperature"].rms < 0.5
    assert rows["power"].ratio == pytest.approx(1.0, abs=0.03)
    # Only the impedance tells of the hidden conductivity.
    assert rows["impedance"].ratio == pytest.approx(0.09 / 0.12, abs=0.02)
    assert found.findings == ()


def test_power_alone_gives_back_the_lesion_too(hidden):
    log = logged(hidden, every_s=0.2, drop=("temperature",))
    repeat = drive(log, 37.0, RULES)
    assert isinstance(repeat, MeasuredPower)
    again = burnt(repeat)
    assert dead_ml(again) == pytest.approx(dead_ml(hidden), rel=0.03)
    assert again.balance.given_j == pytest.approx(hidden.balance.given_j, rel=0.01)
    assert compare(log, again.course, RULES).findings == ()


@pytest.mark.parametrize(("factor", "told"), [(2.0, "2.0"), (0.5, "0.5")])
def test_power_of_another_size_is_warned_of(hidden, factor, told):
    log = logged(hidden, power=factor)
    again = burnt(drive(log, 37.0, RULES))
    found = compare(log, again.course, RULES)
    assert [f.code for f in found.findings] == ["log-power"]
    assert told in found.findings[0].what
    assert dead_ml(again) == pytest.approx(dead_ml(hidden), rel=0.02)


def test_doubled_power_without_temperature_is_too_hot(hidden):
    log = logged(hidden, every_s=0.2, power=2.0, drop=("temperature",))
    found = compare(log, burnt(drive(log, 37.0, RULES)).course, RULES)
    assert "log-too-hot" in [f.code for f in found.findings]
    assert any(f.severity == "stop" for f in found.findings)


def test_a_log_hardly_tells_the_perfusion(hidden):
    """Thirteen times the flow needs a tenth more power: a log does not replace measuring it."""
    log = logged(hidden)
    again = burnt(drive(log, 37.0, RULES), perfusion_ml_min_kg=400.0)
    rows = {r.quantity: r for r in compare(log, again.course, RULES).disagreements}
    assert 0.85 < rows["power"].ratio < 0.97
    assert rows["power"].when_s > 60.0
    assert dead_ml(again) < 0.8 * dead_ml(hidden)


def test_a_sensor_that_cools_faster_than_tissue_is_warned_of(hidden):
    log = logged(hidden, noise_degc=0.0)
    cold = log.temperature_degc.copy()
    cold[150:200] -= np.minimum(np.arange(50) * 4.0, 30.0)
    false = replace(log, temperature_degc=cold)
    found = compare(false, burnt(drive(false, 37.0, RULES)).course, RULES)
    row = found.disagreements[0]
    assert "log-temperature" in [f.code for f in found.findings]
    assert 150 <= row.when_s <= 200


def test_a_log_that_begins_hot_is_warned_of(hidden):
    log = logged(hidden)
    late = generator_log(log.time_s[40:], {"temperature": log.temperature_degc[40:]}, RULES)
    found = compare(late, burnt(drive(late, 37.0, RULES)).course, RULES)
    assert "log-starts-warm" in [f.code for f in found.findings]


TIMES = np.arange(0.0, 60.0)
DEGC = 37.0 + np.minimum(TIMES, 40.0)


def changed(values, at, to):
    found = np.array(values, float)
    found[at] = to
    return found


@pytest.mark.parametrize(
    ("times", "columns", "named"),
    [
        (TIMES, {"impedance": DEGC}, "neither temperature nor power"),
        (TIMES[:9], {"temperature": DEGC[:9]}, "9 samples"),
        (TIMES / 10, {"temperature": DEGC}, "covers 5.9 s"),
        (changed(TIMES, 7, 6.0), {"temperature": DEGC}, "stands still in the log: sample 8"),
        (changed(TIMES, 7, 2.0), {"temperature": DEGC}, "runs back"),
        (TIMES + 20.0 * (TIMES > 29.5), {"temperature": DEGC}, "gap of 21 s after 29"),
        (changed(TIMES, 5, np.nan), {"temperature": DEGC}, "no number for time in sample 6"),
        (TIMES, {"temperature": changed(DEGC, 3, np.nan)}, "no number for temperature in sample 4"),
        (TIMES, {"temperature": changed(DEGC, 20, 600.0)}, "600 °C in sample 21.*mixed"),
        (TIMES, {"temperature": 1.8 * DEGC + 132.0}, "possible is 0 to 130.*in the column file"),
        (TIMES, {"temperature": changed(DEGC, 3, 1.8 * DEGC[3] + 32)}, "°C and °F mixed"),
        (TIMES, {"power": changed(DEGC, slice(30, 60), 1500.0)}, "1500 W.*mixed"),
        (TIMES, {"power": changed(DEGC, 4, -1.0)}, "-1 W in sample 5"),
        (TIMES, {"power": DEGC, "impedance": changed(3 * DEGC, 9, 0.11)}, "0.11 Ω.*mixed"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_true_is_refused(times, columns, named):
    with pytest.raises(InputError, match=named):
        generator_log(times, columns, RULES)


def test_no_impedance_is_asked_for_while_power_is_off():
    power = changed(np.ones(60), slice(0, 10), 0.0)
    log = generator_log(TIMES, {"power": power, "impedance": 200.0 * power}, RULES)
    assert log.impedance_ohm[0] == 0.0


@given(
    seed=st.integers(0, 2**32 - 1), noise=st.floats(0.0, 0.5), step=st.sampled_from([0.1, 0.5, 2.0])
)
def test_straight_lines_run_through_the_noise(seed, noise, step):
    times = np.arange(0.0, 300.0, step)
    true = 37.0 + np.minimum(times, 48.0) - 20.0 * np.clip((times - 250.0) / 30.0, 0.0, 1.0)
    seen = true + noise * np.random.default_rng(seed).standard_normal(len(times))
    knots, values = lines(times, seen, 0.3)
    assert np.sqrt(np.mean((np.interp(times, knots, values) - true) ** 2)) < 0.3 + noise
    assert len(knots) < 40
