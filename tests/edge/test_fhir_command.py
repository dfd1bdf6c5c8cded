"""`basivert fhir` as a user meets it."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
START = [sys.executable, "-c", "from basivert.edge.cli.main import run; run()"]
MARK = "Zzyzx-4711"


def command(*words, text=None):
    return subprocess.run(
        [*START, "fhir", *map(str, words)], capture_output=True, text=True, check=False, input=text
    )


def record(**more):
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1970-01-01",
               "name": [{"family": MARK}]}  # fmt: skip
    heart = {
        "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "84114007"}]},
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
            "code": "active"}]}, **more,
    }  # fmt: skip
    claim = {"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active",
             "description": {"text": MARK}, "subject": {"reference": "Patient/p1"}}  # fmt: skip
    entries = [{"resource": one} for one in (patient, heart, claim)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


@pytest.fixture
def file(tmp_path):
    place = tmp_path / "record.json"
    place.write_text(record(), encoding="utf-8")
    return place


def test_facts_are_written_and_what_was_not_mapped_is_told(file, tmp_path):
    done = command("read", file, "-o", tmp_path / "facts.json")
    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    assert facts["heart_failure"] == {"value": True, "origin": "FHIR Condition/c1"}
    assert facts["age_years"]["value"] >= 56
    assert "2 mapped, 1 kept_as_is, 0 rejected" in done.stdout
    assert "1 × Goal: no care fact" in done.stdout
    assert "Research use only" in done.stdout and "2026-11" in done.stdout
    assert MARK not in done.stdout + done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["facts.json", "record.json"]


def test_json_is_one_object_with_the_same(file):
    done = command("read", file, "--json")
    found = json.loads(done.stdout)
    assert found["research_use_only"] is True
    assert found["entries"] == {"mapped": 2, "kept_as_is": 1, "rejected": 0}
    assert found["facts"]["heart_failure"]["value"] is True
    assert found["unmapped"][0]["reference"] == "Goal/g1"


def test_standard_input_is_read():
    done = command("read", "-", "--json", text=record())
    assert json.loads(done.stdout)["facts"]["heart_failure"]["value"] is True


def test_a_broken_entry_is_told_without_its_value():
    done = command("read", "-", text=record(onsetDateTime=MARK))
    assert done.returncode == 0
    assert "1 rejected" in done.stdout and "Condition.onsetDateTime" in done.stdout
    assert MARK not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "code"), [(MARK, 3), (json.dumps({"a": MARK}), 3), (b"\xff".decode("latin-1"), 3)]
)
def test_what_cannot_be_used_is_refused_without_its_content(text, code):
    done = command("read", "-", "--json", text=text)
    assert done.returncode == code
    assert json.loads(done.stdout)["error"]["code"] == "record"
    assert MARK not in done.stdout + done.stderr


CASE = {"pseudonym": "P-1", "recorded_by": "ward", "facts": {"heart_failure": False, "nrs": 7}}


def test_a_case_is_written_and_read_back(tmp_path):
    (tmp_path / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
    done = command("write", tmp_path / "case.json", "-o", tmp_path / "bundle.json", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["fhirVersion"] == "4.0.1" and told["research_use_only"] is True
    assert told["resources"] == {"Patient": 1, "Condition": 1, "Observation": 1, "Provenance": 1}
    back = command("read", tmp_path / "bundle.json", "-o", tmp_path / "facts.json")
    assert back.returncode == 0, back.stderr
    facts = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    assert {name: one["value"] for name, one in facts.items()} == CASE["facts"]


def test_a_case_that_cannot_be_written_leaves_no_file(tmp_path):
    done = command("write", "-", "-o", tmp_path / "bundle.json", "--json",
                   text=json.dumps(CASE | {"pseudonym": {"a": MARK}}))  # fmt: skip
    assert done.returncode == 3
    assert "pseudonym" in json.loads(done.stdout)["error"]["what"]
    assert MARK not in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())
