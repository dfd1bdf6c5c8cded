"""Every route with every role: nobody gets more than the table of roles gives."""

import pytest
from fastapi.routing import APIRoute

from .conftest import ROLES

# What a stranger may open: the door itself, pages without a person, and a patient's own link.
# What a form would hold: a route must look whose the patient is whatever was sent.
FILLED = {
    "name": "Another", "version": "1", "visit": "baseline", "instrument": "nrs", "score": "3",
    "kind": "infection", "grade": "1", "on": "2026-03-02",
}  # fmt: skip
PUBLIC = {
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/p/{secret}"), ("POST", "/p/{secret}"),
    ("GET", "/questions"),
    ("POST", "/api/candidacy"), ("POST", "/api/triage"), ("POST", "/api/outcomes/score"),
}  # fmt: skip


def deeds(route):
    """What a route asks for; None where it asks nothing."""
    found = [one.call.deeds for one in route.dependant.dependencies if hasattr(one.call, "deeds")]
    return found[0] if found else None


def for_patients(route):
    return any(getattr(one.call, "patient", False) for one in route.dependant.dependencies)


def routes(app):
    found = [
        (method, route)
        for router in app.routes
        for route in getattr(getattr(router, "original_router", None), "routes", ())
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]
    assert len(found) > 10
    return found


def address(route, clinic):
    given = {"patient": clinic.patient, "case": clinic.case}
    return route.path.format_map({**dict.fromkeys(route.param_convertors, 1), **given})


def test_every_route_asks_who_comes_or_is_meant_for_everybody(app):
    open_to_all = {(method, route.path) for method, route in routes(app) if deeds(route) is None}
    assert open_to_all == PUBLIC


def test_a_stranger_is_sent_to_the_door(app, browser, clinics):
    stranger = browser()
    for method, route in routes(app):
        if deeds(route) is not None:
            answer = stranger.client.request(method, address(route, clinics[0]))
            assert answer.status_code in (303, 401), (method, route.path)
            assert "Zzqpatient" not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says_and_no_more(app, browser, clinics, store, role):
    somebody = browser(role)
    token = somebody.token()
    for method, route in routes(app):
        needed = deeds(route)
        if needed is None or route.path == "/sign-out" or for_patients(route):
            continue
        sent = {"data": {"csrf": token}} if method == "POST" else {}
        answer = somebody.client.request(method, address(route, clinics[0]), **sent)
        may = all(store.roles.allow(role, deed) for deed in needed)
        where = (method, route.path, answer.status_code)
        assert (answer.status_code == 403) is (not may), where
        assert answer.status_code < 500, where


def test_no_form_counts_without_its_token(app, browser, clinics, store):
    people = {role: browser(role) for role in ROLES}
    tried = 0
    for method, route in routes(app):
        needed = deeds(route)
        if method == "GET" or needed is None or for_patients(route):
            continue
        may = next(r for r in ROLES if all(store.roles.allow(r, deed) for deed in needed))
        answer = people[may].client.post(address(route, clinics[0]), data=FILLED)
        assert answer.status_code == 403, route.path
        assert "not from an open page" in answer.text, route.path
        tried += 1
    assert tried > 10


@pytest.mark.parametrize("role", ["physician", "nurse"])
def test_another_clinics_patients_do_not_exist(app, browser, clinics, role):
    somebody = browser(role, "south")
    token = somebody.token()
    for method, route in routes(app):
        if "{patient}" not in route.path and "{case}" not in route.path:
            continue
        sent = {"data": {**FILLED, "csrf": token}} if method == "POST" else {}
        answer = somebody.client.request(method, address(route, clinics[0]), **sent)
        assert answer.status_code in (403, 404), (method, route.path, answer.status_code)
        assert "Zzqpatient north" not in answer.text
    assert "Zzqpatient north" not in somebody.get("/patients").text
    assert "Zzqpatient north" not in somebody.get("/").text
