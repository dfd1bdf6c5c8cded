"""A suggested change is told in the words and numbers that a hand needs."""

import pytest

from basivert.ablation.change import Change, Reached, Refusal
from basivert.report.heat.change import change_sheet, in_words

NOW = Reached(coverage=0.71, peak_degc={"dura": 38.4}, cem43_min={"dura": 0.02})
THEN = Reached(coverage=0.93, peak_degc={"dura": 41.7}, cem43_min={"dura": 1.3})


@pytest.mark.parametrize(("depth", "roll", "hold", "words"), [
    (1.5, 0.0, 0.0, "1.5 mm deeper"), (-2.0, 0.0, -120.0, "2.0 mm less deep, hold 2 min shorter"),
    (0.0, 10.0, 300.0, "roll 10° clockwise, hold 5 min longer"),
    (0.0, -5.0, 0.0, "roll 5° anticlockwise"), (0.0, 0.0, 0.0, "none is needed"),
])  # fmt: skip
def test_words_give_size_and_direction_of_every_part(depth, roll, hold, words):
    assert in_words(Change(depth_mm=depth, roll_deg=roll, hold_s=hold)) == words


def test_a_refusal_says_why_and_shows_the_best():
    best = Change(depth_mm=3.0, roll_deg=0.0, hold_s=0.0)
    (sheet,) = change_sheet(Refusal(why="Nothing helps.", best=best, now=NOW, verified=THEN,
                                    solves=9))  # fmt: skip
    assert sheet.title == "No change serves; best: 3.0 mm deeper"
    assert sheet.note.startswith("Nothing helps.")
    assert "9 solves" in sheet.note
    assert [c.text for c in sheet.rows[0][1:]] == ["0.71", "0.93"]
    assert [c.text for c in sheet.rows[1]] == ["Dura, peak and CEM43", "38.4 °C", "41.7 °C"]


def test_nothing_is_said_where_nothing_was_asked():
    assert change_sheet(None) == ()
