"""Before the procedure: what is entered on the page becomes the command line's preparation."""

import datetime as dt
import json
import re
import subprocess
import sys

import icalendar
import pytest

from basivert.edge.care_codec.preparation import preparation_document
from basivert.edge.store import accounts, cases, links, people, records
from basivert.edge.web import preparations
from basivert.edge.web.contact import contact_of

# The clinic's zone is America/Chicago; the clock stands at 2026-03-02.
START = "2026-04-20T10:00"
GIVEN = {"asked": "some", "medicines": "Plavix 75 mg\nplavicks | Dr Lee", "prescriber": "Dr Ray",
         "driver_to": "yes", "anaesthesia": "general"}  # fmt: skip


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}/preparation"


@pytest.fixture
def kept(store, clinics):
    """The case, its record and its list, as they are now."""

    def now():
        north = clinics[0]
        with store.reading(north.physician) as work:
            return (
                cases.case(work, north.case), records.record(work, north.case, "preparation"),
                {one.code: one for one in records.checklist(work, north.case, "preparation")},
            )  # fmt: skip

    return now


@pytest.fixture
def planned(browser, at, kept):
    """A nurse who has set the time and entered the medicines."""
    nurse = browser("nurse")
    set_time(nurse, at, kept, START)
    assert nurse.post(at, GIVEN, page=at).status_code == 303
    return nurse


def set_time(somebody, at, kept, start):
    given = {"at": start, "version": str(kept()[0].version)}
    answer = somebody.post(f"{at}/time", given, page=at)
    assert answer.status_code == 303, text(answer)


def test_the_time_is_the_clinics(planned, kept):
    # 10:00 in Chicago is 15:00 UTC in April.
    assert kept()[0].procedure_at == dt.datetime(2026, 4, 20, 15, tzinfo=dt.UTC)
    assert kept()[0].stage == "preparation"


def test_the_page_computes_what_the_command_line_does(planned, kept, store, clinics, clock):
    north = clinics[0]
    with store.reading(north.physician) as work:
        clinic = accounts.own_clinic(work)
    record = {
        "procedure": {"start": START, "zone": "America/Chicago"},
        "clinic": {"name": "north", "phone": "555-1"},
        "medicines": ["Plavix 75 mg", {"text": "plavicks", "prescriber": "Dr Lee"}],
        "facts": {"anaesthesia": "general", "driver_to": True}, "prescriber": "Dr Ray",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "prepare", "-",
         "--json"],
        input=json.dumps(record), capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    case, entered, _ = kept()
    # What is overdue depends on the day of the test, which the page takes from its own clock.
    now = dt.datetime.now(dt.UTC)
    made = preparations.made(
        entered.document, case.procedure_at, clinic, contact_of(clinic), {}, now, {}
    )
    assert preparation_document(made) == json.loads(done.stdout)


def test_a_guess_is_nothing_until_a_person_confirms_it(planned, at, kept):
    shown = text(planned.get(at))
    assert "plavicks only a guess" in shown and "It is plavix (clopidogrel)" in shown
    assert "clear_plavicks" in kept()[2]
    seen = str(kept()[1].version)
    given = {"text": "plavicks", "name": "plavix", "version": seen}
    assert planned.post(f"{at}/confirm", given, page=at).status_code == 303
    assert "plavix, confirmed by nurse of north" in text(planned.get(at))
    assert kept()[2]["clear_plavicks"].state == "not_applicable"
    wrong = {"text": "plavicks", "name": "no such thing", "version": str(kept()[1].version)}
    assert planned.post(f"{at}/confirm", wrong, page=at).status_code == 422
    planned.post(at, {**GIVEN, "version": str(kept()[1].version)}, page=at)
    assert "confirmed by nurse of north" in text(planned.get(at))
    back = {"text": "plavicks", "name": "", "version": str(kept()[1].version)}
    planned.post(f"{at}/confirm", back, page=at)
    assert kept()[2]["clear_plavicks"].state == "open"


def test_not_asked_is_not_none(planned, at, kept):
    assert "Nobody has said which medicines" not in text(planned.get(at))
    for asked, told in (("", True), ("none", False)):
        given = {"asked": asked, "version": str(kept()[1].version)}
        assert planned.post(at, given, page=at).status_code == 303
        assert ("Nobody has said which medicines" in text(planned.get(at))) is told
    given = {"asked": "none", "medicines": "Plavix", "version": str(kept()[1].version)}
    assert planned.post(at, given, page=at).status_code == 422


