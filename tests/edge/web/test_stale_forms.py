"""A form of a page that somebody else has changed since is told so, and changes nothing."""

import pytest

from basivert.edge.store import cases, people, records


@pytest.fixture
def treated(store, clinics, clock):
    north = clinics[0]
    with store.writing(north.physician) as work:
        cases.set_procedure(work, north.case, version=1, at=clock())
    return north


def person(store, north):
    with store.reading(north.physician) as work:
        return people.person(work, north.patient)


def follow_up(store, north):
    with store.reading(north.physician) as work:
        return records.record(work, north.case, "follow_up")


def test_a_persons_older_form_changes_nothing(browser, store, clinics):
    nurse, north = browser("nurse"), clinics[0]
    at, seen = f"/patients/{north.patient}", str(person(store, north).version)
    first = {"name": "First", "language": "en", "version": seen}
    assert nurse.post(at, first, page=at).status_code == 303
    second = browser("physician").post(at, {**first, "name": "Second"}, page=at)
    assert second.status_code == 409 and "nurse of north" in second.text
    assert person(store, north).name == "First"


@pytest.mark.parametrize(
    ("form", "given", "other"),
    [
        ("registry", {"sex": "female", "site": "east"}, {"sex": "male", "site": "west"}),
        ("follow-up", {"kind": "fusion"}, {"kind": "epidural"}),
        ("follow-up", {"kind": "fusion"}, {"why": "lost"}),
    ],
)
def test_an_older_form_of_the_registrys_data_changes_nothing(
    browser, store, treated, clock, form, given, other
):
    nurse, outcomes = browser("nurse"), f"/cases/{treated.case}/outcomes"
    at, on = f"{outcomes}/{form}", {"on": str(clock.now.date())}
    assert nurse.post(at, {**given, **on}, page=outcomes).status_code == 303
    seen = {"version": str(follow_up(store, treated).version)}
    assert nurse.post(at, {**given, **on, **seen}, page=outcomes).status_code == 303
    before = follow_up(store, treated)
    late = browser("physician").post(at, {**other, **on, **seen}, page=outcomes)
    assert late.status_code == 409 and "nurse of north" in late.text
    assert follow_up(store, treated) == before


def test_an_older_form_of_the_procedures_time_changes_nothing(browser, store, clinics):
    north = clinics[0]
    nurse, page = browser("nurse"), f"/cases/{north.case}/preparation"
    with store.reading(north.physician) as work:
        seen = str(cases.case(work, north.case).version)
    sent = {"at": "2026-04-20T10:00", "version": seen}
    assert nurse.post(f"{page}/time", sent, page=page).status_code == 303
    late = browser("physician").post(f"{page}/time", {**sent, "at": "2026-04-21T10:00"}, page=page)
    assert late.status_code == 409
    with store.reading(north.physician) as work:
        assert cases.case(work, north.case).procedure_at.day == 20
