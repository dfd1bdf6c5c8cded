"""`basivert prepare`: files, calendar, PDF, errors."""

import datetime as dt
import io
import json
import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip("icalendar", reason="icalendar is not installed")

RECORD = {
    "procedure": {"start": "2026-12-21T10:00", "zone": "America/Chicago"},
    "clinic": {"name": "Lakeside, Spine; & <b>Co", "phone": "555-0100"},
    "medicines": ["Plavix 75 mg daily", "Eliqis", "moon dust", "#set page(width: 1cm)", "<i>x</i>"],
    "facts": {"driver_to": True},
}

WEEK_BEFORE = {"by": "2026-12-14T10:00:00-06:00", "last_full_day": "2026-12-13"}


def command(*given, record=RECORD):
    return subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "prepare", "-",
         *map(str, given)],
        input=json.dumps(record), capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("prepare") / "out"
    done = command("-o", out, "--json")
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_the_document(folder):
    out, document = folder
    assert json.loads((out / "checklist.json").read_text(encoding="utf-8")) == document
    assert document["research_use_only"] is True
    assert document["procedure"]["start_utc"] == "2026-12-21T16:00:00+00:00"
    plavix, eliquis, *unknown = document["medicines"]
    (inside,) = plavix["contains"]
    assert (inside["name"], inside["rxnorm"], inside["lists_disagree"]) == (
        "clopidogrel",
        "32968",
        True,
    )
    assert inside["lists"][0] == {
        "list": "asra_2018", "edition": "2018", "in_use": True,
        "title": "ASRA pain guideline, second edition", "source": inside["lists"][0]["source"],
        "confidence": "recall", "condition": "", "not_known": [],
        "options": [{
            "action": "stop", "case": "", "before": "7 days", "restart_after": "12 to 24 hours",
            "last_dose_longest": WEEK_BEFORE, "last_dose_shortest": WEEK_BEFORE,
        }],
    }  # fmt: skip
    assert (eliquis["certainty"], eliquis["needs_confirmation"], eliquis["contains"]) == (
        "guess",
        True,
        [],
    )
    assert {one["certainty"] for one in unknown} == {"unknown"}
    settled = {one["name"]: one["settled"] for one in document["checklist"]}
    assert (settled["driver_to"], settled["driver_from"]) == ("yes", "unknown")


def test_the_calendar_is_read_back_and_says_nothing(folder):
    from icalendar import Calendar

    raw = (folder[0] / "calendar.ics").read_bytes()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    events = Calendar.from_ical(raw).walk("VEVENT")
    assert {str(one["summary"]) for one in events} == {"Appointment: instructions on your sheet"}
    assert len({one["uid"] for one in events}) == len(events)
    moments = {one["dtstart"].dt for one in events}
    start = dt.datetime(2026, 12, 21, 16, tzinfo=dt.UTC)
    assert {start, start - dt.timedelta(hours=2), start - dt.timedelta(hours=8)} <= moments
    words = raw.decode().casefold()
    for word in ("plavix", "clopidogrel", "driver", "spine", "fast", "ablation", "medicine"):
        assert word not in words


def test_html_escapes_what_was_entered(folder):
    text = (folder[0] / "sheet.html").read_text(encoding="utf-8")
    assert "&lt;i&gt;x&lt;/i&gt;" in text and "<i>" not in text and "&lt;b&gt;Co" in text
    assert "Research use only. Not a medical device." in text and 'lang="en"' in text
    assert "<script" not in text and "http" not in text


def pdf(folder):
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    pytest.importorskip("typst", reason="typst is not installed")
    return pypdf.PdfReader(io.BytesIO((folder / "sheet.pdf").read_bytes()))


def test_the_pdf_is_one_tagged_page(folder):
    read = pdf(folder[0])
    assert len(read.pages) == 1
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert root["/Lang"] == "en" and read.metadata.title == "Getting ready for your procedure"
    text = " ".join(read.pages[0].extract_text().split())
    assert "Ask before you stop any medicine." in text and "#set page(width: 1cm)" in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("count", [0, 14])
def test_one_page_with_many_medicines(tmp_path, language, count):
    names = ["Plavix 75 mg every day", "Lantus 20 units at night", "moon dust from the market"]
    record = {**RECORD, "medicines": [names[one % 3] for one in range(count)]}
    done = command("-o", tmp_path / "out", "--language", language, record=record)
    assert done.returncode == 0, done.stderr
    assert len(pdf(tmp_path / "out").pages) == 1


def test_a_clinics_own_list(tmp_path):
    own = tmp_path / "lakeside.toml"
    own.write_text(
        'based_on = "asra_2018"\nedition = "Lakeside 3"\nsource = "Our sheet"\n[row]\n'
        'clopidogrel = { before = { days = 6 }, confidence = "clinic" }\n', encoding="utf-8",
    )  # fmt: skip
    found = json.loads(command("--list", own, "--json").stdout)
    first = found["medicines"][0]["contains"][0]["lists"][0]
    assert (first["edition"], first["source"]) == ("2018 + Lakeside 3", "Our sheet")
    assert first["options"][0]["before"] == "6 days"


def test_a_clinics_own_checklist(tmp_path):
    own = tmp_path / "items.toml"
    own.write_text(
        'edition = "Lakeside 4"\n[item.interpreter]\nowner = "nurse"\ndue = { days = 3 }\n'
        'wording = "Interpreter ordered"\nsource = "Our sheet"\nconfidence = "clinic"\n',
        encoding="utf-8",
    )
    found = json.loads(command("--checklist", own, "--json").stdout)
    assert found["editions"]["checklist"].endswith("+ Lakeside 4")
    assert "interpreter" in {one["name"] for one in found["checklist"]}


@pytest.mark.parametrize(
    ("change", "options", "word"),
    [
        ({"medicins": []}, (), "medicines"),
        ({"procedure": {"start": "2026-12-21T10:00"}}, (), "zone"),
        ({"procedure": {"strat": "x"}}, (), "start"), ({"procedure": {}}, (), "start"),
        ({}, ("--list", "asra"), "asra_2018"), ({}, ("--language", "fr"), "en, es"),
        ({}, ("--list", "none.toml"), "none.toml"), ({"facts": {"driver": True}}, (), "driver_to"),
    ],
)  # fmt: skip
def test_a_slip_ends_with_three_and_writes_nothing(tmp_path, change, options, word):
    out = tmp_path / "out"
    done = command("-o", out, "--json", *options, record={**RECORD, **change})
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 3 and word in error["what"] + error["fix"]
    assert not out.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    assert command("-o", tmp_path).returncode == 3
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_the_example_of_the_documentation_runs():
    place = pathlib.Path(__file__).parents[2] / "docs" / "preparation.md"
    (example,) = re.findall(r"```json\n(.*?)```", place.read_text(encoding="utf-8"), re.DOTALL)
    done = command("--json", record=json.loads(example))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["medicines"]
    assert [one["certainty"] for one in found] == ["exact", "confirmed", "exact"]


def test_text_names_list_open_items_and_notice():
    text = command().stdout
    assert text.startswith("Research use only. Not a medical device.\n")
    assert "asra_2018" in text and "moon dust" in text and "open 2026-12-21 08:00 patient" in text


def test_without_typst_the_lack_is_named(monkeypatch):
    from basivert.care.preparation.sheet import sheet
    from basivert.care.preparation.words import words
    from basivert.edge.documents.sheet_file import sheet_pdf
    from basivert.errors import MissingExtra
    from tests.care.preparation.made import made

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"basivert\[report\]"):
        sheet_pdf(sheet(made(["Plavix"]), words("en")))
