"""The virtual patient is what it says it is."""

import numpy as np
import pytest
import trimesh
from skimage.measure import marching_cubes

from basivert.constants.load import builtin
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.render import render
from basivert.phantom.shapes import (
    HIGH_MM,
    LOW_MM,
    bone,
    pedicle,
    pedicle_axis,
    posterior_wall,
    signed_distance,
    vessel,
)
from basivert.phantom.spine import make_spine
from basivert.phantom.truth import canal_border, true_mesh
from basivert.planning.clearance import canal_distance_mm
from tests.conftest import scanner, wish

TABLES = builtin("morphometry"), builtin("targets")


@pytest.mark.parametrize("level", ["L1", "L3", "L5"])
def test_isthmus_is_the_smallest_section_of_the_pedicle(level):
    spec = make_spine(wish(levels=(level,)), *TABLES).vertebrae[level].spec
    for one in spec.pedicles.values():
        axis = pedicle_axis(one)
        across = np.cross(axis, [0, 0, 1.0])
        across /= np.linalg.norm(across)
        up = np.cross(across, axis)
        t = np.arange(-14, 14.01, 0.1)
        u, v = np.meshgrid(t, t, indexing="ij")
        centre = np.array([one.x_mm, one.y_mm, one.z_mm])
        areas = {}
        for offset in np.arange(-4.0, 4.01, 0.5):
            points = centre + offset * axis + u[..., None] * across + v[..., None] * up
            areas[offset] = np.sum(pedicle(one, points, spec) < 0) * 0.1**2
        assert min(areas, key=areas.get) == pytest.approx(0.0, abs=0.5)
        assert areas[0.0] == pytest.approx(np.pi / 4 * one.width_mm * one.height_mm, rel=0.02)


def test_signed_distance_grows_by_one_along_the_normal(spine):
    spec = spine.vertebrae["L4"].spec
    front = np.array([0.0, -spec.depth_mm / 2 * (1 - spec.waist), 0.0])
    for away in (-2.0, -1.0, 1.0, 2.0):
        found = signed_distance(spec, np.array([front + np.array([0.0, -away, 0.0])]))[0]
        assert found == pytest.approx(away, abs=0.12)


def test_labels_fill_the_implicit_volume(spine, case):
    truth = spine.vertebrae["L4"]
    rng = np.random.default_rng(0)
    low, high = np.array([-50, -25, -30.0]), np.array([50, 60, 30.0])
    inside = signed_distance(truth.spec, rng.uniform(low, high, (200_000, 3))) < 0
    volume = inside.mean() * np.prod(high - low)
    labelled = np.sum(case.labels.mask("L4")) * np.prod(case.ct.spacing_mm)
    assert labelled == pytest.approx(volume, rel=0.03)


def test_same_seed_same_patient_other_seed_another():
    one, again = (make_spine(wish(), *TABLES).vertebrae["L4"].spec for _ in range(2))
    other = make_spine(wish(seed=12), *TABLES).vertebrae["L4"].spec
    assert one == again
    assert one.width_mm != other.width_mm


def test_frames_are_rigid_and_stacked_caudally():
    spine = make_spine(wish(levels=("L1", "L2", "L3", "L4", "L5", "S1")), *TABLES)
    heights = []
    for truth in spine.vertebrae.values():
        turn = truth.lps_from_body[:3, :3]
        np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1.0)
        heights.append(truth.lps_from_body[2, 3])
    assert heights == sorted(heights, reverse=True)


def test_foramen_is_darker_than_the_wall_beside_it(spine):
    case = render(spine, scanner(noise_hu=0.0))
    truth = spine.vertebrae["L4"]
    one = truth.spec.openings[0]
    hu = []
    for x in (one.x_mm, one.x_mm + one.width_mm / 2 + 2.5):
        y = float(posterior_wall(truth.spec, np.asarray(x))) - 0.4
        point = moved(truth.lps_from_body, np.array([[x, y, one.z_mm]]))
        hu.append(
            float(interpolated(case.ct.values, case.ct.lps_from_index, point, outside=0.0)[0])
        )
    assert hu[0] < hu[1] - 100.0


def test_noise_has_the_wished_size(spine):
    quiet, loud = (render(spine, scanner(noise_hu=n)).ct.values for n in (0.0, 20.0))
    assert np.std(loud - quiet) == pytest.approx(20.0, rel=0.05)


