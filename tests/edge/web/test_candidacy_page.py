"""Facts entered on the page give the command line's answer, and two people do not overwrite."""

import datetime as dt
import json
import re
import subprocess
import sys

import pytest

from basivert.care.candidacy.editions import candidate_facts
from basivert.edge.store import cases, facts, people

# A candidate by the starting rule set, as a record and as the form sends it.
RECORD = {
    "pain_months": 14, "conservative_care_months": 8, "modic": {"L4/L5": 1, "L5/S1": 2},
    "age_years": 52, "skeletally_mature": True, "pregnant": False, "implanted_electronics": False,
    "active_infection": False, "heart_failure": False, "weak_lungs": False,
    "bleeding_disorder": False, "spine_fracture_or_tumour": False, "osteoporosis_t_score": -0.5,
    "radicular_pain_dominant": False, "levels": ["L4", "L5", "S1"],
}  # fmt: skip


def form(record):
    """What a browser sends for a record; what is not known is sent as empty."""
    sent = {}
    for name, kind in candidate_facts().kinds.items():
        value = record.get(name)
        if kind.shape == "by_place":
            sent |= {f"{name}.{place}": str((value or {}).get(place, "")) for place in kind.places}
        elif kind.shape == "places":
            sent |= {name: list(value)} if value else {}
        elif isinstance(value, bool):
            sent[name] = "yes" if value else "no"
        else:
            sent[name] = "" if value is None else str(value)
    return sent


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}/candidacy"


@pytest.fixture
def version(store, clinics):
    def now():
        with store.reading(clinics[0].physician) as work:
            return str(cases.case(work, clinics[0].case).version)

    return now


def command(record):
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "candidacy", "-",
         "--json"],
        input=json.dumps(record), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_kept_verdict_is_the_command_lines_document(browser, at, version, store, clinics):
    physician = browser("physician")
    sent = physician.post(at, {**form(RECORD), "version": version()}, page=at)
    assert sent.status_code == 303, text(sent)
    assert "Candidate By Starting rule set" in text(physician.get(at))
    assert physician.post(f"{at}/verdict", {"version": version()}, page=at).status_code == 303
    with store.reading(clinics[0].physician) as work:
        (kept,) = facts.verdicts(work, clinics[0].case)
    assert dict(kept.document) == command(RECORD)
    assert "candidate, by default 2026-11; physician of north" in text(physician.get(at))


@pytest.mark.parametrize("name", ["modic", "pregnant", "osteoporosis_t_score", "levels"])
def test_what_was_not_answered_is_unknown_never_no(browser, at, version, name):
    nurse = browser("nurse")
    left = {k: v for k, v in RECORD.items() if k != name}
    nurse.post(at, {**form(left), "version": version()}, page=at)
    assert "Not known yet By Starting rule set" in text(nurse.get(at))


def test_an_untouched_form_knows_nothing(browser, at, version, store, clinics):
    nurse = browser("nurse")
    nurse.post(at, {**form({}), "version": version()}, page=at)
    with store.reading(clinics[0].physician) as work:
        answers = facts.answers(work, clinics[0].case)
    assert len(answers) == 17 and not any(one.known for one in answers)
    assert "Not known yet" in text(nurse.get(at))


def test_two_people_one_form_the_second_is_told_who(browser, at, version):
    nurse, physician, seen = browser("nurse"), browser("physician"), version()
    assert nurse.post(at, {**form(RECORD), "version": seen}, page=at).status_code == 303
    late = physician.post(at, {**form({"pregnant": True}), "version": seen}, page=at)
    assert late.status_code == 409 and "nurse of north" in late.text
    assert "Candidate By" in text(nurse.get(at))
    late = physician.post(f"{at}/verdict", {"version": seen}, page=at)
    assert late.status_code == 409 and "nurse of north" in late.text


def test_a_slip_loses_nothing_and_keeps_the_forms_own_version(browser, at, version):
    nurse, seen = browser("nurse"), version()
    browser("physician").post(at, {**form(RECORD), "version": seen}, page=at)
    wrong = nurse.post(at, {**form(RECORD), "age_years": "520", "version": seen}, page=at)
    assert wrong.status_code == 422
    assert 'value="520"' in wrong.text and "only 0 to 120 can be true" in wrong.text
    assert f'name="version" value="{seen}"' in wrong.text


