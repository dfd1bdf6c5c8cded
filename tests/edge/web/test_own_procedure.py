"""A clinic's own safety checklist and limits on the pages: the command line's, signature kept."""

import json
import re
import subprocess
import sys

import pytest

from basivert.edge.store import outcomes, records
from tests.care.procedure.records import SHA, whole

SAFETY = """
edition = "Lakeside 2"
[time_out.warming]
wording = "Warming is on"
"""
LIMITS = """
edition = "Lakeside 7"
depth = { value = 0.5, unit = "mm", source = "our audit", confidence = "clinic" }
"""


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def force(lead, about, written):
    return lead.post("/settings/rules", {"about": about, "written": written}, page="/settings")


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}/procedure"


@pytest.fixture
def record(store, clinics):
    """A whole record of the case, with the clinic's own item answered."""
    document = whole()
    document["checklist"]["time_out"]["warming"] = True
    document["case"] = clinics[0].patient
    with store.writing(clinics[0].physician) as work:
        for body in document["plan"]["bodies"]:
            outcomes.link_plan(
                work, clinics[0].case, digest=SHA, level=body["level"], side=body["side"],
                coverage=None, margins_mm={"canal": 2.0},
                document={"schema": "basivert.plan/1", "depth_mm": body["depth_mm"]},
            )  # fmt: skip
        records.keep(work, clinics[0].case, "procedure", document, version=None)
    return document


def command_note(tmp_path, document):
    for name, content in (("safety.toml", SAFETY), ("limits.toml", LIMITS)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "record", "-",
         "--checklist", str(tmp_path / "safety.toml"), "--limits", str(tmp_path / "limits.toml")],
        input=json.dumps(document), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout


def test_pages_and_command_line_give_the_same_note(browser, record, at, tmp_path, clinics):
    lead = browser("physician")
    assert force(lead, "safety_checklist", SAFETY).status_code == 303
    assert force(lead, "deviation", LIMITS).status_code == 303
    told = lead.get(f"{at}/note.txt").text
    assert told.startswith(command_note(tmp_path, record))
    assert "Lakeside 2" in told and "Lakeside 7" in told
    shown = text(lead.get(at))
    assert "Warming is on" in shown and "caution: L4 depth" in told
    south = text(browser("physician", "south").get(f"/cases/{clinics[1].case}/procedure"))
    assert "Warming is on" not in south


def test_an_own_item_keeps_the_incision_waiting(browser, record, at):
    lead = browser("physician")
    assert "Sign-in and time-out passed" in text(lead.get(at))
    more = SAFETY + '[time_out.tourniquet]\nwording = "Tourniquet is off"\n'
    assert force(lead, "safety_checklist", more).status_code == 303
    shown = text(lead.get(at))
    assert "Sign-in and time-out passed" not in shown and "Tourniquet is off" in shown


def test_a_signed_note_stays_by_the_files_that_it_was_signed_by(browser, record, at, clock):
    lead = browser("physician")
    force(lead, "safety_checklist", SAFETY)
    force(lead, "deviation", LIMITS)
    clock.passes(minutes=1)
    assert lead.post(f"{at}/sign", {"version": "1"}, page=at).status_code == 303
    before = lead.get(f"{at}/note.txt").text
    clock.passes(minutes=1)
    for number in (1, 2):
        ended = lead.post(f"/settings/rules/{number}/end", page="/settings")
        assert ended.status_code == 303
    later = SAFETY.replace("Lakeside 2", "Lakeside 3").replace("warming", "blanket")
    assert force(lead, "safety_checklist", later).status_code == 303
    assert lead.get(f"{at}/note.txt").text == before and "Lakeside 7" in before
    assert "Lakeside 7" in text(lead.get(f"{at}/versions/2"))
    # Reopened, it is read by what decides now; the old item's answer is on no list any more.
    assert lead.post(f"{at}/reopen", {"version": "2"}, page=at).status_code == 303
    shown = lead.get(at)
    assert shown.status_code == 200 and "Sign-in and time-out passed" not in text(shown)
    note = lead.get(f"{at}/note.txt").text
    assert "Lakeside 3" in note and "Lakeside 7" not in note


@pytest.mark.parametrize(
    ("about", "written", "said"),
    [
        ("safety_checklist", 'edition = "1"\n[before]\nx = { wording = "x" }', "no before"),
        ("safety_checklist", 'edition = "1"', "changes no rule"),
        ("safety_checklist", 'edition = "1"\n[time_out.x]\nsay = "x"', "unknown fields"),
        ("deviation", LIMITS.replace('"mm"', '"cm"'), "not in cm"),
        ("deviation", LIMITS.replace("depth", "deep"), "no row"),
    ],
)
def test_a_wrong_file_changes_nothing(browser, about, written, said):
    answer = force(browser("physician"), about, written)
    assert answer.status_code == 422 and said in text(answer)


def test_each_changed_item_is_shown_beside_the_shipped_one():
    from basivert.edge.web.own import looked

    (item,) = looked("safety_checklist", SAFETY.encode()).changes
    assert (item.rule, item.before, item.now) == ("time_out warming", "not there", "Warming is on")
    (limit,) = looked("deviation", LIMITS.encode()).changes
    assert (limit.before, limit.now, limit.source) == ("3 mm", "0.5 mm", "our audit")
