"""The general grid against closed forms: geometry, spheres, thin needles, pairs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erfc, k0

from basivert.ablation.ablate import posed
from basivert.ablation.cells.nodes import nodes
from basivert.ablation.cells.problem import cells
from basivert.ablation.cells.size import CellSize
from basivert.ablation.field import FieldSolver
from basivert.ablation.grid import Resolution
from basivert.ablation.heat import HeatSolver, History, weights
from basivert.ablation.model import Ball, Electrode, Probe
from basivert.errors import InputError
from tests.ablation.problems import bone, one_tissue, physics, probe, straight

K, STORE, FLOW = 0.31e-3, 1178 * 2274e-9, 2236.93e-9
RADII = np.array([5.0, 8.0, 10.0, 15.0])
STEADY = 1e-9
ROUGH = CellSize(slope=0.2, middle_mm=2.4, reach_mm=30.0)


def needle(x_mm, potential, *, radius_mm=0.75, bare_mm=10.0):
    """A straight probe along z with its tip at (x, 0, 0)."""
    return Probe(
        line=np.array([[x_mm, 0.0, 0.0], [x_mm, 0.0, 60.0]]), radius_mm=radius_mm,
        electrodes=(Electrode(start_mm=0.0, end_mm=bare_mm, potential=potential),), sensor_mm=1.0,
    )  # fmt: skip


def siemens(problem, **changes):
    solver = FieldSolver(problem, physics(**changes))
    return solver(0.0, np.zeros(problem.mesh.shape)).conductance


@pytest.fixture(scope="module")
def ball():
    """A ball of 3 mm in perfused bone."""
    tool = Ball(centre=np.zeros(3), radius_mm=3.0, potential=1.0)
    return cells([tool], CellSize(reach_mm=45.0), one_tissue, [bone()], physics())


def test_fluxes_of_straight_fields_are_exact():
    box = ((-20.0, -20.0, -20.0), (20.0, 20.0, 30.0))
    grid = nodes([needle(-4.0, 0.5), needle(4.0, -0.5)], replace(ROUGH, box=box))
    dual, last = grid.dual, len(grid.points)
    area = np.bincount(dual.edge.ravel(), dual.area.ravel(), len(dual.links))
    one, two = dual.links.T
    apart = grid.points[two] - grid.points[one]
    inner = (one < grid.free) & (two < grid.free)
    assert area[inner].min() > -1e-6
    flux = area[:, None] * apart
    leaving = np.stack(
        [np.bincount(one, f, last) - np.bincount(two, f, last) for f in flux.T], axis=1
    )
    assert np.abs(leaving[: grid.free]).max() < 1e-5


def sphere_exact(distance):
    """Case D1, above the body's temperature."""
    return 48 * 3 / distance * np.exp(-(distance - 3) * math.sqrt(FLOW / K))


