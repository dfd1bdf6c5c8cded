"""Scores by hand-computed and published examples; too little answered is unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.outcomes.rules import outcome_rules
from basivert.care.outcomes.scoring import band, band_limits, band_words, odi, pain
from basivert.errors import InputError, RecordError

RULES = outcome_rules()
SECTION = st.integers(0, 5) | st.none() | st.lists(st.integers(0, 5), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("record", "score", "answered", "band_"),
    [
        # The scoring pages' own two examples.
        ({"items": [2, 2, 2, 2, 2, 2, 2, 2, 0, 0]}, 32.0, 10, "moderate disability"),
        ({"items": [2, 2, 2, 2, 2, 2, 2, 2, 0, None]}, 100 * 16 / 45, 9, "moderate disability"),
        ({"total": 16, "answered": 9}, 100 * 16 / 45, 9, "moderate disability"),
        ({"total": 16}, 32.0, 10, "moderate disability"),
        ({"items": [[1, 4], *[0] * 9]}, 8.0, 10, "minimal disability"),
        ({"items": [5] * 10}, 100.0, 10, "bed-bound or exaggerating"),
        ({"items": [None, None, *[1] * 8]}, 20.0, 8, "minimal disability"),
        ({"items": [None, None, None, *[1] * 7]}, None, 7, None),
        ({"items": [None] * 10}, None, 0, None),
        ({"total": None}, None, 0, None),
    ],
)
def test_odi(record, score, answered, band_):
    found = odi(record, RULES)
    assert (found.score, found.answered, found.band) == (score, answered, band_)
    assert found.answer == ("unknown" if score is None else "scored")


@given(st.lists(SECTION, min_size=10, max_size=10))
def test_a_blank_section_filled_in_with_the_mean_changes_nothing(items):
    points = [max(one) if isinstance(one, list) else one for one in items if one is not None]
    found = odi({"items": items}, RULES)
    if len(points) < 8:
        assert found.score is None
    else:
        assert found.score == pytest.approx(20 * sum(points) / len(points))
        assert 0 <= found.score <= 100


@pytest.mark.parametrize(
    "record",
    [
        {"items": [1] * 9}, {"items": [6, *[0] * 9]}, {"items": [True, *[0] * 9]},
        {"items": [-1, *[0] * 9]}, {"items": [[], *[0] * 9]}, {"items": [1.5, *[0] * 9]},
        {"items": [1] * 10, "total": 10}, {}, {"total": 46, "answered": 9}, {"points": 3},
        {"total": 10, "answered": 11}, {"items": "0123456789"},
    ],
)  # fmt: skip
def test_what_no_form_can_hold_is_an_error(record):
    with pytest.raises(RecordError):
        odi(record, RULES)


def test_bands_have_no_gap():
    assert [band(x, RULES).split()[0] for x in (0, 20, 20.5, 40, 60, 80, 80.01)] == [
        "minimal", "minimal", "moderate", "moderate", "severe", "crippled", "bed-bound",
    ]  # fmt: skip


def test_a_clinic_may_ask_for_nine_sections_and_the_edition_says_so():
    stricter = outcome_rules(
        {"edition": "north 1", "scores": {"odi": {"fewest_answered": {"value": 9}}}}
    )
    found = odi({"items": [None, None, *[1] * 8]}, stricter)
    assert found.score is None and "north 1" in found.rules_edition
    with pytest.raises(InputError, match="edition"):
        outcome_rules({"scores": {}})
    with pytest.raises(InputError, match="no table"):
        outcome_rules({"edition": "1", "socres": {}})


def test_pain_keeps_its_unit():
    found = pain({"value": 63, "unit": "mm", "window": "now"}, RULES)
    assert (found.instrument, found.score, found.unit) == ("vas_mm", 63.0, "mm")
    assert pain({"value": 0}, RULES).band == "no pain"
    assert pain({"value": None}, RULES).answer == "unknown"


@pytest.mark.parametrize(
    "record",
    [{"value": 7.5}, {"value": 11}, {"value": 5, "unit": "inch"}, {"value": True}, {},
     {"value": "7"}, {"value": 3, "day": 2}],
)  # fmt: skip
def test_pain_that_cannot_be_is_an_error(record):
    with pytest.raises(RecordError):
        pain(record, RULES)


@pytest.mark.parametrize(
    ("score", "record", "word"),
    [
        (odi, {"total": 64}, "percentage"), (odi, {"total": 640}, "sum of the points"),
        (pain, {"value": 7.5, "unit": "points"}, "whole number"),
        (pain, {"value": 75, "unit": "cm"}, "unit"), (pain, {"value": 7, "unit": "inch"}, "Choose"),
    ],
)  # fmt: skip
def test_every_slip_says_what_to_do(score, record, word):
    with pytest.raises(RecordError) as raised:
        score(record, RULES)
    assert word in raised.value.fix


def test_a_band_is_told_plainly_before_the_sources_own_word():
    limits = ["0–20 %", "21–40 %", "41–60 %", "61–80 %", "81–100 %"]
    assert [band_limits(x, RULES) for x in (0, 20.5, 60, 61, 100)] == limits
    told = band_words(70, RULES)
    assert told.startswith("61–80 %: pain reaches") and told.endswith(
        "(the source's word: “crippled”)"
    )


def test_a_clinics_own_bands_need_no_plain_words():
    bands = [{"up_to": 50, "name": "less"}, {"up_to": 100, "name": "more"}]
    ours = outcome_rules({"edition": "Lake 1", "scores": {"odi": {"band": bands}}})
    assert band_words(60, ours) == "51–100 % (the source's word: “more”)"
