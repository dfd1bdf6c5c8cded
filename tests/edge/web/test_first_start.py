"""The first start: a clinic that can be called, links that lead here, and a lost password."""

import datetime as dt
import io
import json
import sys

import pytest
from sqlalchemy import select

from basivert.edge.cli import main
from basivert.edge.cli.first_account import Founding, first_account
from basivert.edge.cli.serve import serve, started
from basivert.edge.store import accounts, people
from basivert.edge.store.actor import operator
from basivert.edge.store.tables import AUDIT
from basivert.edge.web.app import create_app
from basivert.edge.web.passwords import hashed
from basivert.edge.web.settings import Settings, reached
from basivert.errors import InputError
from tests.edge.web.conftest import PASSWORD, Browser

WHOLE = {"name": "Lakeside Spine", "phone": "555-0100", "zone": "America/Chicago"}


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


@pytest.mark.parametrize(
    ("host", "port", "given", "address"),
    [
        ("127.0.0.1", 8123, {}, "http://127.0.0.1:8123"),
        ("::1", 80, {}, "http://[::1]:80"),
        ("127.0.0.1", 8123, {"address": "https://a.example/"}, "https://a.example"),
        ("0.0.0.0", 80, {"address": "https://a.example", "https": True}, "https://a.example"),
    ],
)
def test_links_follow_where_the_server_listens_unless_an_address_is_set(host, port, given, address):
    found = reached(Settings(**given), host, port)
    assert found.address == address
    assert f"links begin with {address}/p/" in started("clinic.db", host, port, found)


@pytest.mark.parametrize("given", [{"https": True}, {"address": "clinic.example"}])
def test_an_address_that_patients_cannot_open_is_refused(given):
    with pytest.raises(InputError, match="address"):
        reached(Settings(**given), "0.0.0.0", 443)


def test_a_patients_link_carries_the_port(store, clinics):
    with store.writing(clinics[0].physician) as work:
        born = dt.date(1970, 5, 1)
        people.change_person(work, clinics[0].patient, version=1, birth_date=born)
    nurse = Browser(create_app(store, reached(Settings(), "127.0.0.1", 8123)))
    nurse.sign_in("nurse-north")
    at = f"/cases/{clinics[0].case}/aftercare"
    assert "http://127.0.0.1:8123/p/" in nurse.post(f"{at}/link", page=at).text


@pytest.mark.parametrize("name", WHOLE)
def test_no_clinic_is_founded_without_name_number_and_zone(store, name):
    with pytest.raises(InputError, match="not said"):
        first_account(store, Founding(**{**WHOLE, name: " "}))
    with pytest.raises(InputError, match="no telephone number"):
        first_account(store, Founding(**{**WHOLE, "phone": "(not set)"}))
    with store.reading(operator()) as work:
        assert accounts.clinics(work) == []


def test_options_found_the_clinic_once(store, capsys):
    first_account(store, Founding(**WHOLE))
    assert "sign in as admin with " in capsys.readouterr().err
    first_account(store, Founding(**{**WHOLE, "name": "Other"}))
    assert "under Settings" in capsys.readouterr().err
    with store.reading(operator()) as work:
        (one,) = accounts.clinics(work)
    assert (one.name, one.phone, one.time_zone) == tuple(WHOLE.values())


def test_the_server_keeps_no_log_of_addresses_as_they_were_asked_for(tmp_path, monkeypatch):
    """A patient's link is such an address."""
    given = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **more: given.update(more))
    serve(str(tmp_path / "new.db"), "127.0.0.1", 8000, None, Founding(**WHOLE))
    assert given["access_log"] is False and given["log_level"] in ("warning", "error")


def test_a_number_that_nobody_can_call_is_neither_taken_nor_shown(browser, store, clinics):
    admin = browser("admin")
    shown = {"version": 2, "name": "North", "time_zone": "UTC", "phone": "(not set)"}
    answer = admin.post("/settings", shown, page="/settings")
    assert (answer.status_code, "no telephone number" in answer.text) == (422, True)
    with store.writing(operator(clinics[0].number)) as work:
        accounts.change_clinic(work, version=2, phone="(not set)")
    assert "Patients read no phone number" in browser("nurse").get("/").text
    at = f"/cases/{clinics[0].case}/aftercare"
    assert "tel:" not in browser("nurse").get(at).text


def test_a_lost_password_is_replaced_and_the_trail_says_so(
    store, clinics, browser, monkeypatch, capsys
):
    admin = browser("admin")
    place = store.engine.url.database
    monkeypatch.setattr(
        sys, "argv", ["basivert", "accounts", "reset", "ADMIN-north", "--db", place, "--json"]
    )
    with pytest.raises(SystemExit) as ended:
        main.run()
    told = json.loads(capsys.readouterr().out)
    assert (ended.value.code, told["user"]) == (0, "admin-north")
    assert admin.get("/accounts").status_code == 303
    assert admin.sign_in("admin-north", PASSWORD).status_code == 401
    assert admin.sign_in("admin-north", told["password"]).status_code == 303
    with store.engine.connect() as connection:
        kept = connection.execute(select(AUDIT.c.actor).where(AUDIT.c.action == "account.changed"))
        assert kept.scalars().all() == ["operator"]


def test_a_short_password_is_told_in_words_and_the_rest_stays(browser):
    given = {"name": "Ann Lee", "user": "ann", "role": "nurse", "password": "short"}
    answer = browser("admin").post("/accounts", given, page="/accounts")
    assert (answer.status_code, "needs 12 to 256 characters" in answer.text) == (422, True)
    assert 'value="Ann Lee"' in answer.text and 'value="nurse" selected' in answer.text
    assert "short" not in answer.text


def test_an_administrator_alone_is_led_to_the_accounts(store, browser):
    with store.writing(operator()) as work:
        number = accounts.found_clinic(work, name="New", time_zone="UTC", phone="555-2")
    with store.writing(operator(number)) as work:
        accounts.add_account(
            work, user="one", name="One", role="admin", password=hashed(PASSWORD)
        )  # fmt: skip
    one = browser()
    one.sign_in("one")
    first = one.get("/").text
    assert "Nobody but you can sign in yet" in first and 'href="/accounts#add"' in first
    assert "No cases" not in first
