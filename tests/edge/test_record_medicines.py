"""Medicines of a health record in a preparation: asked about, and no answer of the patient."""

import dataclasses
import datetime as dt
import json
import subprocess
import sys

import pytest

from basivert.edge.fhir.medicine_list import listed
from basivert.edge.fhir.records import Medicine
from tests.edge.fhir.records import bundle

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
START = [sys.executable, "-c", "from basivert.edge.cli.main import run; run()"]
VISIT = {"procedure": {"start": "2026-12-07T10:00", "zone": "America/Chicago"},
         "clinic": {"name": "North", "phone": "555 0100"}}  # fmt: skip


def medicine(name, status, number):
    return {
        "resourceType": "MedicationStatement", "id": f"m{number}", "status": status,
        "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": {"text": name},
    }  # fmt: skip


def read_then_prepare(tmp_path, medicines, visit=VISIT):
    patient = {"resourceType": "Patient", "id": "p1"}
    (tmp_path / "record.json").write_text(json.dumps(bundle(patient, *medicines)), "utf-8")
    (tmp_path / "visit.json").write_text(json.dumps(visit), "utf-8")
    words = ("fhir", "read", tmp_path / "record.json", "--medicines", tmp_path / "m.json")
    done = subprocess.run([*START, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = ("prepare", tmp_path / "visit.json", "--medicines", tmp_path / "m.json", "--json")
    return done.stdout, subprocess.run(
        [*START, *map(str, words)], capture_output=True, text=True, check=False
    )


def test_a_record_feeds_the_questions_and_the_patient_is_still_to_be_asked(tmp_path):
    given = [medicine("Warfarin Sodium 5 MG Oral Tablet", "active", 1),
             medicine("Clopidogrel 75 MG Oral Tablet", "completed", 2),
             medicine("Simvastatin 10 MG Oral Tablet", "unknown", 3)]  # fmt: skip
    own = VISIT | {"medicines": ["garlic"]}
    told, done = read_then_prepare(tmp_path, given, own)
    assert "2 medicines may be taken now\n" in told and "1 medicine has ended\n" in told
    found = json.loads(done.stdout)
    names = [one["text"] for one in found["medicines"]]
    assert names == ["garlic", "Warfarin Sodium 5 MG Oral Tablet", "Simvastatin 10 MG Oral Tablet"]
    assert [one["origin"] for one in found["medicines"]] == [
        None, "FHIR MedicationStatement/m1", "FHIR MedicationStatement/m3",
    ]  # fmt: skip
    assert found["medicines"][1]["contains"][0]["name"] == "warfarin"
    assert "medicines-from-record" in {one["code"] for one in found["findings"]}


def test_a_record_without_medicines_leaves_them_unknown(tmp_path):
    _, done = read_then_prepare(tmp_path, [])
    found = json.loads(done.stdout)
    assert found["medicines"] is None
    assert "medicines-unknown" in {one["code"] for one in found["findings"]}


def test_nothing_is_left_out_because_a_record_does_not_name_it(tmp_path):
    tablets = [medicine("Simvastatin 10 MG Oral Tablet", "active", 1)]
    visit = VISIT | {"facts": {"diabetes": False}}
    _, from_record = read_then_prepare(tmp_path, tablets, visit)
    own = visit | {"medicines": ["Simvastatin 10 MG Oral Tablet"]}
    _, from_patient = read_then_prepare(tmp_path, [], own)
    names = [{row["name"] for row in json.loads(one.stdout)["left_out"]}
             for one in (from_record, from_patient)]  # fmt: skip
    assert "glucose" not in names[0] and "glucose" in names[1]


def test_another_file_is_no_list_of_medicines(tmp_path):
    (tmp_path / "visit.json").write_text(json.dumps(VISIT), "utf-8")
    words = ("prepare", tmp_path / "visit.json", "--medicines", tmp_path / "visit.json", "--json")
    done = subprocess.run([*START, *map(str, words)], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (3, "record")


def one(name, status, on=None):
    return Medicine(name=name, codes=(), status=status, origin="FHIR M/1", on=on)


def test_what_goes_on_in_one_place_has_not_ended():
    taken, ended = listed([one("A", "stopped"), one("a ", "active"), one("B", "not-taken")])
    assert [each.text for each in taken] == ["a"] and [each.text for each in ended] == ["B"]


@pytest.mark.parametrize("status", ["active", "intended", "on-hold", "unknown", "draft", ""])
def test_all_that_is_not_said_to_have_ended_may_be_taken(status):
    assert len(listed([one("A", status)])[0]) == 1


@pytest.mark.parametrize(
    ("systems", "code"), [(("http://hl7.org/fhir/sid/ndc",), ""), (("urn:x", RXNORM), "2")]
)
def test_only_a_code_of_rxnorm_is_taken_for_one(systems, code):
    codes = tuple((system, str(number)) for number, system in enumerate(systems, 1))
    ((each,), _) = listed([dataclasses.replace(one("Warfarin", "active"), codes=codes)])
    assert each.rxnorm == code and each.document().get("rxnorm", "") == code


def test_a_name_is_one_line_without_the_bar():
    ((each,), _) = listed([one("A | B\n C" + "x" * 400, "active")])
    assert each.text.startswith("A / B Cx") and len(each.text) == 300


def test_a_record_of_long_ago_is_asked_about_and_every_day_is_shown(tmp_path):
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=20)
    old = medicine("Warfarin Sodium 5 MG Oral Tablet", "active", 1)
    new = medicine("Simvastatin 10 MG Oral Tablet", "active", 2)
    given = [old | {"effectiveDateTime": "1997-03-02"}, new | {"effectiveDateTime": f"{day}"}]
    told, done = read_then_prepare(tmp_path, given)
    assert "1 medicine may be taken now\n  Simvastatin 10 MG Oral Tablet, " + f"{day}\n" in told
    assert "1 medicine to ask: still taken?" in told
    assert "  Warfarin Sodium 5 MG Oral Tablet, 1997-03-02\n" in told
    before, now = (one["questions"][0] for one in json.loads(done.stdout)["medicines"])
    assert before.startswith("Is it still taken? The record of it is of 1997-03-02. Ask ")
    assert now.startswith(f"Recorded on {day}. ")


def test_that_a_patient_has_died_is_told_first(tmp_path):
    patient = {"resourceType": "Patient", "id": "p1", "deceasedBoolean": True}
    (tmp_path / "r.json").write_text(json.dumps(bundle(patient)), "utf-8")
    done = subprocess.run([*START, "fhir", "read", str(tmp_path / "r.json")],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.startswith("The patient is recorded as deceased.\n")
