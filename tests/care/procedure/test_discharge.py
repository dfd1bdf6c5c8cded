"""Recovery scores by their published tables; what is missing never lets a patient go."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.procedure.discharge import discharge, scored, shipped_scores
from basivert.errors import RecordError

from .records import POINTS

SCORES = shipped_scores()


@pytest.mark.parametrize("name", POINTS)
def test_five_items_of_two_points_and_nine_to_pass(name):
    score = SCORES[name]
    assert tuple(score.items) == POINTS[name]
    assert score.threshold == 9 and score.source
    for points in itertools.product((0, 1, 2), repeat=5):
        found = scored(score, dict(zip(POINTS[name], points, strict=True)))
        assert found.total == sum(points)
        assert found.passes is (Answer.YES if sum(points) >= 9 else Answer.NO)


@pytest.mark.parametrize(
    ("item", "points", "wording"),
    [
        ("circulation", 2, "pressure within 20 % of before"),
        ("circulation", 0, "pressure 50 % or more from before"),
        ("saturation", 2, "SpO2 over 92 % on air"), ("activity", 1, "moves 2 limbs"),
        ("consciousness", 1, "arousable"),
    ],
)  # fmt: skip
def test_aldretes_wordings_are_per_cent_not_millimetres(item, points, wording):
    assert SCORES["aldrete_1995"].items[item][points] == wording


@given(st.sampled_from(sorted(SCORES)), st.data())
def test_a_missing_item_never_passes(name, data):
    score = SCORES[name]
    points = data.draw(st.fixed_dictionaries(
        {}, optional={item: st.sampled_from([None, 0, 1, 2]) for item in score.items}))  # fmt: skip
    found = scored(score, points)
    missing = [item for item in score.items if points.get(item) is None]
    if missing:
        assert found.passes is not Answer.YES and found.total is None
        assert found.high - found.low == 2 * len(missing)
    known = [points[item] for item in score.items if item not in missing]
    if sum(known) + 2 * len(missing) < 9:
        assert found.passes is Answer.NO


@pytest.mark.parametrize("points", [3, -1, True, "2", 1.5])
def test_points_other_than_three_are_errors(points):
    with pytest.raises(RecordError):
        scored(SCORES["aldrete_1995"], {"activity": points})
    with pytest.raises(RecordError, match="activity"):
        scored(SCORES["aldrete_1995"], {"activty": 2})


FLAGS = st.sampled_from([True, False, None])


@given(st.sampled_from([8, 9, 10]), st.sampled_from([8, 9, 10]), FLAGS, FLAGS, FLAGS)
def test_home_only_when_everything_is_known_and_yes(aldrete, padss, sedation, driver, adult):
    found = discharge(
        full("aldrete_1995", aldrete), full("padss_original", padss), sedation_worn_off=sedation,
        driver_there=driver, adult_at_home=adult,
    )  # fmt: skip
    good = aldrete >= 9 and padss >= 9 and sedation and driver and adult
    assert (found.passes is Answer.YES) == bool(good)
    if False in (sedation, driver, adult) or aldrete < 9 or padss < 9:
        assert found.passes is Answer.NO
    assert len(found.criteria) == 5


def full(name, total):
    points = [2, 2, 2, 2, total - 8]
    return scored(SCORES[name], dict(zip(POINTS[name], points, strict=True)))
