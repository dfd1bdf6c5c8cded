"""What is sent is limited in size and in number, and what is too much is told and not kept."""

import hashlib

import pytest

from basivert.edge.web import rates
from basivert.edge.web.app import create_app
from basivert.edge.web.settings import Settings

from .conftest import Browser
from .test_aftercare import PNG, link, patient, treated  # noqa: F401  fixtures of the link
from .test_procedure_log import COLUMNS, CSV, send


def test_a_log_of_more_than_two_megabytes_is_told_and_not_kept(browser, clinics):
    nurse, at = browser("nurse"), f"/cases/{clinics[0].case}/procedure"
    large = CSV + b"#" + b"x" * (2_000_000 - len(CSV))
    answer = send(nurse, at, large, COLUMNS)
    assert answer.status_code == 422 and "2 MB at most" in answer.text
    assert "Logs of the generator (0)" in nurse.get(at).text
    assert send(nurse, at, large[:2_000_000], COLUMNS).status_code == 303
    assert hashlib.sha256(large[:2_000_000]).hexdigest() in nurse.get(at).text


@pytest.mark.parametrize(("largest_mb", "status"), [(1, 413), (3, 422), (8, 422)])
def test_a_clinic_says_how_large_a_photograph_may_be(
    store, patient, largest_mb, status  # noqa: F811
):  # fmt: skip
    browser = Browser(create_app(store, Settings(largest_photo_mb=largest_mb)))
    browser.client.cookies = patient.client.cookies
    data = {"csrf": browser.token("/my")}
    files = {"photo": ("a.png", b"x" * 2_500_000)}
    assert browser.client.post("/my/photo", data=data, files=files).status_code == status


def photograph(somebody, case):
    return somebody.client.post(
        "/my/photo", data={"csrf": somebody.token("/my")}, files={"photo": ("a.png", PNG)}
    )


def upload(part, name):
    def sent(somebody, case):
        at = f"/cases/{case}/{part}"
        files = {name: ("a.json", b"{}")}
        return somebody.client.post(at, data={"csrf": somebody.token()}, files=files)

    return sent


SENT = {
    "photograph": photograph, "log": upload("procedure/log", "log"),
    "record": upload("record/look", "file"), "plan": upload("procedure/plan/approve", "plan"),
    "plan on display": upload("procedure/plan/shown", "plan"),
    "heat": upload("procedure/plan/coverage", "heat"),
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
def test_somebody_sends_only_so_many_files_a_minute(
    browser, treated, patient, name, monkeypatch, clock  # noqa: F811
):  # fmt: skip
    monkeypatch.setitem(rates.MOST, "upload", 2)
    somebody = patient if name == "photograph" else browser("physician")
    told = [SENT[name](somebody, treated.case).status_code for _ in range(3)]
    assert told[:2] == [told[0]] * 2 and told[0] in (303, 422) and told[2] == 429
    clock.passes(minutes=2)
    assert SENT[name](somebody, treated.case).status_code == told[0]
