"""A health record through the pages: looked at, taken in, given out."""

import datetime as dt
import json
import re

import pytest

from basivert.edge.store import facts, people, records
from basivert.edge.web import preparations
from basivert.errors import RecordError
from tests.edge.fhir.records import bundle, condition
from tests.edge.link.test_record_into_case import ENDED, PAIN, PATIENT, WARFARIN

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
MARK = "Zzyzx-4711"
NAMED = {**PATIENT, "birthDate": "1970-05-01", "name": [{"family": MARK}]}
PAIN = {**PAIN, "effectiveDateTime": "2026-03-01"}
WARFARIN = {**WARFARIN, "effectiveDateTime": "2026-02-01"}
BROKEN = condition(id="c2", onsetDateTime=MARK)
WHOLE = bundle(NAMED, condition(), PAIN, WARFARIN, ENDED, BROKEN)


@pytest.fixture
def place(clinics):
    return f"/cases/{clinics[0].case}/record"


@pytest.fixture
def born(store, clinics):
    with store.writing(clinics[0].physician) as work:
        who = people.person(work, clinics[0].patient)
        people.change_person(
            work, clinics[0].patient, version=who.version, birth_date=dt.date(1970, 5, 1)
        )


def look(somebody, place, content=None, **given):
    text = json.dumps(WHOLE) if content is None else content
    return somebody.post(f"{place}/look", given, page=place, files={"file": ("r.json", text)})


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text).group(1)


def take(somebody, place, looked, **changes):
    given = {name: hidden(looked, name) for name in ("held", "version", "about")} | changes
    return somebody.post(f"{place}/take", {"sure": "yes", **given}, page=place)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def entered(store, clinic):
    with store.reading(clinic.physician) as work:
        return facts.facts(work, clinic.case)


def test_a_file_is_shown_before_anything_is_stored(browser, place, store, clinics, born):
    nurse = browser("nurse")
    assert place in nurse.get(f"/patients/{clinics[0].patient}").text
    looked = look(nurse, place)
    shown = words(looked)
    assert looked.status_code == 200
    assert "Heart failure or weakened heart function yes FHIR Condition/c1, no date" in shown
    assert "Warfarin Sodium 5 MG Oral Tablet active FHIR MedicationStatement/m1" in shown
    assert "Ended, by the record (1)" in shown
    assert "Bundle.entry[5] Condition/c2 has a form that R4 does not allow Condition.onset" in shown
    assert "day of birth" not in shown and MARK not in looked.text
    assert entered(store, clinics[0]) == {}
    with store.reading(clinics[0].physician) as work:
        assert records.record(work, clinics[0].case, "fhir") is None


def test_it_is_taken_in_once_and_a_second_time_changes_nothing(browser, place, store, clinics):
    nurse = browser("nurse")
    looked = look(nurse, place)
    taken = take(nurse, place, looked)
    assert "Taken in: 3 facts, 1 medicines; 6 resources are kept" in words(taken)
    assert set(entered(store, clinics[0])) == {"heart_failure", "nrs", "age_years"}
    assert take(nurse, place, looked).status_code == 422
    again = take(nurse, place, look(nurse, place))
    assert "Taken in: 0 facts, 0 medicines; 0 resources are kept" in words(again)
    assert "1 Condition" not in words(nurse.get(place)) and "2 Condition" in words(nurse.get(place))
    assert MARK not in nurse.get(place).text


def test_a_wrong_person_is_doubted(browser, place, store, clinics, born):
    other = bundle({**NAMED, "birthDate": "1950-01-01", "deceasedBoolean": True}, condition())
    shown = words(look(browser("nurse"), place, json.dumps(other)))
    assert "day of birth is not this patient" in shown and "has died" in shown


def test_a_doubted_file_is_taken_in_only_by_somebody_who_compared(browser, place, store, clinics):
    nurse = browser("nurse")
    looked = look(nurse, place)
    assert "day of birth cannot be compared" in words(looked)
    refused = take(nurse, place, looked, sure="")
    assert refused.status_code == 422 and "right person" in refused.text
    assert entered(store, clinics[0]) == {}
    # What was looked at is still there, and is taken in with the tick alone.
    assert "Would be entered" in refused.text and "day of birth cannot" in words(refused)
    assert take(nurse, place, refused).status_code == 200
    assert entered(store, clinics[0])["nrs"].value == 7


def test_a_contradiction_is_shown_and_the_answer_stays(browser, place, store, clinics):
    physician = browser("physician")
    at = f"/cases/{clinics[0].case}/candidacy"
    version = hidden(physician.get(at), "version")
    physician.post(at, {"heart_failure": "no", "version": version}, page=at)
    looked = look(physician, place)
    assert "Contradictions" in looked.text and "a person entered it" in looked.text
    take(physician, place, looked)
    assert entered(store, clinics[0])["heart_failure"].value is False
    # What the form left open is filled by the record.
    assert entered(store, clinics[0])["nrs"].value == 7


def test_a_changed_case_is_told(browser, place, store, clinics):
    nurse = browser("nurse")
    looked = look(nurse, place)
    at = f"/cases/{clinics[0].case}/candidacy"
    version = hidden(nurse.get(at), "version")
    nurse.post(at, {"pain_months": "9", "version": version}, page=at)
    told = take(nurse, place, looked)
    assert told.status_code == 409 and "Would be entered" in told.text
    assert set(entered(store, clinics[0])) == {"pain_months"}
    assert take(nurse, place, told).status_code == 200


