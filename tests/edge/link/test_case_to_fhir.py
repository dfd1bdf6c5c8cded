"""A stored case becomes a bundle that others accept, and comes back as it was."""

import collections
import datetime as dt
import json

import pytest

from basivert.edge.fhir.check import problem
from basivert.edge.fhir.read import read
from basivert.edge.fhir.write import bundle
from basivert.edge.fhir_into import take_in
from basivert.edge.fhir_of import case_of
from basivert.edge.store import cases, facts, outcomes, people, records
from basivert.edge.store.actor import operator
from basivert.errors import ForbiddenError, NotFoundError
from tests.edge.link.conftest import KNOWN, NOT_KNOWN
from tests.edge.store.conftest import MARK

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")


@pytest.fixture
def written(store, team, filled):
    with store.reading(team.physician) as work:
        return bundle(case_of(work, filled[1]), now=work.now)


def of(whole, kind):
    found = [one["resource"] for one in whole["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def test_everything_is_written_and_two_checkers_find_nothing(written):
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs not installed: pip install it")
    kinds = collections.Counter(one["resource"]["resourceType"] for one in written["entry"])
    assert {kind: kinds[kind] for kind in kinds if kind not in ("Observation", "Condition")} == {
        "Patient": 1, "MedicationStatement": 2, "Questionnaire": 1, "QuestionnaireResponse": 2,
        "Device": 2, "Procedure": 3, "Task": 2, "GuidanceResponse": 1, "AdverseEvent": 1,
        "Provenance": 1,
    }  # fmt: skip
    assert fhirkit.validate(written) == []
    for one in written["entry"]:
        assert problem(one["resource"]) is None


def test_facts_come_back_yes_no_and_unknown(written, store, clock):
    found = read(json.dumps(written), "x", today=clock.now.date())
    assert found.rejected == ()
    back = {name: fact.value for name, fact in found.facts.items()}
    wanted = {
        name: one["value"] if isinstance(one, dict) and "value" in one else one
        for name, one in KNOWN.items()
    } | {"levels": ("L4", "L5")}  # fmt: skip
    assert back == wanted
    assert not set(NOT_KNOWN) & set(back)
    assert [(one.name, one.status) for one in found.medicines] == [
        ("Plavix 75 mg", "active"), ("Warfarin 5 MG", "stopped"),
    ]  # fmt: skip


def test_another_case_takes_the_bundle_in_and_knows_the_same(store, team, filled, written, clock):
    found = read(json.dumps(written), "x", today=clock.now.date())
    with store.writing(team.physician) as work:
        second = cases.open_case(work, people.add_patient(work, name="Another"))
        taken = take_in(work, second, found)
        now, before = facts.facts(work, second), facts.facts(work, filled[1])
        kept = records.record(work, second, "preparation").document["medicines"]
    assert {n: f.value for n, f in now.items()} == {n: f.value for n, f in before.items()}
    days = {n: f.on for n, f in before.items()}
    # The score of the visit is a day younger than the fact, and so holds.
    assert {n: f.on for n, f in now.items()} == days | {"nrs": dt.date(2026, 11, 2)}
    assert all(one.origin.startswith("FHIR ") for one in now.values())
    assert [(one["text"], one["status"]) for one in kept] == [("Plavix 75 mg", "active")]
    assert [one.text for one in taken.ended] == ["Warfarin 5 MG"]
    assert taken.rejected == () and len(taken.kept) == len(written["entry"])


def test_only_the_pseudonym_leaves_and_nothing_that_was_written_freely(written, filled):
    text = json.dumps(written)
    assert MARK not in text and MARK.lower() not in text and "1961" not in text
    assert "ooze" not in text and "moved" not in text
    assert of(written, "Patient")[0]["identifier"][0]["value"] == filled[0]


def test_the_procedure_has_its_own_times_and_the_event_its_grade(written):
    parent, *parts = of(written, "Procedure")
    assert parent["performedPeriod"] == {
        "start": "2026-12-21T10:00:00-06:00", "end": "2026-12-21T11:25:00-06:00",
    }  # fmt: skip
    assert [one["bodySite"][0]["text"] for one in parts] == [
        "L4, access left", "L5, access right",
    ]  # fmt: skip
    (event,) = of(written, "AdverseEvent")
    assert event["seriousness"]["text"] == "serious" and event["event"]["text"] == "Bleeding, L4"
    assert [one["status"] for one in of(written, "Task")] == ["requested", "requested"]


@pytest.mark.parametrize(
    ("grade", "severity", "serious"),
    [(1, "mild", False), (2, "moderate", False), (3, "severe", True), (4, "severe", True),
     (5, "severe", True)],
)  # fmt: skip
def test_the_grade_of_an_event_becomes_its_severity(
    store, team, opened, grade, severity, serious
):  # fmt: skip
    with store.writing(team.physician) as work:
        outcomes.add_event(work, opened[1], kind="infection", grade=grade, on=None)
    with store.reading(team.physician) as work:
        (event,) = of(bundle(case_of(work, opened[1]), now=work.now), "AdverseEvent")
    assert event["severity"]["coding"][0]["code"] == severity
    assert event["seriousness"]["text"] == ("serious" if serious else "not serious")


def test_a_burns_log_goes_with_its_vertebra_without_the_files_name(store, team, filled):
    case, sha = filled[1], "a" * 64
    with store.writing(team.physician) as work:
        kept = records.record(work, case, "procedure")
        document = json.loads(json.dumps(dict(kept.document)))
        document["bodies"][0]["burns"][0] |= {"log_sha256": sha, "log": {
            "file": f"{MARK}.csv", "sha256": sha, "duration_s": 861.5, "peak_degc": 85.2,
            "highest_w": 11.8, "impedance_low_ohm": 151.0, "impedance_high_ohm": 240.0,
            "warnings": [],
        }}  # fmt: skip
        records.keep(work, case, "procedure", document, version=kept.version)
    with store.reading(team.physician) as work:
        whole = bundle(case_of(work, case), now=work.now)
    assert MARK not in json.dumps(whole)
    notes = [one.get("note") for one in of(whole, "Procedure")]
    assert notes == [None, [{"text": "Burn 1, generator's log: 861.5 s, highest temperature "
                             "85.2 °C, highest power 11.8 W, impedance 151 to 240 Ω, SHA-256 "
                             f"{sha}."}], None]  # fmt: skip
    for one in whole["entry"]:
        assert problem(one["resource"]) is None


def test_an_empty_case_is_a_patient_alone(store, team, opened):
    with store.reading(team.physician) as work:
        whole = bundle(case_of(work, opened[1]), now=work.now)
    assert [one["resource"]["resourceType"] for one in whole["entry"]] == ["Patient", "Provenance"]


def test_who_may_not_give_out_persons_may_not_give_out_cases(store, team, other, opened):
    with pytest.raises(ForbiddenError), store.reading(team.nurse) as work:
        case_of(work, opened[1])
    with pytest.raises(NotFoundError), store.reading(other.physician) as work:
        case_of(work, opened[1])


def test_the_operator_writes_it_from_the_command_line(call, filled, url, tmp_path):
    code, told, _ = call("fhir", "case", filled[1], "--db", url, "-o", tmp_path / "case.json")
    assert (code, told["resources"]["Procedure"]) == (0, 3)
    text = (tmp_path / "case.json").read_text("utf-8")
    assert MARK not in text and json.loads(text)["type"] == "transaction"
    code, said, _ = call("fhir", "case", 4711, "--db", url, "-o", tmp_path / "none.json")
    assert (code, said["error"]["code"]) == (3, "not-found")
    assert not (tmp_path / "none.json").exists()


def test_the_trail_knows_that_it_was_given_out(store, team, filled, written):
    with store.reading(operator(team.clinic)) as work:
        actions = [
            row.action for row in work.connection.exec_driver_sql("select action from audit")
        ]
    assert "case.exported" in actions
