"""A generator's log on the procedure's page: read, kept, summarised, or refused with words."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from basivert.edge.store import records

LOGS = Path(__file__).parents[1] / "logs"
CSV, COLUMNS = (LOGS / "example.csv").read_bytes(), (LOGS / "columns.toml").read_bytes()


def send(somebody, at, csv, columns, name="a.csv", **said):
    files = {"log": (name, csv), "columns": ("c.toml", columns)}
    data = {"csrf": somebody.token(), **said}
    return somebody.client.post(f"{at}/log", data=data, files=files)


@pytest.fixture
def burns(store, clinics):
    """The burns of a level as kept in the record."""

    def kept(level):
        with store.reading(clinics[0].physician) as work:
            found = records.record(work, clinics[0].case, "procedure")
        bodies = {one["level"]: one for one in found.document["bodies"]} if found else {}
        return bodies.get(level, {}).get("burns")

    return kept


def measured():
    """Columns of the example by plain reading: s, °C, W, Ω while power was given."""
    lines = [one for one in CSV.decode().splitlines() if one and not one.startswith("#")]
    rows = [[cell.replace(",", ".") for cell in one.split(";")] for one in lines[1:]]
    time, degf, milliwatts, kilohm = ([float(row[n]) for row in rows] for n in (0, 2, 3, 4))
    on = [1e3 * z for z, power in zip(kilohm, milliwatts, strict=True) if power > 0]
    span = 60 * (time[-1] - time[0])
    return span, (max(degf) - 32) / 1.8, max(milliwatts) / 1e3, (min(on), max(on))


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}/procedure"


def test_a_log_is_kept_with_what_was_read_of_it(browser, at):
    nurse = browser("nurse")
    for _ in range(2):
        assert send(nurse, at, CSV, COLUMNS).status_code == 303
    shown = re.sub(r"<[^>]+>", " ", nurse.get(at).text)
    assert shown.count(hashlib.sha256(CSV).hexdigest()) == 1
    assert "Logs of the generator (1)" in shown and "nurse of north" in shown
    assert "added a generator's log" in browser("admin").get("/trail").text.replace("&#39;", "'")


def test_a_wrong_log_is_told_as_on_the_command_line_and_not_kept(browser, at):
    nurse = browser("nurse")
    lines = CSV.decode().splitlines()
    gap = "\n".join([*lines[:20], *lines[-20:]]).encode()
    for csv, told in ((gap, "gap"), (b"a,b\n1,2\n", "no columns called"), (b"\xff\xfe", "UTF-8")):
        answer = send(nurse, at, csv, COLUMNS)
        assert answer.status_code == 422 and told in answer.text, told
    assert "Logs of the generator (0)" in nurse.get(at).text


def test_the_burn_that_was_said_has_its_digest_and_summary_in_record_and_note(
    browser, at, store, clinics, burns
):  # fmt: skip
    nurse = browser("nurse")
    sent = send(nurse, at, CSV, COLUMNS, name="../logs\\burn 1.csv", level="L4", burn="1")
    assert sent.status_code == 303
    (burn,) = burns("L4")
    seconds, degc, watts, ohm = measured()
    told = burn["log"]
    assert burn["log_sha256"] == told["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert told["file"] == "burn 1.csv" and told["warnings"] == []
    numbers = [told[name] for name in ("duration_s", "peak_degc", "highest_w",
                                       "impedance_low_ohm", "impedance_high_ohm")]  # fmt: skip
    assert numbers == pytest.approx([seconds, degc, watts, *ohm], rel=1e-6)
    # What was measured is the log's; what a person writes down stays empty until written.
    assert not {"measured_degc", "highest_w", "hold_s"} & set(burn)
    rows = ["burn 1.csv", f"{seconds:.6g} s", f"{degc:.6g} °C", f"{watts:.6g} W", told["sha256"],
            f"{ohm[0]:.6g} to {ohm[1]:.6g} Ω"]  # fmt: skip
    page, printed = nurse.get(f"{at}/note").text, nurse.get(f"{at}/note.txt").text
    for one in rows:
        assert one in page and one in printed, one
    assert "L4 burn 1" in nurse.get(at).text
    with store.reading(clinics[0].physician) as work:
        document = dict(records.record(work, clinics[0].case, "procedure").document)
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "record", "-"],
        input=json.dumps(document), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert printed == f"{done.stdout}\nNot signed.\n"


def test_the_summary_is_the_stores_and_stays_with_the_burn(browser, at, burns):
    nurse, digest = browser("nurse"), hashlib.sha256(CSV).hexdigest()
    fields = {
        "part": "record", "bodies.L4.treated": "yes", "bodies.L4.burns.0.hold_s": "99999",
        "bodies.L4.burns.0.log_sha256": digest, "bodies.L4.burns.0.log.file": "typed.csv",
    }  # fmt: skip
    assert nurse.post(at, {**fields, "version": ""}, page=at).status_code == 303
    assert "log" not in burns("L4")[0]
    # Named by the digest alone: found when the log comes.
    assert send(nurse, at, CSV, COLUMNS).status_code == 303
    assert burns("L4")[0]["log"]["file"] == "a.csv"
    assert nurse.post(at, {**fields, "version": "2"}, page=at).status_code == 303
    assert burns("L4")[0]["log"]["file"] == "a.csv" and burns("L4")[0]["hold_s"] == 99999
    assert "held 99999 s, but its log covers" in nurse.get(f"{at}/note.txt").text


def test_a_log_of_another_burn_a_wrong_burn_and_a_signed_record_are_told(browser, at, burns):
    nurse, physician = browser("nurse"), browser("physician")
    for said, told in (
        ({"level": "L9"}, "no level"), ({"level": "L4", "burn": "2"}, "no burn"),
        ({"level": "L4", "burn": "x"}, "no burn"),
    ):  # fmt: skip
        answer = send(nurse, at, CSV, COLUMNS, **said)
        assert answer.status_code == 422 and told in answer.text
    assert "Logs of the generator (0)" in nurse.get(at).text
    assert send(nurse, at, CSV, COLUMNS, level="L4").status_code == 303
    again = send(nurse, at, CSV, COLUMNS, level="L5")
    assert again.status_code == 422 and "of L4 burn 1 already" in again.text
    assert burns("L5") is None
    assert physician.post(f"{at}/sign", {"version": "1"}, page=at).status_code == 303
    late = send(nurse, at, CSV + b"#\n", COLUMNS, level="L4")
    assert late.status_code == 422 and "was signed" in late.text
    assert burns("L4")[0]["log_sha256"] == hashlib.sha256(CSV).hexdigest()


def test_what_a_log_does_not_hold_is_a_warning_in_the_note(browser, at, burns):
    columns = COLUMNS.decode().split("[column.impedance]")[0].encode()
    nurse = browser("nurse")
    assert send(nurse, at, CSV, columns, level="L5").status_code == 303
    assert burns("L5")[0]["log"]["warnings"] == ["The log holds no impedance."]
    note = nurse.get(f"{at}/note.txt").text
    assert "log, warning: The log holds no impedance." in note
    assert "log, impedance: not recorded" in note