def test_a_preview_stores_nothing_with_and_without_script(browser, at, version, store, clinics):
    nurse, sent = browser("nurse"), {**form(RECORD), "version": version()}
    part = nurse.post(f"{at}/preview", sent, page=at, headers={"HX-Request": "true"})
    assert part.status_code == 200 and part.text.lstrip().startswith('<section id="verdict"')
    whole = nurse.post(f"{at}/preview", sent, page=at)
    for answer in (part, whole):
        assert "Candidate By" in text(answer) and "Not saved" in text(answer)
    assert 'value="14"' in whole.text
    with store.reading(clinics[0].physician) as work:
        assert facts.answers(work, clinics[0].case) == []


def test_only_a_physician_keeps_a_verdict(browser, at, version):
    nurse = browser("nurse")
    assert "Keep this verdict" not in nurse.get(at).text
    assert nurse.post(f"{at}/verdict", {"version": version()}, page=at).status_code == 403


def test_a_fact_keeps_origin_and_history(browser, at, version, store, clinics):
    nurse, kinds = browser("nurse"), candidate_facts()
    with store.writing(clinics[0].physician) as work:
        read = facts_of({"modic": {"value": {"L4/L5": 1}, "origin": "MRI report"}}, kinds)
        facts.enter(work, clinics[0].case, read, version=1)
    nurse.post(at, {**form(RECORD | {"modic": {"L4/L5": 1}}), "version": version()}, page=at)
    assert "L4/L5 1 MRI report" in text(nurse.get(at))
    nurse.post(at, {**form(RECORD | {"modic": {"L4/L5": 3}}), "version": version()}, page=at)
    told = text(nurse.get(f"{at}/history/modic"))
    assert told.index("MRI report") < told.index("L4/L5 3 entered nurse of north holds now")
    assert nurse.get(f"{at}/history/none").status_code == 404


def test_every_rule_set_stands_beside_the_chosen_one(browser, at, version):
    nurse = browser("nurse")
    nurse.post(at, {**form(RECORD), "version": version()}, page=at)
    shown = text(nurse.get(f"{at}?rules=payer_aetna"))
    expected = command(RECORD)
    for one in expected["editions"]:
        assert one["title"].replace("'", "&#39;") in shown
    assert "Nobody can say from them what will become of one person." in shown
    assert "the page gives no n" in shown


def facts_of(document, kinds):
    from basivert.care.facts import facts as checked

    return checked(document, kinds, origin="entered")


@pytest.fixture
def born(store, clinics):
    north = clinics[0]
    with store.writing(north.physician) as work:
        day = dt.date(1970, 5, 1)
        people.change_person(work, north.patient, version=1, birth_date=day)
    return north


def test_the_age_is_counted_from_the_day_of_birth_and_says_so(store, browser, born):
    at, physician = f"/cases/{born.case}/candidacy", browser("physician")
    page = physician.get(at)
    assert 'name="age_years" inputmode="decimal" autocomplete="off" value="55"' in page.text
    assert "counted from the day of birth (born 1970-05-01)" in text(page)
    given = {**form(RECORD), "age_years": "55", "version": "1"}
    assert physician.post(at, given, page=at).status_code == 303
    with store.reading(born.physician) as work:
        assert facts.facts(work, born.case)["age_years"].origin == "born 1970-05-01"
    assert "counted from" not in physician.get(at).text


def test_pages_and_messages_name_the_labels_of_the_form(browser, clinics):
    at, nurse = f"/cases/{clinics[0].case}/candidacy", browser("nurse")
    given = {**form({**RECORD, "pain_months": 1}), "age_years": "520", "version": "1"}
    wrong = text(nurse.post(at, given, page=at))
    assert "Age is 520 years" in wrong
    names = [name for name in candidate_facts().kinds if "_" in name]
    assert [name for name in names if re.search(rf"\b{name}\b", wrong)] == []
