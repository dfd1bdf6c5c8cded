"""What a person reads when something went wrong, and where it leads."""

import hashlib
import re
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from basivert.edge.store import accounts, outcomes
from basivert.edge.store.actor import operator
from tests.edge.web.test_aftercare import WELL, check_in, link, patient, treated
from tests.edge.web.test_procedure_page import file, heat

__all__ = ["link", "patient", "treated"]
SPANISH = {"accept-language": "es-MX,en"}


def test_a_photograph_too_large_is_told_on_a_page_in_the_patients_language(patient):
    sent = patient.post(
        "/my/photo", page="/my", files={"photo": ("wound.jpg", b"\xff\xd8\xff" * 5_000_000)},
        headers=SPANISH,
    )  # fmt: skip
    assert sent.status_code == 413
    assert "demasiado grande" in sent.text
    assert 'href="/my"' in sent.text


def test_a_lost_patient_is_led_to_their_own_page_not_to_the_staffs(browser):
    lost = browser().get("/my/nothing", headers=SPANISH)
    assert lost.status_code == 404
    assert "No existe esa página" in lost.text
    assert 'href="/my"' in lost.text and 'href="/"' not in lost.text


@pytest.mark.parametrize("number", [None, "9 1 1"])
def test_an_emergency_is_said_once_with_a_number_to_call(patient, store, clinics, number):
    if number:
        with store.writing(operator(clinics[0].number)) as work:
            version = accounts.own_clinic(work).version
            accounts.change_clinic(work, version=version, settings={"emergency": number})
    told = check_in(patient, WELL | {"chest_pain": "yes"})
    assert told.count("go to the emergency department now") == 1
    assert ('href="tel:911"' in told) is (number is not None)


@pytest.mark.parametrize("at", ["plan/approve", "plan/coverage", "plan/withdraw", "plan/shown"])
def test_a_slip_with_a_plan_shows_the_procedures_page_again(browser, clinics, at):
    page = f"/cases/{clinics[0].case}/procedure"
    sent = browser("physician").post(f"{page}/{at}", {"side.L4": "left"}, page=page)
    assert sent.status_code == 422
    assert '<p class="wrong" role="alert">' in sent.text
    assert "<h1>Procedure</h1>" in sent.text


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({"closure.sutures": "two"}, "closure.sutures", "“Sutures” is 'two'. Give a whole number."),
        (
            {"bodies.L3.treated": "yes", "bodies.L5.treated": "yes", "bodies.L5.depth_mm": "9O"},
            "bodies.L5.depth_mm", "“L5 depth from the skin” is '9O'. Give a number.",
        ),
        (
            {"bodies.L5.treated": "yes", "bodies.L5.burns.0.hold_s": "15 min"},
            "bodies.L5.burns.0.hold_s", "“L5 burn 1: hold” is '15 min'.",
        ),
        ({"instruments.0.lot": "A1"}, "instruments.0.name", "“Name” is missing."),
    ],
)  # fmt: skip
def test_a_slip_in_the_record_names_and_marks_its_field(browser, clinics, given, field, told):
    page = f"/cases/{clinics[0].case}/procedure"
    sent = browser("nurse").post(page, {"part": "record", **given}, page=page)
    assert sent.status_code == 422
    assert told in unescape(sent.text)
    marked = re.findall(r'<(?:input|select) id="([^"]+)" aria-invalid="true"', sent.text)
    assert marked == [field]


def test_what_was_kept_says_so_until_the_page_is_opened_again(browser, clinics):
    nurse, page = browser("nurse"), f"/cases/{clinics[0].case}/procedure"
    sent = nurse.post(page, {"part": "record", "status": "completed"}, page=page)
    assert nurse.get(sent.headers["location"]).text.count("kept just now") == 1
    assert "kept just now" not in nurse.get(page).text


def test_a_conflict_tells_the_time_of_the_clinics_clocks(browser, clinics, clock):
    nurse, page = browser("nurse"), f"/patients/{clinics[0].patient}"
    assert nurse.post(page, {"version": "1", "name": "A"}, page=page).status_code == 303
    late = browser("physician").post(page, {"version": "1", "name": "B"}, page=page)
    there = clock().astimezone(ZoneInfo("America/Chicago"))
    assert late.status_code == 409
    assert f"by nurse of north at {there:%Y-%m-%d %H:%M} in the meantime" in late.text
    assert "+00:00" not in late.text


def test_a_log_whose_header_carries_the_units_needs_no_other_file(browser, clinics):
    nurse, page = browser("nurse"), f"/cases/{clinics[0].case}/procedure"
    rows = "".join(f"{6 * n},{37 + 4.8 * n:g},{10 + n % 2}\n" for n in range(11))
    csv = f"time_s,temperature_degc,power_w\n{rows}".encode()
    sent = nurse.post(f"{page}/log", {"level": "L4"}, page=page, files={"log": ("a.csv", csv)})
    assert sent.status_code == 303
    shown = nurse.get(page).text
    assert "<dd>60 s, 11 samples</dd>" in shown and "<dd>85 °C</dd>" in shown


def test_the_heat_of_another_side_approves_nothing(browser, clinics, store):
    page = f"/cases/{clinics[0].case}/procedure"
    plan = file()
    other = heat(side="right", plan=hashlib.sha256(plan).hexdigest())
    sent = browser("physician").post(
        f"{page}/plan/approve", {"side.L4": "left"}, page=page,
        files={"plan": ("plan.json", plan), "heat": ("heat.json", other)},
    )  # fmt: skip
    assert sent.status_code == 422 and "the heat of L4 right alone" in sent.text
    with store.reading(clinics[0].physician) as work:
        assert outcomes.plans(work, clinics[0].case) == []
