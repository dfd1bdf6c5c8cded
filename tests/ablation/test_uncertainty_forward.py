"""The whole computation on a small burn in one tissue."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from basivert.ablation.ablate import ablate
from basivert.ablation.generator import ExactControl, MeasuredPower, MeasuredTemperature
from basivert.ablation.lesion import above
from basivert.ablation.model import Electrode
from basivert.ablation.protocol import protocol
from basivert.ablation.treatment import treat
from basivert.ablation.uncertainty import expansion
from basivert.ablation.uncertainty.burning import burnt
from basivert.ablation.uncertainty.design import changed, drawn, moved_by, values
from basivert.ablation.uncertainty.forward import forward, propagated, trained
from basivert.ablation.uncertainty.model import (
    Endpoint,
    Factor,
    HeatCase,
    Insertion,
    Limits,
    Prior,
)
from basivert.ablation.uncertainty.priors import as_treated
from basivert.ablation.uncertainty.summary import quantity
from basivert.ablation.uncertainty.training import Task, degc, solver
from basivert.constants.load import builtin
from basivert.errors import Cancelled, InputError

from .problems import COARSE, bone, one_tissue, physics, probe, straight

NOBODY = lambda done, what: None  # noqa: E731
ENDPOINTS = (
    Endpoint(name="cem43", field="cem43", threshold=np.log(240.0), spread=0.7, weight=0.6),
    Endpoint(name="temperature", field="temperature", threshold=50.0, spread=1.0, weight=0.4),
)


def factor(name, kind, middle, width, log=False):
    return Factor(name=name, kind=kind, middle=middle, width=width, log=log, source="test")


FACTORS = (
    factor("bone.perfusion", "uniform", 0.0, 1.0, True),
    factor("bone.k", "normal", 0.0, 0.1, True),
    factor("bone.sigma", "normal", 0.0, 0.2, True),
    factor("drive.setpoint", "normal", 0.0, 1.0),
    factor("pose.depth", "normal", 0.0, 1.0),
    factor("pose.roll", "normal", 0.0, 8.0),
    factor("endpoint.threshold", "normal", 0.0, 1.0),
)
PRIOR = Prior(factors=FACTORS, endpoints=ENDPOINTS)


def burn_case():
    ring = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    wall = np.stack([8 * np.cos(ring), 8 * np.sin(ring), np.full(12, 4.5)], axis=1)
    out = np.linspace(2.0, 14.0, 7)[:, None] * [1.0, 0.0, 0.0] + [0.0, 0.0, 4.5]
    return HeatCase(
        insertions=(Insertion(probes=(probe(straight()),), entry=np.array([0.0, 0.0, 30.0])),),
        tissue=one_tissue, materials=(bone(),),
        physics=physics(), resolution=replace(COARSE, angles=1),
        drive=ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=300.0),
        hub=out, hub_weights=np.full(7, 1 / 7),
        structures={"wall": wall}, points=out, limits=Limits(degc=45.0, cem43_min=13.0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def surrogate():
    return trained(burn_case(), PRIOR, seed=0, mapper=map, say=NOBODY)


@pytest.fixture(scope="module")
def answer(surrogate):
    """What `forward` gives: test_same_seed_same_answer holds it to that."""
    return propagated(surrogate, samples=256, seed=0, say=NOBODY)


def test_surrogate_agrees_with_the_solver_at_draws_it_has_not_seen(answer):
    assert answer.error.failed == 0
    assert answer.error.rms_degc < 0.3
    assert answer.error.rms_volume < 0.02
    assert answer.error.rms_power < 0.01
    assert answer.cut == 0.0


def test_intervals_hold_hidden_truths(answer):
    case, inside = burn_case(), []
    x, unit = drawn(FACTORS, 40, 99)
    for row, pick in zip(x, unit, strict=True):
        value = values(FACTORS, row)
        true = changed(case, value)
        end = ablate(true.probes[0], true.tissue, true.materials, true.physics, true.drive,
                     resolution=true.resolution).moments[-1]  # fmt: skip
        shift = value["endpoint.threshold"]
        if pick < 0.6:
            region = above(end, end.log_cem43, np.log(240.0) + 0.7 * shift)
        else:
            region = above(end, end.temperature_degc, 50.0 + shift)
        peak = end.sampled(case.structures["wall"]).temperature_degc.max()
        for name, number in (("volume_ml", region.volume_ml), ("wall.peak_degc", peak)):
            told = answer.quantities[name].estimate
            inside.append(told.low <= number <= told.high)
    # 90 % of 80, within what chance allows.
    assert 0.8 <= np.mean(inside) <= 0.98


def test_probability_of_death_falls_with_distance_and_of_safety_rises(answer):
    assert np.all(np.diff(answer.p_dead) <= 0.0)
    assert np.all(np.diff(answer.p_safe) >= 0.0)
    assert answer.p_dead[0] == 1.0
    assert answer.p_dead[-1] == 0.0
    assert np.all(answer.p_dead + answer.p_safe <= 1.0)


def test_what_cannot_matter_has_no_index_and_what_rules_has_the_first(answer):
    volume = {i.factor: i for i in answer.quantities["volume_ml"].indices}
    assert volume["bone.sigma"].total < 0.02
    assert volume["pose.roll"].total < 0.02
    assert volume["pose.depth"].total < 0.02
    impedance = answer.quantities["impedance_end_ohm"].indices[0]
    assert impedance.factor == "bone.sigma"
    assert impedance.first > 0.9
    assert all(-1e-9 <= i.first <= i.total + 1e-9 <= 1.0 + 1e-6 for i in volume.values())


def test_same_seed_same_answer_and_another_mapper_too(answer):
    again = forward(burn_case(), PRIOR, samples=256, seed=0, mapper=backwards, say=NOBODY)
    np.testing.assert_allclose(again.outputs, answer.outputs, rtol=1e-9)


def backwards(work, tasks):
    return [work(t) for t in list(tasks)[::-1]][::-1]


def test_it_can_be_cancelled():
    def stop(done, what):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        forward(burn_case(), PRIOR, samples=64, seed=0, mapper=map, say=stop)


def test_an_endpoint_without_its_law_and_a_factor_without_its_tissue_are_refused():
    ends = (Endpoint(name="x", field="unknown", threshold=0.0, spread=0.0, weight=1.0),)
    with pytest.raises(InputError, match="unknown"):
        forward(burn_case(), Prior(factors=FACTORS, endpoints=ends), samples=64, seed=0,
                mapper=map, say=NOBODY)  # fmt: skip
    with pytest.raises(InputError, match=r"disc\.sigma"):
        changed(burn_case(), {"disc.sigma": 1.1})
    with pytest.raises(InputError, match="weights"):
        Prior(factors=FACTORS, endpoints=ENDPOINTS[:1])


STANDARD = protocol(builtin("protocols/standard"), builtin("protocol_bounds"), 37.0)
TIMES = np.array([0.0, 50.0, 200.0])
DRIVES = (
    replace(STANDARD, burns=STANDARD.burns * 2),
    STANDARD.drives[0],
    MeasuredTemperature(time_s=TIMES, degc=np.array([37.0, 85.0, 84.0]), body_degc=37.0,
                        kinks_s=(50.0,)),
    MeasuredPower(time_s=TIMES, power_w=np.array([0.0, 2.0, 1.0]), kinks_s=(50.0,)),
)  # fmt: skip


@pytest.mark.parametrize("drive", DRIVES, ids=lambda d: type(d).__name__)
def test_every_drive_has_its_own_error_and_keeps_its_clock(drive):
    known = as_treated(PRIOR, drive, builtin("heat_priors"))
    (own,) = [f for f in known.factors if f.name.startswith("drive.")]
    case = replace(burn_case(), drive=drive)
    hot = changed(case, {own.name: 1.1 if own.name == "drive.power" else 2.0}).drive
    if isinstance(drive, MeasuredPower):
        np.testing.assert_allclose(hot.power_w, 1.1 * drive.power_w)
    elif isinstance(drive, MeasuredTemperature):
        np.testing.assert_allclose(hot.degc - drive.degc, [0.0, 2.0, 2.0 * 47 / 48], atol=1e-9)
    else:
        before, after = (getattr(d, "drives", (d,)) for d in (drive, hot))
        for one, two in zip(before, after, strict=True):
            assert two.burn.setpoint_degc == one.burn.setpoint_degc + 2.0
            assert two.duration_s == pytest.approx(one.duration_s)


def test_a_rest_after_the_burn_cools_the_end_but_not_the_peak():
    short = replace(STANDARD.burns[0], hold_s=60.0)
    rested = replace(short, cool_down_s=120.0)
    one, two = (
        burnt(replace(burn_case(), drive=replace(STANDARD, burns=(b,)))) for b in (short, rested)
    )
    at = burn_case().hub
    assert two.final.sampled(at).temperature_degc.max() < one.peaks(at).max() - 10.0
    # What is far goes on warming for a while.
    np.testing.assert_allclose(two.peaks(at[:2]), one.peaks(at[:2]), atol=0.1)
    assert np.all(two.peaks(at[2:]) > one.peaks(at[2:]) + 0.1)


def test_burns_one_after_the_other_are_learnt_as_one():
    rows = (replace(STANDARD.burns[0], hold_s=40.0, cool_down_s=20.0),
            replace(STANDARD.burns[0], hold_s=40.0, withdrawal_mm=3.0))  # fmt: skip
    case = replace(burn_case(), drive=replace(STANDARD, burns=rows))
    made = solver(case, FACTORS[:6], ENDPOINTS)(Task(np.zeros(6), True))
    whole = treat(case.probes[0], case.tissue, case.materials, case.physics, case.drive,
                  resolution=case.resolution)  # fmt: skip
    region = above(whole.final, whole.final.log_cem43, np.log(240.0))
    assert made.volume_ml == pytest.approx(region.volume_ml, rel=1e-3)
    assert np.exp(made.scalars[3]) == pytest.approx(whole.balance.given_j, rel=1e-3)


def test_moving_the_probe_and_looking_back_returns_to_the_start():
    case = burn_case()
    motion = moved_by(case, {"pose.depth": 1.0, "pose.turn": 3.0, "pose.roll": 20.0})
    points = np.random.default_rng(0).normal(size=(20, 3)) * 10
    np.testing.assert_allclose(motion.back(motion.moved(points)), points, atol=1e-12)
    # Depth runs along the shaft, angles turn about the entry.
    along = moved_by(case, {"pose.depth": 2.0}).moved(case.probes[0].line) - case.probes[0].line
    np.testing.assert_allclose(along, np.tile([0.0, 0.0, 2.0], (len(along), 1)), atol=1e-12)
    entry = case.insertions[0].entry
    leant = moved_by(case, {"pose.tilt": 5.0}).moved(entry[None])
    np.testing.assert_allclose(leant[0], entry, atol=1e-12)


def pair_case():
    """Two straight probes 12 mm apart that lean to each other, each with its own entry."""
    lines = [straight() + np.array([x, 0.0, 0.0]) for x in (-6.0, 6.0)]
    turns = [Rotation.from_euler("y", a, degrees=True).as_matrix() for a in (-15.0, 15.0)]
    lines = [line[0] + (line - line[0]) @ turn.T for line, turn in zip(lines, turns, strict=True)]
    whole = tuple(
        Insertion(
            probes=(replace(probe(line), electrodes=(
                Electrode(start_mm=0.0, end_mm=6.0, potential=share),
            )),), entry=line[-1],
        ) for line, share in zip(lines, (0.5, -0.5), strict=True)
    )  # fmt: skip
    return replace(burn_case(), insertions=whole, resolution=replace(COARSE, edge_mm=0.6))


def test_the_two_of_a_pair_have_errors_of_their_own_and_the_patient_is_seen_from_the_first():
    case = pair_case()
    value = {"pose.depth": 1.0, "pose.tilt": 4.0, "partner.depth": -2.0, "partner.turn": 3.0}
    true = changed(case, value)
    first, second = (moved_by(case, value, n) for n in (0, 1))
    for one, moved, was in zip(true.insertions, (first, second), case.insertions, strict=True):
        np.testing.assert_allclose(one.probes[0].line, moved.moved(was.probes[0].line))
    # Pushed by 2 mm and leant about its entry: the tip is that much farther from it.
    length = np.linalg.norm(case.probes[1].line[0] - case.insertions[1].entry)
    tip, entry = true.probes[1].line[0], case.insertions[1].entry
    assert np.linalg.norm(tip - entry) == pytest.approx(length + 2.0, abs=0.01)
    # What the surrogate keeps lies where the patient's own solve has it.
    factors = tuple(factor(n, "normal", 0.0, 1.0) for n in value)
    made = solver(case, factors, ENDPOINTS)(Task(np.array(list(value.values())), True))
    end = burnt(true).final
    lattice_ = solver(case, factors, ENDPOINTS).lattice
    points = first.moved(lattice_.points)
    near = np.linalg.norm(points - first.moved(lattice_.centre[None]), axis=1) < 12.0
    told = degc(made.fields["temperature"], 37.0)[near]
    apart = told - end.sampled(points[near]).temperature_degc
    # Two grids differ by 2 °C close to the metal; a probe 2 mm away from its place by 10.
    assert np.sqrt(np.mean(apart**2)) < 0.7
    assert np.abs(apart).max() < 4.0


def test_safe_is_below_both_limits(surrogate):
    """With one limit out of reach the other still decides, for structures and on the map."""
    cold, short = Limits(degc=45.0, cem43_min=1e30), Limits(degc=200.0, cem43_min=13.0)
    both = Limits(degc=45.0, cem43_min=13.0)
    found = [_with(surrogate, limits) for limits in (cold, short, both)]
    one, two, together = (f.p_safe for f in found)
    assert one[0] == two[0] == 0.0
    assert np.all(together <= np.minimum(one, two))
    each = [f.safety["wall"].p_safe.value for f in found]
    assert each[2] == pytest.approx(min(each[:2]), abs=0.1)
    assert each[0] < 1.0 and each[1] < 1.0


def _with(made, limits):
    work = replace(made.work, case=replace(made.work.case, limits=limits))
    return propagated(replace(made, work=work), samples=64, seed=0, say=NOBODY)


def test_a_quantity_tells_median_and_ninety_percent_and_what_explains_it():
    """y = a + a·b of two standard normals: a alone has half of the variance, b takes part in it."""
    x, unit = drawn((factor("a", "normal", 0.0, 1.0), factor("b", "normal", 0.0, 1.0)), 1024, 5)
    inputs = [expansion.normal("a", x[:, 0]), expansion.normal("b", x[:, 1])]
    y = x[:, 0] + x[:, 0] * x[:, 1]
    none = np.zeros(len(y), int)
    found = quantity("coverage", y, inputs, ENDPOINTS[:1], none, 0)
    rows = {row.factor: row for row in found.indices}
    assert rows["a"].first == pytest.approx(0.5, abs=0.06)
    assert rows["a"].total == pytest.approx(1.0, abs=0.06)
    assert rows["b"].first == pytest.approx(0.0, abs=0.06)
    assert rows["b"].total == pytest.approx(0.5, abs=0.06)
    even = quantity("coverage", unit, inputs, ENDPOINTS[:1], none, 0).estimate
    assert (even.low, even.value, even.high) == pytest.approx((0.05, 0.5, 0.95), abs=0.005)
    assert even.level == 0.9
