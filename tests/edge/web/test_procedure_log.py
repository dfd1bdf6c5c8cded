"""A generator's log on the procedure's page: read, kept, summarised, or refused with words."""

import hashlib
import re
from pathlib import Path

import pytest

LOGS = Path(__file__).parents[1] / "logs"
CSV, COLUMNS = (LOGS / "example.csv").read_bytes(), (LOGS / "columns.toml").read_bytes()


def send(somebody, at, csv, columns):
    files = {"log": ("a.csv", csv), "columns": ("c.toml", columns)}
    return somebody.client.post(f"{at}/log", data={"csrf": somebody.token()}, files=files)


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
    assert "log.added" in browser("admin").get("/trail").text


def test_a_wrong_log_is_told_as_on_the_command_line_and_not_kept(browser, at):
    nurse = browser("nurse")
    lines = CSV.decode().splitlines()
    gap = "\n".join([*lines[:20], *lines[-20:]]).encode()
    for csv, told in ((gap, "gap"), (b"a,b\n1,2\n", "no columns called"), (b"\xff\xfe", "UTF-8")):
        answer = send(nurse, at, csv, COLUMNS)
        assert answer.status_code == 422 and told in answer.text, told
    assert "Logs of the generator (0)" in nurse.get(at).text
