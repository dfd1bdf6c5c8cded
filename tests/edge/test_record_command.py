"""`basivert record`: note as text, HTML and JSON."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

from tests.care.procedure.records import whole


def command(record, *given):
    return subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "record", "-",
         *map(str, given)],
        input=json.dumps(record), capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("record") / "out"
    record = whole()
    record["events"][0]["what"] = "<b>ooze</b>"
    done = command(record, "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_three_files_say_the_same(folder):
    out, document = folder
    assert json.loads((out / "note.json").read_text(encoding="utf-8")) == document
    text, page = ((out / name).read_text(encoding="utf-8") for name in ("note.txt", "note.html"))
    for part in (text, page):
        assert "Research use only. Not a medical device." in part
        assert "fluoroscopy time" in part and "143 s" in part
    assert "&lt;b&gt;ooze&lt;/b&gt;" in page and "<script" not in page and "http" not in page


def test_the_document(folder):
    _, document = folder
    assert document["schema"] == "basivert.procedure/1" and document["research_use_only"] is True
    assert document["may_begin"] == "yes" and document["discharge"]["passes"] == "yes"
    assert document["checklist"]["time_out"]["passes"] == "yes"
    assert document["discharge"]["scores"][0]["version"] == "aldrete_1995"
    hold = next(
        one for one in document["deviations"] if (one["level"], one["what"]) == ("L5", "hold")
    )
    assert (hold["kept"], hold["difference"], hold["limit"]) == ("no", -252.0, 30.0)
    assert document["record"]["steps"][0]["begin"] == "2026-12-21T10:14:00-06:00"
    assert document["record"]["bodies"][1]["pose"] is None


def test_text_ends_with_what_must_be_known():
    text = command(whole()).stdout
    assert text.startswith("Operative note: basivertebral nerve ablation\nResearch use only.")
    assert "caution: L5 side: planned left, done right" in text


def test_a_slip_ends_with_three_and_writes_nothing(tmp_path):
    done = command({**whole(), "bodys": []}, "-o", tmp_path / "out", "--json")
    assert done.returncode == 3
    assert "bodies" in json.loads(done.stdout)["error"]["fix"]
    assert not (tmp_path / "out").exists()


def test_a_clinics_own_items_and_limits(tmp_path):
    items, limits = tmp_path / "items.toml", tmp_path / "limits.toml"
    items.write_text(
        'edition = "Lakeside 2"\n[sign_out.phone]\nwording = "Family called"\n', encoding="utf-8"
    )
    limits.write_text(
        'edition = "Lakeside 2"\nhold = { value = 300.0, unit = "s", source = "ours", '
        'confidence = "clinic" }\n',
        encoding="utf-8",
    )
    done = command(whole(), "--checklist", items, "--limits", limits, "--json")
    document = json.loads(done.stdout)
    assert document["checklist"]["sign_out"]["passes"] == "unknown"
    assert document["editions"]["safety_checklist"] == "2026-11 + Lakeside 2"
    assert document["editions"]["deviation"] == "2026-11 + Lakeside 2"
    hold = [one for one in document["deviations"] if one["what"] == "hold"]
    assert {one["kept"] for one in hold} == {"yes"}


def test_the_example_of_the_documentation_runs():
    place = pathlib.Path(__file__).parents[2] / "docs" / "procedure.md"
    (example,) = re.findall(r"```json\n(.*?)```", place.read_text(encoding="utf-8"), re.DOTALL)
    done = command(json.loads(example.replace('256": "…"', f'256": "{"a" * 64}"')), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["may_begin"] == "unknown"


def test_the_folder_is_named_and_an_older_result_is_not_replaced_silently(tmp_path):
    out = tmp_path / "out"
    first, again = command(whole(), "-o", out), command(whole(), "-o", out)
    assert first.stdout.endswith(f"folder: {out.resolve()}\n")
    assert again.stdout.endswith(f"folder: {out.resolve()} (the older result was replaced)\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    refused = command(whole(), "-o", tmp_path / "mine")
    assert refused.returncode == 3 and "new folder" in refused.stderr


def test_an_unknown_name_at_the_top_has_a_subject():
    done = command({**whole(), "evnts": []}, "--json")
    error = json.loads(done.stdout)["error"]
    assert error["what"] == "The record has no 'evnts'." and "events" in error["fix"]
    lacking = {**whole(), "events": [{"kind": "bleeding"}]}
    assert "Add it" in json.loads(command(lacking, "--json").stdout)["error"]["fix"]
