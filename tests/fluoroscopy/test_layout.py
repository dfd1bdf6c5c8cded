"""Only what the rays of a view cross is laid out, and the picture is that of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.layout import Layout, crossed
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import axis, stacked


def volume() -> Attenuation:
    values = np.random.default_rng(3).random((90, 80, 70)).astype(np.float32)
    lps_from_index = np.diag([1.5, -1.2, 2.0, 1.0])
    lps_from_index[:3, 3] = (-60.0, 50.0, -70.0)
    return Attenuation(values=values, lps_from_index=lps_from_index)


def narrow(primary: float, secondary: float, place: tuple[float, float, float]) -> CArm:
    return CArm(
        primary_deg=primary, secondary_deg=secondary, isocentre=np.array(place),
        source_isocentre_mm=600.0, source_detector_mm=1000.0,
        detector=Detector(side_mm=(60.0, 60.0), pixels=(48, 48), offset_mm=(0.0, 0.0)),
    )  # fmt: skip


def layout(whole: Attenuation, views: tuple[CArm, ...] = ()) -> Layout:
    return Layout(whole=whole, property=lambda part: part, voxels=2, views=views)


VIEWS = [
    narrow(180.0, 0.0, (0.0, 0.0, 0.0)), narrow(165.0, 20.0, (20.0, 5.0, 30.0)),
    narrow(90.0, -8.0, (-20.0, 0.0, -30.0)), narrow(180.0, 0.0, (0.0, 0.0, 400.0)),
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_lengths_are_those_of_the_whole_volume(view):
    whole = volume()
    expected = line_integrals(stacked(whole, axis(whole, view), 2), view)
    made = layout(whole).lengths(view)
    np.testing.assert_allclose(made, expected, rtol=2e-5, atol=1e-5)


def test_no_voxel_outside_of_the_part_changes_the_picture():
    whole, view = volume(), VIEWS[1]
    inside = crossed(whole, view)
    held = np.zeros_like(whole.values)
    held[inside] = whole.values[inside]
    assert held.size > 2 * held[inside].size
    other = replace(whole, values=held)
    np.testing.assert_array_equal(layout(other).lengths(view), layout(whole).lengths(view))


def test_views_that_were_not_announced_are_laid_out_when_they_come():
    whole = volume()
    known = layout(whole, views=(VIEWS[0],))
    known.lengths(VIEWS[0])
    moved = replace(VIEWS[0], isocentre=np.array([25.0, 0.0, -35.0]))
    expected = line_integrals(stacked(whole, axis(whole, moved), 2), moved)
    np.testing.assert_allclose(known.lengths(moved), expected, rtol=2e-5, atol=1e-5)


def test_announced_views_share_one_layout():
    whole = volume()
    moved = replace(VIEWS[0], isocentre=np.array([25.0, 0.0, -35.0]))
    known = layout(whole, views=(VIEWS[0], moved))
    known.lengths(VIEWS[0])
    first = known.stacks[1][1]
    known.lengths(moved)
    assert known.stacks[1][1] is first
