"""The procedure on the page: the command line's record, and a time-out that is hard to pass."""

import re

import pytest

from basivert.care.procedure.completed import completed
from basivert.edge.care_codec.procedure import procedure_document
from basivert.edge.store import records
from basivert.edge.web import procedure_form
from tests.care.procedure.records import SIGN_IN, TIME_OUT, whole

ZONE = "America/Chicago"


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def at(clinics):
    return f"/cases/{clinics[0].case}/procedure"


@pytest.fixture
def kept(store, clinics):
    def now():
        with store.reading(clinics[0].physician) as work:
            return records.record(work, clinics[0].case, "procedure")

    return now


@pytest.fixture
def keep(at, kept):
    """Send one part as a browser does, with the version that is shown."""

    def sent(somebody, part, given, version=None):
        shown = kept()
        now = {} if shown is None else {"version": str(shown.version)}
        now = now if version is None else {"version": version}
        return somebody.post(at, {"part": part, **now, **given}, page=at)

    return sent


def parts(record):
    """A record as its forms send it."""
    typed = procedure_form.flat(record, ZONE)
    names = {
        "sign_in": "checklist.sign_in.", "time_out": "checklist.time_out.",
        "sign_out": "checklist.sign_out.", "discharge": "discharge.",
    }  # fmt: skip
    found = {
        part: {k: v for k, v in typed.items() if k.startswith(at)} for part, at in names.items()
    }
    found["record"] = {
        k: v
        for k, v in typed.items()
        if not k.startswith(("checklist.", "discharge.")) and k not in ("case", "zone")
    }
    return found


def test_what_is_kept_is_the_command_lines_record(browser, keep, kept, clinics):
    physician, record = browser("physician"), whole()
    # The same moments in the clinic's own offset, as the page keeps them.
    record["steps"][2] |= {"begin": "2026-12-21T10:40-06:00", "end": "2026-12-21T10:55-06:00"}
    for part, given in parts(record).items():
        answer = keep(physician, part, given)
        assert answer.status_code == 303, (part, text(answer))
    document = dict(kept().document)
    assert document["case"] == clinics[0].patient and document["zone"] == ZONE
    made = procedure_document(completed({**document, "case": record["case"]}))
    assert made == procedure_document(completed(record))


def test_form_and_record_say_the_same_both_ways():
    record, made = whole(), {}
    for part, given in parts(record).items():
        made = procedure_form.changed(made, part, list(given.items()), ZONE)
    assert procedure_form.flat(made, ZONE) == procedure_form.flat(
        {k: v for k, v in record.items() if k not in ("case", "zone")}, ZONE
    )


def test_an_empty_form_records_nothing(browser, keep, kept, at):
    nurse = browser("nurse")
    assert keep(nurse, "record", {"events_said": ""}).status_code == 303
    document = kept().document
    assert document["events"] is None and document["bodies"] == []
    assert "events not recorded" in text(nurse.get(f"{at}/note"))


@pytest.mark.parametrize("left_out", TIME_OUT)
def test_time_out_passes_only_with_every_yes(left_out):
    record = whole()
    for word in ("no", ""):
        given = dict(parts(record)["time_out"])
        given[f"checklist.time_out.{left_out}"] = word
        changed = procedure_form.changed(record, "time_out", list(given.items()), ZONE)
        made = completed(changed)
        assert made.phases[1].passes.name == {"no": "NO", "": "UNKNOWN"}[word]
        assert made.begin.name != "YES"


def test_a_tick_does_not_make_two_plans_the_same(browser, keep, at):
    nurse, record = browser("nurse"), whole()
    record["plan"]["shown_sha256"] = "b" * 64
    sent = parts(record)
    for part in ("sign_in", "time_out", "record"):
        assert keep(nurse, part, sent[part]).status_code == 303
    assert "The incision must wait" in text(nurse.get(at))
    sent = parts(whole())
    assert keep(nurse, "record", sent["record"]).status_code == 303
    assert "Sign-in and time-out passed" in text(nurse.get(at))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bodies.L4.side": "left"}, "not ticked as treated"),
        ({"bodies.C3.treated": "yes"}, "no level"),
        ({"exposure.seconds": "14O"}, "Give a number"),
        ({"events_said": "some"}, "No event is written down"),
        ({"events_said": "none", "events.0.what": "ooze"}, "though none is said"),
        ({"steps.1.begin": "2026-03-08T02:30"}, "the clocks change"),
        ({"plan.sha256": "abc"}, "no SHA-256"),
        ({"nonsense": "1"}, "has no"),
        ({"closure": "x", "closure.sutures": "2"}, "cannot be in a record"),
    ],
)
def test_a_slip_keeps_nothing_and_loses_nothing(browser, keep, kept, given, told):
    nurse = browser("nurse")
    answer = keep(nurse, "record", {"team": "Dr Vega\nNurse Ray", **given})
    assert answer.status_code == 422 and told in text(answer), text(answer)[:600]
    assert "Dr Vega\nNurse Ray" in answer.text and kept() is None


def test_two_people_one_form_the_second_is_told_who(browser, keep):
    nurse, physician = browser("nurse"), browser("physician")
    given = dict.fromkeys((f"checklist.sign_in.{one}" for one in SIGN_IN), "yes")
    assert keep(nurse, "sign_in", given).status_code == 303
    for version in ("7", ""):
        late = keep(physician, "sign_in", given, version=version)
        assert late.status_code == 409 and "nurse of north" in late.text


def test_a_signed_record_stands_until_a_physician_reopens_it(browser, keep, kept, at):
    nurse, physician, sent = browser("nurse"), browser("physician"), parts(whole())["record"]
    assert keep(nurse, "record", sent).status_code == 303
    assert "Sign the record" not in nurse.get(at).text
    assert nurse.post(f"{at}/sign", {"version": "1"}, page=at).status_code == 403
    assert physician.post(f"{at}/sign", {"version": "1"}, page=at).status_code == 303
    assert "aftercare" in text(nurse.get("/"))
    late = keep(nurse, "record", sent)
    assert late.status_code == 422 and "was signed by physician of north" in text(late)
    note = nurse.get(f"{at}/note.txt")
    assert "Signed by physician of north, 2026-03-02 03:00." in note.text
    assert "fluoroscopy time: 143 s" in note.text
    assert "attachment" in note.headers["content-disposition"]
    again = {"version": str(kept().version)}
    assert physician.post(f"{at}/reopen", again, page=at).status_code == 303
    assert keep(nurse, "record", sent).status_code == 303


def test_the_version_of_a_score_is_chosen_and_kept(browser, keep, kept, at):
    nurse = browser("nurse")
    shown = nurse.get(f"{at}?padss=padss_original").text
    assert 'value="padss_original"' in shown and "Intake and output" in shown
    given = {"discharge.padss_version": "padss_original", "discharge.padss.bleeding": "2"}
    assert keep(nurse, "discharge", given).status_code == 303
    assert kept().document["discharge"]["padss_version"] == "padss_original"
    assert "total unknown, 2 to 10" in text(nurse.get(at))
