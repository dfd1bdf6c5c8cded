"""Anatomy against the exact truth of a virtual patient, in a turned grid."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.anatomy.find import located
from basivert.anatomy.model import Foramen, NotVisible, Partial, Vertebra
from basivert.constants.load import builtin
from basivert.errors import Finding
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.render import render
from basivert.phantom.shapes import plate_normal, posterior_wall, signed_distance
from basivert.phantom.spine import make_spine
from basivert.volume.model import Case, Labels, Volume
from basivert.workflow.plan_case import builtin_tables
from tests.conftest import scanner, wish

TABLES = builtin_tables().anatomy


@pytest.fixture(scope="module")
def truth(spine):
    return spine.vertebrae["L4"]


@pytest.fixture(scope="module")
def vertebra(planned) -> Vertebra:
    return planned.levels[0].vertebra


def angle(one, other):
    return np.degrees(np.arccos(np.clip(one @ other, -1, 1)))


def test_axes_are_the_patients_left_back_and_head(truth, vertebra):
    for axis in range(3):
        assert angle(vertebra.lps_from_body[:3, axis], truth.lps_from_body[:3, axis]) < 2.0


def test_endplates_lie_and_tilt_as_made(truth, vertebra):
    turn, spec = truth.lps_from_body[:3, :3], truth.spec
    upper = turn @ plate_normal(spec.upper_tilt_deg, spec.upper_lean_deg)
    lower = -turn @ plate_normal(spec.lower_tilt_deg, 0.0)
    # The 95th percentile of the benchmark is 1.4°; its median, 0.1°, is held there.
    assert angle(vertebra.upper_endplate.normal, upper) < 2.5
    assert angle(vertebra.lower_endplate.normal, lower) < 2.5
    tilt = np.degrees(np.arctan2(-upper[1], upper[2]))
    found = vertebra.upper_endplate.sagittal_deg
    assert abs(found.value - tilt) < 4 * found.sd


@pytest.mark.parametrize("side", ["left", "right"])
def test_pedicle_on_its_own_side_with_its_own_size(truth, vertebra, side):
    made, found = truth.spec.pedicles[side], vertebra.pedicles[side]
    centre = moved(truth.lps_from_body, np.array([made.x_mm, made.y_mm, made.z_mm]))
    assert np.linalg.norm(found.centre - centre) < 0.5
    assert found.width_mm.value == pytest.approx(made.width_mm, abs=0.7)
    assert found.height_mm.value == pytest.approx(made.height_mm, abs=0.9)
    assert found.transverse_deg.value == pytest.approx(made.turn_deg, abs=3.0)
    assert found.sagittal_deg.value == pytest.approx(made.tilt_deg, abs=4.0)


def test_left_is_left(vertebra):
    assert vertebra.pedicles["left"].centre[0] > vertebra.pedicles["right"].centre[0]


def test_surface_lies_on_the_true_one(truth, vertebra):
    points = moved(inverse(truth.lps_from_body), vertebra.surface.vertices[::40])
    away = signed_distance(truth.spec, points)
    assert abs(np.median(away)) < 0.25
    assert np.median(np.abs(away - np.median(away))) < 0.2


def test_distance_field_matches_the_truth_inside(truth, vertebra):
    points = np.random.default_rng(1).uniform([-12, -10, -8], [12, 10, 8], (300, 3))
    lps = moved(vertebra.lps_from_body, points)
    from basivert.geometry.grids import interpolated

    field = vertebra.field
    found = interpolated(field.distance_mm, field.body_from_index, points, outside=99.0)
    exact = signed_distance(truth.spec, moved(inverse(truth.lps_from_body), lps))
    near = exact > -3.0
    if near.any():
        np.testing.assert_allclose(found[near], exact[near], atol=0.5)
    assert (found < 0).all()


def test_foramen_is_found_where_it_is(truth, vertebra):
    assert isinstance(vertebra.foramen, Foramen)
    one = truth.spec.openings[0]
    wall = float(posterior_wall(truth.spec, np.asarray(one.x_mm)))
    centre = moved(truth.lps_from_body, np.array([one.x_mm, wall, one.z_mm]))
    assert np.linalg.norm(vertebra.foramen.centre - centre) < 1.0


def test_two_openings_are_read_as_two():
    spine = make_spine(wish(foramen="double"), builtin("morphometry"), builtin("targets"))
    truth = spine.vertebrae["L4"]
    found = located(render(spine, scanner()), "L4", TABLES)
    assert isinstance(found, Vertebra)
    assert isinstance(found.foramen, Foramen)
    wall = [(o.x_mm, float(posterior_wall(truth.spec, np.asarray(o.x_mm))), o.z_mm)
            for o in truth.spec.openings]  # fmt: skip
    made = moved(truth.lps_from_body, np.array(wall))
    away = np.linalg.norm(found.foramen.openings[:, None] - made[None], axis=2)
    assert away.shape == (2, 2)
    assert (away.min(axis=0) < 1.0).all()
    between = np.linalg.norm(made[0] - made[1])
    assert found.foramen.width_mm.value > between


def test_without_foramen_none_is_claimed_and_the_prior_is_named():
    spine = make_spine(wish(foramen="absent"), builtin("morphometry"), builtin("targets"))
    found = located(render(spine, scanner()), "L4", TABLES)
    assert isinstance(found, Vertebra)
    assert isinstance(found.foramen, NotVisible)
    assert "L4" in found.foramen.prior
    assert "not visible" in found.target.basis


def test_target_density_is_one_and_holds_every_window(vertebra):
    target = vertebra.target
    assert target.weights.sum() == pytest.approx(1.0)
    assert {w.name for w in target.windows} == {"25–40 %", "one third", "30–50 %"}
    for window in target.windows:
        away = (window.middle - target.centre) @ vertebra.lps_from_body[:3, :3]
        assert np.all(np.abs(away) < 3 * target.sd_mm + 0.5)


def test_windows_are_shares_of_depth_from_the_posterior_wall(truth, vertebra):
    """25 % of the body's true depth lies 25 % in front of the true wall."""
    body = moved(inverse(truth.lps_from_body), vertebra.target.windows[0].points)
    wall = float(posterior_wall(truth.spec, np.asarray(body[0, 0])))
    depth = wall + truth.spec.depth_mm / 2
    assert (wall - body[0, 1]) / depth == pytest.approx(0.25, abs=0.06)
    assert (wall - body[1, 1]) / depth == pytest.approx(0.40, abs=0.06)


