"""The bent grid against closed forms: sources along an arc, and the probe's own surface."""

import numpy as np
import pytest

from basivert.ablation.body import body
from basivert.ablation.frame import frame
from basivert.ablation.grid import Resolution, nodes
from basivert.ablation.heat import HeatSolver
from basivert.ablation.interpolation import interpolated
from tests.ablation.problems import arc, bone, one_tissue, physics, probe

RADIUS, LENGTH, K, FLOW = 20.0, 21.0, 0.31e-3, 2236.93e-9
WIDE = Resolution(angles=16, reach_mm=45.0, behind_mm=60.0, ahead_mm=45.0)


def beside(depth, inwards, up=0.0):
    """Place beside the arc, `inwards` towards its centre."""
    turn = depth / RADIUS
    reach = RADIUS - inwards
    return np.array([RADIUS - reach * np.cos(turn), up, reach * np.sin(turn)])


def heated_line(resolution):
    """Steady rise per W/mm of a source on the arc from 3 to 6 mm, in one medium."""
    tool = probe(arc(RADIUS, LENGTH))
    same = physics(probe_k_w_mk=0.31, probe_j_m3k=1178 * 2274.0)
    where, grid = frame(tool, resolution), nodes(tool, resolution)
    problem = body(tool, where, grid, one_tissue, [bone()], same)
    steps = np.diff(grid.along)
    inside = (grid.along[:-1] > 3.0 - 1e-6) & (grid.along[1:] < 6.0 + 1e-6)
    lengths = (np.where(inside, steps, 0)[:-1] + np.where(inside, steps, 0)[1:]) / 2
    source = np.zeros(grid.shape)
    source[:, :, 0] = lengths / grid.angles
    solver = HeatSolver(problem)
    system = solver.system(1e-9, problem.perfusion)
    return where, grid, solver.solve(system, source, np.zeros(grid.shape), 1e-4)


@pytest.mark.parametrize("depth", [1.0, 4.5, 9.0])
def test_a_heated_arc_is_warmer_on_its_inside_by_what_point_sources_say(depth):
    """The difference of inside and outside; the probe's place is bone without blood here."""
    where, grid, rise = heated_line(WIDE)
    offs = np.array([2.0, 3.0, 5.0])
    points = np.array([beside(depth, off) for off in (*offs, *-offs)])
    found = interpolated(grid, rise, *where.coordinates(points), 0.0)
    ring = [grid.radii[0] * np.array([np.cos(t), np.sin(t)]) for t in np.arange(8) * np.pi / 4]
    middles = np.linspace(3.0, 6.0, 301)[1:] - 0.005
    sources = np.array([beside(s, *off) for s in middles for off in ring])
    away = np.linalg.norm(points[:, None] - sources[None], axis=-1)
    falling = np.exp(-away * (FLOW / K) ** 0.5) / away
    exact = 3.0 / (4 * np.pi * K) * falling.mean(axis=1)
    missed = np.abs((found[:3] - found[3:]) - (exact[:3] - exact[3:]))
    assert missed.max() < 0.002 * exact.max()


def test_the_grid_lies_on_the_probe():
    """Nodes of the surface are one radius from the centre line, all around and all along."""
    tool = probe(arc(RADIUS, LENGTH))
    where = frame(tool, WIDE)
    depth = np.linspace(0.0, LENGTH, 31)
    line = arc(RADIUS, 30.0)
    for turn in np.arange(8) * np.pi / 4:
        on = where.points(np.full(31, turn), depth, np.full(31, tool.radius_mm))
        gap = np.linalg.norm(on[:, None] - line[None], axis=-1).min(axis=1)
        np.testing.assert_allclose(gap, tool.radius_mm, atol=0.02)
