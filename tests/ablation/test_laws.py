"""What must hold whatever the numbers are: symmetry, order, balance, limits of a bend."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.ablation_cases import finer
from scipy.spatial.transform import Rotation

from basivert.ablation import damage
from basivert.ablation.ablate import ablate
from basivert.ablation.cells.size import CellSize
from basivert.ablation.frame import frame
from basivert.ablation.generator import ExactControl
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.model import Law
from tests.ablation.problems import (
    COARSE,
    arc,
    bone,
    burn,
    one_tissue,
    physics,
    probe,
    straight,
)

SHIFT = np.array([10.0, -20.0, 5.0])
# A reflection in a tilted plane.
MIRROR = np.eye(3) - 2 * np.outer([0.48, 0.6, 0.64], [0.48, 0.6, 0.64])
ROUND = replace(COARSE, edge_mm=0.2, growth=1.1, largest_mm=3.0, angles=24)
POINTS = np.array([[2.0, 0, 4.5], [5.0, 0, 4.5], [0, 5.0, 4.5], [-4.0, 1.0, 9.0], [0, 0, -5.0],
                   [3.0, 0, 4.5], [3.0, -5.0, 2.0]])  # fmt: skip
DRIVE = ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=120.0)
FAT = bone(name="fat", sigma_s_m=0.03, k_w_mk=0.21)


def half_space(points):
    """Fat on one side, 3 mm from the probe."""
    return (points[:, 0] > 3.0).astype(int)


def degc(answer, points):
    return answer.moments[-1].sampled(points).temperature_degc


def hot_ml(answer):
    last = answer.moments[-1]
    return above(last, last.temperature_degc, 50.0).volume_ml


@pytest.mark.parametrize("line", [straight(), arc(20.0)], ids=["straight", "bent"])
def test_patient_and_probe_turn_and_are_mirrored_together(line):
    """Two tissues, points on the border too; the grid's angles fall differently every time."""
    here = degc(burn(line, half_space, [bone(), FAT], resolution=ROUND), POINTS)
    for move in (*Rotation.random(2, random_state=1).as_matrix(), MIRROR):
        tissue = lambda p, m=move: half_space((p - SHIFT) @ m)  # noqa: E731
        there = burn(line @ move.T + SHIFT, tissue, [bone(), FAT], resolution=ROUND)
        np.testing.assert_allclose(degc(there, POINTS @ move.T + SHIFT), here, atol=0.1)


def test_a_slight_bend_is_nearly_straight_and_a_real_one_heats_its_inside():
    plain, slight, sharp = (burn(line) for line in (straight(), arc(2000.0), arc(20.0)))
    np.testing.assert_allclose(degc(slight, POINTS), degc(plain, POINTS), atol=0.15)
    middle = arc(20.0, 4.5)[-1]
    inward = np.array([20.0, 0, 0]) - middle
    inward /= np.linalg.norm(inward)
    inside, outside = degc(sharp, np.array([middle + 5 * inward, middle - 5 * inward]))
    assert inside > outside + 0.5


def test_more_perfusion_never_makes_a_larger_lesion():
    volumes = [hot_ml(burn(straight(), materials=[bone(perfusion_ml_min_kg=f)], duration_s=600))
               for f in (0.0, 30.0, 100.0, 176.0)]  # fmt: skip
    assert volumes == sorted(volumes, reverse=True)
    assert volumes[-1] < 0.9 * volumes[0]


@pytest.mark.parametrize("resolution", [COARSE, CellSize(slope=0.25, middle_mm=2.6, reach_mm=25.0)],
                         ids=["fitted", "general"])  # fmt: skip
def test_blood_flows_in_living_tissue_only(resolution):
    """What dies at once keeps its heat as if it had no blood; what never dies loses most."""

    def after(log_frequency, flow=200.0):
        law = Law(name="general", log_frequency=log_frequency, energy_j_mol=0.0)
        return ablate(
            probe(straight()), one_tissue, [bone(perfusion_ml_min_kg=flow)], physics(laws=(law,)),
            DRIVE, resolution=resolution,
        )  # fmt: skip

    at_once, half_way, never = after(20.0), after(np.log(1 / 60.0)), after(-20.0)
    bloodless = after(-20.0, flow=0.0)
    np.testing.assert_allclose(degc(at_once, POINTS), degc(bloodless, POINTS), atol=0.02)
    lost = [a.balance.perfused_j for a in (at_once, half_way, never)]
    assert lost[0] < 1e-3 * lost[2]
    assert 0.05 * lost[2] < lost[1] < 0.6 * lost[2]
    assert never.balance.error < 0.002


def test_a_front_of_death_passes_through_cells_and_does_not_jump():
    """Where ln Ω falls evenly along the probe, living shares add up to the front's own place."""
    at = np.arange(12.0)
    for front in (4.0, 5.2, 5.5, 5.9):
        omega = np.exp(0.7 * (front - at))[None, :, None] * np.ones((1, 1, 3))
        share = np.empty_like(omega)
        damage.alive(omega, share)
        # Each cell reaches half a step to both sides of its node.
        np.testing.assert_allclose(share.sum(axis=1), 11.5 - front, atol=1e-9)


def test_half_the_grid_spacing_changes_little():
    usual = Resolution(reach_mm=30.0, behind_mm=35.0, ahead_mm=25.0)
    one, two = (burn(straight(), duration_s=900, resolution=r) for r in (usual, finer(usual, 2)))
    assert two.effort.nodes > 3 * one.effort.nodes
    assert hot_ml(one) == pytest.approx(hot_ml(two), rel=0.02)


def test_bent_frame_finds_its_own_points_again():
    resolution = replace(COARSE, reach_mm=40.0)
    where = frame(probe(arc(20.0, 40.0)), resolution)
    rng = np.random.default_rng(3)
    angle, depth = rng.uniform(0, 2 * np.pi, 200), rng.uniform(-20, 30, 200)
    distance = rng.uniform(0.2, 30, 200)
    found = where.coordinates(where.points(angle, depth, distance))
    np.testing.assert_allclose(found[1], depth, atol=1e-5)
    np.testing.assert_allclose(found[2], distance, atol=1e-5)
    np.testing.assert_allclose(np.cos(found[0] - angle), 1.0, atol=1e-8)


def test_energy_balances_on_a_bent_grid():
    assert burn(arc(20.0), half_space, [bone(), FAT]).balance.error < 0.002
