"""A slip, another's change in between, or a session that ended: what was typed comes again."""

import html
import re
from importlib import resources

import pytest

from basivert.edge.store import cases, records
from basivert.edge.web.refill import marked, refilled

PAGE = """<!doctype html><h1>A</h1><details><summary>x</summary><form action="/a">
<input type="hidden" name="csrf" value="new"><input type="hidden" name="version" value="2">
<input name="n" value="now &amp; here"><input type="checkbox" name="c" value="1" checked>
<textarea name="t">kept</textarea><select name="s"><option value="">-</option>
<option value="b" selected>B</option></select></form></details>
<form action="/a"><input type="hidden" name="which" value="2"><input name="n"></form>"""


def test_a_form_is_filled_with_what_was_typed_and_stays_the_pages_own():
    typed = [("csrf", "old"), ("version", "1"), ("n", '<"&'), ("t", "a\nb"), ("s", "")]
    made = refilled(PAGE, "/a", typed, "No.", compare=True)
    assert "<details open>" in made and '<p class="wrong" role="alert">No.</p>' in made
    assert 'name="csrf" value="new"' in made and 'name="version" value="2"' in made
    assert f'value="{html.escape(chr(60))}&quot;&amp;"' in made
    assert "checked" not in made and "a\nb</textarea>" in made
    assert '<option value="" selected>' in made and '<option value="b">' in made
    assert "<li>n: now &amp; here</li>" in made and "<li>s: B</li>" in made
    assert made.count("kept") == 1
    other = refilled(PAGE, "/a", [("which", "2"), ("n", "7")], "No.", compare=False)
    assert 'value="7"' in other.split("</details>")[1] and "now &amp; here" in other


ASKED = """<h1>A</h1><form action="/a"><label for="f-n">Months of pain <span>(months)</span></label>
<input id="f-n" name="pain_months" value="9"><fieldset><legend>Pregnant</legend>
<label><input type="radio" name="pregnant" value="yes"> Yes</label>
<label><input type="radio" name="pregnant" value="" checked> Not known</label></fieldset>
<fieldset><legend>Modic</legend><label>L4/L5 <select name="modic.L4/L5"><option value="1">type 1
</option><option value="" selected>Not known</option></select></label></fieldset>
<label><input type="checkbox" name="sure" value="yes" checked> I compared it</label>
<label for="t">Notes</label><textarea id="t" name="note"></textarea></form>"""


def test_what_is_kept_now_stands_under_the_labels_of_the_page():
    typed = [("pain_months", "14"), ("pregnant", "yes"), ("modic.L4/L5", "1"), ("sure", "no"),
             ("note", "new")]  # fmt: skip
    made = refilled(ASKED, "/a", typed, "No.", compare=True)
    assert re.findall("<li>(.*?)</li>", made) == [
        "Months of pain: 9", "Pregnant: Not known", "Modic L4/L5: Not known",
        "I compared it: I compared it", "Notes: empty",
    ]  # fmt: skip


def test_a_field_is_marked_and_the_alert_says_its_label():
    page = """<p class="wrong" role="alert">closure.n is &#39;two&#39; &amp; no. Fix it.</p>
<form action="/a"><label for="closure.n">Sutures <span class="unit">(n)</span></label><input
 id="closure.n" name="closure.n"></form>"""
    told = marked(page, "closure.n", "closure.n is 'two' & no. Fix it.")
    assert "“Sutures” is &#x27;two&#x27; &amp; no. Fix it.</p>\n<form" in told
    assert 'id="closure.n" aria-invalid="true" aria-describedby="closure.n-e" name=' in told
    assert '</label><p class="wrong" id="closure.n-e">“Sutures” is' in told
    assert marked(page, "closure.other", "closure.other is bad.") == page


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}"


def kept_on_page(answer, *values):
    shown = html.unescape(answer.text)
    for value in values:
        assert value in shown, (value, answer.status_code)
    assert 'role="alert"' in shown


