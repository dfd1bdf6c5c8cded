"""Several probes at once, and single ones on the general grid against the reference."""

import pickle

import numpy as np
import pytest

from basivert.ablation.ablate import ablate, posed
from basivert.ablation.cells.size import CellSize
from basivert.ablation.field import FieldSolver
from basivert.ablation.generator import ExactControl
from basivert.ablation.lesion import above
from basivert.ablation.model import Electrode, Probe
from tests.ablation import finite_elements
from tests.ablation.problems import bone, one_tissue, physics

ROUGH = CellSize(slope=0.25, middle_mm=2.6, reach_mm=25.0)
ROUGHEST = CellSize(edge_mm=0.5, growth=1.7, growth_along=1.7, slope=0.35, middle_mm=3.2, angles=8,
                    inside_mm=0.75, reach_mm=18.0)  # fmt: skip
BOXES = {"A": ((-40.0, -35.0, -35.0), (40.0, 35.0, 35.0)),
         "C": ((-40.0, -35.0, -40.0), (40.0, 45.0, 40.0))}  # fmt: skip


def rod(tip, back, potential, **changes):
    usual = dict(
        line=np.array([tip, np.array(tip) + 50.0 * np.array(back) / np.linalg.norm(back)]),
        radius_mm=0.75, sensor_mm=1.0,
        electrodes=(Electrode(start_mm=0.0, end_mm=8.0, potential=potential),),
    )  # fmt: skip
    return Probe(**{**usual, **changes})


def tines(side):
    """Four thin needles from one place, as one electrode."""
    axis, across = np.array([side * 0.8, 0.6, 0.0]), np.array([-0.6 * side, 0.8, 0.0])
    tip, up = np.array([side * 6.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    turn = 0.25 * np.pi + 0.5 * np.pi * np.arange(4)
    return [
        rod(tip, axis, 0.5 * side, radius_mm=0.3, ends=True, sensor_mm=0.5,
            line=np.stack([tip + 2.5 * (np.cos(t) * across + np.sin(t) * up), tip + 8.5 * axis]))
        for t in turn
    ]  # fmt: skip


PAIRS = {
    "straight": [rod((6.0, 0.0, 0.0), (1.0, 1.0, 0.2), 0.5),
                 rod((-6.0, 0.0, 0.0), (-1.0, 1.0, 0.2), -0.5)],
    "tines": tines(1.0) + tines(-1.0),
}  # fmt: skip


@pytest.fixture(scope="module", params=list(PAIRS))
def burnt(request):
    drive = ExactControl(ramp_degc_s=4.0, setpoint_degc=85.0, body_degc=37.0, duration_s=30.0)
    return ablate(
        PAIRS[request.param], one_tissue, [bone()], physics(), drive, resolution=ROUGH
    )  # fmt: skip


def test_mirrored_probes_make_mirrored_heat(burnt):
    rng = np.random.default_rng(3)
    points = rng.uniform([0.5, -4.0, -4.0], [7.0, 8.0, 4.0], (60, 3))
    fields = pickle.loads(pickle.dumps(burnt.moments[-1]))
    one, two = (fields.sampled(p).temperature_degc for p in (points, points * [-1, 1, 1]))
    assert one.max() > 60.0
    assert np.abs(one - two).max() < 0.8
    assert np.sqrt(np.mean((one - two) ** 2)) < 0.2


def test_energy_of_a_pair_balances(burnt):
    assert burnt.balance.error < 0.002
    assert burnt.course.sensor_degc[-1] == pytest.approx(85.0, abs=0.01)


def test_lesion_of_a_pair_lies_between_its_probes(burnt):
    fields = burnt.moments[-1]
    region = above(fields, fields.temperature_degc, 50.0)
    assert abs(region.centre[0]) < 0.1
    inside = fields.mesh.places[fields.temperature_degc > 50.0]
    low, high = region.extent_mm(np.array([0.0, 0.0, 1.0]))
    assert low == pytest.approx(inside[:, 2].min(), abs=1.0)
    assert high == pytest.approx(inside[:, 2].max(), abs=1.0)


def test_half_the_spacing_changes_the_volume_by_less_than_two_percent():
    drive = ExactControl(ramp_degc_s=4.0, setpoint_degc=85.0, body_degc=37.0, duration_s=30.0)
    volumes: list[float] = []
    for f in (1.0, 2.0):
        size = CellSize(
            edge_mm=0.32 / f, growth=1.5 ** (1 / f), growth_along=1.5 ** (1 / f),
            slope=0.24 / f, middle_mm=2.6 / f, angles=round(10 * f), inside_mm=0.6 / f,
            along_mm=3.0 / f, largest_mm=6.0 / f, reach_mm=18.0, within_mm=9.0,
        )  # fmt: skip
        fields = ablate(
            PAIRS["straight"], one_tissue, [bone()], physics(), drive, resolution=size
        ).moments[-1]
        volumes.append(above(fields, fields.temperature_degc, 50.0).volume_ml)
    assert volumes[1] == pytest.approx(volumes[0], rel=0.02)


def test_a_far_return_adds_the_tissue_that_lies_between():
    """Impedance grows with the reach as that of shells does."""
    tool, still = rod((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 1.0), physics(sigma_slope=0.0)
    problems = [
        posed([tool], one_tissue, [bone()], still, CellSize(reach_mm=reach, slope=0.2))
        for reach in (20.0, 40.0)
    ]
    near, far = (
        1 / FieldSolver(p, still)(0.0, np.zeros(p.mesh.shape)).conductance for p in problems
    )
    # A cube lies between the spheres inside and around it.
    shell = (1 / 20.0 - 1 / 40.0) / (4 * np.pi * 0.09e-3)
    assert 0.5 * shell < far - near < 1.1 * shell


@pytest.mark.parametrize("name", ["A", "C"])
def test_the_general_grid_agrees_with_finite_elements(name):
    found = finite_elements.solved(name, (120.0, 300.0), CellSize(box=BOXES[name]))
    finite_elements.agree(*found, degc=0.5, power=0.02, volume=0.03)
    assert found[1].balance.error < 0.002


def ring(probe):
    """Points around a straight probe's surface at its sensor."""
    back = probe.line[1] - probe.line[0]
    back /= np.linalg.norm(back)
    side = np.cross(back, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    turn = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)[:, None]
    across = np.cos(turn) * side + np.sin(turn) * np.cross(back, side)
    return probe.line[0] + probe.sensor_mm * back + probe.radius_mm * across


def test_the_hotter_of_two_sensors_is_held_at_the_set_point():
    """The second probe lies in tissue that conducts current badly and gets more of the heat."""
    pair = PAIRS["straight"][::-1]
    drive = ExactControl(ramp_degc_s=4.0, setpoint_degc=85.0, body_degc=37.0, duration_s=14.0)
    fields = ablate(
        pair, lambda p: (p[:, 0] > 0.0).astype(int), [bone(), bone(name="poor", sigma_s_m=0.04)],
        physics(sigma_slope=0.0), drive, resolution=ROUGHEST,
    ).moments[-1]  # fmt: skip
    cooler, hotter = (fields.sampled(ring(p)).temperature_degc.mean() for p in pair)
    assert cooler < 75.0
    assert hotter == pytest.approx(85.0, abs=1.5)