def sphere_error(problem):
    """Case D1: metal warmed evenly from within, held at 85 °C; errors (directions, radii)."""
    solver, links = HeatSolver(problem), problem.links
    source = (np.linalg.norm(problem.mesh.places, axis=1) < 2.9).astype(float)
    rims = np.linalg.norm(problem.mesh.points[links.rims[:, 1]], axis=1)
    inflow = np.bincount(links.rims[:, 0], links.rim_heat * sphere_exact(rims), len(source))
    system = solver.system(STEADY, problem.perfusion)
    warm = solver.solve(system, source, 0 * source, 1e-4)
    rest = solver.solve(system, inflow, 0 * source, 1e-4)
    sensor = problem.sensors[0]
    rise = rest + (48.0 - sensor @ rest) / (sensor @ warm) * warm
    ways = np.random.default_rng(1).normal(size=(12, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    read = [problem.mesh.reader(RADII[:, None] * way)(rise, 0.0) for way in ways]
    return np.array(read) - sphere_exact(RADII)


def test_steady_heated_sphere(ball):
    exact = [61.30014, 48.77100, 44.94547, 40.46393]
    np.testing.assert_allclose(sphere_exact(RADII) + 37, exact, atol=1e-4)
    assert np.abs(sphere_error(ball)).max() < 0.25


def test_temperature_converges_with_the_grid():
    """Observed order in space on case D1."""
    tool = Ball(centre=np.zeros(3), radius_mm=3.0, potential=1.0)
    size = [
        CellSize(
            edge_mm=0.5 / f, growth=1.4 ** (1 / f), slope=0.3 / f, middle_mm=3.0 / f,
            within_mm=18.0, largest_mm=5.0 / f, inside_mm=1.0 / f, directions=round(60 * f * f),
            reach_mm=25.0,
        )
        for f in (1.0, 2.0)
    ]  # fmt: skip
    coarse, fine = (
        np.sqrt(np.mean(sphere_error(cells([tool], s, one_tissue, [bone()], physics())) ** 2))
        for s in size
    )
    assert math.log2(coarse / fine) > 1.2


def test_heated_sphere_in_time(ball):
    """Case D2 at 60 s: the surface is at 85 °C from the start."""
    solver, sensor = HeatSolver(ball), ball.sensors[0]
    source = (np.linalg.norm(ball.mesh.places, axis=1) < 2.9).astype(float)
    history = History(times=(0.0,), rises=(0 * source,))
    watt = 0 * source
    for step in [0.25] * 8 + [0.5] * 16 + [1.0] * 10 + [2.0] * 20:
        system = solver.system(weights(history, step)[0], ball.perfusion)
        watt = solver.solve(system, source, watt, 1e-5)
        idle = solver.solve(system, solver.carried(history, step), history.rises[-1])
        rise = idle + (48.0 - sensor @ idle) / (sensor @ watt) * watt
        history = history.then(history.times[-1] + step, rise)
    time, alpha, beta = history.times[-1], K / STORE, FLOW / STORE
    assert time == pytest.approx(60.0)
    x, q = (RADII - 3) * math.sqrt(FLOW / K), (RADII - 3) / (2 * math.sqrt(alpha * time))
    spread = math.sqrt(beta * time)
    exact = 24 * 3 / RADII * (np.exp(-x) * erfc(q - spread) + np.exp(x) * erfc(q + spread))
    np.testing.assert_allclose(exact + 37, [53.74914, 40.13526, 37.83757, 37.01178], atol=1e-4)
    read = ball.mesh.reader(RADII[:, None] * [1.0, 0.0, 0.0])(history.rises[-1], 0.0)
    np.testing.assert_allclose(read, exact, atol=0.35)


def test_point_source():
    """Case D3, perfused, in steady state: heat in the middle of a ball of tissue."""
    tool = Ball(centre=np.zeros(3), radius_mm=0.5, potential=1.0)
    same = physics(probe_k_w_mk=0.31, probe_j_m3k=1178 * 2274.0)
    problem = cells([tool], CellSize(reach_mm=40.0), one_tissue, [bone()], same)
    solver = HeatSolver(problem)
    source = np.zeros(problem.mesh.shape)
    source[np.argmin(np.linalg.norm(problem.mesh.places, axis=1))] = 0.8
    rise = solver.solve(solver.system(STEADY, problem.perfusion), source, 0 * source, 1e-4)
    exact = 0.8 / (4 * math.pi * K * RADII) * np.exp(-RADII * math.sqrt(FLOW / K))
    read = problem.mesh.reader(RADII[:, None] * [0.0, 0.6, 0.8])(rise, 0.0)
    np.testing.assert_allclose(read, exact, rtol=0.03)


def held(problem, potential, far):
    """The same problem with the closed form on the outer boundary, by distance from the origin."""
    rims = np.linalg.norm(problem.mesh.points[problem.links.rims[:, 1]], axis=1)
    return replace(problem, outer=far(rims) * potential)


def test_sphere_against_a_far_return(ball):
    """Case D5: what leaves the ball is 4πσa, with the closed form on the boundary."""
    problem = held(ball, 1.0, lambda r: 3.0 / r)
    conduction = problem.conduction(np.ones(problem.mesh.shape))
    inverse, phi = conduction.operator.inverse(), np.zeros(problem.mesh.shape)
    for _ in range(30):
        phi = phi + inverse(conduction.right - conduction.operator @ phi)
    phi = np.where(problem.fixed, problem.potential, phi)
    one, two = problem.links.ends.T
    out = problem.fixed[one].astype(float) - problem.fixed[two]
    current = float(np.sum(out * conduction.electric * (phi[one] - phi[two])))
    assert 1 / current == pytest.approx(294.731, rel=0.01)


@pytest.mark.parametrize(("apart_mm", "ohm"), [(3.0, 1151.766), (6.0, 1472.240)])
def test_two_spheres(apart_mm, ohm):
    """Case D5: exact resistance of two equal spheres."""
    tools = [
        Ball(centre=np.array([x, 0.0, 0.0]), radius_mm=1.0, potential=s)
        for x, s in ((-apart_mm / 2, 0.5), (apart_mm / 2, -0.5))
    ]
    problem = cells(tools, CellSize(reach_mm=35.0), one_tissue, [bone()], physics())
    assert 1 / siemens(problem) == pytest.approx(ohm, rel=0.01)


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_ohmic_sphere(slope):
    """Case D6: field and heat together, no perfusion; k T′ = σ(T) (V − φ) along the potential."""
    volt, sigma, k = 16.0, 0.09, 0.31
    tool = Ball(centre=np.zeros(3), radius_mm=3.0, potential=1.0)
    warm = physics(sigma_slope=slope, sigma_cap_degc=1e9)
    problem = cells(
        [tool], CellSize(reach_mm=40.0), one_tissue, [bone(perfusion_ml_min_kg=0.0)], warm
    )
    phi = np.linspace(0.0, volt, 4001)
    heat = sigma / k * (volt * phi - phi**2 / 2)
    rise = np.expm1(slope * heat) / slope if slope else heat
    factor = 1 + slope * rise
    harmonic = np.append(0.0, np.cumsum((factor[1:] + factor[:-1]) / 2 * np.diff(phi)))
    rims = np.linalg.norm(problem.mesh.points[problem.links.rims[:, 1]], axis=1)
    at_rims = np.interp(3.0 / rims * harmonic[-1], harmonic, phi)
    outer = np.interp(at_rims, phi, rise)
    problem = replace(problem, outer=at_rims / volt)
    field, solver = FieldSolver(problem, warm), HeatSolver(problem)
    inflow = np.bincount(
        problem.links.rims[:, 0], problem.links.rim_heat * outer, len(problem.storage)
    )
    found, blood = np.zeros(problem.mesh.shape), np.zeros(problem.mesh.shape)
    for n in range(9):
        source = field(float(n), found).heat * volt**2
        found = solver.solve(solver.system(STEADY, blood), source + inflow, found, 1e-4)
    exact = 92.13538 if slope else 74.16129
    assert rise[-1] + 37 == pytest.approx(exact, abs=1e-4)
    assert problem.sensors[0] @ found + 37 == pytest.approx(exact, abs=0.1)
    distances = np.interp(3.0 / RADII * harmonic[-1], harmonic, phi)
    read = problem.mesh.reader(RADII[:, None] * [0.0, 0.6, 0.8])(found, 0.0)
    np.testing.assert_allclose(read, np.interp(distances, phi, rise), atol=0.25)


@pytest.mark.parametrize("radius_mm", [0.3, 0.85])
def test_thin_and_thick_rods_warm_their_surroundings_alike(radius_mm):
    """Case D4: a long rod held at 85 °C, as fine as the cells around it or finer."""
    rod = Probe(
        line=straight(), radius_mm=radius_mm, sensor_mm=1.0,
        electrodes=(Electrode(start_mm=0.0, end_mm=17.0, potential=0.5),
                    Electrode(start_mm=18.0, end_mm=38.0, potential=-0.5)),
    )  # fmt: skip
    perfused, box = 200.0, ((-20.0, -20.0, -5.0), (20.0, 20.0, 42.0))
    problem = cells(
        [rod], replace(ROUGH, slope=0.15, box=box), one_tissue,
        [bone(perfusion_ml_min_kg=perfused)], physics(),
    )  # fmt: skip
    solver, places = HeatSolver(problem), problem.mesh.places
    hold = 1e3 * ((np.hypot(places[:, 0], places[:, 1]) < radius_mm + 1e-3) & (places[:, 2] > 0))
    rise = solver.solve(
        solver.system(STEADY, problem.perfusion + hold), 48.0 * hold, np.zeros_like(hold), 1e-4
    )
    length = math.sqrt(K / FLOW * 30.0 / perfused)
    radii = np.array([1.0, 1.5, 2.0, 4.0])
    exact = 48 * k0(radii / length) / k0(radius_mm / length)
    at = np.stack([0.6 * radii, 0.8 * radii, np.full(4, 20.0)], axis=1)
    np.testing.assert_allclose(problem.mesh.reader(at)(rise, 0.0), exact, atol=0.4)


def test_electrodes_of_several_probes_are_reciprocal():
    """What flows into one electrode by voltage on another is the same the other way round."""

    def halves(points):
        return (points[:, 0] + 0.4 * points[:, 2] > 1.0).astype(int)

    tools = [needle(-5.0, 1.0), needle(5.0, 0.5, radius_mm=0.4, bare_mm=6.0)]
    two_tissues = [bone(), bone(sigma_s_m=0.6)]
    problem = cells(tools, ROUGH, halves, two_tissues, physics())
    near = problem.fixed & (problem.mesh.places[:, 0] < 0)
    far = problem.fixed & (problem.mesh.places[:, 0] > 0)

    def flows(potential):
        solver = FieldSolver(replace(problem, potential=potential), physics())
        return solver(0.0, np.zeros(problem.mesh.shape)).conductance

    own, other = flows(near.astype(float)), flows(far.astype(float))
    # Insulated outside: nothing flows with both at one potential; each draws what the other does.
    assert own == pytest.approx(other, rel=1e-3)
    assert flows((near | far).astype(float)) < 1e-6 * own


def test_a_single_probe_draws_the_same_power_as_on_its_fitted_grid():
    tool = probe(straight())
    fitted = Resolution(reach_mm=40.0, behind_mm=50.0, ahead_mm=40.0)
    exact = siemens(posed((tool,), one_tissue, [bone()], physics(), fitted))
    found = siemens(cells([tool], ROUGH, one_tissue, [bone()], physics()))
    assert found == pytest.approx(exact, rel=0.01)


def test_lone_electrodes_say_what_they_need():
    with pytest.raises(InputError, match="no current"):
        cells([needle(0.0, 0.5)], ROUGH, one_tissue, [bone()], physics())


def test_an_electrode_inside_other_metal_is_refused():
    big = Ball(centre=np.zeros(3), radius_mm=4.0, potential=0.5)
    small = Ball(centre=np.array([0.5, 0.0, 0.0]), radius_mm=1.0, potential=-0.5)
    with pytest.raises(InputError, match="other metal"):
        cells([big, small], ROUGH, one_tissue, [bone()], physics())


def test_every_cell_holds_water_heat_and_blood_in_its_tissues_proportions():
    """In one tissue, away from metal, all three are the cell's volume times a constant."""
    tissue = bone(water=0.3)
    made = posed([probe(straight())], one_tissue, [tissue], physics(), ROUGH)
    volume = made.storage / (tissue.rho_kg_m3 * tissue.c_j_kgk * 1e-9)
    away = np.hypot(made.mesh.places[:, 0], made.mesh.places[:, 1]) > 3.0
    np.testing.assert_allclose(made.water[away], 0.3 * 1178e-9 * volume[away], rtol=1e-6)
    # perfusion.form: mL/min/kg → W/K/mm³ by the tissue's mass and the blood's heat capacity.
    flow = 30.0 * 1e-6 / 60 * 1178.0 * 1050.0 * 3617.0 * 1e-9
    np.testing.assert_allclose(made.perfusion[away], flow * volume[away], rtol=1e-6)
