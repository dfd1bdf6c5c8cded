"""Against closed forms: damage laws, diffusion, perfused cylinder, resistance, singular field."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erfc, k0

from basivert.ablation import damage, singular
from basivert.ablation.ablate import ablate
from basivert.ablation.body import body
from basivert.ablation.field import FieldSolver
from basivert.ablation.frame import frame
from basivert.ablation.generator import FixedVoltage
from basivert.ablation.grid import Resolution, nodes
from basivert.ablation.heat import HeatSolver, History, weights
from basivert.ablation.interpolation import interpolated
from basivert.ablation.model import Ball
from basivert.ablation.run import Run
from basivert.ablation.tables import materials, physics, protocol
from basivert.constants.load import builtin
from basivert.errors import InputError, NumericsError
from tests.ablation.problems import bone, one_tissue, probe, straight
from tests.ablation.problems import physics as simple_physics

LAW = simple_physics().laws[0]
K, STORE, FLOW = 0.31e-3, 1178 * 2274e-9, 2236.93e-9
FINE = Resolution(reach_mm=40.0, behind_mm=50.0, ahead_mm=40.0, largest_mm=2.0, growth=1.15)


@pytest.mark.parametrize(
    ("degc", "seconds"),
    [(37, 3420), (41, 958.2), (43, 513.3), (45, 277.1), (50, 61.38), (55, 14.23), (60, 3.449),
     (70, 0.2292), (85, 0.005214)],
)  # fmt: skip
def test_arrhenius_time_to_one(degc, seconds):
    assert damage.arrhenius(np.array([float(degc)]), seconds, LAW)[0] == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(("degc", "minutes"), [(43.0, 15.0), (44.0, 30.0), (42.0, 3.75)])
def test_cem43_by_definition(degc, minutes):
    assert damage.cem43(np.array([degc]), 900.0)[0] == pytest.approx(minutes, rel=1e-12)


def test_damage_within_a_step_follows_a_warming_course():
    start, slope, step = 45.0, 0.25, 20.0
    times = np.linspace(0, step, 20001)
    exact = np.trapezoid(damage.arrhenius(start + slope * times, 1.0, LAW), times)
    omega = np.zeros((1, 1))
    rise = np.array([start - 37.0])
    course = (rise, rise, rise + slope * step, 0.0, step, 37.0)
    damage.add_omega(*course, *damage.columns([LAW]), omega)
    assert omega[0, 0] == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize(("start", "base"), [(45.0, 2.0), (40.0, 4.0)])
def test_cem43_within_a_step_follows_a_warming_course(start, base):
    """Each degree doubles the dose above 43 °C and quarters it below (damage.cem43.form)."""
    rise, dose, times = np.array([start - 37.0]), np.zeros(1), np.linspace(0, 8.0, 20001)
    damage.add_cem43(rise, rise, rise + 1.0, 0.0, 8.0, 37.0, dose)
    minutes = np.trapezoid(base ** (start + times / 8.0 - 43.0), times) / 60
    assert dose[0] == pytest.approx(minutes, rel=0.01)


def made(resolution, **changes):
    """A bone-like probe in bone: the metal cannot be told from tissue."""
    same = simple_physics(probe_k_w_mk=0.31, probe_j_m3k=1178 * 2274.0)
    grid, tool = nodes(probe(straight()), resolution), probe(straight())
    where = frame(tool, resolution)
    return body(tool, where, grid, one_tissue, [bone(**changes)], same), where


def test_point_source_in_the_tissue_ahead():
    problem, _ = made(FINE, perfusion_ml_min_kg=0.0)
    heat, shape = HeatSolver(problem), problem.nodes.shape
    at = int(np.argmin(np.abs(problem.nodes.depths + 3.0)))
    source = np.zeros(shape)
    source[0, at, 0] = 0.8
    history = History(times=(0.0,), rises=(np.zeros(shape),))
    step = 2.0
    for n in range(150):
        system = heat.system(weights(history, step)[0], np.zeros(shape))
        right = source + heat.carried(history, step)
        history = history.then((n + 1) * step, heat.solve(system, right, history.rises[-1]))
    radii = np.array([5.0, 8.0, 10.0])
    spread = 2 * (K / STORE * 300) ** 0.5
    exact = 0.8 / (4 * math.pi * K * radii) * erfc(radii / spread)
    np.testing.assert_allclose(exact + 37, [59.52724, 45.65140, 41.72550], atol=1e-4)
    depth = np.full(3, problem.nodes.depths[at])
    rise = interpolated(problem.nodes, history.rises[-1], np.zeros(3), depth, radii, 0.0)
    np.testing.assert_allclose(rise, exact, atol=0.3)


def test_perfused_bone_around_a_held_cylinder():
    length = (K / FLOW) ** 0.5
    problem, _ = made(Resolution(reach_mm=60.0, behind_mm=120.0, ahead_mm=100.0))
    hold = np.zeros(problem.nodes.shape)
    hold[:, :, problem.nodes.surface] = 1e6
    still = HeatSolver(problem)
    system = still.system(1e-12, problem.perfusion + hold)
    rise = still.solve(system, 48.0 * hold, np.zeros(problem.nodes.shape))
    middle = int(np.argmin(np.abs(problem.nodes.depths - 4.5)))
    radii = problem.nodes.radii[problem.nodes.surface :]
    exact = 48.0 * k0(radii / length) / k0(0.85 / length)
    near = radii < 15
    np.testing.assert_allclose(
        rise[0, middle, problem.nodes.surface :][near], exact[near], atol=0.2
    )


def conductance(resolution):
    problem, _ = made(resolution)
    return FieldSolver(problem, simple_physics())(0.0, np.zeros(problem.nodes.shape)).conductance


def test_power_converges_and_the_singular_ends_cost_little():
    """Observed order at least 1 (√ρ singularities), and 0.5 % already on the usual grid."""
    coarse, usual, fine, finest = (
        conductance(Resolution(edge_mm=0.4 / s, growth=1 + 0.3 / s, largest_mm=4.0 / s))
        for s in (1, 2, 4, 8)
    )
    order = math.log2((coarse - usual) / (usual - fine))
    assert order > 1.0
    assert usual == pytest.approx(finest, rel=0.005)
    assert finest * 32.0**2 == pytest.approx(0.8303, rel=0.004)


@pytest.mark.parametrize(("exact", "power"), [(singular.flush, 1 / 2), (singular.rim, 2 / 3)])
def test_singular_functions_vanish_on_metal_and_are_harmonic(exact, power):
    x, y = np.array([-1.0, -3.0]), np.zeros(2)
    np.testing.assert_allclose(exact(x, y)[0], 0.0, atol=1e-12)
    here, step = np.array([0.4, 0.7]), 1e-3
    moves = ((step, 0), (-step, 0), (0, step), (0, -step))
    around = sum(exact(here[0] + a, here[1] + b)[0] for a, b in moves)
    assert around - 4 * exact(*here)[0] == pytest.approx(0.0, abs=1e-8)
    ratio = exact(*(4 * here))[0] / exact(*here)[0]
    assert ratio == pytest.approx(4**power, rel=1e-9)


def sensor_at_the_end(step):
    problem, _ = made(Resolution(edge_mm=0.3, growth=1.3, largest_mm=4.0))
    heat, shape = HeatSolver(problem), problem.nodes.shape
    source = FieldSolver(problem, simple_physics())(0.0, np.zeros(shape)).heat * 900.0
    history = History(times=(0.0,), rises=(np.zeros(shape),))
    for n in range(round(80 / step)):
        rate = weights(history, step)[0]
        right = source * math.sin(math.pi * (n + 1) * step / 80) ** 2 + heat.carried(history, step)
        rise = heat.solve(heat.system(rate, problem.perfusion), right, history.rises[-1], 1e-9)
        history = history.then((n + 1) * step, rise)
    return float(np.vdot(problem.sensor, history.rises[-1]))


def test_time_steps_converge_with_second_order():
    found = [sensor_at_the_end(step) for step in (4.0, 2.0, 1.0)]
    assert math.log2((found[0] - found[1]) / (found[1] - found[2])) == pytest.approx(2.0, abs=0.4)


def test_linear_heat_is_proportional_to_the_square_of_voltage():
    plain = simple_physics(sigma_slope=0.0, stop_law="")
    rises = [
        ablate(probe(straight()), one_tissue, [bone()], plain,
               FixedVoltage(voltage_v=v, duration_s=60.0), resolution=Resolution())
        .course.sensor_degc[-1] - 37.0
        for v in (10.0, 20.0)
    ]  # fmt: skip
    assert rises[1] == pytest.approx(4 * rises[0], rel=5e-3)


def test_tables_give_a_burn_that_runs_and_obeys_its_power_limit():
    tissue, hurt = builtin("tissue"), builtin("damage")
    common = physics(tissue, hurt, ("general", "skin"), "skin")
    drive = protocol(builtin("protocols/standard"), common.body_degc)
    weak = type(drive)(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=60.0,
                       largest_power_w=0.5)  # fmt: skip
    answer = ablate(probe(straight()), one_tissue, materials(tissue, ("cancellous",)), common, weak,
                    resolution=Resolution())  # fmt: skip
    assert answer.course.power_w.max() <= 0.5 + 1e-9
    assert answer.course.sensor_degc[-1] < 85.0
    last = answer.moments[-1]
    assert (last.log_omega["skin"] < last.log_omega["general"]).mean() > 0.9


def test_impossible_protocols_and_tissues_are_refused():
    for bad in (dict(largest_power_w=0.0), dict(ramp_degc_s=-1.0), dict(setpoint_degc=30.0)):
        usual = dict(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=60.0)
        with pytest.raises(InputError):
            type(protocol(builtin("protocols/standard"), 37.0))(**{**usual, **bad})
    with pytest.raises(InputError, match="impossible"):
        bone(sigma_s_m=math.nan)


@pytest.mark.parametrize(("degc", "seconds"), [(50.0, 1060.0), (55.0, 30.0), (60.0, 0.95)])
def test_the_tables_skin_law_kills_when_the_source_says(degc, seconds):
    """damage.arrhenius.skin: A 3.1e98 1/s, 6.28e5 J/mol, with its own times to Ω = 1."""
    law = physics(builtin("tissue"), builtin("damage"), ("skin",), "skin").laws[0]
    assert damage.arrhenius(np.array([degc]), seconds, law)[0] == pytest.approx(1.0, rel=0.02)
    assert law.log_frequency == pytest.approx(math.log(3.1e98), abs=1e-4)


@pytest.mark.parametrize(("missing", "bad"), [(0.003, False), (0.007, True)])
def test_a_run_that_loses_more_than_half_a_percent_of_its_energy_is_an_error(
    monkeypatch, missing, bad
):
    honest = Run._account

    def leaking(self, trial):
        honest(self, trial)
        self.energy[0] += missing * trial.given.energy_j

    monkeypatch.setattr(Run, "_account", leaking)
    drive = FixedVoltage(voltage_v=20.0, duration_s=20.0)
    burn = (probe(straight()), one_tissue, [bone()], simple_physics(), drive)
    if bad:
        with pytest.raises(NumericsError, match=r"0\.7. % of .* is missing"):
            ablate(*burn, resolution=Resolution())
    else:
        assert ablate(*burn, resolution=Resolution()).balance.error == pytest.approx(
            missing, abs=5e-4
        )


def test_a_probe_without_a_place_or_a_thickness_is_refused():
    nowhere = straight()
    nowhere[3, 1] = math.nan
    with pytest.raises(InputError, match="no number"):
        probe(nowhere)
    for radius in (0.0, -0.85, math.nan, math.inf):
        with pytest.raises(InputError, match="radius"):
            replace(probe(straight()), radius_mm=radius)
        with pytest.raises(InputError, match="radius"):
            Ball(centre=np.zeros(3), radius_mm=radius, potential=1.0)
