"""A procedure's record: read strictly, compared with the plan, told as a note."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.procedure.completed import completed
from basivert.care.procedure.note import OPEN, plain
from basivert.errors import RecordError

from .records import SHA, WHOLE, whole


def rows(made, level):
    return {one.what: one for one in made.compared if one.level == level}


def codes(made):
    return [one.code for one in made.findings]


def test_a_whole_record():
    made = completed(whole())
    assert made.begin is Answer.YES and made.leaving.passes is Answer.YES
    assert made.record.bodies[1].burns[0].measured_degc is None
    assert made.record.exposure.seconds == 143.0


def test_planned_against_done():
    made = completed(whole())
    left, right = rows(made, "L4"), rows(made, "L5")
    assert left["depth"].difference == -0.8 and left["depth"].kept is Answer.YES
    assert left["tip"].done == pytest.approx(1.5) and left["tip"].kept is Answer.YES
    assert left["angle"].kept is left["set_point"].kept is left["side"].kept is Answer.YES
    assert right["side"].kept is right["depth"].kept is right["hold"].kept is Answer.NO
    assert (right["hold"].difference, right["hold"].unit) == (-252.0, "s")
    assert {one.level for one in made.findings if one.code == "deviation"} == {"L5"}


def test_a_plan_whose_levels_nobody_entered_forbids_nothing():
    record = whole()
    record["plan"]["bodies"] = []
    made = completed(record)
    treated = rows(made, "L4")["treated"]
    assert treated.planned is None and treated.kept is Answer.UNKNOWN
    assert "deviation" not in codes(made)


@pytest.mark.parametrize(
    ("depth", "kept"),
    [(95.0, Answer.YES), (95.1, Answer.NO), (89.0, Answer.YES), (88.9, Answer.NO),
     (None, Answer.UNKNOWN)],
)  # fmt: skip
def test_the_limit_itself_is_kept(depth, kept):
    record = whole()
    record["bodies"][0]["depth_mm"] = depth
    assert rows(completed(record), "L4")["depth"].kept is kept


def test_a_vertebra_that_is_only_planned_or_only_done_is_told():
    record = whole()
    record["bodies"][1]["level"] = "S1"
    made = completed(record)
    for level in ("L5", "S1"):
        assert rows(made, level)["treated"].kept is Answer.NO
    assert rows(made, "S1")["depth"].kept is Answer.UNKNOWN


def test_without_a_plan_nothing_is_as_planned():
    record = whole()
    del record["plan"]
    made = completed(record)
    assert all(
        one.kept is Answer.UNKNOWN for one in made.compared if one.what not in ("tip", "angle")
    )
    assert made.begin is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("at", "told"),
    [("2026-12-21T09:14-06:00", False), ("2026-12-21T09:13-06:00", True),
     ("2026-12-21T10:14-06:00", False), ("2026-12-21T10:15-06:00", True), (None, False),
     # The same moments in another zone, and the same clock face hours earlier.
     ("2026-12-21T15:14+00:00", False), ("2026-12-21T15:13+00:00", True),
     ("2026-12-21T09:14+00:00", True)],
)  # fmt: skip
def test_the_antibiotic_within_sixty_minutes_before_the_incision(at, told):
    record = whole()
    record["antibiotic"]["at"] = at
    assert ("antibiotic-time" in codes(completed(record))) is told


@given(st.sets(st.sampled_from(sorted(set(WHOLE) - {"case", "zone"}))))
def test_what_is_left_out_is_not_recorded_and_never_counts_as_done(names):
    record = {key: one for key, one in whole().items() if key not in names}
    made = completed(record)
    if "checklist" in names or "plan" in names:
        assert made.begin is Answer.UNKNOWN
    if names & {"checklist", "events", "steps", "exposure", "closure", "anaesthesia", "team"}:
        assert OPEN in plain(made.note) or "not answered" in plain(made.note)
    assert ("events: none" in plain(made.note)) is False


def test_no_events_is_said_only_where_somebody_said_so():
    assert "events: none" in plain(completed({**whole(), "events": []}).note)
    assert f"events: {OPEN}" in plain(completed({**whole(), "events": None}).note)


def test_the_note():
    text = plain(completed(whole()).note)
    for words in (
        "Research use only. Not a medical device.", "team: Dr Vega, Nurse Ray",
        "1. Small incision in the back: 2026-12-21 10:14 to 2026-12-21 10:16",
        # Entered in UTC, told in the clinic's zone.
        "5. Radiofrequency heat ablates the nerve: 2026-12-21 10:40 to 2026-12-21 10:55",
        "6. Instruments out, incision closed: not recorded", "fluoroscopy time: 143 s",
        "dose-area product: 0.00042 Gy·m²", "closed with: sutures",
        "heating 1, measured: 84.6 °C", "heating 1, measured: not recorded",
        "Introducer: lot A1, maker not recorded", "Bleeding at L5: ooze at the skin; grade 1",
        "(aldrete_1995): 10", "(padss_modified): 9", "criteria met: yes", "CTCAE 5.0",
    ):  # fmt: skip
        assert words in text, words
    assert "time-out: passed" in text


def test_units_are_written_as_a_person_reads_them():
    record = whole()
    record["bodies"][0]["burns"][0]["set_point_degc"] = 90
    record["bodies"][0]["pose"]["angle_deg"] = 6.0
    made = completed(record)
    text = plain(made.note)
    assert "L4 set point: planned 85 °C, done 90 °C: DIFFERS (limit 1 °C)" in text
    assert "L4 angle: planned 0 °, done 6 °: DIFFERS (limit 5 °)" in text
    told = [one.what for one in made.findings if one.code == "deviation"]
    assert "L4 set point: planned 85.0, done 90.0 °C." in told
    assert "deg" not in text + " ".join(told)


def test_the_note_names_what_keeps_a_phase_open():
    record = whole()
    del record["checklist"]["time_out"]["imaging"]
    text = plain(completed(record).note)
    assert "time-out: not complete" in text
    assert "Essential imaging is displayed: not answered" in text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("bodies", 0, "levl", "L4"), "level"), (("bodies", 0, "level", "L9"), "L9"),
        (("bodies", 1, "level", "L4"), "twice"), (("bodies", 0, "side", "port"), "both"),
        (("bodies", 0, "depth_mm", "91"), "number"), (("bodies", 0, "depth_mm", True), "a number"),
        (("steps", 0, "number", 7), "1 to 6"), (("steps", 1, "number", 1), "1 to 6"),
        (("steps", 1, "begin", "2026-12-21T10:16"), "offset"),
        (("steps", 1, "begin", "2026-12-21T10:15-06:00"), "before"),
        (("events", 0, "kind", "bleding"), "bleeding"), (("events", 0, "grade", 6), "1 to 5"),
        (("events", 0, "level", "L9"), "L9"), (("events", 0, "grade", 1.5), "whole"),
        (("plan", "sha256", "abc"), "SHA-256"), (("zone", "Chicago"), "IANA"),
        (("zone", None), "missing"),
        (("team", "Dr Vega"), "a list"), (("team", [1]), "text"), (("status", "done"), "completed"),
        (("checklist", "timeout", {}), "time_out"),
        (("checklist", "time_out", "imaging", "yes"), "true"),
        (("discharge", "driver_there", 1), "true or false"),
        (("discharge", "aldrete_version", "aldrete"), "aldrete_1995"),
        (("discharge", "driver", True), "driver_there"), (("exposre", {}), "exposure"),
        (("closure", []), "object"), (("plan", "bodies", [{"side": "left"}]), "level is missing"),
    ],
)  # fmt: skip
def test_a_slip_is_an_error_that_names_the_place(change, word):
    record = place = whole()
    *path, name, value = change
    for step in path:
        place = place[step]
    place[name] = value
    with pytest.raises(RecordError, match=word):
        completed(record)


LOG = {"file": "a.csv", "sha256": SHA, "duration_s": 800.0, "peak_degc": 85.2, "highest_w": None,
       "impedance_low_ohm": 151, "impedance_high_ohm": 240, "warnings": ["No power."]}  # fmt: skip


def logged(**changes):
    given = copy.deepcopy(WHOLE)
    given["bodies"][0]["burns"][0]["log"] = LOG | changes
    return given


def test_a_burns_log_stands_in_the_note_beside_what_was_written_down():
    made = completed(logged())
    told = plain(made.note)
    for line in (
        "heating 1, log, file: a.csv", "heating 1, log, duration: 800 s",
        "heating 1, log, highest temperature: 85.2 °C", "heating 1, measured: 84.6 °C",
        f"heating 1, log, highest power: {OPEN}", "heating 1, log, impedance: 151 to 240 Ω",
        "heating 1, log, warning: No power.", f"heating 1, log, SHA-256: {SHA}",
    ):  # fmt: skip
        assert line in told, line
    assert "log, file" not in plain(completed(WHOLE).note)


@pytest.mark.parametrize(("seconds", "told"), [(851.9, True), (852.0, False)])
def test_a_log_shorter_than_the_hold_is_told(seconds, told):
    found = [one for one in completed(logged(duration_s=seconds)).findings
             if one.code == "log-shorter"]  # fmt: skip
    assert [one.level for one in found] == (["L4"] if told else [])


def test_the_summary_of_another_log_is_an_error():
    with pytest.raises(RecordError, match="summary of"):
        completed(logged(sha256="b" * 64))
