"""Sessions begin with the right password, end by themselves, and forms must be ours."""

import pytest

from basivert.edge.store import accounts
from basivert.edge.store.actor import operator
from basivert.edge.web import passwords

from .conftest import PASSWORD

ADD = {"name": "New Person"}


def test_the_cookie_is_for_the_server_alone_and_changes_at_the_sign_in(browser):
    somebody = browser()
    somebody.client.cookies.set("basivert", "chosen by another")
    answer = somebody.sign_in("nurse-north")
    kept = answer.headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=lax" in kept
    assert "chosen by another" not in kept
    assert somebody.get("/").status_code == 200


@pytest.mark.parametrize(
    ("user", "password"),
    [("nurse-north", "wrong"), ("nobody", PASSWORD), ("", ""), ("NURSE-NORTH ", "x")],
)
def test_wrong_names_and_passwords_are_told_alike(browser, user, password):
    answer = browser().sign_in(user, password)
    assert answer.status_code == 401
    assert "Name or password is not right" in answer.text


def test_a_session_ends_when_nobody_is_there_and_after_a_working_day(browser, clock):
    somebody = browser("nurse")
    for _ in range(3):
        clock.passes(minutes=19)
        assert somebody.get("/").status_code == 200
    clock.passes(minutes=21)
    assert somebody.get("/").headers["location"] == "/sign-in"
    somebody.sign_in("nurse-north")
    for _ in range(40):
        clock.passes(minutes=15)
        last = somebody.get("/").status_code
    assert last == 303


def test_signing_out_ends_the_session_on_the_server(browser):
    somebody = browser("nurse")
    secret = somebody.client.cookies["basivert"]
    assert somebody.post("/sign-out").status_code == 303
    somebody.client.cookies.set("basivert", secret)
    assert somebody.get("/").status_code == 303


def test_a_closed_account_is_out_at_once(browser, store, clinics, clock):
    somebody = browser("nurse")
    clock.passes(seconds=1)
    with store.writing(operator(clinics[0].number)) as work:
        nurse = next(one for one in accounts.accounts(work) if one.role == "nurse")
        accounts.change_account(work, nurse.id, version=nurse.version, disabled=True)
    assert somebody.get("/").status_code == 303
    assert somebody.sign_in("nurse-north").status_code == 401


def test_the_sixth_wrong_try_in_a_minute_is_refused_even_with_the_right_password(browser):
    somebody = browser()
    for _ in range(5):
        assert somebody.sign_in("nurse-north", "wrong").status_code == 401
    assert somebody.sign_in("nurse-north").status_code == 429
    assert somebody.sign_in("physician-north").status_code == 303


def test_an_address_has_thirty_tries_a_minute_whatever_the_name(browser, monkeypatch):
    # The hash takes its time; how often it is asked is what counts here.
    monkeypatch.setattr(passwords, "fits", lambda kept, password: False)
    somebody = browser()
    tried = [somebody.sign_in(f"nobody-{n}", "wrong").status_code for n in range(31)]
    assert tried == [401] * 30 + [429]


def test_the_door_itself_takes_only_its_own_form(browser):
    somebody = browser()
    somebody.get("/sign-in")
    sent = {"user": "nurse-north", "password": PASSWORD, "csrf": "0" * 64}
    assert somebody.client.post("/sign-in", data=sent).status_code == 403
    assert "set-cookie" not in somebody.client.post("/sign-in", data=sent).headers


def test_a_form_counts_only_with_the_token_of_this_session(browser):
    nurse, other = browser("nurse"), browser("physician")
    for token in ("", "0" * 64, other.token(), "ü"):
        answer = nurse.client.post("/patients", data={**ADD, "csrf": token})
        assert answer.status_code == 403, token
    assert nurse.post("/patients", ADD).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_from_another_site_is_refused(browser, headers):
    assert browser("nurse").post("/patients", ADD, headers=headers).status_code == 403


def test_foreign_host_names_are_refused(browser):
    assert browser().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_every_answer_forbids_foreign_scripts_and_copies(browser):
    nurse = browser("nurse")
    for at in ("/", "/patients", "/none", "/static/style.css"):
        headers = nurse.get(at).headers
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        # The address of a page, such as a patient's link, goes to no other site.
        assert headers["referrer-policy"] == "same-origin"
    assert nurse.get("/patients").headers["cache-control"] == "no-store"


def test_more_than_a_photograph_is_not_read(browser):
    nurse = browser("nurse")
    big = "x" * 10_000_000
    assert nurse.post("/patients", {"name": big}).status_code == 413

    def pieces():
        for _ in range(20):
            yield b"x" * 1_000_000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = nurse.client.post("/patients", content=pieces(), headers=kind)
    assert answer.status_code == 413


def test_two_nurses_one_form_the_second_is_told(browser, clinics):
    first, second = browser("nurse"), browser("physician")
    at = f"/patients/{clinics[0].patient}"
    assert first.post(at, {"name": "Zzqpatient A", "version": "1"}).status_code == 303
    answer = second.post(at, {"name": "Zzqpatient B", "version": "1"})
    assert answer.status_code == 409
    assert "nurse of north" in answer.text
    assert "Zzqpatient A" in first.get(at).text


def test_logs_know_no_person(browser, clinics, caplog):
    caplog.set_level("DEBUG")
    nurse = browser("nurse")
    nurse.post("/patients/search", {"sought": "Zzqpatient"}, page="/patients")
    nurse.get(f"/patients/{clinics[0].patient}?note=Zzqpatient")
    nurse.post("/patients", {"name": "Zzqpatient", "birth_date": "Zzqpatient"})
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    assert not [one for one in ours if "Zzqpatient" in one]
    assert [one for one in ours if "GET /patients/{patient} 200" in one]


def test_logs_know_no_password(browser, caplog):
    caplog.set_level("DEBUG")
    other = "other words, as long as those"
    browser().sign_in("nurse-north", other)
    nurse = browser("nurse")
    given = {"old_password": PASSWORD, "password": other, "password_again": other}
    assert nurse.post("/account/password", given, page="/account").status_code == 303
    account = {"name": "Ann Lee", "user": "ann", "role": "nurse", "password": f"{other} too"}
    assert browser("admin").post("/accounts", account, page="/accounts").status_code == 303
    assert [one for one in caplog.messages if "POST /sign-in 303" in one]
    assert PASSWORD not in caplog.text and other not in caplog.text
