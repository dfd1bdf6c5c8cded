"""Which reasons speak against a place, and which views are furthest apart."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.fluoroscopy.alone import Alone
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.level import LevelCheck
from basivert.fluoroscopy.register import Registered, bone
from basivert.fluoroscopy.trust import Trust
from basivert.workflow import angle_doubt
from basivert.workflow.standing import furthest, judged_whole, widest_deg
from tests.edge.shots import view

TABLE = builtin("registration")


def judged(verdict="good", level=None, angle=90.0, doubts=()):
    found = Registered(
        name="L4", room_from_ct=np.eye(4), evidence=0.4, by_view=(0.4, 0.4), rival=0.2,
        trust=Trust(probability=0.99, flatness=0.4, verdict=verdict),
    )  # fmt: skip
    whole, reasons = judged_whole(found, level, angle, doubts, TABLE)
    return whole.trust.verdict, " ".join(reasons)


def of_levels(**evidence):
    return LevelCheck(expected="L4", evidence=evidence)


def test_a_place_without_a_reason_against_it_is_good() -> None:
    assert judged(level=of_levels(L3=0.2, L4=0.4, L5=0.3)) == ("good", "")


def test_a_place_that_another_bone_fits_better_is_failed() -> None:
    verdict, why = judged(level=of_levels(L3=0.2, L4=0.4, L5=0.41))
    assert verdict == "failed"
    assert "bone of L5 fits this place better than that of L4" in why


@pytest.mark.parametrize(("angle", "verdict"), [(0.0, "doubtful"), (29.0, "doubtful"),
                                                (31.0, "good")])  # fmt: skip
def test_views_close_together_are_doubtful(angle: float, verdict: str) -> None:
    found, why = judged(angle=angle)
    assert found == verdict
    assert bool(why) == (verdict == "doubtful")


@pytest.mark.parametrize(
    ("own", "whole"), [("good", "doubtful"), ("doubtful", "doubtful"), ("failed", "failed")]
)
def test_a_doubt_makes_doubtful_and_never_mends(own: str, whole: str) -> None:
    verdict, why = judged(verdict=own, doubts=("View 2 may be a mirror image.",))
    assert verdict == whole
    assert "View 2 may be a mirror image." in why


def test_of_three_views_the_two_at_right_angles_are_furthest_apart() -> None:
    """From behind, from 20 degrees beside it, and from the left; opposite counts as the same."""
    behind, beside, left, front = (view(one, np.zeros(3), 0.0) for one in (180.0, 160.0, 90.0, 0.0))
    assert furthest([behind, beside, left]) == (0, 2)
    assert furthest([beside, left, behind]) == (1, 2)
    assert widest_deg([behind, beside, left]) == pytest.approx(90.0)
    assert widest_deg([behind, front]) == pytest.approx(0.0, abs=1e-5)
    assert widest_deg([behind]) == 0.0


def test_what_single_frames_say_against_a_good_place_reaches_the_verdict(case, monkeypatch) -> None:
    own = bone(case.ct, case.labels, "L4", TABLE)
    carm = view(180.0, own.fine.centre, 0.0)
    empty = np.zeros(carm.detector.pixels, np.float32)
    frame = Frame(picture=empty, seen=empty == 0.0, carm=carm)
    found = Registered(
        name="L4", room_from_ct=np.eye(4), evidence=0.4, by_view=(0.4, 0.4), rival=0.2,
        trust=Trust(probability=0.9, flatness=0.4, verdict="good"),
    )  # fmt: skip
    right = Alone(share=1.0, turned_deg=0.0, mirrored=0.0)
    wrong = replace(right, turned_deg=TABLE["alone.turned"].value + 1.0)
    monkeypatch.setattr(angle_doubt, "register", lambda *_: found)
    for other, count in ((right, 0), (wrong, 1)):
        monkeypatch.setattr(angle_doubt, "each_alone", lambda *_, n=other: (right, n))
        here = angle_doubt.placed(own, [frame] * 2, np.eye(4), "exact", TABLE,
                                  np.random.default_rng(1))  # fmt: skip
        assert len(here.doubts) == count
    uneven = replace(found, by_view=(0.75, 0.05))
    monkeypatch.setattr(angle_doubt, "register", lambda *_: uneven)
    monkeypatch.setattr(angle_doubt, "each_alone", lambda *_: (right, right))
    here = angle_doubt.placed(own, [frame] * 2, np.eye(4), "exact", TABLE,
                              np.random.default_rng(1))  # fmt: skip
    assert "View 2 hardly shows" in " ".join(here.doubts)
