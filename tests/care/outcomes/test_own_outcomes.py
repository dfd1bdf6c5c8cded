"""A clinic's rows of the outcome tables: what fits is told by field, the rest is refused."""

import tomllib

import pytest

from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.own_changes import changes
from basivert.care.own_rules import OUTCOMES, changed
from basivert.errors import InputError
from tests.care.outcomes.simulated import clinic as simulated

from basivert.care.outcomes.reading import registry  # isort: skip

OWN = """
edition = "Lakeside 1"
[responders.definition.odi_15]
threshold = 12
[responders.definition.odi_12]
measure = "odi"
of = "change"
sign = ">="
threshold = 12
wording = "ODI lower by at least 12 points"
source = "our protocol 9"
confidence = "clinic"
[schedule.visit.m3]
after = 21
[events.kind]
haematoma = "Haematoma"
"""


def written(text):
    return tomllib.loads(text)


def test_a_clinics_rows_decide_and_the_report_says_in_which_table():
    rules = outcome_rules(written(OWN))
    document = simulated(60, 3)
    made = report(registry(document, rules), rules)
    assert made["clinic_edition"] == "Lakeside 1"
    own = {name for name, edition in made["editions"].items() if "Lakeside" in edition}
    assert own == {"responders", "schedule", "events"}
    rows = {(row["definition"], row["visit"]): row for row in made["responders"]}
    assert rows["odi_15", "m6"]["responders"] == rows["odi_12", "m6"]["responders"]
    shipped = report(registry(document, outcome_rules()), outcome_rules())
    before = {(row["definition"], row["visit"]): row for row in shipped["responders"]}
    assert rows["odi_15", "m6"]["responders"] > before["odi_15", "m6"]["responders"]
    assert shipped["clinic_edition"] == "" and "haematoma" in {
        k["kind"] for k in made["events"]["kinds"]
    }


def test_who_changed_a_number_stands_for_it():
    row = outcome_rules(written(OWN))["responders"]["definition"]["odi_15"]
    assert row["source"].startswith("Lakeside 1, in place of: Conger 2022")
    assert row["confidence"] == "clinic"
    untouched = outcome_rules(written(OWN))["responders"]["definition"]["odi_20"]
    assert untouched == outcome_rules()["responders"]["definition"]["odi_20"]


def test_every_changed_field_is_shown_beside_the_shipped_one():
    told = {one.rule: one for one in changes(OUTCOMES, written(OWN))}
    first = told["responders definition odi_15 threshold"]
    assert (first.before, first.now) == ("15", "12") and "Lakeside 1" in first.source
    assert told["schedule visit m3 after"].before == "14"
    assert told["events kind haematoma"].before == "not there"
    assert told["responders definition odi_12 of"].source == "our protocol 9"
    assert len(told) == 1 + 7 + 1 + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[responders.definition.odi_51]\nthreshold = 12", "is new and lacks"),
        ("[responders.definition.odi_15]\nlimit = 12", "no responders.definition.odi_15.limit"),
        ('[responders.definition.odi_15]\nthreshold = "12"', "threshold is '12'"),
        ('[responders.definition.odi_15]\nsign = "=>"', "compares"),
        ('[responders.definition.odi_15]\nmeasure = "odl"', "no measure 'odl'"),
        ("[responders.definition.pain_50]\nthreshold = { nrs = 3 }", "no threshold for vas_cm"),
        ("[schedule.visit.m3]\nday = true", "day is True"),
        ("[schedule]\nbaseline_until = 3", "no schedule.baseline_until"),
        ('[analysis.durability]\ndefinition = "pain_55"', "no definition 'pain_55'"),
        ('[analysis.durability]\nhorizons = ["m13"]', "no visit 'm13'"),
        ("[analysis.cells]\nsmallest = 1", "one person"),
        ("[export.hiding]\nk = 1", "one person"),
        ("[events]\nlevel = 95", "level is 95"),
        ("[events.kind]\nfall = 3", "events.kind.fall"),
        ('[[scores.odi.band]]\nup_to = 90\nname = "all"', "bands do not reach"),
        ("[scores.instrument.nrs]\nhigh = 100", "scores.instrument stays"),
        ("", "changes no rule"),
        ("[schedule]", "changes no rule"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_decides(text, said):
    with pytest.raises(InputError, match=said):
        changed(OUTCOMES, written(f'edition = "1"\n{text}'))


def test_an_instrument_of_pain_says_its_points():
    row = """[scores.instrument.vas_own]
measure = "pain"
unit = "mm"
low = 0
high = 50
whole = false
better = "lower"
wording = "Short line"
source = "ours"
"""
    with pytest.raises(InputError, match="points of ten"):
        outcome_rules(written(f'edition = "1"\n{row}'))
    with pytest.raises(InputError, match="pain_mcid has no threshold for vas_own"):
        from basivert.care.outcomes.responders import definitions

        definitions(outcome_rules(written(f'edition = "1"\n{row}of_ten = 0.2')))
