"""Each frame by itself against all together: wrong angles and mirror images of known frames."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.edge.imaging.frames import read_shots
from basivert.fluoroscopy.alone import Alone, doubts, each_alone, uneven
from basivert.fluoroscopy.hypotheses import turned_over
from basivert.fluoroscopy.register import bone, register
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of
from tests.edge.shots import XRAY, shoot, view

TABLE = builtin("registration")


@pytest.fixture(scope="module")
def own(case):
    return bone(case.ct, case.labels, "L4", TABLE)


@pytest.fixture(scope="module")
def pair(case, own, tmp_path_factory):
    """AP and lateral, the bone 4 mm beside the middle of the AP."""
    place, patient = tmp_path_factory.mktemp("alone"), patient_of(case.ct, fluoro_tables())
    centre = own.fine.centre + np.array([4.0, 0.0, 0.0])
    files = [shoot(place / f"{n}.dcm", patient, (), one)
             for n, one in enumerate((view(180.0, centre), view(90.0, centre)))]  # fmt: skip
    return [one.frame for one in read_shots(files, None, centre, TABLE, XRAY)]


def alone(own, frames, pose=None):
    return each_alone(own, frames, np.eye(4) if pose is None else pose, TABLE,
                      np.random.default_rng(4))  # fmt: skip


def test_right_frames_agree(own, pair) -> None:
    found = alone(own, pair)
    for one in found:
        assert one.share > 0.95
        assert one.turned_deg < 1.0
        assert one.mirrored < 0.95
    assert doubts(found, TABLE) == ()


@pytest.mark.parametrize("off", [7.0, -12.0])
def test_a_frame_whose_angle_is_wrong_sees_the_bone_turned_by_that(own, pair, off) -> None:
    """The AP is right, so the bone stands where it does: the lateral is turned by the error."""
    carm = replace(pair[1].carm, primary_deg=pair[1].carm.primary_deg + off)
    found = alone(own, (pair[0], replace(pair[1], carm=carm)))
    assert found[0].turned_deg < 1.0
    assert found[1].turned_deg == pytest.approx(abs(off), abs=1.0)
    assert found[1].share < 0.6
    (words,) = doubts(found, TABLE)
    assert words.startswith(f"View 2 by itself shows the bone turned by {found[1].turned_deg:.0f}°")


def test_a_frame_that_is_a_mirror_image_is_told(own, pair) -> None:
    frames = (turned_over(pair[0]), pair[1])
    found = register(own, frames, np.eye(4), TABLE, np.random.default_rng(2))
    one = alone(own, frames, found.room_from_ct)[0]
    assert one.mirrored > 1.05
    assert "View 1 fits the bone better as its mirror image" in doubts([one], TABLE)[0]


def test_a_view_that_shows_the_bone_far_less_than_another_is_told() -> None:
    at = TABLE["alone.least"].value
    assert uneven([0.9, 0.9 * at], TABLE) == ()
    (words,) = uneven([0.9, 0.9 * at - 0.01, 0.9], TABLE)
    assert words.startswith("View 2 hardly shows the bone where it was found (24% of")


def test_a_frame_without_the_bone_is_doubted(own, pair) -> None:
    empty = replace(pair[1], picture=np.zeros_like(pair[1].picture))
    assert len(doubts(alone(own, (pair[0], empty)), TABLE)) == 1


@pytest.mark.parametrize(
    ("name", "row", "worse"),
    [("share", "alone.share", -0.01), ("turned_deg", "alone.turned", 0.1)],
)
def test_one_measure_beyond_its_bound_is_enough(name, row, worse) -> None:
    right = Alone(share=1.0, turned_deg=0.0, mirrored=0.5)
    at = TABLE[row].value
    assert doubts([right, replace(right, **{name: at})], TABLE) == ()
    assert len(doubts([right, replace(right, **{name: at + worse})], TABLE)) == 1
