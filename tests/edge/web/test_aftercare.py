"""From a patient's link to a closed alert."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from basivert.edge.store import cases, people, records
from basivert.edge.store.pictures import cleaned
from basivert.edge.store.tables import ATTEMPT, AUDIT, PATIENT_LINK
from basivert.edge.web.checkins import day_now
from tests.edge.store.pictured import pictured

WELL = {
    "temperature": "98.2", "unit": "F", "swelling": "none", "pain_controlled_by_medication": "yes",
    **dict.fromkeys(
        ["chills", "warmth_at_incision", "redness_expanding", "drainage", "new_leg_weakness",
         "saddle_numbness", "bladder_or_bowel_change", "chest_pain", "short_of_breath"], "no"),
}  # fmt: skip
PNG = pictured("PNG")


@pytest.fixture
def treated(store, clinics, clock):
    """The north's patient, born in 1970, two days after the procedure."""
    north = clinics[0]
    with store.writing(north.physician) as work:
        who = people.person(work, north.patient)
        born = dt.date(1970, 5, 1)
        people.change_person(work, north.patient, version=who.version, birth_date=born)
        case = cases.case(work, north.case)
        cases.set_procedure(work, north.case, version=case.version, at=clock())
    clock.passes(days=2)
    return north


@pytest.fixture
def link(browser, treated):
    nurse = browser("nurse")
    at = f"/cases/{treated.case}/aftercare"
    shown = nurse.post(f"{at}/link", page=at).text
    return re.search(r"/p/[\w-]+", shown).group(0)


@pytest.fixture
def patient(browser, link):
    somebody = browser()
    assert somebody.post(link, {"year": "1970"}, page=link).headers["location"] == "/my"
    return somebody


def check_in(patient, answers):
    sent = patient.post("/my/check-in", answers, page="/my/check-in")
    assert sent.status_code == 303, sent.text
    return patient.get(sent.headers["location"]).text


def test_a_day_without_signs_opens_nothing(patient, browser):
    assert "Day 2" in patient.get("/my").text
    assert "None of the warning signs" in check_in(patient, WELL)
    assert "None. An alert stays here" in browser("nurse").get("/alerts").text


@pytest.mark.parametrize("left_out", ["temperature", "unit", "chills", "chest_pain", "swelling"])
def test_a_missing_answer_never_reassures(patient, left_out):
    told = check_in(patient, {k: v for k, v in WELL.items() if k != left_out})
    assert "some answers are missing" in told
    assert "None of the warning signs" not in told


def test_an_alert_stays_until_a_named_person_closes_it(patient, browser):
    assert "Call north at 555-1 now" in check_in(patient, {**WELL, "temperature": "101.1"})
    assert "None of the warning signs" in check_in(patient, WELL)
    nurse, physician = browser("nurse"), browser("physician")
    shown = nurse.get("/alerts").text
    assert "Zzqpatient north" in shown and "fever" in shown
    at = re.search(r"/alerts/\d+/close", shown).group(0)
    assert nurse.post(at, {"version": "1", "note": " "}, page="/alerts").status_code == 422
    assert nurse.post(at, {"version": "1", "note": "Called."}, page="/alerts").status_code == 303
    late = physician.post(at, {"version": "1", "note": "Me too."}, page="/alerts")
    assert late.status_code == 409 and "nurse of north" in late.text


def test_what_is_for_today_opens_an_alert_too(patient, browser):
    told = check_in(patient, {**WELL, "pain_controlled_by_medication": "no"})
    assert "Call north at 555-1 today" in told
    shown = browser("nurse").get("/alerts").text
    assert "Zzqpatient north" in shown and "call today" in shown


def test_a_patients_forms_count_only_with_their_own_token(patient, browser, link, treated):
    for token in ("", "0" * 64, browser("nurse").token()):
        for at in ("/my/check-in", "/my/photo", link):
            sent = {**WELL, "year": "1970", "csrf": token}
            answer = patient.client.post(at, data=sent)
            assert answer.status_code == 403, (at, token)
            assert "not from an open page" in answer.text
    assert "None yet" in browser("nurse").get(f"/cases/{treated.case}/aftercare").text


def test_tries_of_a_link_and_of_an_address_are_counted(browser):
    guesser = browser()

    def tries(at):
        return guesser.post(at, {"year": "1970"}, page=at).status_code

    assert [tries("/p/one") for _ in range(6)] == [401] * 5 + [429]
    # An address has thirty tries a minute, whatever it asks for.
    assert [tries(f"/p/other-{n}") for n in range(25)] == [401] * 24 + [429]


