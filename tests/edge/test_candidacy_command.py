"""`basivert candidacy` as a program sees it."""

import json
import subprocess
import sys
import tomllib

import pytest

from basivert.care.own_rules import changed
from basivert.errors import InputError
from tests.care.candidacy.records import WHOLE

CODE = "from basivert.edge.cli.main import run; run()"


def asked(*options, record=WHOLE):
    done = subprocess.run(
        [sys.executable, "-c", CODE, "candidacy", "-", *options],
        input=json.dumps(record), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("change", "answer"),
    [({}, "candidate"), ({"pain_months": None}, "unknown"), ({"pregnant": True}, "not_candidate")],
)
def test_every_answer_ends_with_0_and_keeps_its_stable_fields(change, answer):
    code, out, _ = asked("--json", record={**WHOLE, **change})
    told = json.loads(out)
    assert (code, told["answer"], told["research_use_only"]) == (0, answer, True)
    assert told["rules_edition"] == "default 2026-11"
    assert told["missing"] == [name for name, value in change.items() if value is None]
    for reason in told["reasons"]:
        assert {"rule", "source", "effect", "facts"} <= set(reason)
        assert reason["source"] and reason["body"] and reason["confidence"]
    effect = {"candidate": "supports", "unknown": "open", "not_candidate": "excludes"}[answer]
    assert told["reasons"][0]["effect"] == effect
    assert len(told["editions"]) >= 12


def test_facts_keep_their_origin_and_day():
    bone = {"value": 98, "origin": "CT of 2026-10-01, basivert anatomy", "on": "2026-10-01"}
    told = json.loads(asked("--rules", "bone_ct", "--json", record={"bone_hu": bone})[1])
    assert told["reasons"][0]["facts"]["bone_hu"] == bone
    assert (told["answer"], told["ask_the_provider"]) == ("not_candidate", True)
    assert told["notes"][0]["code"] == "low-density-on-ct"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"pain_month": 6}, "pain_months"), ({"pain_months": "six"}, "number"),
        ({"modic": {"L4/L6": 1}}, "L4/L5"), ({"pregnant": 0}, "true or false"),
    ],
)  # fmt: skip
def test_a_slip_ends_with_3_and_says_what_comes_close(record, words):
    code, out, err = asked("--json", record=record)
    assert code == 3
    assert words in json.loads(out)["error"]["fix"] and "basivert:" in err


