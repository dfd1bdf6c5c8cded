"""The trail speaks in words: no deed, thing or field by its short name."""

import json
import re
from pathlib import Path

import basivert.edge
from basivert.care.roles import roles
from basivert.constants.load import document
from basivert.edge.web.trail_words import did, to_what, which

SOURCE = Path(basivert.edge.__file__).parent


def test_every_deed_of_the_store_has_words_and_no_words_are_left_over():
    source = "\n".join(one.read_text("utf-8") for one in SOURCE.rglob("*.py"))
    names = document("care/trail")["action"]
    noted = set(re.findall(r'note\(\s*"([a-z_.]+)"', source)) | {"denied", "parts.read"}
    assert noted <= set(names)
    assert [one for one in names if f'"{one}"' not in source] == []


def test_a_row_is_told_in_words():
    may = roles(document("care/roles"))
    assert did("facts.entered") == "entered facts"
    assert to_what("case.read", "case:17", may) == "case 17"
    assert to_what("clinic.changed", "clinic:1", may) == "the clinic"
    assert to_what("denied", "audit.read", may) == "see the trail"
    told = which(json.dumps({"fields": ["pain_months", "procedure_at"], "kind": "warning_sign"}))
    assert (
        told
        == "what: How long the low back pain has lasted, time of the procedure; kind: warning sign"
    )
    assert which(json.dumps({"about": "signs", "rules": 2})) == (
        "table: Warning signs of check-ins; rules: 2"
    )
    assert which(json.dumps({"kind": "checkins"})) == "kind: check-ins"
    assert which(None) == ""


def test_what_nobody_wrote_words_for_stands_as_it_is():
    assert did("moon.read") == "moon.read"