def test_vessels_lie_in_front_and_are_labelled(spine, case):
    truth = spine.vertebrae["L4"]
    for name, side in (("aorta", 1.0), ("vena_cava", -1.0)):
        voxels = np.argwhere(case.labels.mask(name)).astype(float)
        inside = moved(inverse(truth.lps_from_body), moved(case.ct.lps_from_index, voxels))
        assert side * inside[:, 0].mean() > 5.0
        assert inside[:, 1].max() < -0.4 * truth.spec.depth_mm
        assert (vessel(truth.spec, name, inside) < 0.5).mean() > 0.99


def test_margin_to_a_vessel_is_its_true_distance_within_a_voxel(spine, case, planned):
    truth = spine.vertebrae["L4"]
    for plan in planned.levels[0].plans:
        line = moved(inverse(truth.lps_from_body), plan.path.centre_line)
        for name in ("aorta", "vena_cava"):
            free = (vessel(truth.spec, name, line) - plan.path.radius_mm).min()
            told = next(m.value_mm.value for m in plan.margins if m.wall == name)
            assert told == pytest.approx(free, abs=1.0)


def test_measured_canal_is_the_true_one(spine, planned):
    """Borders found in the scan against borders found on the implicit functions."""
    truth, vertebra = spine.vertebrae["L4"], planned.levels[0].vertebra
    height = np.mean([one.z_mm for one in truth.spec.pedicles.values()])
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    border = canal_border(truth.spec, float(height), turn)
    border = border[np.isfinite(border[:, 0])]
    lps = moved(truth.lps_from_body, np.column_stack([border, np.full(len(border), height)]))
    away = canal_distance_mm(vertebra.canal, moved(inverse(vertebra.lps_from_body), lps))
    assert np.median(np.abs(away)) < 0.5
    assert np.percentile(np.abs(away), 90) < 1.2


def test_true_border_of_the_canal_is_on_the_bone(spine):
    spec = spine.vertebrae["L4"].spec
    border = canal_border(spec, 2.0, np.linspace(0, 2 * np.pi, 40))
    border = border[np.isfinite(border[:, 0])]
    assert len(border) > 20
    points = np.column_stack([border, np.full(len(border), 2.0)])
    np.testing.assert_allclose(signed_distance(spec, points), 0.0, atol=1e-3)


@pytest.mark.parametrize("level", ["L3", "S1"])
def test_true_mesh_is_that_of_every_point_evaluated(level):
    truth = make_spine(wish(levels=(level,)), *TABLES).vertebrae[level]
    axes = [np.arange(a, b, 1.0) for a, b in zip(LOW_MM, HIGH_MM, strict=True)]
    whole = bone(truth.spec, np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))[0]
    vertices, faces, _, _ = marching_cubes(whole, 0.0)
    found = true_mesh(truth, 1.0)
    assert np.array_equal(found[1], faces)
    assert np.allclose(found[0], moved(truth.lps_from_body, LOW_MM + vertices), atol=1e-9)


def test_true_mesh_is_closed_and_holds_the_labelled_volume(spine, case):
    mesh = trimesh.Trimesh(*true_mesh(spine.vertebrae["L4"], 0.6))
    assert mesh.is_watertight
    labelled = np.sum(case.labels.mask("L4")) * np.prod(case.ct.spacing_mm)
    assert abs(mesh.volume) == pytest.approx(labelled, rel=0.02)


def test_levels_of_one_patient_vary_together():
    """One size factor carries 70 % of the variance: correlation of widths is near 0.7."""
    widths = np.array([
        [make_spine(wish(seed=seed, levels=("L3", "L4")), *TABLES).vertebrae[level].spec.width_mm
         for level in ("L3", "L4")]
        for seed in range(300)
    ])  # fmt: skip
    found = np.corrcoef(widths.T)[0, 1]
    assert 0.6 < found < 0.8
    table = TABLES[0]["L4.upper_width"]
    assert widths[:, 1].mean() == pytest.approx(table.value, abs=3 * table.sd / np.sqrt(300))


@pytest.mark.parametrize(("level", "taller"), [("L1", "back"), ("L5", "front")])
def test_wedge_is_that_of_the_lumbar_curve(level, taller):
    """Published: ventral wedging at L1, dorsal at L5 (morphometry rows `wedge`)."""
    gaps = []
    for seed in range(12):
        spec = make_spine(wish(levels=(level,), seed=seed), *TABLES).vertebrae[level].spec
        z = np.arange(-25.0, 25.0, 0.1)
        heights = []
        for y in (-0.35 * spec.depth_mm, 0.35 * spec.depth_mm):
            column = np.column_stack([0 * z, 0 * z + y, z])
            heights.append(np.sum(signed_distance(spec, column) < 0))
        gaps.append(heights[0] - heights[1])
    assert (np.median(gaps) > 0) == (taller == "front")
