"""A whole treatment: burns one after the other, the probe drawn back between them."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.ablate import ablate
from basivert.ablation.control import IMPEDANCE_STOP, PAUSED, ROLLED_OFF
from basivert.ablation.generator import ExactControl, MeasuredPower
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.protocol import protocol
from basivert.ablation.treatment import treat, withdrawn
from basivert.constants.load import builtin
from basivert.errors import InputError
from tests.ablation.problems import arc, bone, one_tissue, physics, probe, straight

USUAL = Resolution(edge_mm=0.3, growth=1.2, largest_mm=3.0)
STANDARD = protocol(builtin("protocols/standard"), builtin("protocol_bounds"), 37.0)


def burns(*changes, **parts):
    """The standard protocol with one burn for each dict of changes."""
    made = tuple(replace(STANDARD.burns[0], **c) for c in changes)
    return replace(STANDARD, burns=made, **parts)


def treated(plan, line=None, *, moments_s=(), resolution=USUAL, **changes):
    return treat(
        probe(straight() if line is None else line), one_tissue, [bone()], physics(**changes), plan,
        moments_s=moments_s, resolution=resolution,
    )  # fmt: skip


def hot_ml(fields):
    return above(fields, fields.temperature_degc, 50.0).volume_ml


def dead(fields):
    return above(fields, fields.log_cem43, np.log(240.0))


def test_two_burns_at_one_place_are_one_with_a_pause():
    two = treated(burns(dict(hold_s=40.0, cool_down_s=30.0), dict(hold_s=30.0)))
    course = two.course
    on = np.repeat(course.power_w, 2)[:-1]
    times = np.concatenate([[0.0], np.repeat(course.time_s[1:], 2)])
    jumps = np.nonzero(np.abs(np.diff(course.power_w)) > 0.5)[0] + 1
    drive = MeasuredPower(
        time_s=np.append(times, two.final.time_s), power_w=np.append(on, course.power_w[-1]),
        kinks_s=tuple(course.time_s[jumps]),
    )  # fmt: skip
    one = ablate(
        probe(straight()), one_tissue, [bone()], physics(), drive, resolution=USUAL
    ).moments[-1]
    assert one.time_s == pytest.approx(two.final.time_s)
    assert np.abs(one.temperature_degc - two.final.temperature_degc).max() < 0.3
    assert dead(one).volume_ml == pytest.approx(dead(two.final).volume_ml, rel=0.01)


def test_a_second_burn_drawn_back_makes_a_longer_lesion():
    single = treated(burns(dict(hold_s=90.0)))
    once = treated(burns(dict(hold_s=90.0), dict(hold_s=90.0)))
    back = treated(burns(dict(hold_s=90.0), dict(hold_s=90.0, withdrawal_mm=6.0)))
    along = np.array([0.0, 0.0, 1.0])
    ends = [dead(a.final).extent_mm(along) for a in (single, once, back)]
    alone, one, two = (high - low for low, high in ends)
    assert two > one + 3.0
    # Its own place and the place 6 mm back, and what the warm tissue adds to the second burn.
    assert alone + 6.0 - 0.2 < two < one + 6.0
    assert ends[0][0] - 0.1 > ends[2][0] > ends[1][0] - 0.1
    np.testing.assert_allclose(back.probes[1][0].line[0], [0.0, 0.0, 6.0])
    # The far boundary at body temperature does not come along.
    for end in (np.min, np.max):
        here, there = (end(b.moments[-1].mesh.places[..., 2]) for b in back.burns)
        assert there == pytest.approx(here, abs=3.0)


def test_damage_never_falls_when_the_probe_is_drawn_back():
    plan = burns(dict(hold_s=30.0), dict(hold_s=30.0, withdrawal_mm=4.3))
    answer = treated(plan, moments_s=(STANDARD.drives[0].ramp_s + 30.0,))
    aside = np.array([[1.5 + 0.8 * a, 0.4 * a, 1.7 * a - 3.0] for a in range(9)])
    before, after = (f.sampled(aside) for f in answer.moments)
    assert (np.log(after.cem43_min) > np.log(before.cem43_min) - 0.02).all()


def test_a_bent_probe_is_drawn_back_along_its_bend():
    whole = probe(arc(20.0))
    moved = withdrawn(whole, 7.5)
    middle = np.array([20.0, 0.0, 0.0])
    np.testing.assert_allclose(np.linalg.norm(moved.line - middle, axis=1), 20.0, atol=0.01)
    turn = 7.5 / 20.0
    np.testing.assert_allclose(
        moved.line[0], [20 * (1 - np.cos(turn)), 0.0, 20 * np.sin(turn)], atol=0.01
    )
    np.testing.assert_array_equal(moved.line[-1], whole.line[-1])


@pytest.mark.parametrize("distance", [-1.0, 51.1, np.inf, np.nan])
def test_a_withdrawal_off_the_centre_line_is_refused(distance):
    with pytest.raises(InputError, match="drawn back"):
        withdrawn(probe(straight(60.0)), distance)


def test_states_are_kept_on_the_treatments_clock():
    plan = burns(dict(hold_s=12.0, cool_down_s=10.0), dict(hold_s=5.0))
    first = plan.drives[0].duration_s
    answer = treated(plan, moments_s=(30.0, first, first + 20.0))
    assert [f.time_s for f in answer.moments] == pytest.approx(
        [30.0, first, first + 20.0, first + plan.drives[1].duration_s]
    )
    assert (np.diff(answer.course.time_s) > 0).all()
    assert answer.course.time_s[-1] <= answer.final.time_s
    given = sum(b.balance.given_j for b in answer.burns)
    assert answer.balance.given_j == pytest.approx(given)
    with pytest.raises(InputError, match="asked for at"):
        treated(plan, moments_s=(1e4,))


def test_rest_cools_but_damage_goes_on():
    plan = burns(dict(hold_s=30.0, cool_down_s=60.0))
    answer = treated(plan, moments_s=(plan.drives[0].heating_s,))
    hot, cool = answer.moments
    assert hot_ml(hot) > 0.2 and cool.temperature_degc.max() < 60.0
    assert dead(cool).volume_ml > 1.02 * dead(hot).volume_ml


def test_sampled_control_heats_as_exact_control():
    sampled = treated(burns({})).final
    drive = ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=900.0)
    exact = ablate(
        probe(straight()), one_tissue, [bone()], physics(), drive, resolution=USUAL
    ).moments[-1]
    assert np.abs(sampled.temperature_degc - exact.temperature_degc).max() < 0.3
    assert hot_ml(sampled) == pytest.approx(hot_ml(exact), rel=0.01)
    assert dead(sampled).volume_ml == pytest.approx(dead(exact).volume_ml, rel=0.01)


@pytest.mark.parametrize("tries", [0, 1])
def test_drying_tissue_rolls_off_when_its_impedance_has_risen(tries):
    roll_off = replace(STANDARD.roll_off, rise=0.2, pause_s=10.0, tries=tries)
    answer = treated(burns(dict(hold_s=60.0), roll_off=roll_off), sigma_slope=-0.012)
    course = answer.course
    off = np.isin(course.doing, [PAUSED, ROLLED_OFF])
    first = int(np.argmax(off))
    lowest = course.impedance_ohm[:first].min()
    assert course.impedance_ohm[first] == pytest.approx(1.2 * lowest, rel=0.02)
    assert (course.impedance_ohm[:first] < 1.2 * lowest * 1.001).all()
    assert (course.power_w[off] == 0).all()
    if tries:
        pause = course.time_s[course.doing == PAUSED]
        assert np.ptp(pause[pause < course.time_s[first] + 11.0]) == pytest.approx(10.0, abs=0.3)
    else:
        assert (course.doing[first:-1] != PAUSED).all() and off[first : first + 100].all()


def test_an_impedance_above_its_limit_stops_every_burn():
    limits = replace(STANDARD.limits, highest_ohm=200.0)
    answer = treated(burns(dict(hold_s=5.0), dict(hold_s=5.0), limits=limits))
    heating = next(d.heating_s for d in burns(dict(hold_s=5.0)).drives)
    for burn in answer.burns:
        while_on = burn.course.doing[burn.course.time_s < heating]
        assert (while_on == IMPEDANCE_STOP).all()
    assert answer.balance.given_j == 0.0
    assert np.abs(answer.final.temperature_degc - 37.0).max() < 1e-6