def test_a_clinics_own_criterion_is_named(tmp_path):
    own = tmp_path / "clinic.toml"
    own.write_text(
        'name = "default"\nedition = "clinic 3"\n[criterion.pain_six_months]\n'
        'kind = "indication"\nwording = "Pain for 36 months"\nsource = "ours"\n'
        'confidence = "ours"\nwhen = { fact = "pain_months", at_least = 36 }\n',
        encoding="utf-8",
    )
    code, out, _ = asked("--override", str(own), "--json")
    told = json.loads(out)
    assert (code, told["answer"]) == (0, "not_candidate")
    assert told["rules_edition"] == "default 2026-11 + clinic 3"
    (changed,) = told["rules"]["overridden"]
    assert (changed["rule"], changed["now"]) == ("pain_six_months", "Pain for 36 months")
    assert "6 months" in changed["shipped"]
    beside = {one["rules_edition"]: one["answer"] for one in told["editions"]}
    assert beside["default 2026-11"] == "candidate"
    assert asked("--rules", "seed_page", "--override", str(own))[0] == 3


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('{ all = [{ fact = "pain_months", under = 6 }, { fact = "pain_months", over = 6 }] }',
         "everybody is not candidate"),
        ('{ fixed = "no" }', "without any fact"),
    ],
)  # fmt: skip
def test_contradictory_conditions_are_refused_in_the_words_of_the_pages(tmp_path, when, words):
    own = tmp_path / "clinic.toml"
    own.write_text(
        'edition = "clinic 3"\nname = "default"\n[criterion.pain_six_months]\n'
        'kind = "indication"\nwording = "Never"\nsource = "ours"\nconfidence = "ours"\n'
        f"when = {when}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=words) as page:
        changed("candidacy:default", tomllib.loads(own.read_text("utf-8")))
    code, out, _ = asked("--override", str(own), "--json")
    told = json.loads(out)["error"]
    assert (code, told["what"], told["fix"]) == (3, page.value.what, page.value.fix)


def test_words_for_a_terminal_say_what_is_open():
    code, out, _ = asked(record={**WHOLE, "modic": {"L5/S1": 0}})
    assert code == 0
    assert out.startswith("Research use only. Not a medical device.\nanswer: not known yet\n")
    assert "candidate if Modic type at L3/L4 or L4/L5 is 1 or 2" in out


def test_a_wrong_rule_set_is_told_with_close_names():
    code, _, err = asked("--rules", "nass_2020")
    assert code == 3 and "nass_2022" in err


def test_nothing_heavy_is_loaded():
    code = f"import sys; sys.argv[1:] = ['candidacy', '-']; import atexit; atexit.register(lambda: print(sorted({{'numpy', 'scipy', 'jinja2'}} & set(sys.modules)))); {CODE}"  # noqa: E501
    done = subprocess.run(
        [sys.executable, "-c", code], input="{}", capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_rates_come_with_their_people_and_never_as_a_promise():
    told = json.loads(asked("--json")[1])["benefit"]
    rates = {one["name"]: one for one in told["rates"]}
    assert (rates["seed_75"]["share"], rates["seed_75"]["n"]) == (0.362, None)
    assert rates["seed_75"]["interval_95"] is None
    five_years = rates["smart_77_months_50"]
    assert (five_years["sign"], five_years["seen"], five_years["treated"]) == (">", 100, 117)
    assert told["fracture_group"] == "without_bone_loss"
    assert "Nobody can say" in told["promise"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_patients_page_names_its_sources(language):
    run = [sys.executable, "-c", CODE, "questions", "--language", language]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    told = subprocess.run([*run, "--json"], capture_output=True, text=True, check=True).stdout
    page = json.loads(told)
    assert page["research_use_only"] and len(page["questions"]) == 9
    assert "[1] Cleveland Clinic" in said and page["notice"] in said


def test_a_fact_of_a_day_to_come_is_refused():
    given = {"pain_months": {"value": 9, "on": "2130-01-01"}}
    error = json.loads(asked("--json", record=given)[1])["error"]
    assert error["exit_code"] == 3 and "2130-01-01" in error["what"] and "year" in error["fix"]


def test_a_unit_in_a_fact_is_told_with_the_one_it_has():
    given = {"pain_months": {"value": 9, "unit": "weeks"}}
    assert "months" in json.loads(asked("--json", record=given)[1])["error"]["fix"]


def test_one_close_name_is_offered_alone():
    fix = json.loads(asked("--json", record={"pain_month": 9})[1])["error"]["fix"]
    assert fix == "Did you mean pain_months?"


def test_the_short_answer_names_everything_missing_once_and_all_adds_sources():
    record = {"pain_months": 14, "modic": {"L4/L5": 1}}
    short, whole = asked(record=record)[1], asked("--all", record=record)[1]
    told = json.loads(asked("--json", record=record)[1])
    for name in told["missing"]:
        assert short.count(f" {name}: candidate only if ") == 1
    assert "  yes Chronic low back pain" in short and "(pain_months = 14 (entered))" in short
    for one in told["editions"]:
        assert short.count(f"\n  {one['title']}: ") == 1
    assert short.count("\n") < 45 < whole.count("\n")
    assert "doi:" not in short and all(one["source"] in whole for one in told["reasons"])
    assert told["benefit"]["promise"] in whole


def test_the_short_answer_says_what_excludes_with_its_source():
    told = asked(record={**WHOLE, "pregnant": True})[1]
    assert "answer: not a candidate\n" in told
    assert "  no  Not pregnant" in told and "pregnant = yes (entered)" in told