def test_lists_stand_side_by_side_with_the_one_in_use(planned, at):
    shown = text(planned.get(at))
    assert "Ask Dr Ray before you stop clopidogrel." in shown and "the lists differ" in shown
    assert "(list in use)" in shown and "SIR consensus" in shown


def test_two_people_one_form_the_second_is_told_who(planned, browser, at, kept):
    physician, seen = browser("physician"), str(kept()[1].version)
    assert physician.post(at, {**GIVEN, "version": seen}, page=at).status_code == 303
    for given in ({**GIVEN, "version": seen}, GIVEN):
        late = planned.post(at, given, page=at)
        assert late.status_code == 409 and "physician of north" in late.text


def test_an_item_is_settled_by_a_named_person_and_a_new_time_asks_again(planned, at, kept, browser):
    item = kept()[2]["ask_clopidogrel"]
    given = {"state": "done", "owner": "nurse", "version": "1"}
    assert planned.post(f"{at}/items/{item.id}", given, page=at).status_code == 303
    assert "nurse of north, 2026-03-02" in text(planned.get(at))
    late = browser("physician").post(f"{at}/items/{item.id}", given, page=at)
    assert late.status_code == 409 and "nurse of north" in late.text
    due = kept()[2]["implants"].due_at
    set_time(planned, at, kept, "2026-04-27T10:00")
    later = kept()[2]
    assert later["ask_clopidogrel"].state == "open"
    assert later["implants"].due_at - due == dt.timedelta(days=7)
    assert planned.post(f"{at}/items/999", given, page=at).status_code == 404


def test_an_hour_that_the_clocks_skip_is_refused(planned, at, kept):
    given = {"at": "2026-03-08T02:30", "version": str(kept()[0].version)}
    answer = planned.post(f"{at}/time", given, page=at)
    assert answer.status_code == 422 and "the clocks change" in answer.text


def test_sheet_and_calendar_name_no_procedure(planned, at):
    sheet = planned.get(f"{at}/sheet")
    assert "Monday, April 20, 10:00 am" in text(sheet) and "style=" not in sheet.text
    assert "ablation" not in text(sheet).split("Back")[1].casefold()
    file = icalendar.Calendar.from_ical(planned.get(f"{at}/calendar.ics").content)
    starts = {one.decoded("dtstart") for one in file.walk("VEVENT")}
    assert dt.datetime(2026, 4, 20, 15, tzinfo=dt.UTC) in starts
    pytest.importorskip("typst", reason="typst is not installed: basivert[report]")
    assert planned.get(f"{at}/sheet.pdf").content.startswith(b"%PDF-")


def test_the_patient_reads_the_sheet_in_their_language(planned, browser, store, clinics, at):
    north = clinics[0]
    with store.writing(north.physician) as work:
        who = people.person(work, north.patient)
        people.change_person(
            work, north.patient, version=who.version, birth_date=dt.date(1970, 5, 1), language="es"
        )
        secret = links.add_link(
            work, north.patient, purpose="preparation", lasts=dt.timedelta(days=90)
        )
    patient = browser()
    patient.post(f"/p/{secret}", {"year": "1970"}, page=f"/p/{secret}")
    assert 'href="/my/preparation"' in patient.get("/my").text
    shown = patient.get("/my/preparation")
    assert "20 de abril" in shown.text and '<html lang="es">' in shown.text
    assert patient.get("/my/preparation/calendar.ics").content.startswith(b"BEGIN:VCALENDAR")
    assert patient.get(f"{at}/sheet").headers["location"] == "/sign-in"


def test_after_the_procedure_the_sheet_gives_way_to_what_holds_then(browser, store, clinics):
    north = clinics[0]
    with store.writing(north.physician) as work:
        who = people.person(work, north.patient)
        people.change_person(work, north.patient, version=who.version,
                             birth_date=dt.date(1970, 5, 1), language="en")  # fmt: skip
        secret = links.add_link(
            work, north.patient, purpose="preparation", lasts=dt.timedelta(days=90)
        )
        cases.set_procedure(
            work, north.case, version=cases.case(work, north.case).version,
            at=store.clock() - dt.timedelta(days=2),
        )  # fmt: skip
    patient = browser()
    patient.post(f"/p/{secret}", {"year": "1970"}, page=f"/p/{secret}")
    answer = patient.get("/my/preparation")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/my"