@pytest.mark.parametrize(
    ("procedure", "now", "day"),
    [
        # Chicago: 2 March 17:30, 4 March 21:00.
        ("2026-03-02T23:30Z", "2026-03-05T03:00Z", 2),
        # 2 March 23:30, 5 March 14:00.
        ("2026-03-03T05:30Z", "2026-03-05T20:00Z", 3),
        # The evening before, and that morning.
        ("2026-03-02T23:30Z", "2026-03-02T05:00Z", None),
        ("2026-03-02T23:30Z", "2026-03-02T07:00Z", 0),
        # 7 March 23:30 and 8 March 23:30, of which the clocks made 23 hours.
        ("2026-03-08T05:30Z", "2026-03-09T04:30Z", 1),
    ],
)
def test_days_are_counted_by_the_clinics_calendar(procedure, now, day):
    moments = (dt.datetime.fromisoformat(one) for one in (procedure, now))
    assert day_now(*moments, ZoneInfo("America/Chicago")) == day


def test_a_slip_loses_nothing_and_sends_nothing(patient, browser, treated):
    answer = patient.post("/my/check-in", {**WELL, "temperature": "983"}, page="/my/check-in")
    assert answer.status_code == 422
    assert 'value="983"' in answer.text and "decimal point" in answer.text
    assert re.search(r'name="chills" value="no" checked', answer.text)
    assert "None yet" in browser("nurse").get(f"/cases/{treated.case}/aftercare").text


def test_a_link_is_for_one_person_and_ends(browser, link, clock):
    guesser = browser()
    for year in ("1969", "1971", ""):
        assert guesser.post(link, {"year": year}, page=link).status_code == 401
    right = browser().post(link, {"year": "1970"}, page=link)
    assert right.status_code == 401


def test_a_link_expires_and_so_does_the_visit(browser, link, patient, clock):
    clock.passes(minutes=30)
    assert patient.get("/my").status_code == 401
    clock.passes(days=100)
    assert browser().post(link, {"year": "1970"}, page=link).status_code == 401


def test_no_log_and_no_row_of_the_trail_holds_a_link(browser, link, store, caplog):
    caplog.set_level("DEBUG")
    secret = link.removeprefix("/p/")
    for year in ("1969", "1970"):
        browser().post(link, {"year": year}, page=link)
    browser().client.put(link)
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    assert [one for one in ours if "POST /p/{secret} 303" in one]
    assert not [one for one in ours if secret in one]
    with store.engine.connect() as connection:
        for table in (AUDIT, ATTEMPT, PATIENT_LINK):
            rows = connection.execute(select(table)).all()
            assert rows and secret not in repr(rows), table.name


def test_a_new_link_ends_the_old_one(browser, link, treated, patient):
    at = f"/cases/{treated.case}/aftercare"
    browser("nurse").post(f"{at}/link", page=at)
    assert patient.get("/my").status_code == 401


def test_a_patient_sees_no_page_of_the_staff_and_no_other_case(patient, clinics):
    for at in ("/", "/patients", "/alerts", f"/cases/{clinics[1].case}/aftercare", "/trail"):
        assert patient.get(at).headers["location"] == "/sign-in"
    assert patient.get("/my/check-in/99").status_code == 404


def test_the_staffs_cookie_opens_no_patient_page(browser):
    assert browser("nurse").get("/my").status_code == 401


def test_photographs_are_judged_by_their_content(patient, browser, treated):
    token = {"csrf": patient.token("/my")}
    wrong = patient.client.post("/my/photo", data=token, files={"photo": ("a.png", b"<svg>")})
    assert wrong.status_code == 422
    right = patient.client.post("/my/photo", data=token, files={"photo": ("../../a.png", PNG)})
    assert right.status_code == 303
    nurse = browser("nurse")
    shown = nurse.get(f"/cases/{treated.case}/aftercare").text
    at = re.search(r"/photos/\d+", shown).group(0)
    shown = nurse.get(at)
    assert (shown.content, shown.headers["content-type"]) == (cleaned(PNG), "image/png")
    assert browser("nurse", "south").get(at).status_code == 404
    assert browser("registry").get(at).status_code == 403


def test_a_telephones_own_format_is_refused_in_the_patients_language(patient, store, treated):
    with store.writing(treated.physician) as work:
        who = people.person(work, treated.patient)
        people.change_person(work, treated.patient, version=who.version, language="es")
    token = {"csrf": patient.token("/my")}
    heic = ("a.heic", b"\0\0\0\x18ftypheic" + b"0" * 50)
    told = patient.client.post("/my/photo", data=token, files={"photo": heic})
    assert told.status_code == 422 and "Más compatible" in told.text
    nothing = patient.client.post("/my/photo", data=token)
    assert nothing.status_code == 422 and "No se eligió" in nothing.text


