"""What the patient is told: the right day, whose rule, and never "you can take" on an unknown."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.recovery.checkin import questions
from basivert.care.recovery.relief import (
    cautions,
    relief,
    relief_rules,
    with_cautions,
    with_limits,
)
from basivert.care.recovery.schedule import aftercare, told_on, with_lines
from basivert.care.recovery.sheet import day_sheet, relief_words
from basivert.care.recovery.signs import warning_signs
from basivert.care.recovery.words import languages, whose, words
from basivert.errors import InputError, RecordError
from tests.care.strategies import growing

RULES = relief_rules()
PLAN = aftercare()
CLEAR = {name: False for name in RULES.known.kinds} | {"age_years": 45}
RANK = {"by_label": 0, "ask_first": 1, "avoid": 2}


def verdicts(document, rules=RULES):
    known = cautions(document, rules, origin="patient")
    return {one.medicine: one.verdict for one in relief(known, rules)}


def names(day):
    return {one.name for one in told_on(day, PLAN)}


# Seed: about 48 h of rest; work after two or three days; full recovery in one to two weeks.
@pytest.mark.parametrize(
    ("day", "there", "gone"),
    [
        (0, {"rest", "drive", "adult", "soreness", "bath", "effect"}, {"shower", "recovery"}),
        (1, {"rest", "drive", "shower", "bath"}, {"drive_later"}),
        (2, {"rest", "lift", "drive_later", "work"}, {"drive", "adult"}),
        (3, {"lift_later", "work", "bath", "recovery"}, {"rest", "lift"}),
        (5, {"recovery"}, {"bath", "soreness"}), (14, {"recovery", "thermometer"}, {"work"}),
        (15, {"effect", "late_pain"}, {"recovery", "thermometer", "lift_later"}),
        (91, {"effect", "signs", "own_clinic"}, set()), (92, set(), {"effect", "signs"}),
    ],
)  # fmt: skip
def test_lines_of_a_day(day, there, gone):
    assert there <= names(day)
    assert not gone & names(day)


@given(st.integers(0, 91), st.sampled_from(languages()))
def test_every_line_says_whose_rule_it_is_and_the_clinics_comes_first(day, language):
    sheet = day_sheet(day, {}, PLAN, RULES, words(language))
    assert sheet[0].name == "own_clinic"
    assert all(one.text and one.body and one.source and one.confidence for one in sheet)
    assert ("relief.ibuprofen" in {one.name for one in sheet}) is (day <= 14)


@pytest.mark.parametrize(
    ("change", "ibuprofen", "acetaminophen"),
    [
        ({}, "by_label", "by_label"), ({"anticoagulant": True}, "avoid", "ask_first"),
        ({"kidney_disease": True}, "avoid", "by_label"),
        ({"ulcer_or_bleeding": True}, "avoid", "by_label"),
        ({"heart_failure": True}, "avoid", "by_label"),
        ({"pregnant": True}, "avoid", "by_label"), ({"other_nsaid": True}, "avoid", "by_label"),
        ({"heart_surgery": True}, "avoid", "by_label"),
        ({"allergy_to_pain_reliever": True}, "avoid", "avoid"),
        ({"age_years": 59}, "by_label", "by_label"), ({"age_years": 60}, "ask_first", "by_label"),
        ({"age_years": 17}, "ask_first", "ask_first"), ({"steroid": True}, "ask_first", "by_label"),
        ({"three_drinks_a_day": True}, "ask_first", "ask_first"),
        ({"liver_disease": True}, "ask_first", "ask_first"),
        ({"heart_disease": True}, "ask_first", "by_label"),
        ({"aspirin_for_heart": True}, "ask_first", "by_label"),
        ({"other_acetaminophen": True}, "by_label", "avoid"),
        ({"age_years": 70, "kidney_disease": True}, "avoid", "by_label"),
    ],
)  # fmt: skip
def test_cautions(change, ibuprofen, acetaminophen):
    found = verdicts({**CLEAR, **change})
    assert (found["ibuprofen"], found["acetaminophen"]) == (ibuprofen, acetaminophen)


@given(growing(RULES.known))
def test_knowing_more_never_weakens_a_caution_that_is_there(documents):
    few, more = map(verdicts, documents)
    for medicine, verdict in few.items():
        assert verdict != "avoid" or more[medicine] == "avoid"
        assert verdict != "by_label" or more[medicine] == "by_label"


@given(growing(RULES.known))
def test_an_unknown_means_ask_first(documents):
    known = cautions(documents[0], RULES, origin="patient")
    for one in relief(known, RULES):
        assert RANK[one.verdict] >= (1 if one.missing else 0)
        for language in languages():
            text = relief_words(one, RULES, words(language))
            assert ("24" in text) is (one.verdict == "by_label")


@pytest.mark.parametrize("name", sorted(CLEAR))
def test_each_caution_left_out_is_asked(name):
    found = verdicts({key: value for key, value in CLEAR.items() if key != name})
    assert "ask_first" in found.values()


def test_limits_are_those_of_the_label_or_lower():
    found = {one.medicine: one.most_mg for one in relief({}, RULES)}
    assert found == {"acetaminophen": 3000, "ibuprofen": 1200}
    row = {"value": 4000.0, "unit": "mg", "source": "clinic", "confidence": "clinic"}
    own = with_limits(RULES, {"edition": "L 1", "acetaminophen": {"day": row}})
    assert relief({}, own)[0].most_mg == 4000
    for key in ("day", "label_most"):
        more = {"edition": "L 1", "acetaminophen": {key: {**row, "value": 5000.0}}}
        with pytest.raises(InputError, match="label"):
            with_limits(RULES, more)


def caution(kind):
    return {"name": "relief_cautions", "edition": "L 1", "criterion": {"ibuprofen_age": {
        "kind": kind, "wording": "w", "source": "s", "confidence": "clinic",
        "when": {"fact": "age_years", "at_least": 65},
    }}}  # fmt: skip


def test_a_clinic_changes_a_caution_but_does_not_weaken_its_kind():
    own = with_cautions(RULES, caution("ibuprofen.avoid"))
    assert verdicts({**CLEAR, "age_years": 65}, own)["ibuprofen"] == "avoid"
    with pytest.raises(InputError, match="ibuprofen_age"):
        with_cautions(RULES, caution("acetaminophen.ask"))


def test_an_unknown_caution_is_an_error():
    with pytest.raises(RecordError, match="anticoagulant"):
        cautions({"anticoagulants": True}, RULES, origin="patient")


def test_the_example_of_the_page_runs():
    page = Path(__file__).parents[3] / "docs" / "recovery.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example, {})
    assert "pain: Do not take ibuprofen unless your doctor says so." in printed.getvalue()


OWN = {
    "topic": "washing", "days": [2, 7], "body": "Lakeside Spine", "source": "Sheet 7",
    "confidence": "clinic", "text": {"en": "Shower from day 2."},
}  # fmt: skip


def test_a_clinics_own_line_replaces_ours_and_is_named():
    plan = with_lines(PLAN, {"edition": "L 7", "line": {"shower": OWN}})
    assert plan.edition == "2026-11 + L 7"
    assert "shower" not in {one.name for one in told_on(1, plan)}
    (line,) = [one for one in day_sheet(2, {}, plan, RULES, words("en")) if one.name == "shower"]
    assert (line.text, line.body) == ("Shower from day 2.", "Lakeside Spine")
    with pytest.raises(InputError, match="'es'"):
        day_sheet(2, {}, plan, RULES, words("es"))


@pytest.mark.parametrize(
    ("change", "word"),
    [({"days": [3, 2]}, "day 3"), ({"text": None}, "text"), ({"colour": 1}, "colour")],
)
def test_a_line_that_cannot_be_told_is_refused(change, word):
    row = {key: value for key, value in {**OWN, **change}.items() if value is not None}
    with pytest.raises(InputError, match=word):
        with_lines(PLAN, {"edition": "L 7", "line": {"shower": row}})
    with pytest.raises(InputError, match="edition"):
        with_lines(PLAN, {"line": {"shower": OWN}})


@pytest.mark.parametrize("language", languages())
def test_whose_rule_it_is_stands_in_the_patients_language(language):
    say = words(language)
    signs = warning_signs(questions().known).criteria.values()
    bodies = {one.body for day in range(200) for one in day_sheet(day, {}, PLAN, RULES, say)}
    parts = {part for body in bodies | {one.body for one in signs} for part in body.split("; ")}
    # The address of a page is the same in every language.
    wanted = {one for one in parts if not re.fullmatch(r"[a-z]+(\.[a-z]+)+", one)}
    assert wanted and wanted <= set(say.sections["whose"])
    assert whose("txpain.org; ours; Lakeside Spine", say) == {
        "en": "txpain.org; this program; Lakeside Spine",
        "es": "txpain.org; este programa; Lakeside Spine",
    }[language]  # fmt: skip
