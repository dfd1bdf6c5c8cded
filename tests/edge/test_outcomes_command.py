"""`basivert outcomes` on the command line: the same answers as the library, and a page of them."""

import json
import re

import pytest

from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.cli.outcomes import exported, reported, score
from basivert.edge.documents.registry_page import rendered
from basivert.errors import InputError, RecordError
from tests.care.outcomes.simulated import clinic

RULES = outcome_rules()


@pytest.fixture(scope="module")
def document():
    made = clinic(160, 21)
    for number, patient in enumerate(made["patients"]):
        patient["site"] = ("north <&>", "south")[number % 2]
    return made


@pytest.fixture(scope="module")
def made(document):
    return report(registry(document, RULES), RULES)


def written(tmp_path, record):
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    return file


def test_a_score_for_programs_and_people(tmp_path, capsys):
    file = written(tmp_path, {"items": [2] * 8 + [0, None]})
    score("odi", file, rules=None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["score"] == pytest.approx(100 * 16 / 45) and found["unit"] == "%"
    assert (found["answer"], found["answered"]) == ("scored", 9)
    assert found["band"] and found["rules_edition"] and "Fairbank" in found["source"]
    score("odi", written(tmp_path, {"items": [2] * 5 + [None] * 5}), rules=None, as_json=True)
    unknown = json.loads(capsys.readouterr().out)
    assert unknown["answer"] == "unknown" and unknown["score"] is None
    score("nrs", written(tmp_path, {"value": 7}), rules=None, as_json=False)
    assert "nrs: 7 points of 10" in capsys.readouterr().out
    with pytest.raises(InputError, match="no instrument"):
        score("vas", file, rules=None, as_json=True)
    with pytest.raises(RecordError, match="unknown fields"):
        score("odi", written(tmp_path, {"itemz": []}), rules=None, as_json=True)


def test_a_report_for_programs_is_the_librarys(tmp_path, capsys, document, made):
    out = tmp_path / "out"
    file = written(tmp_path, document)
    reported(file, out, as_of_day=None, rules=None, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(json.dumps(made))
    assert json.loads((out / "report.json").read_text(encoding="utf-8")) == told
    reported(file, None, as_of_day=500, rules=None, as_json=False)
    text = capsys.readouterr().out
    assert "day 500" in text and "Research use only" in text


def test_a_clinics_rules_stand_in_the_report(tmp_path, capsys, document):
    rules = tmp_path / "clinic.toml"
    rules.write_text('edition = "north 3"\n[responders.definition.odi_15]\nthreshold = 12\n')
    reported(written(tmp_path, document), None, as_of_day=None, rules=rules, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["rules_edition"].endswith("north 3")
    assert next(d for d in told["definitions"] if d["key"] == "odi_15")["threshold"] == 12


def test_the_page_tells_every_number_and_escapes_what_was_entered(made):
    page = rendered(made)
    assert "Research use only" in page and "http" not in re.sub(r"https?://doi\S+", "", page)
    assert "<script" not in page and "<&>" not in page and "north &lt;&amp;&gt;" in page
    for row in made["responders"]:
        if row["rate"] is not None:
            words = f"{100 * row['rate']:.1f} % ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
            assert words in page
    assert page.count("<svg") == page.count("</svg>") >= 10
    assert not re.search(r"\bnan\b", page.lower())


def test_nothing_is_drawn_outside_its_picture(made):
    page = rendered(made)
    for width, height, inner in re.findall(
        r'viewBox="0 0 ([\d.]+) ([\d.]+)"(.*?)</svg>', page, re.S
    ):
        for points in re.findall(r'points="([^"]+)"', inner):
            for x, y in (pair.split(",") for pair in points.split()):
                assert 0 <= float(x) <= float(width) and 0 <= float(y) <= float(height)
        for x, y in re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)"', inner):
            assert 0 <= float(x) <= float(width) and 0 < float(y) <= float(height)


def test_a_registry_without_anybody_due_has_a_page():
    rules = outcome_rules()
    for patients in ([], [{"id": "a", "procedure_day": 0, "levels": ["L5"]}]):
        made = report(registry({"as_of_day": 3, "patients": patients}, rules), rules)
        assert "Nobody is due" in rendered(made)


def test_an_export_says_how_persons_were_hidden(tmp_path, capsys, document):
    out = tmp_path / "out"
    exported(written(tmp_path, document), out, parquet=False, rules=None, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["k"] >= 5 and told["rows"]["patients"] + told["left_out_patients"] == 160
    assert {one.name for one in out.iterdir()} == {
        "patients.csv", "scores.csv", "events.csv", "retreatments.csv", "dictionary.csv",
        "export.json",
    }  # fmt: skip