def test_a_spanish_patient_reads_spanish_from_the_link_to_the_error(
    browser, patient, store, treated, link, clock
):
    with store.writing(treated.physician) as work:
        who = people.person(work, treated.patient)
        people.change_person(work, treated.patient, version=who.version, language="es")
    at = f"/cases/{treated.case}/aftercare"
    stranger = browser()
    assert "Le damos la bienvenida" in stranger.get(f"{link}?language=es").text
    assert (
        "Le damos la bienvenida" in stranger.get(link, headers={"accept-language": "es-MX,en"}).text
    )
    slip = patient.post("/my/check-in", {**WELL, "temperature": "983"}, page="/my/check-in")
    assert "Esto no puede ser correcto" in slip.text and "decimal point" not in slip.text
    gone = patient.get("/my/check-in/99")
    assert gone.status_code == 404 and "No existe esa página" in gone.text
    ours = {"origin": "http://127.0.0.1", "accept-language": "es"}
    clock.passes(minutes=30)
    over = patient.client.post("/my/check-in", data={**WELL, "temperature": "98.5"}, headers=ours)
    assert over.status_code == 401 and "Lo que escribió sigue aquí" in over.text
    assert "98.5" in over.text
    assert "?language=es" in browser("nurse").post(f"{at}/link", page=at).text


def test_a_telephone_check_in_and_cautions(browser, treated):
    nurse, at = browser("nurse"), f"/cases/{treated.case}/aftercare"
    assert nurse.post(f"{at}/check-in", {**WELL, "chest_pain": "yes"}, page=at).status_code == 303
    assert "emergency" in nurse.get("/alerts").text
    assert nurse.post(f"{at}/cautions", {"anticoagulant": "yes"}, page=at).status_code == 303
    stale = nurse.post(f"{at}/cautions", {"anticoagulant": "no", "version": "7"}, page=at)
    assert stale.status_code == 409
    assert "blood thinner" in nurse.get(at).text


def test_the_patient_reads_their_own_language(store, treated, patient):
    with store.writing(treated.physician) as work:
        who = people.person(work, treated.patient)
        people.change_person(work, treated.patient, version=who.version, language="es")
    shown = patient.get("/my/check-in").text
    assert '<html lang="es">' in shown and "escalofríos" in shown
    assert "chills" not in re.sub(r'(name|id|for)="[^"]*"', "", shown)


def test_cautions_follow_from_the_case_until_the_clinic_says_otherwise(
    patient, treated, browser, store
):
    at, nurse = f"/cases/{treated.case}/aftercare", browser("nurse")
    with store.writing(treated.physician) as work:
        records.keep(work, treated.case, "preparation", {"medicines": [{"text": "apixaban"}]},
                     version=None)  # fmt: skip
    shown = nurse.get(at).text
    assert "Takes a blood thinner (anticoagulant or antiplatelet): yes" in shown
    assert "medicine before the procedure: apixaban" in shown and "born 1970-05-01" in shown
    assert "blood thinner" in patient.get("/my").text
    nurse.post(
        f"{at}/cautions", {"anticoagulant": "yes", "age_years": "55", "steroid": "no"}, page=at
    )
    with store.reading(treated.physician) as work:
        assert records.record(work, treated.case, "cautions").document == {"steroid": False}
    nurse.post(f"{at}/cautions", {"anticoagulant": "no", "version": "1"}, page=at)
    assert "Look again:" in nurse.get(at).text


def test_before_the_procedure_no_form_is_shown_and_nothing_written_is_lost(
    patient, treated, store, clock
):
    token = patient.token("/my/check-in")
    with store.writing(treated.physician) as work:
        case = cases.case(work, treated.case)
        later = clock() + dt.timedelta(days=3)
        cases.set_procedure(work, treated.case, version=case.version, at=later)
    early = patient.get("/my/check-in").text
    assert "<form" not in early and 'href="tel:555-1"' in early
    assert "starts on the day of the procedure" in early
    written = {**WELL, "temperature": "101.1", "csrf": token}
    sent = patient.client.post("/my/check-in", data=written)
    assert (sent.status_code, 'value="101.1"' in sent.text) == (422, True)
    assert "This was not sent" in sent.text and 'href="tel:555-1"' in sent.text
