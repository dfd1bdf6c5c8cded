"""What the clinic sees of a patient's answers and photographs."""

from basivert.edge.store import people
from tests.edge.store.pictured import pictured
from tests.edge.web.test_aftercare import WELL, check_in, link, patient, treated

__all__ = ["link", "patient", "treated"]
FEVER = WELL | {"temperature": "38.9", "unit": "C", "chills": "yes", "drainage": ""}


def test_a_nurse_reads_a_spanish_patients_answers_in_english(store, treated, patient, browser):
    with store.writing(treated.physician) as work:
        who = people.person(work, treated.patient)
        people.change_person(work, treated.patient, version=who.version, language="es")
    assert "Llame ahora" in check_in(patient, FEVER)
    page = browser("nurse").get(f"/cases/{treated.case}/aftercare").text
    assert "Temperature: <strong>38.9 °C</strong>" in page
    assert "Chills: <strong>yes</strong>" in page
    assert "1 not answered" in page
    assert '<p lang="es">Llame ahora' in page, "what the patient read stands beside it, marked"


def test_a_temperature_without_a_unit_is_never_given_one(treated, patient, browser):
    check_in(patient, FEVER | {"unit": ""})
    page = browser("nurse").get(f"/cases/{treated.case}/aftercare").text
    assert "38.9, in no known unit" in page


def test_open_alerts_stand_on_the_first_page_until_a_named_person_closes_them(
    treated, patient, browser
):
    nurse, admin = browser("nurse"), browser("admin")
    assert "No open alerts." in nurse.get("/").text
    check_in(patient, WELL | {"chest_pain": "yes"})
    check_in(patient, FEVER)
    assert "2 open alerts</a></strong>, 1 of an emergency" in nurse.get("/").text
    assert "open alert" not in browser("registry").get("/").text
    assert "open alert" not in admin.get("/").text
    for number in (1, 2):
        nurse.post(f"/alerts/{number}/close", {"version": "1", "note": "called"}, page="/alerts")
    assert "No open alerts." in nurse.get("/").text
    page = nurse.get(f"/cases/{treated.case}/aftercare").text
    assert page.count("Closed by nurse of north") == 2


def test_a_photograph_has_a_page_of_its_own(treated, patient, browser):
    sent = {"photo": ("wound.png", pictured("PNG"))}
    assert patient.post("/my/photo", page="/my", files=sent).status_code == 303
    nurse, at = browser("nurse"), f"/cases/{treated.case}/aftercare"
    assert f'href="{at}/photos/1"' in nurse.get(at).text
    page = nurse.get(f"{at}/photos/1").text
    assert "Photograph, day 2" in page and 'src="/photos/1"' in page
    assert nurse.get(f"{at}/photos/2").status_code == 404
