"""Programs get the command line's documents, on this machine, and nothing is stored."""

import json
import subprocess
import sys

import pytest
from starlette.testclient import TestClient

from basivert.edge.web import rates

CASES = {
    "candidacy": ({"pain_months": 14, "modic": {"L4/L5": 1}, "levels": ["L4/L5"]}, "/candidacy",
                  ["candidacy", "-"]),
    "other rules": ({"pain_months": 8, "pregnant": False}, "/candidacy?rules=nass_2022",
                    ["candidacy", "-", "--rules", "nass_2022"]),
    "triage": ({"day": 3, "temperature": 101.1, "unit": "F", "clinic": {"name": "North"}},
               "/triage?language=es", ["triage", "-", "--language", "es"]),
    "odi": ({"items": [3, None, 2, 2, [1, 2], 0, 5, 2, 2, 1]}, "/outcomes/score?instrument=odi",
            ["outcomes", "score", "odi", "-"]),
    "nrs": ({"value": None}, "/outcomes/score?instrument=nrs", ["outcomes", "score", "nrs", "-"]),
}  # fmt: skip


@pytest.fixture
def program(app):
    """A program on the same machine."""
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5000))


@pytest.mark.parametrize("name", CASES)
def test_the_documents_are_the_command_lines(program, name):
    record, at, command = CASES[name]
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", *command, "--json"],
        input=json.dumps(record), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    answer = program.post(f"/api{at}", json=record)
    assert answer.status_code == 200 and answer.json() == json.loads(done.stdout)


@pytest.mark.parametrize(
    ("at", "body", "told"),
    [
        ("/candidacy", b'{"pain_month": 3}', "pain_months"),
        ("/candidacy?rules=nobody", b"{}", "no rule set"),
        ("/candidacy", b'{"nrs": {"value": 3, "on": []}}', "not a day"),
        ("/candidacy", b"[]", "holds no object"),
        ("/candidacy", b'{"nrs": NaN}', "NaN is no value"),
        ("/candidacy", b'{"nrs": 1, "nrs": 2}', "stands twice"),
        ("/candidacy", b'{"nrs": ' + b"9" * 5000 + b"}", "too many digits"),
        ("/candidacy", rb'{"\ud800": 1}', "letters that are none"),
        ("/candidacy", b"\xff", "not text"),
        ("/candidacy", b"[" * 100_000, "nested too deeply"),
        ("/triage", b'{"temperature": 40, "unit": "K"}', "Choose one of"),
        ("/outcomes/score?instrument=nrs", b'{"value": 1, "unit": []}', "no unit"),
        ("/outcomes/score?instrument=sf36", b"{}", "instrument"),
    ],
)
def test_what_cannot_be_used_is_an_error_in_words(program, at, body, told):
    sent = {"Content-Type": "application/json"}
    answer = program.post(f"/api{at}", content=body, headers=sent)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) == {"code", "what", "fix"} and told in f"{error['what']} {error['fix']}"


def test_only_this_machine_and_only_json(app, program):
    other = TestClient(app, base_url="http://127.0.0.1", client=("192.0.2.7", 5000))
    assert other.post("/api/candidacy", json={}).status_code == 403
    form = program.post("/api/candidacy", data={"pain_months": "3"})
    assert form.status_code == 415 and form.json()["error"]["code"] == "http-415"


def test_too_many_in_a_minute_are_refused(program, monkeypatch, clock):
    monkeypatch.setitem(rates.MOST, "api", 3)
    codes = [program.post("/api/triage", json={}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    clock.passes(minutes=2)
    assert program.post("/api/triage", json={}).status_code == 200


def test_the_description_names_every_fact(app):
    paths = app.openapi()["paths"]
    assert set(paths) == {"/api/candidacy", "/api/triage", "/api/outcomes/score"}
    body = paths["/api/candidacy"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["pain_months"]["anyOf"][0]["maximum"] == 1200
    assert body["additionalProperties"] is False