def test_a_held_file_is_its_owners_and_the_cases_alone(browser, place, clock):
    nurse = browser("nurse")
    looked = look(nurse, place)
    stranger = browser("physician")
    given = {name: hidden(looked, name) for name in ("held", "version", "about")}
    assert stranger.post(f"{place}/take", given, page=place).status_code == 422
    clock.passes(minutes=16)
    assert take(nurse, place, looked).status_code == 422


@pytest.mark.parametrize(
    "content",
    ["", MARK, json.dumps({"a": MARK}), b"\xff\xfe" + MARK.encode(), "{" * 100_000,
     b"\x89PNG\r\n\x1a\n" + MARK.encode(), json.dumps(bundle(NAMED, {**NAMED, "id": "p2"}))],
)  # fmt: skip
def test_what_is_no_record_is_refused_without_its_content(browser, place, content):
    answer = look(browser("nurse"), place, content)
    assert answer.status_code == 422
    assert MARK not in answer.text


def test_a_large_file_is_refused(browser, place):
    answer = look(browser("nurse"), place, " " * 5_000_001)
    assert answer.status_code == 422
    assert "5.0 MB" in answer.text and "at most 5 MB" in answer.text


def test_half_a_character_is_rejected_and_does_not_break_the_page(browser, place):
    odd = {**WARFARIN, "medicationCodeableConcept": {"text": "a\ud800"}}
    nurse = browser("nurse")
    looked = look(nurse, place, json.dumps(bundle(NAMED, odd)))
    assert looked.status_code == 200 and "1 rejected" in words(looked)
    assert take(nurse, place, looked).status_code == 200


def test_one_of_several_people_is_chosen(browser, place, store, clinics):
    two = bundle(NAMED, {**NAMED, "id": "p2"}, condition(), PAIN)
    nurse = browser("nurse")
    looked = look(nurse, place, json.dumps(two), about="p1")
    assert take(nurse, place, looked).status_code == 200
    assert "heart_failure" in entered(store, clinics[0])


def test_questions_about_a_records_medicines_stand_on_the_list_at_once(
    browser, place, store, clinics
):
    nurse = browser("nurse")
    at = f"/cases/{clinics[0].case}/preparation"
    version = hidden(nurse.get(at), "version")
    nurse.post(f"{at}/time", {"at": "2026-04-01T09:00", "version": version}, page=at)
    take(nurse, place, look(nurse, place))
    with store.reading(clinics[0].physician) as work:
        items = records.checklist(work, clinics[0].case, "preparation")
    assert "ask_warfarin" in {one.code for one in items}


def test_a_record_without_its_questions_is_not_taken_in_either(
    browser, place, store, clinics, monkeypatch
):
    def refused(*_, **__):
        raise RecordError("No list.", fix="Later.")

    nurse, before = browser("nurse"), entered(store, clinics[0])
    at = f"/cases/{clinics[0].case}/preparation"
    version = hidden(nurse.get(at), "version")
    nurse.post(f"{at}/time", {"at": "2026-04-01T09:00", "version": version}, page=at)
    looked = look(nurse, place)
    with monkeypatch.context() as patch:
        patch.setattr(preparations, "lay_out", refused)
        assert take(nurse, place, looked).status_code == 422
    assert entered(store, clinics[0]) == before
    assert "heart_failure" not in before
    # The file is still there to be taken in.
    assert take(nurse, place, looked).status_code == 200
    assert "heart_failure" in entered(store, clinics[0])


def test_medicines_of_a_record_wait_for_the_patients_word(browser, place, store, clinics):
    nurse = browser("nurse")
    take(nurse, place, look(nurse, place))
    at = f"/cases/{clinics[0].case}/preparation"
    version = hidden(nurse.get(at), "version")
    nurse.post(f"{at}/time", {"at": "2026-04-01T09:00", "version": version}, page=at)
    shown = nurse.get(at)
    assert "comes from a health record" in shown.text and "Warfarin" in shown.text
    assert re.search(r'name="asked" value="" checked', shown.text)
    lines = "Warfarin Sodium 5 MG Oral Tablet"
    saved = re.findall(r'name="version" value="(\d+)"', shown.text)[1]
    nurse.post(at, {"asked": "some", "medicines": lines, "version": saved}, page=at)
    shown = nurse.get(at)
    assert "comes from a health record" not in shown.text
    assert re.search(r'name="asked" value="some" checked', shown.text)


def test_the_case_is_given_out_by_a_physician_alone(browser, place, clinics):
    physician, nurse = browser("physician"), browser("nurse")
    take(physician, place, look(physician, place))
    answer = physician.get(f"{place}/bundle.json")
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert "attachment" in answer.headers["content-disposition"]
    made = answer.json()
    assert made["type"] == "transaction"
    assert "Zzqpatient" not in answer.text and MARK not in answer.text
    assert nurse.get(f"{place}/bundle.json").status_code == 403
    assert "Download as FHIR" not in nurse.get(place).text
