"""A registry is read whole or refused with patient and row."""

import dataclasses

import pytest

from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.registry import Event, known_by
from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.documents.registry_file import from_csv, read_registry
from basivert.errors import RecordError

RULES = outcome_rules()
ONE = {
    "id": "p1", "procedure_on": "2025-01-10", "sex": "female", "age_years": 51,
    "modic": {"L4/L5": 1}, "levels": ["L4", "L5"], "coverage_planned": {"L4": 0.9, "L5": 0.8},
    "scores": [
        {"instrument": "nrs", "value": 7, "on": "2025-01-08"},
        {"instrument": "odi", "items": [2] * 9 + [None], "on": "2025-07-12"},
        {"instrument": "odi", "items": [2] * 5 + [None] * 5, "day": 90},
    ],
    "events": [{"kind": "fracture", "grade": 2, "level": "L5", "day": 40}],
    "left": {"why": "withdrawn", "on": "2025-09-01"},
}  # fmt: skip
HEADER = (
    "record,patient,procedure_on,sex,age_years,modic,levels,coverage_planned,day,on,name,value,"
    "grade,level\n"
)
CSV = f"""{HEADER}registry,,,,,,,,,2025-12-31,,,,
patient,p1,2025-01-10,female,51,L4/L5:1,L4;L5,L4:0.9;L5:0.8,,,,,,
score,p1,,,,,,,,2025-01-08,nrs,7,,
score,p1,,,,,,,,2025-07-12,odi,40,,
score,p1,,,,,,,90,,odi,,,
event,p1,,,,,,,40,,fracture,,2,L5
left,p1,,,,,,,,2025-09-01,withdrawn,,,
"""


def document(**changes):
    return {"as_of": "2025-12-31", "start": "2025-01-10", "patients": [{**ONE, **changes}]}


def test_dates_become_days():
    held = registry(document(), RULES)
    (one,) = held.patients
    assert held.as_of_day == 355 and one.procedure_day == 0
    assert [(s.instrument, s.day) for s in one.scores] == [("nrs", -2), ("odi", 183)]
    assert one.scores[1].value == pytest.approx(40.0)
    assert held.unscored == 1 and one.left_day == 234 and one.last_contact == 234


def test_csv_says_the_same():
    assert registry(from_csv(CSV), RULES) == registry(document(), RULES)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"modicc": {}}, "modic"), ({"sex": "f"}, "female"), ({"levels": ["L7"]}, "L7"),
        ({"age_years": 300}, "age_years"), ({"modic": {"L4/L5": 1.5}}, "0 to 3"),
        ({"procedure_on": "2026-01-10"}, "goes from day 0"), ({"procedure_on": None}, "either"),
        ({"scores": [{"instrument": "nrs", "value": 12, "day": 3}]}, "score 1"),
        ({"scores": [{"instrument": "nrs", "value": 2, "day": 999}]}, "after the registry"),
        ({"scores": [{"instrument": "pain", "value": 2, "day": 9}]}, "no score"),
        ({"events": [{"kind": "bruise", "grade": 1, "day": 2}]}, "bleeding"),
        ({"events": [{"kind": "other", "grade": 7, "day": 2}]}, "grade"),
        ({"events": [{"kind": "other", "grade": 1, "day": 2, "level": "L1"}]}, "treated"),
        ({"coverage_planned": {"L4": 90}}, "only 0 to 1"), ({"id": ""}, "no id"),
        ({"left": {"why": "moved", "day": 3}}, "withdrawn"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_place(changes, word):
    with pytest.raises(RecordError, match=word):
        registry(document(**changes), RULES)


def test_a_pseudonym_stands_once_and_the_registry_has_a_day():
    with pytest.raises(RecordError, match="twice"):
        registry({"as_of": "2025-12-31", "patients": [ONE, ONE]}, RULES)
    with pytest.raises(RecordError, match="its day"):
        registry({"patients": [ONE]}, RULES)


def test_an_event_of_which_nobody_knows_the_day_moves_no_day():
    held = registry(document(left=None), RULES)
    undated = Event(kind="fracture", grade=2, day=None, level=None)
    one = dataclasses.replace(held.patients[0], events=(undated,))
    assert one.last_contact == 183
    held = dataclasses.replace(held, patients=(one,))
    assert held.patients[0].events == (undated,) and known_by(held, 300).patients[0].events == ()


def test_an_earlier_day_knows_nothing_of_later():
    early = known_by(registry(document(), RULES), 100)
    assert [s.day for s in early.patients[0].scores] == [-2]
    assert early.patients[0].left_why is None and early.as_of_day == 100


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("record,pacient\n", "unknown columns"), ("record,patient\nscore,p1\n", "stands before"),
        ("record,patient\npatient,p1\nvisit,p1\n", "no record"),
        ("record,patient,levels,modic\npatient,p1,L4,L4L5\n", "L4:0.9"),
        ("record,patient\npatient,p1,7\n", "more cells"),
        ("record,patient\npatient,p1\npatient,p1\n", "Line 3: patient p1 stands twice"),
        ("record,name,day\nregistry,a,9\nregistry,b,8\n", "Line 3: the registry stands twice"),
        ("record,patient,name,day\npatient,p1\nleft,p1,lost,3\nleft,p1,death,9\n",
         "Line 4: patient p1 left twice"),
    ],
)  # fmt: skip
def test_csv_errors_name_the_line(text, word):
    with pytest.raises(RecordError, match=word):
        from_csv(text)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    file = tmp_path / "registry.csv"
    file.write_text(CSV, encoding="utf-8")
    assert read_registry(file) == from_csv(CSV)
    monkeypatch.setattr("basivert.edge.documents.registry_file.LARGEST_BYTES", len(CSV) - 1)
    with pytest.raises(RecordError, match=r"registry\.csv is larger"):
        read_registry(file)


def test_totals_without_a_rate_are_kept():
    names = ["phq9", "eq_vas", "promis_t"]
    rows = [{"instrument": name, "value": 12, "day": 183} for name in names]
    held = registry(document(scores=rows), RULES)
    assert [score.instrument for score in held.patients[0].scores] == names
    assert report(held, RULES)["scores"]["entered"] == 3
