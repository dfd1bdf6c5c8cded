"""Whoever works here changes their own password, and nobody else's."""

import pytest
from sqlalchemy import select

from basivert.edge.store.tables import AUDIT

from .conftest import PASSWORD

NEW = "other words, as long as those"
AT = "/account/password"


def changes(somebody, old=PASSWORD, new=NEW, again=None):
    given = {
        "old_password": old,
        "password": new,
        "password_again": new if again is None else again,
    }
    return somebody.post(AT, given, page="/account")


def test_the_new_password_signs_in_the_old_one_no_longer(browser):
    nurse = browser("nurse")
    assert 'href="/account"' in nurse.get("/").text
    answer = changes(nurse)
    assert answer.status_code == 303
    assert "The password is changed" in nurse.get(answer.headers["location"]).text
    assert browser().sign_in("nurse-north").status_code == 401
    assert browser().sign_in("nurse-north", NEW).status_code == 303
    assert browser("physician").get("/").status_code == 200


def test_every_other_session_of_the_account_ends_and_its_own_secret_is_new(browser):
    here, elsewhere, other = browser("nurse"), browser("nurse"), browser("physician")
    before = here.client.cookies["basivert"]
    changes(here)
    assert here.get("/").status_code == 200
    assert here.client.cookies["basivert"] != before
    assert elsewhere.get("/").headers["location"] == "/sign-in"
    assert other.get("/").status_code == 200
    here.client.cookies.clear()
    here.client.cookies.set("basivert", before)
    assert here.get("/").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("wrong words that long", NEW, NEW, "old password is not right"),
        ("", NEW, NEW, "old password is not right"),
        (PASSWORD, "short", "short", "needs 12 to 256 characters"),
        (PASSWORD, NEW, f"{NEW}!", "not typed twice alike"),
        (PASSWORD, PASSWORD, PASSWORD, "is the old one"),
    ],
)
def test_a_slip_changes_nothing_and_repeats_no_password(browser, old, new, again, told):
    nurse = browser("nurse")
    answer = changes(nurse, old, new, again)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert not [one for one in (old, new, again) if one and f'"{one}' in answer.text]
    assert nurse.get("/").status_code == 200
    assert browser().sign_in("nurse-north").status_code == 303


def test_guessing_on_an_open_page_is_counted_with_the_sign_in(browser):
    nurse = browser("nurse")
    for _ in range(5):
        assert changes(nurse, "wrong words that long").status_code == 422
    refused = changes(nurse)
    assert refused.status_code == 429
    assert 'href="/patients"' in refused.text  # still signed in, with the menu
    assert browser().sign_in("nurse-north").status_code == 429
    assert browser().sign_in("physician-north").status_code == 303


def test_the_trail_says_who_changed_it_and_holds_no_password(browser, store):
    changes(browser("nurse"))
    with store.engine.connect() as connection:
        rows = connection.execute(
            select(AUDIT.c.action, AUDIT.c.actor, AUDIT.c.object, AUDIT.c.body)
        )
        trail = [tuple(map(str, row)) for row in rows]
    (kept,) = [row for row in trail if row[0] == "account.changed"]
    assert kept[1] == kept[2] and kept[1].startswith("account:") and "password" in kept[3]
    assert ("session.ended", kept[1], kept[1]) in [row[:3] for row in trail]
    assert not [row for row in trail if NEW in str(row) or "argon2" in str(row)]


def test_a_password_form_that_is_too_old_comes_back_without_passwords(browser):
    nurse = browser("nurse")
    given = {"old_password": PASSWORD, "password": NEW, "password_again": NEW, "csrf": "0" * 64}
    answer = nurse.client.post(AT, data=given, headers={"Origin": "http://127.0.0.1"})
    assert answer.status_code == 403
    assert PASSWORD not in answer.text and NEW not in answer.text
