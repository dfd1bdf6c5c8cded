"""A table of worked cases against the rule sets that ship."""

import tomllib
from pathlib import Path

import pytest

from basivert.care.candidacy.decide import decide
from basivert.care.candidacy.editions import candidate_facts, edition, edition_names
from basivert.care.candidacy.entered import entered

from .records import FITTING

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))["case"]
KNOWN = candidate_facts()


def record(case):
    without = case.get("without", [])
    start = {} if without == ["*"] else FITTING
    kept = {name: value for name, value in start.items() if name not in without}
    return {**kept, **case.get("facts", {})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rules']}: {case['name']}")
def test_worked_case(case):
    found = decide(
        edition(case["rules"], KNOWN), entered(record(case), KNOWN, origin="test"), KNOWN
    )
    assert (found.answer, bool(case["why"])) == (case["answer"], True)
    if "missing" in case:
        assert list(found.missing) == case["missing"]
    if case["answer"] != "unknown":
        assert not found.missing and found.reasons


def test_the_table_is_long_enough_and_covers_every_rule_set():
    assert len(CASES) >= 60
    assert {case["rules"] for case in CASES} == set(edition_names())