def test_bone_density_is_that_of_the_marrow(truth, vertebra):
    assert vertebra.density.body_hu.value == pytest.approx(truth.spec.cancellous_hu, abs=25)


def test_body_size(truth, vertebra):
    spec, size = truth.spec, vertebra.size
    assert size.width_middle_mm.value == pytest.approx(spec.width_mm * (1 - spec.waist), abs=1.5)
    assert size.height_middle_mm.value == pytest.approx(spec.height_mm - 2 * spec.dish_mm, abs=1.0)


def cut(case: Case, keep: slice) -> Case:
    affine = case.ct.lps_from_index.copy()
    affine[:3, 3] += affine[:3, :3] @ [0, 0, keep.start or 0]
    ct = Volume(values=case.ct.values[..., keep], lps_from_index=affine, unit="HU")
    labels = Volume(values=case.labels.volume.values[..., keep], lps_from_index=affine,
                    unit="label")  # fmt: skip
    named = Labels(volume=labels, code_of=case.labels.code_of, convention="x")
    return Case(ct=ct, labels=named, findings=(), ct_name="", labels_name="")


def test_a_body_cut_by_the_scan_is_partial_and_says_so(case):
    rows = np.nonzero(case.labels.mask("L4").any(axis=(0, 1)))[0]
    middle = int(np.median(rows)) + 3
    found = located(cut(case, slice(middle, None)), "L4", TABLES)
    assert isinstance(found, Partial)
    assert "edge" in found.reason or "ml" in found.reason


def test_a_cut_process_is_a_finding_not_a_refusal(case):
    mask = case.labels.mask("L4")
    depth = np.nonzero(mask.any(axis=(0, 2)))[0]
    values = case.labels.volume.values[:, : depth[-1] - 6]
    affine = case.ct.lps_from_index
    ct = Volume(values=case.ct.values[:, : depth[-1] - 6], lps_from_index=affine, unit="HU")
    labels = Labels(volume=Volume(values=values, lps_from_index=affine, unit="label"),
                    code_of=case.labels.code_of, convention="x")  # fmt: skip
    found = located(
        Case(ct=ct, labels=labels, findings=(), ct_name="", labels_name=""), "L4", TABLES
    )
    assert isinstance(found, Vertebra)
    assert any(isinstance(f, Finding) and f.code == "cut-by-edge" for f in found.findings)


def test_a_broken_neighbour_does_not_turn_the_frame(case, truth):
    """A stray block named L5, far in front and aside, must not tell L4 where up is."""
    codes = case.labels.volume.values.copy()
    low = np.argwhere(codes > 0).min(axis=0)
    codes[tuple(slice(a, a + 22) for a in np.maximum(low - 30, 0))] = 5
    volume = Volume(values=codes, lps_from_index=case.ct.lps_from_index, unit="label")
    labels = replace(case.labels, code_of={"L4": 4, "L5": 5}, volume=volume)
    found = located(replace(case, labels=labels), "L4", TABLES)
    assert isinstance(found, Vertebra)
    for axis in range(3):
        assert angle(found.lps_from_body[:3, axis], truth.lps_from_body[:3, axis]) < 2.0
