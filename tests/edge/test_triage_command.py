"""basivert triage: stable answers for programs, exit codes, a clinic's files."""

import json
import subprocess
import sys

import pytest

from tests.care.recovery.checkins import WELL

START = [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "triage"]


def command(*words, given=None):
    return subprocess.run(
        [*START, *map(str, words)], capture_output=True, text=True, check=False, input=given
    )


def answered(document, *words):
    done = command("-", "--json", *words, given=json.dumps(document))
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    file = tmp_path_factory.mktemp("clinic") / "clinic.toml"
    file.write_text('[clinic]\nname = "Lakeside Spine"\nphone = "555-0100"\n', encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "all_right"), ({"chills": None}, "incomplete"), ({"chills": True}, "call_now"),
        ({"pain_controlled_by_medication": False}, "call_today"),
        ({"chest_pain": True}, "emergency"),
    ],
)  # fmt: skip
def test_every_answer_ends_with_zero(change, expected, clinic):
    code, found = answered({**WELL, **change}, "--clinic", clinic)
    assert (code, found["answer"], found["research_use_only"]) == (0, expected, True)
    assert {"reasons", "missing", "rules_edition", "temperature", "say"} <= set(found)
    assert "Lakeside Spine at 555-0100" in found["say"]
    for reason in found["reasons"]:
        assert reason["rule"] and reason["source"] and reason["effect"]
        assert reason["facts"] or reason["missing"]


def test_a_fever_is_told_with_both_units_and_whose_limit():
    _, found = answered({**WELL, "temperature": 38.4, "clinic": {"phone": "5"}})
    assert found["temperature"]["entered"] == {"value": 38.4, "unit": "C"}
    assert found["temperature"]["F"] == 101.12
    assert found["temperature"]["limits"]["F"] == {"test": "over", "bound": 101}
    assert "Cleveland" in found["temperature"]["whose_limit"]
    (reason,) = found["reasons"]
    assert (reason["rule"], reason["effect"]) == ("fever", "call_now")
    assert reason["facts"]["temperature"] == {"value": 38.4, "origin": "entered"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"chils": True}, "chills"), ({"temperature": 383}, "decimal point"),
        ({"day": 1.5}, "whole"), ({"chills": "yes"}, "true or false"),
        ({"clinic": {"fone": "1"}}, "phone"), ({"clinic": []}, "clinic"),
    ],
)  # fmt: skip
def test_a_slip_ends_with_three(change, word):
    code, found = answered({**WELL, **change})
    assert (code, found["error"]["code"]) == (3, "record")
    assert word in found["error"]["what"] + found["error"]["fix"]


def test_a_clinics_limit_from_its_own_file(tmp_path):
    file = tmp_path / "signs.toml"
    file.write_text(
        'name = "warning_signs"\nedition = "Lakeside 7"\nbody = "Lakeside Spine"\n'
        '[criterion.fever]\nkind = "call_now"\nwording = "100.4 °F"\nsource = "Sheet 7"\n'
        'confidence = "clinic"\nwhen = { any = [\n'
        '{ all = [{ fact = "unit", is = "F" }, { fact = "temperature", at_least = 100.4 }] },\n'
        '{ all = [{ fact = "unit", is = "C" }, { fact = "temperature", at_least = 38 }] } ] }\n',
        encoding="utf-8",
    )
    document = {**WELL, "temperature": 100.4, "unit": "F"}
    assert answered(document)[1]["answer"] == "all_right"
    _, found = answered(document, "--override", file)
    assert found["answer"] == "call_now"
    assert found["temperature"]["whose_limit"] == "Lakeside Spine"
    assert found["rules_edition"] == "2026-11 + Lakeside 7"


@pytest.mark.parametrize(
    ("option", "text", "word"),
    [
        ("--clinic", "phone = 1", "[clinic]"),
        ("--override", "=", "TOML"),
        ("--clinic", None, "read"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, option, text, word):
    file = tmp_path / "given.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    code, found = answered(WELL, option, file)
    assert code == 3
    assert word in found["error"]["what"] and "given.toml" in found["error"]["what"]


def test_text_says_the_same(clinic):
    given = json.dumps({**WELL, "drainage": True})
    text = command("-", "--clinic", clinic, given=given).stdout
    assert text.startswith("Research use only. Not a medical device.\nanswer: call_now\n")
    assert "Call Lakeside Spine at 555-0100 now." in text and "rules: 2026-11" in text
    spanish = command("-", "--language", "es", "--clinic", clinic, given=given).stdout
    assert "Llame ahora a Lakeside Spine" in spanish
