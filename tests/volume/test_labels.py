"""Conventions with the same codes are told apart by where the codes lie, never guessed."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.edge.imaging.labels import builtin_conventions
from basivert.errors import LabelError
from basivert.volume.labels import neighbours, recognised
from basivert.volume.pieces import pieces
from tests.volume.spines import PITCH_MM, column, with_values

LIMITS = builtin("input")


def named(codes, file_name="labels.nii.gz", **how):
    _, labels = column(codes, **how)
    return recognised(labels, file_name, builtin_conventions(), LIMITS)


@pytest.mark.parametrize(
    ("codes", "convention"),
    [
        ((20, 21, 22, 23, 24), "verse"),
        ((19, 20, 21), "verse"),
        ((22, 21, 20, 19, 18), "totalsegmentator_v1"),
        ((31, 30, 29, 28, 27, 26), "totalsegmentator_v2"),
        ((33, 32, 31, 30), "totalsegmentator_v2"),
        ((41, 42, 43, 44, 45), "totalspineseg"),
        ((30, 31, 32, 41, 42), "totalspineseg"),
    ],
)
def test_order_along_the_body_tells_the_convention(codes, convention):
    assert named(codes).name == convention


def test_discs_beside_verse_numbers_speak_for_tptbox():
    _, labels = column((22, 23, 24))
    values = labels.values.copy()
    values[0, 0, :3] = 122
    found = recognised(with_values(labels, values), "x", builtin_conventions(), LIMITS)
    assert (found.name, found.code_of["L3"]) == ("tptbox", 22)


def test_a_single_vertebra_that_two_conventions_name_differently_is_refused_unless_named():
    with pytest.raises(LabelError, match="--label-map") as caught:
        named((22,))
    assert caught.value.facts["codes"] == [22]
    assert {"verse", "totalsegmentator_v1"} <= set(caught.value.facts["candidates"])
    assert named((22,), "sub-verse014_seg-vert_msk.nii.gz").code_of["L3"] == 22
    assert named((22,), "totalseg.nii.gz").code_of["L1"] == 22


@pytest.mark.parametrize("codes", [(1, 2, 3), (777,), (24, 20, 22), (41, 42, 43, 46, 49)])
def test_codes_that_fit_nothing_are_listed(codes):
    with pytest.raises(LabelError, match=str(min(codes))):
        named(codes)


def test_boxes_too_far_apart_or_too_near_are_no_lumbar_spine():
    with pytest.raises(LabelError):
        named((20, 21, 22), pitch_mm=2.0 * LIMITS["vertebra.farthest"].value)


def test_the_virtual_patients_small_codes_need_their_name():
    assert named((1, 2, 3), "labels_phantom.nii.gz").name == "phantom"


def test_every_shipped_convention_is_sound():
    for convention in builtin_conventions():
        codes = list(convention.code_of.values())
        assert len(set(codes)) == len(codes), convention.name
        assert convention.source and convention.title
        assert all(any(low <= c <= high for low, high in convention.ranges) for c in codes)


def test_centres_lie_one_pitch_apart_and_edges_are_seen():
    _, labels = column((20, 21, 22), margin_mm=0.0)
    found = pieces(labels.values, labels.lps_from_index)
    apart = found[20].centre - found[21].centre
    np.testing.assert_allclose(apart, [0, 0, PITCH_MM], atol=2.0)
    assert not found[21].cut
    assert found[22].cut == ((2, 0),)


def test_neighbours_step_over_levels_that_most_people_lack():
    assert neighbours({"T12", "L1", "L5", "S1"}) == (("T12", "L1"), ("L5", "S1"))
    assert neighbours({"T13", "T12", "L1"}) == (("T12", "T13"), ("T13", "L1"))
