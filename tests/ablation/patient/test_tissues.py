from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.patient.known import UNKNOWN, Known
from basivert.ablation.patient.tissues import tissues
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.shapes import bone
from basivert.phantom.truth import canal_border

ROUND = np.linspace(0.1, 2 * np.pi, 40)


@pytest.fixture(scope="module")
def truth(spine):
    return spine.vertebrae["L4"]


def names_at(found, points):
    return np.array([m.name for m in found.materials])[found.grid(points)]


def spread(lps_from_body, low, high, seed):
    body = np.random.default_rng(seed).uniform(low, high, (4000, 3))
    return body, moved(lps_from_body, body)


def test_bone_is_where_the_true_bone_is(prepared, truth):
    body, lps = spread(truth.lps_from_body, (-24, -18, -13), (24, 14, 13), 1)
    depth = bone(truth.spec, body)[0]
    name = names_at(prepared.tissues, lps)
    marrow = np.char.startswith(name.astype(str), "cancellous")
    hard = np.char.startswith(name.astype(str), "cortical") | np.isin(name, ["vein"])
    assert np.mean((marrow | hard)[depth < -1.0]) > 0.99
    assert np.mean((marrow | hard)[depth > 1.5]) < 0.01
    assert np.mean(marrow[depth < -2.5]) > 0.95


def test_canal_holds_fluid_inside_and_fat_or_veins_at_its_border(prepared, truth):
    angle = np.linspace(0.1, 2 * np.pi, 40)
    border = canal_border(truth.spec, 0.0, angle)
    middle = np.nanmean(border, axis=0)

    def at(share):
        xy = middle + share * (border[np.isfinite(border[:, 0])] - middle)
        body = np.column_stack([xy, np.zeros(len(xy))])
        return names_at(prepared.tissues, moved(truth.lps_from_body, body))

    assert np.mean(at(0.5) == "csf") > 0.95
    assert np.mean(np.isin(at(0.93), ["fat", "vein, epidural plexus"])) > 0.8


def test_discs_lie_beyond_the_endplates_and_vessels_stay_vessels(prepared, vertebra, case):
    for plate in (vertebra.upper_endplate, vertebra.lower_endplate):
        beyond = plate.centre + np.outer([2.5, 4.0], plate.normal)
        assert set(names_at(prepared.tissues, beyond)) == {"disc"}
    blood = case.labels.centre("aorta")
    origin = vertebra.lps_from_body[:3, 3]
    near = (
        blood - ((blood - origin) @ vertebra.lps_from_body[:3, 2]) * vertebra.lps_from_body[:3, 2]
    )
    assert names_at(prepared.tissues, near[None])[0] == "vessel"


def test_modic_change_fills_the_marrow_below_its_endplate_only(prepared, vertebra, case, tables):
    known = Known(age_years=55.0, modic={"lower": 2})
    found = tissues(vertebra, case, known, tables.tissues)
    inwards = -vertebra.lower_endplate.normal
    depth = np.array([2.5, 4.0, 6.0, 12.0, 16.0])
    names = names_at(found, vertebra.lower_endplate.centre + depth[:, None] * inwards)
    assert all(n.startswith("Modic 2 lower") for n in names[:3])
    assert not any(n.startswith("Modic") for n in names[3:])
    fatty = next(m for m in found.materials if m.name.startswith("Modic 2"))
    usual = next(m for m in found.materials if m.name.startswith("cancellous"))
    assert fatty.perfusion_ml_min_kg < 0.1 * usual.perfusion_ml_min_kg


def test_tissue_moves_with_the_patient(prepared, vertebra, case, tables):
    """The same scan with another origin: the same tissue at the moved points."""
    shift = np.array([31.0, -12.0, 7.0])
    away = np.eye(4)
    away[:3, 3] = shift

    def volume(v):
        return replace(v, lps_from_index=away @ v.lps_from_index)

    labels = replace(case.labels, volume=volume(case.labels.volume))
    there = replace(case, ct=volume(case.ct), labels=labels)
    moved_vertebra = replace(
        vertebra, lps_from_body=away @ vertebra.lps_from_body,
        **{name: _shifted(getattr(vertebra, name), shift)
           for name in ("upper_endplate", "lower_endplate", "foramen", "target")},
    )  # fmt: skip
    found = tissues(moved_vertebra, there, UNKNOWN, tables.tissues)
    low, high = (-30, -30, -20), (30, 30, 20)
    _, points = spread(vertebra.lps_from_body, low, high, 3)
    same = prepared.tissues.grid(points) == found.grid(points + shift)
    assert np.mean(same) > 0.995


def _shifted(part, shift):
    name = "centre" if hasattr(part, "centre") else "expected"
    return replace(part, **{name: getattr(part, name) + shift})


def test_beyond_the_grid_the_nearest_tissue_counts(prepared):
    far = prepared.vertebra.lps_from_body[:3, 3] + np.array([[500.0, 0, 0], [0, 0, -900.0]])
    index = moved(prepared.tissues.grid.index_from_lps, far)
    inside = np.clip(np.rint(index), 0, np.array(prepared.tissues.grid.codes.shape) - 1)
    back = moved(inverse(prepared.tissues.grid.index_from_lps), inside)
    np.testing.assert_array_equal(prepared.tissues.grid(far), prepared.tissues.grid(back))


def test_the_plexus_lies_in_the_front_of_the_canal(prepared, truth, vertebra):
    """Behind the body (front, −y, of the canal), as far as the table's angle; fat elsewhere."""
    turn = np.radians(np.arange(-50.0, 51.0, 4.0))
    middle = np.array([0.0, np.nanmean(canal_border(truth.spec, 0.0, ROUND)[:, 1])])
    front = canal_border(truth.spec, 0.0, 1.5 * np.pi + turn)
    xy = middle + 0.93 * (front - middle)
    names = names_at(prepared.tissues, moved(truth.lps_from_body, np.c_[xy, 0.0 * xy[:, 0]]))
    assert np.mean(names == "vein, epidural plexus") > 0.8
    grid, materials = prepared.tissues.grid, prepared.tissues.materials
    veins = np.argwhere(grid.codes == [m.name for m in materials].index("vein, epidural plexus"))
    lps = moved(inverse(grid.index_from_lps), veins.astype(float))
    body = moved(inverse(vertebra.lps_from_body), lps)
    assert np.all(body[:, 1] < vertebra.canal.axis_xy[:, 1].max())
