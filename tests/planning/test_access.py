"""The way from skin to bone in a scan whose answer is known in closed form."""

import dataclasses

import numpy as np
import pytest

from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument
from basivert.planning.access import COARSE_STEP_MM, access, skin_point
from basivert.planning.gates import pedicle_gate
from basivert.planning.poses import TILT, TURN, axes, through
from basivert.planning.search import Quest, search
from basivert.planning.views import views
from basivert.volume.model import Volume
from basivert.workflow.plan_case import builtin_tables

TABLES = builtin_tables()
THRESHOLDS = TABLES.anatomy.thresholds
INWARDS = np.array([0.0, -1.0, 0.0])


def slab(vertebra, skin_mm, bone_mm=None, air_hu=-1000.0, noise=8.0):
    """A block of soft tissue about the vertebra: skin and a bone plate at known depths behind."""
    lps_from_index = vertebra.lps_from_body.copy()
    lps_from_index[:3, 3] = vertebra.lps_from_body[:3, :3] @ np.array([-60.0, -60.0, -60.0])
    lps_from_index[:3, 3] += vertebra.lps_from_body[:3, 3]
    y = np.arange(221.0) - 60.0
    along = np.where(y > skin_mm, air_hu, 40.0)
    if bone_mm is not None:
        along[(y > bone_mm) & (y < bone_mm + 8)] = 700.0
    values = np.broadcast_to(along[None, :, None], (121, 221, 121)).astype(np.float32)
    grain = np.random.default_rng(0).normal(size=values.shape) * noise
    return Volume(values=(values + grain).astype(np.float32), lps_from_index=lps_from_index,
                  unit="HU")  # fmt: skip


@pytest.fixture
def bare(planned):
    """The vertebra with its own bone nowhere near the lines that are looked at."""
    vertebra = planned.levels[0].vertebra
    field = vertebra.field
    far = dataclasses.replace(field, distance_mm=np.full_like(field.distance_mm, 20.0))
    return dataclasses.replace(vertebra, field=far)


@pytest.mark.parametrize("step_mm", [0.5, COARSE_STEP_MM])
def test_skin_and_foreign_bone_lie_where_they_were_put(bare, step_mm):
    starts = np.array([[0.0, 10.0, 0.0], [5.0, 20.0, -3.0]])
    found = access(slab(bare, 100.0, 60.0), bare, starts, np.tile(INWARDS, (2, 1)), THRESHOLDS,
                   step_mm)  # fmt: skip
    np.testing.assert_allclose(found.skin_mm, [90.0, 80.0], atol=step_mm + 1.0)
    np.testing.assert_allclose(found.bone_mm, [50.0, 40.0], atol=step_mm + 1.0)
    point = skin_point(found, 0, np.zeros(3), INWARDS)
    np.testing.assert_allclose(point, [0, found.skin_mm[0], 0])


def test_own_bone_is_not_in_the_way(planned):
    vertebra = planned.levels[0].vertebra
    field = vertebra.field
    own = dataclasses.replace(field, distance_mm=np.full_like(field.distance_mm, -1.0))
    inside = dataclasses.replace(vertebra, field=own)
    edge = np.array(field.distance_mm.shape) - 1
    corner = field.body_from_index[:3, 3] + field.body_from_index[:3, :3] @ edge
    ct = slab(vertebra, 100.0, corner[1] - 12.0)
    start = np.array([[0.0, corner[1] - 20.0, 0.0]])
    assert np.isinf(access(ct, inside, start, INWARDS[None], THRESHOLDS).bone_mm).all()


@pytest.mark.parametrize("padding", [-1024.0, -2000.0, -3024.0])
def test_padding_and_the_scan_border_are_not_skin(bare, padding):
    start = np.array([[0.0, 10.0, 0.0]])
    padded = slab(bare, 100.0, air_hu=padding, noise=0.0)
    assert np.isnan(access(padded, bare, start, INWARDS[None], THRESHOLDS).skin_mm).all()
    endless = slab(bare, 500.0)
    found = access(endless, bare, start, INWARDS[None], THRESHOLDS)
    assert np.isnan(found.skin_mm).all()
    assert skin_point(found, 0, np.zeros(3), INWARDS) is None


