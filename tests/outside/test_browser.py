"""The pages in a real Chromium: on a phone and a desktop, by keyboard, and for axe."""

import datetime as dt
import json
import os
import threading

import pytest
import uvicorn

from basivert.care.candidacy.editions import candidate_facts
from basivert.care.facts import facts as checked
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.report import report
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.store import (
    cases,
    computing,
    facts,
    links,
    outcomes,
    own_rules,
    people,
    photos,
    records,
    reports,
)
from basivert.edge.web.app import create_app
from basivert.edge.web.settings import Settings
from tests.care.outcomes.simulated import clinic
from tests.care.procedure.records import whole
from tests.edge.fhir.records import bundle, condition, observation, quantity
from tests.edge.link.test_record_into_case import ENDED, PATIENT, WARFARIN
from tests.edge.store.pictured import pictured
from tests.edge.web.conftest import PASSWORD, clinics, kept_password
from tests.edge.web.test_own_rules import PAIN
from tests.outside.needed import absent, npm_file, program

__all__ = ["clinics", "kept_password"]

# axe-core 4.14.1 (MPL-2.0) as npm publishes it; run in the page, never kept here.
AXE = (
    "axe-core", "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    "axe.min.js",
)  # fmt: skip
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
FACTS = {"pain_months": 14, "conservative_care_months": 8, "modic": {"L4/L5": 1}, "pregnant": False}
MEDICINES = {
    "medicines": [{"text": "Plavix 75 mg"}, {"text": "metforman 500 mg"}, {"text": "blue pill"}],
    "facts": {"anaesthesia": "general"}, "prescriber": "Dr Ray",
}  # fmt: skip
NAMES = str.maketrans({"/": "_", "?": "_", "=": "_", "{": None, "}": None})
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    place = program("chromium", "google-chrome", hint="apt-get install chromium")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=place, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    from basivert.edge.store.engine import open_store

    opened = open_store(str(tmp_path_factory.mktemp("clinic") / "clinic.db"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def north(store):
    """A clinic with a patient two days after the procedure, their photograph and their link."""
    from tests.edge.web.conftest import _clinic, passwords

    made = _clinic(store, "north", passwords.hashed(PASSWORD))
    with store.writing(made.physician) as work:
        who = people.person(work, made.patient)
        people.change_person(
            work, made.patient, version=who.version, birth_date=dt.date(1970, 5, 1)
        )
        case = cases.case(work, made.case)
        at = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
        seen = cases.set_procedure(work, made.case, version=case.version, at=at)
        known = checked(FACTS, candidate_facts(), origin="entered")
        facts.enter(work, made.case, known, version=seen, unknown=["odi"])
        records.keep(work, made.case, "preparation", MEDICINES, version=None)
        outcomes.link_plan(
            work, made.case, digest="a" * 64, level="L4", side="left", coverage=None,
            margins_mm={"canal": 2.0}, document={"schema": "basivert.plan/1", "depth_mm": 92.0},
        )  # fmt: skip
        records.keep(work, made.case, "procedure", whole(), version=None)
        rules = outcome_rules()
        reports.keep_report(work, "registry", report(registry(clinic(400, 3), rules), rules), seq=0)
        computing.order(work)
        own_rules.add(
            work, about="candidacy:default", edition="Lakeside 3", written=PAIN,
            from_on=own_rules.today(work),
        )  # fmt: skip
        photos.add_photo(work, made.case, pictured("PNG"))
        secret = links.add_link(
            work, made.patient, purpose="aftercare", lasts=dt.timedelta(days=90)
        )
    return made, secret


@pytest.fixture(scope="module")
def address(store, north):
    config = uvicorn.Config(
        create_app(store, Settings()), host="127.0.0.1", port=0, log_level="warning",
        access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            absent("the server", "it did not start")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(params=SIZES)
def tab(request, chromium, address):
    context = chromium.new_context(viewport=SIZES[request.param], base_url=address)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda one: page.problems.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: page.problems.append(str(one)))
    page.size = request.param
    yield page
    context.close()


def sign_in(page, user):
    page.goto("/sign-in")
    page.get_by_label("Name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def looked_at(page, name):
    """Nothing that axe finds, no sideways scrolling, no error; a picture where one is wanted."""
    page.evaluate(npm_file(*AXE))
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
    )
    wrong = [
        f"{one['id']}: {one['help']}: {[n['html'][:120] for n in one['nodes']][:3]}"
        for one in found["violations"]
    ]
    assert not wrong, (name, wrong)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0, f"{name} scrolls sideways"
    assert not page.problems, (name, page.problems)
    if folder := os.environ.get("BASIVERT_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{page.size}.png", full_page=True)


CARE = (
    "candidacy", "outcomes", "preparation", "preparation/sheet", "procedure", "procedure/note",
    "procedure/versions",
)  # fmt: skip
PAGES = {
    "admin": ["/", "/account", "/accounts", "/trail", "/settings", "/settings/rules/1"],
    "nurse": [
        "/", "/patients", "/patients/{patient}", "/alerts", "/cases/{case}/aftercare",
        "/cases/{case}/candidacy/history/modic", "/cases/{case}/aftercare/photos/1",
    ],
    "physician": [f"/cases/{{case}}/{one}" for one in CARE],
    "registry": ["/registry"],
    None: ["/questions", "/questions?language=es"],
}  # fmt: skip


@pytest.mark.parametrize(("role", "at"), [(r, at) for r, some in PAGES.items() for at in some])
def test_every_page_of_staff(tab, north, role, at):
    clinic, _ = north
    if role:
        sign_in(tab, f"{role}-north")
    tab.goto(at.format(patient=clinic.patient, case=clinic.case))
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    looked_at(tab, f"{role}{at}".translate(NAMES))


def test_the_answer_follows_the_form_and_nothing_is_stored(tab, north, store):
    clinic, _ = north
    sign_in(tab, "nurse-north")
    at = f"/cases/{clinic.case}/candidacy"
    tab.goto(at)
    if not tab.evaluate("'htmx' in window"):
        absent("htmx", "build the wheel once, or copy it to static/vendor")
    tab.get_by_role("group", name="Pregnant").get_by_label("Yes").check()
    tab.get_by_text("Not saved").wait_for()
    assert "Not a candidate" in tab.inner_text("#verdict")
    assert not tab.problems
    tab.goto(at)
    assert "Not known yet" in tab.inner_text("#verdict")


def test_the_patients_way_by_keyboard(tab, north):
    _, secret = north
    tab.goto(f"/p/{secret}")
    looked_at(tab, "arrival")
    tab.get_by_label("Year you were born").fill("1970")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/my")
    looked_at(tab, "my")
    tab.goto("/my/preparation")
    looked_at(tab, "my-preparation")
    tab.goto("/my/check-in")
    looked_at(tab, "check-in")
    tab.get_by_label("What is your temperature now?").fill("101.2")
    for _ in range(2):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Shift+Tab")
    tab.get_by_role("radio", name="°F").focus()
    tab.keyboard.press("Space")
    tab.get_by_role("button", name="Send").press("Enter")
    tab.wait_for_url("**/my/check-in/*")
    assert "Call north at 555-1 now" in tab.inner_text("main")
    looked_at(tab, "told")


def test_signing_in_wrongly_is_told(tab):
    tab.goto("/sign-in")
    tab.get_by_label("Name").fill("nobody")
    tab.get_by_label("Password").fill("wrong")
    tab.keyboard.press("Enter")
    tab.get_by_role("alert").wait_for()
    tab.problems.clear()  # the browser notes the answer 401 itself
    looked_at(tab, "wrong")


def test_a_health_record_is_looked_at_and_taken_in(tab, north):
    pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
    clinic, _ = north
    sign_in(tab, "physician-north")
    tab.goto(f"/cases/{clinic.case}/record")
    looked_at(tab, "record")
    record = bundle(PATIENT, condition(), observation(valueQuantity=quantity(7)), WARFARIN, ENDED,
                    condition(id="c2", onsetDateTime="yesterday"))  # fmt: skip
    file = {"name": "record.json", "mimeType": "application/json",
            "buffer": json.dumps(record).encode()}  # fmt: skip
    tab.get_by_label("FHIR R4 as JSON").set_input_files(file)
    tab.get_by_role("button", name="Look at it").press("Enter")
    tab.get_by_text("Nothing is stored yet").wait_for()
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    looked_at(tab, "record-looked")
    tab.get_by_label("I compared who it is").check()
    tab.get_by_role("button", name="Take it in").press("Enter")
    tab.get_by_text("Taken in:").wait_for()
    looked_at(tab, "record-taken")


def test_a_clinics_file_is_looked_at(tab, north):
    sign_in(tab, "admin-north")
    tab.goto("/settings")
    tab.get_by_text("Look at a file").click()
    file = {"name": "own.toml", "mimeType": "text/plain",
            "buffer": PAIN.replace("Lakeside 3", "Lakeside 4").encode()}  # fmt: skip
    tab.locator("#about").select_option("candidacy:default")
    tab.locator("#file").set_input_files(file)
    tab.get_by_role("button", name="Look at it").press("Enter")
    tab.get_by_text("Nothing holds yet").wait_for()
    looked_at(tab, "rules-looked")
