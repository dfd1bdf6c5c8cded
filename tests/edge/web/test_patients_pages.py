"""What a patient's pages say at each time: before, on the day, long after, in their language."""

import datetime as dt
import re

import pytest

from basivert.edge.store import cases, links, people
from basivert.edge.web.pages import unbroken

# 16:30 on 12 March in Chicago, after the clocks changed.
PROCEDURE = dt.datetime(2026, 3, 12, 21, 30, tzinfo=dt.UTC)


@pytest.fixture
def came(browser, store, clinics):
    """Give the browser of north's patient, who reads a language and has a procedure at a time."""

    def opened(language, at):
        north = clinics[0]
        with store.writing(north.physician) as work:
            version = people.person(work, north.patient).version
            people.change_person(
                work, north.patient, version=version, birth_date=dt.date(1970, 5, 1),
                language=language,
            )  # fmt: skip
            if at is not None:
                version = cases.case(work, north.case).version
                cases.set_procedure(work, north.case, version=version, at=at)
            secret = links.add_link(
                work, north.patient, purpose="aftercare", lasts=dt.timedelta(days=400)
            )
        made = browser()
        made.post(f"/p/{secret}", {"year": "1970"}, page=f"/p/{secret}")
        return made

    return opened


@pytest.mark.parametrize(
    ("language", "when", "none"),
    [
        ("en", "Your procedure starts: Thursday, March 12, 4:30 pm", "No day is set yet"),
        ("es", "Su procedimiento empieza: jueves 12 de marzo, 16:30", "aún no tiene fecha"),
    ],
)
def test_before_the_procedure_the_patient_reads_when_it_is(came, language, when, none):
    assert none in came(language, None).get("/my").text
    told = came(language, PROCEDURE).get("/my").text
    assert when in told and none not in told and "/my/preparation" in told
    # One element in the button, which lays its parts out by itself and drops spaces between them.
    assert re.search(
        r'href="tel:555-1"><span>[^<]+ <span class="day">555-1</span></span></a>', told
    )


def test_on_the_day_the_sheet_is_still_one_tap_away(came, clock):
    patient = came("es", clock() + dt.timedelta(hours=8))
    told = patient.get("/my").text
    assert "<h1>El día de su procedimiento</h1>" in told
    assert "/my/preparation" in told and "Día 0" not in told
    assert patient.get("/my/preparation").status_code == 200
    assert "Control diario: el día de su procedimiento" in patient.get("/my/check-in").text


def test_long_after_no_heading_stands_over_nothing(came, clock):
    told = came("en", clock() - dt.timedelta(days=200)).get("/my").text
    assert "Day 200" in told and "For today" not in told and "/my/preparation" not in told


def test_an_unknown_address_answers_a_patient_in_their_language(came):
    told = came("es", None).get("/my/nothing", headers={"accept-language": "en"})
    assert told.status_code == 404
    assert "No existe esa página" in told.text and 'href="/my"' in told.text


def test_the_questions_lead_a_patient_back(came, browser):
    assert re.search(r'href="/my">Volver', came("es", None).get("/questions?language=es").text)
    assert 'href="/my"' not in browser().get("/questions").text


def test_no_lines_end_takes_a_number_apart_and_text_stays_text():
    assert unbroken("Call <b> 555-0100.") == ('Call &lt;b&gt; <span class="day">555-0100</span>.')