def test_a_slip_in_any_form_loses_nothing(browser, at, clinics):
    nurse, admin = browser("nurse"), browser("admin")
    patient = f"/patients/{clinics[0].patient}"
    forms = [
        (nurse, f"{at}/preparation", {"asked": "none", "medicines": "Plavix\naspirin | Dr Lee",
         "prescriber": "Dr Ray"}, ["Plavix\naspirin | Dr Lee", "Dr Ray"]),
        (nurse, f"{at}/preparation", {"asked": "some", "medicines": "Plavix",
         "creatinine_clearance": "6000"}, ["Plavix", 'value="6000"']),
        (nurse, f"{at}/preparation/time", {"at": "2026-03-08T02:30", "version": "1"},
         ["2026-03-08T02:30"]),
        (nurse, f"{at}/outcomes", {"visit": "baseline", "instrument": "odi", "score": "431",
         "on": "2026-03-01"}, ['value="431"', 'value="2026-03-01"']),
        (nurse, f"{at}/outcomes/event", {"kind": "infection", "grade": "9", "note": "red cut"},
         ["red cut", '<option value="infection" selected>']),
        (nurse, f"{at}/outcomes/follow-up", {"kind": "fusion at L4", "on": ""}, ["fusion at L4"]),
        (nurse, "/patients", {"name": "Mary Made-up", "birth_date": "1970-99-99"},
         ["Mary Made-up", "1970-99-99"]),
        (nurse, patient, {"name": "Mary", "phone": "555-9", "birth_date": "x", "version": "1"},
         ['value="555-9"']),
        (nurse, f"{at}/aftercare/check-in", {"temperature": "98", "unit": "F", "chills": "no"},
         ['value="98"']),
        (admin, "/accounts", {"name": "New Nurse", "user": "newnurse", "role": "nurse",
         "password": "short"}, ["New Nurse", 'value="newnurse"']),
        (admin, "/settings", {"name": "North", "phone": "555-8", "time_zone": "Mars",
         "candidacy_rules": "default", "version": "2"}, ['value="Mars"', 'value="555-8"']),
    ]  # fmt: skip
    for somebody, address, given, shown in forms:
        answer = somebody.post(address, given, page="/patients" if somebody is nurse else "/")
        assert answer.status_code == 422, (address, answer.status_code)
        kept_on_page(answer, *shown)
        assert 'value="short"' not in answer.text


def test_anothers_change_in_between_is_shown_beside_what_was_typed(browser, at, store, clinics):
    north, nurse = clinics[0], browser("nurse")
    with store.writing(north.physician) as work:
        records.keep(
            work, north.case, "preparation", {"medicines": [{"text": "warfarin"}]}, version=None
        )
        cases.set_procedure(work, north.case, version=1, at=work.now)
    sent = {"asked": "some", "medicines": "Plavix", "prescriber": "Dr Ray"}
    late = nurse.post(f"{at}/preparation", sent, page="/")
    assert late.status_code == 409
    kept_on_page(
        late,
        "Plavix</textarea>",
        "physician of north",
        "Medicines, one a line, as the patient says it: warfarin",
    )
    form = late.text.partition(f'action="{at}/preparation"')[2]
    again = re.search(r'name="version" value="(\d+)"', form).group(1)
    done = nurse.post(f"{at}/preparation", {**sent, "version": again}, page="/")
    assert done.status_code == 303
    facts = nurse.post(f"{at}/candidacy", {"pain_months": "14", "version": "1"}, page="/")
    assert facts.status_code == 409
    kept_on_page(facts, 'name="pain_months" inputmode="decimal" autocomplete="off" value="14"')
    with store.writing(north.physician) as work:
        records.keep(work, north.case, "procedure", {"team": ["Dr Vega"]}, version=None)
    record = {"part": "record", "team": "Nurse Ray"}
    told = nurse.post(f"{at}/procedure", record, page="/")
    assert told.status_code == 409
    kept_on_page(told, "Nurse Ray")
    assert nurse.post(f"{at}/procedure", {**record, "version": "1"}, page="/").status_code == 303


def test_a_session_that_ended_keeps_what_was_typed(browser, at, clock):
    ours = {"origin": "http://127.0.0.1"}
    nurse = browser("nurse")
    given = {"csrf": nurse.token(), "asked": "some", "medicines": "Plavix 75 mg\naspirin"}
    clock.passes(minutes=30)
    over = nurse.client.post(f"{at}/preparation", data=given, headers=ours)
    assert over.status_code == 401 and "Plavix 75 mg\naspirin" in over.text
    assert 'href="/sign-in"' in over.text and given["csrf"] not in over.text
    foreign = nurse.client.post(
        f"{at}/preparation", data=given, headers={"origin": "http://elsewhere"}
    )
    assert foreign.status_code == 303 and "Plavix" not in foreign.text
    nurse.sign_in("nurse-north")
    old = nurse.client.post(f"{at}/preparation", data=given, headers=ours)
    assert old.status_code == 403 and "Send it again" in old.text and "aspirin" in old.text
    token = re.search(r'method="post" action="/cases[^>]*><input type="hidden" name="csrf" '
                      r'value="([0-9a-f]+)"', old.text).group(1)  # fmt: skip
    done = nurse.client.post(f"{at}/preparation", data={**given, "csrf": token}, headers=ours)
    assert done.status_code == 303
    stolen = nurse.client.post(f"{at}/preparation", data=given, headers={"origin": "http://e"})
    assert stolen.status_code == 403 and "Plavix" not in stolen.text


def test_every_choice_has_a_value_so_that_it_can_be_chosen_again():
    folder = resources.files("basivert.edge.web") / "templates"
    bare = [
        (one.name, found)
        for one in folder.iterdir()
        for found in re.findall(r"<option(?! value=)[^>]*", one.read_text("utf-8"))
    ]
    assert bare == []
