"""The sections of a report, as a page shows them: all there, no style or script, nothing small."""

import re

import pytest

from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.documents.registry_page import complete, rendered, sections
from tests.care.outcomes.simulated import clinic

HEADINGS = [
    "Who is in it", "How complete it is", "Who got better", "Who is missing", "How long it lasts",
    "Harm", "Beside the published figures", "Subgroups",
]  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return report(registry(clinic(200, 3), outcome_rules()), outcome_rules())


@pytest.fixture(scope="module")
def text(made):
    return str(sections(made))


def test_all_sections_are_there_and_the_file_holds_the_same(made, text):
    assert re.findall(r"<h2>(.*?)</h2>", text) == HEADINGS
    assert text in rendered(made)


def test_the_policy_of_the_pages_lets_all_of_it_pass(text):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", text)


def test_every_section_with_a_chart_has_a_table_and_regions_are_reached_by_keyboard(text):
    for part in text.split("<section>")[1:]:
        assert "<table>" in part or "<svg" not in part
    assert len(re.findall(r'<div class="scroll"', text)) == len(
        re.findall(r'<div class="scroll" tabindex="0" role="region" aria-label="[^"]+">', text)
    )
    assert len(re.findall("<svg", text)) == len(re.findall(r'role="img" aria-label="[^"]+"', text))


def test_completeness_adds_up(made):
    for row in complete(made):
        assert row["seen"] + row["missing"] == row["due"]
        assert row["due"] + row["not_yet_due"] + row["died"] == row["treated"] == 200


def body(number, margin):
    return {"id": f"p{number}", "procedure_day": 0, "levels": ["L4"], "scores": [],
            "margins_mm": {"L4": margin}}  # fmt: skip


def test_a_small_group_of_margins_is_withheld_with_another_that_would_give_it_away():
    rows = [body(n, -1.0 if n < 3 else 1.0 if n < 20 else 5.0) for n in range(60)]
    rules = outcome_rules()
    found = report(registry({"as_of_day": 10, "patients": rows}, rules), rules)
    groups = found["events"]["nerve_damage_by_margin"]
    assert [g["withheld"] for g in groups] == [True, True, False, False, False]
    assert groups[0]["rate"] is None and "withheld" in str(sections(found))
