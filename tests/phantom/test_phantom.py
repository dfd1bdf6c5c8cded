"""The virtual patient is what it says it is."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import moved
from basivert.phantom.render import render
from basivert.phantom.shapes import pedicle, pedicle_axis, posterior_wall, signed_distance
from basivert.phantom.spine import make_spine
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
            areas[offset] = np.sum(pedicle(one, points, spec.height_mm) < 0) * 0.1**2
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
