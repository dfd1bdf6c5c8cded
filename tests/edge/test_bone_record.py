"""From the anatomy of a CT to a fact with its origin."""

import json
import subprocess
import sys

import pytest

from basivert.edge.bone_record import bone_record
from basivert.edge.codec import anatomy_document
from basivert.errors import RecordError


def measured(**hu):
    rows = [
        {"level": level, "status": "measured", "reason": "", "bone_density": {"body": {"value": v}}}
        for level, v in hu.items()
    ]
    return {**anatomy_document(()), "vertebrae": rows}


def test_the_thinnest_vertebra_to_be_treated_counts():
    scan = measured(L3=90.0, L4=140.0, L5=120.0)
    fact = bone_record(scan, ("L4", "L5"), "scan.json")["bone_hu"]
    assert fact["value"] == 120.0 and "L5, thinnest of L4, L5" in fact["origin"]
    assert bone_record(scan, (), "scan.json")["bone_hu"]["value"] == 90.0


@pytest.mark.parametrize(
    ("scan", "levels", "word"),
    [
        (measured(L4=140.0), ("L4", "S1"), "S1"),
        (measured(), (), "any vertebra"),
        ({}, (), "no ana"),
    ],
)
def test_what_was_not_measured_is_not_guessed(scan, levels, word):
    with pytest.raises(RecordError, match=word):
        bone_record(scan, levels, "scan.json")


def test_the_command_takes_it(tmp_path):
    scan = tmp_path / "anatomy.json"
    scan.write_text(json.dumps(measured(L4=98.5, L5=150.0)), encoding="utf-8")
    code = "from basivert.edge.cli.main import run; run()"
    run = [sys.executable, "-c", code, "candidacy", "-", "--rules", "bone_ct", "--json",
           "--anatomy", str(scan)]  # fmt: skip

    def told(record):
        return subprocess.run(run, input=record, capture_output=True, text=True, check=False)

    out = json.loads(told('{"levels": ["L4/L5"]}').stdout)
    assert out["answer"] == "not_candidate" and out["ask_the_provider"]
    assert out["reasons"][0]["facts"]["bone_hu"]["value"] == 98.5
    assert told('{"bone_hu": 120}').returncode == 3
