"""What a person reads when something went wrong, and where it leads."""

import pytest

from basivert.edge.store import accounts
from basivert.edge.store.actor import operator
from tests.edge.web.test_aftercare import WELL, check_in, link, patient, treated

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


def test_a_lost_patient_is_led_to_their_own_page_not_to_the_staffs(patient):
    lost = patient.get("/my/nothing", headers=SPANISH)
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