def test_the_two_checks_stand_at_right_angles_and_the_en_face_view_looks_along_the_shaft(planned):
    def toward(view):
        primary, secondary = np.radians([view.primary_deg, view.secondary_deg])
        return np.array([np.sin(primary) * np.cos(secondary), np.cos(primary) * np.cos(secondary),
                         np.sin(secondary)])  # fmt: skip

    level = planned.levels[0]
    for plan in level.plans:
        named = {view.name: toward(view) for view in views(level.vertebra, plan.path.axis,
                                                           TABLES.carm)}  # fmt: skip
        behind, aside = (named[n] for n in ("check from behind (AP)",
                                            "check from the side (true lateral)"))  # fmt: skip
        assert abs(behind @ aside) < 1e-9
        np.testing.assert_allclose(named["pedicle en face"], -plan.path.axis, atol=1e-9)
        upper = level.vertebra.upper_endplate.normal
        assert abs(named["AP, upper endplate squared"] @ upper) < 1e-9


def quest(vertebra, instrument, ct):
    gate = pedicle_gate(vertebra, vertebra.pedicles["left"])
    aim = moved(inverse(vertebra.lps_from_body), vertebra.target.centre)
    return Quest(vertebra=vertebra, ct=ct, gate=gate, instrument=instrument, aim=aim,
                 hubs=aim[None], thresholds=THRESHOLDS, technique=TABLES.technique)  # fmt: skip


def with_length(mm):
    usual = builtin_instrument("curved_bipolar")
    length = dataclasses.replace(usual.introducer_length_mm, value=mm)
    return dataclasses.replace(usual, introducer_length_mm=length)


def test_an_introducer_shorter_than_the_way_from_the_skin_gives_no_path_and_says_so(planned):
    vertebra = planned.levels[0].vertebra
    ct = slab(vertebra, 110.0)
    short = search(quest(vertebra, with_length(70.0), ct), 1)
    assert short.too_long
    assert not len(short.candidates.poses)
    enough = search(quest(vertebra, with_length(200.0), ct), 1)
    assert not enough.too_long
    assert enough.candidates.margin_mm.max() > 0


def test_shafts_that_other_bone_blocks_are_avoided_where_open_ones_exist(planned):
    """A plate of bone over the lateral half of the way: what is chosen passes beside it."""
    vertebra = planned.levels[0].vertebra
    open_ct = slab(vertebra, 110.0)
    values = open_ct.values.copy()
    gate = pedicle_gate(vertebra, vertebra.pedicles["left"])
    index = inverse(open_ct.lps_from_index)
    at = moved(index, moved(vertebra.lps_from_body, gate.centre + np.array([0.0, 50.0, 0.0])))
    values[int(at[0]) + 14 :, int(at[1]) : int(at[1]) + 6, :] = 800.0
    ct = Volume(values=values, lps_from_index=open_ct.lps_from_index, unit="HU")
    instrument = with_length(200.0)
    found = search(quest(vertebra, instrument, ct), 1).candidates
    axis = axes(found.poses[:, TURN], found.poses[:, TILT], gate.sign)
    way = access(ct, vertebra, through(found.poses, gate) - 10.0 * axis, axis, THRESHOLDS)
    assert np.isinf(way.bone_mm).all()
    free = search(quest(vertebra, instrument, open_ct), 1).candidates
    axis = axes(free.poses[:, TURN], free.poses[:, TILT], gate.sign)
    way = access(ct, vertebra, through(free.poses, gate) - 10.0 * axis, axis, THRESHOLDS)
    assert np.isfinite(way.bone_mm).any(), "the plate should block some of what is free without it"
