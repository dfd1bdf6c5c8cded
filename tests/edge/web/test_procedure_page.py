"""The procedure on the page: the command line's record, and a time-out that is hard to pass."""

import hashlib
import json
import re
import subprocess
import sys

import pytest

from basivert.care.procedure.completed import completed
from basivert.constants.load import document as table
from basivert.edge.care_codec.procedure import procedure_document
from basivert.edge.store import outcomes, records
from basivert.edge.web import procedure_form
from tests.care.procedure.records import SHA, SIGN_IN, TIME_OUT, whole

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
def approve(store, clinics):
    """A physician has approved the plan that `whole()` names."""

    def made(digest=SHA, schema="basivert.plan/1"):
        with store.writing(clinics[0].physician) as work:
            for level in ("L4", "L5"):
                outcomes.link_plan(
                    work, clinics[0].case, digest=digest, level=level, side="left", coverage=None,
                    margins_mm={"canal": 2.0}, document={"schema": schema, "depth_mm": 92.0},
                )  # fmt: skip

    return made


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
        "sign_out": "checklist.sign_out.", "discharge": "discharge.", "plan": "plan.shown_",
    }  # fmt: skip
    found = {
        part: {k: v for k, v in typed.items() if k.startswith(at)} for part, at in names.items()
    }
    found["record"] = {
        k: v
        for k, v in typed.items()
        if not k.startswith(("checklist.", "discharge.", "plan.s", "plan.e"))
        and k not in ("case", "zone")
    }
    return found


def test_what_is_kept_is_the_command_lines_record(browser, keep, kept, clinics, approve):
    approve()
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
    for part in ("record", "plan", "sign_in", "time_out", "sign_out", "discharge"):
        made = procedure_form.changed(made, part, list(parts(record)[part].items()), ZONE)
    made["plan"] |= {name: record["plan"][name] for name in ("edition", "sha256")}
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


def test_a_tick_does_not_make_two_plans_the_same(browser, keep, at, approve):
    nurse, sent = browser("nurse"), parts(whole())
    for part in ("sign_in", "time_out", "record", "plan"):
        assert keep(nurse, part, sent[part]).status_code == 303
    # Ticked and typed, but nobody approved a plan.
    assert "Sign-in and time-out passed" not in text(nurse.get(at))
    approve()
    assert "Sign-in and time-out passed" in text(nurse.get(at))
    other = {"plan.shown_edition": "basivert.plan/1", "plan.shown_sha256": "b" * 64}
    assert keep(nurse, "plan", other).status_code == 303
    assert "The incision must wait" in text(nurse.get(at))
    keep(nurse, "plan", sent["plan"])
    approve(digest="c" * 64)
    shown = text(nurse.get(at))
    assert "The incision must wait" in shown and "c" * 64 in shown


def test_the_approved_plan_is_never_the_forms(browser, keep, kept, approve):
    nurse, sent = browser("nurse"), parts(whole())
    approve(digest="c" * 64)
    for name in ("plan.edition", "plan.sha256"):
        assert keep(nurse, "plan", {**sent["plan"], name: SHA}).status_code == 422
    assert keep(nurse, "record", {"plan.bodies.L3.hold_s": "852"}).status_code == 422
    assert keep(nurse, "plan", sent["plan"]).status_code == 303
    assert kept().document["plan"]["sha256"] == "c" * 64


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bodies.L4.side": "left"}, "not ticked as treated"),
        ({"bodies.C3.treated": "yes"}, "no level"),
        ({"exposure.seconds": "14O"}, "Give a number"),
        ({"events_said": "some"}, "No event is written down"),
        ({"events_said": "none", "events.0.what": "ooze"}, "though none is said"),
        ({"steps.1.begin": "2026-03-08T02:30"}, "the clocks change"),
        ({"bodies.L4.treated": "yes", "bodies.L4.burns.0.log_sha256": "abc"}, "no SHA-256"),
        ({"instruments": "12"}, "cannot be in a record"),
        ({"bodies": "L4"}, "cannot be in a record"),
        ({"steps": "1"}, "cannot be in a record"),
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


def file(content=None):
    """A plan.json with what the record needs of it."""
    plan = {"side": "left", "rank": 1, "route": "transpedicular", "instrument": "curved",
            "partner": None, "margins_mm": {"canal": {"value": 2.5}},
            "depths_mm": {"skin_to_bone_mm": 50.0, "tip_mm": 41.63}}  # fmt: skip
    read = {"schema": "basivert.plan/1", "vertebrae": [
        {"level": "L4", "plans": [plan, {**plan, "side": "right", "rank": 2}]},
        {"level": "L5", "plans": [{**plan, "partner": {}}]}, {"level": "S1", "plans": []},
    ]}  # fmt: skip
    return json.dumps(read).encode() if content is None else content


def send(somebody, at, content, **given):
    sent = {"plan": ("plan.json", content, "application/json")}
    return somebody.client.post(at, data={"csrf": somebody.token(), **given}, files=sent)


def test_a_plan_is_approved_and_compared_by_its_file(browser, at, store, clinics, kept):
    physician, content = browser("physician"), file()
    digest = hashlib.sha256(content).hexdigest()
    chosen = {"side.L4": "left", "side.L5": "both"}
    assert send(browser("nurse"), f"{at}/plan/approve", content, **chosen).status_code == 403
    for _ in range(2):
        assert send(physician, f"{at}/plan/approve", content, **chosen).status_code == 303
    with store.reading(clinics[0].physician) as work:
        links = outcomes.plans(work, clinics[0].case)
    assert [(one.level, one.side, one.digest) for one in links] == [
        ("L4", "left", digest), ("L5", "both", digest),
    ]  # fmt: skip
    assert links[0].document["depth_mm"] == 91.6 and links[0].margins_mm == {"canal": 2.5}
    assert send(browser("nurse"), f"{at}/plan/shown", content).status_code == 303
    assert kept().document["plan"]["shown_sha256"] == digest
    assert "on display is the approved one" in text(physician.get(at))
    again = {"version": str(kept().version)}
    assert send(physician, f"{at}/plan/shown", content + b"\n", **again).status_code == 303
    assert "on display is another one" in text(physician.get(at))


@pytest.mark.parametrize(
    ("content", "given", "told"),
    [
        (b"{", {"side.L4": "left"}, "damaged"), (b"[]", {}, "not a plan of this version"),
        (b'{"schema": "basivert.plan/1"}', {}, "damaged"), (b"\xff", {}, "damaged"),
        (file(), {}, "No level was chosen"), (file(), {"side.S1": "left"}, "no plan of S1"),
        (file(), {"side.L5": "left"}, "It has: L4 left, L4 right, L5 both"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_told(browser, at, content, given, told):
    answer = send(browser("physician"), f"{at}/plan/approve", content, **given)
    assert answer.status_code == 422 and told in text(answer)


def events(store, clinics):
    with store.reading(clinics[0].physician) as work:
        return [
            (one.kind, one.grade, str(one.on), one.level, one.note)
            for one in outcomes.events(work, clinics[0].case)
        ]


def test_events_stand_under_outcomes_once_it_is_signed(browser, keep, kept, at, store, clinics):
    physician = browser("physician")
    # 23:30 in Chicago is the next day in UTC.
    ooze = {"events_said": "some", "events.0.kind": "bleeding", "events.0.what": "ooze",
            "events.0.grade": "1", "events.0.level": "L4",
            "events.0.at": "2026-03-01T23:30"}  # fmt: skip
    fault = {"events.1.kind": "device", "events.1.what": "probe bent",
             "steps.1.begin": "2026-03-01T22:00"}  # fmt: skip
    keep(physician, "record", ooze | fault)
    deed = lambda what: physician.post(  # noqa: E731
        f"{at}/{what}", {"version": str(kept().version)}, page=at
    )
    refused = deed("sign")
    assert refused.status_code == 422 and "has no grade" in text(refused)
    assert kept().signed_at is None and events(store, clinics) == []
    keep(physician, "record", ooze | fault | {"events.1.grade": "2"})
    bled = ("bleeding", 1, "2026-03-01", "L4", "ooze")
    name = table("care/procedure/record")["kind"]["device"]
    bent = ("other", 2, "2026-03-01", None, f"{name}: probe bent")
    for what in ("sign", "reopen", "sign", "reopen"):
        assert deed(what).status_code == 303
        assert events(store, clinics) == [bled, bent]
    # Graded higher, and the other one taken out.
    keep(physician, "record", ooze | {"events.0.grade": "3"})
    assert deed("sign").status_code == 303
    gone = (*bent[:4], "probe bent (no longer in the procedure's record)")
    assert events(store, clinics) == [("bleeding", 3, *bled[2:]), gone]
    shown = text(physician.get(f"/cases/{clinics[0].case}/outcomes"))
    assert "ooze" in shown and "grade 3" in shown


def test_another_plan_since_the_record_was_kept_cannot_be_signed(
    browser, keep, kept, at, approve
):  # fmt: skip
    physician = browser("physician")
    approve()
    keep(physician, "record", parts(whole())["record"])
    approve(digest="c" * 64)
    told = physician.post(f"{at}/sign", {"version": "1"}, page=at)
    assert told.status_code == 422 and "approved plan is another one" in text(told)
    assert kept().signed_at is None


def test_the_note_is_the_command_lines(browser, keep, kept, at, approve):
    nurse = browser("nurse")
    approve()
    for part, given in parts(whole()).items():
        assert keep(nurse, part, given).status_code == 303
    done = subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", "record", "-"],
        input=json.dumps(dict(kept().document)), capture_output=True, text=True, check=True,
        encoding="utf-8",
    )  # fmt: skip
    assert nurse.get(f"{at}/note.txt").text == f"{done.stdout}\nNot signed.\n"


def test_every_version_stays_readable(browser, keep, kept, at):
    nurse, physician = browser("nurse"), browser("physician")
    assert "Nothing was kept yet" in text(nurse.get(f"{at}/versions"))
    keep(nurse, "record", {"exposure.seconds": "143"})
    keep(physician, "record", {"exposure.seconds": "99"})
    keep(nurse, "time_out", {"checklist.time_out.imaging": "yes"})
    assert physician.post(f"{at}/sign", {"version": "3"}, page=at).status_code == 303
    rows = re.findall(r"<tr>.*?</tr>", nurse.get(f"{at}/versions").text, re.S)[1:]
    told = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in rows]
    assert ["no part: signed" in told[0], "time out" in told[1], "exposure" in told[2]] == [
        True
    ] * 3
    assert "nurse of north" in told[1] and "physician of north" in told[2]
    assert "143 s" in text(nurse.get(f"{at}/versions/1"))
    assert "Version 2 of 4, by physician of north" in text(nurse.get(f"{at}/versions/2"))
    assert nurse.get(f"{at}/versions/9").status_code == 404


def heat(level="L4", side="left", coverage=0.87, log=None, plan=SHA):
    from basivert.edge.heat_codec import SCHEMA

    lesions = [{"endpoint": "other", "coverage": 0.1}, {"endpoint": "ours", "coverage": coverage}]
    one = {"level": level, "side": side, "default_endpoint": "ours", "lesions": lesions, "log": log}
    inputs = {"ct.nii.gz": "a" * 64} | ({} if plan is None else {"plan.json": plan})
    return json.dumps({"schema": SCHEMA, "inputs": inputs, "heats": [one]})


def test_a_plan_with_the_heat_of_another_level_is_not_approved_at_all(
    browser, at, store, clinics
):  # fmt: skip
    plan = file()
    files = {"plan": ("plan.json", plan, "application/json"),
             "heat": ("heat.json", heat("L1", plan=hashlib.sha256(plan).hexdigest()))}  # fmt: skip
    answer = browser("physician").post(
        f"{at}/plan/approve", {"side.L4": "left"}, page=at, files=files
    )
    assert answer.status_code == 422 and "the heat of L1 left alone" in text(answer)
    assert links(store, clinics) == []


def links(store, clinics):
    with store.reading(clinics[0].physician) as work:
        return outcomes.plans(work, clinics[0].case)


def test_coverage_is_taken_from_the_heat_as_planned_and_as_treated(
    browser, at, store, clinics, approve
):
    approve()
    physician = browser("physician")
    for content in (heat(), heat(coverage=0.61, log=[])):
        files = {"heat": ("heat.json", content, "application/json")}
        assert physician.post(f"{at}/plan/coverage", page=at, files=files).status_code == 303
    found = {
        one.level: (one.coverage_planned, one.coverage_treated) for one in links(store, clinics)
    }
    assert found == {"L4": (0.87, 0.61), "L5": (None, None)}
    assert "planned 87 %, as treated 61 %" in text(physician.get(at))


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", heat(coverage=1.2), heat(level="L1"), heat(side="right")]
)
def test_a_wrong_heat_is_told_and_keeps_nothing(browser, at, store, clinics, approve, content):
    approve()
    files = {"heat": ("heat.json", content, "application/json")}
    assert browser("physician").post(f"{at}/plan/coverage", page=at, files=files).status_code == 422
    assert all(one.coverage_planned is None for one in links(store, clinics))


@pytest.mark.parametrize(
    ("plan", "told"), [("d" * 64, "from another plan.json"), (None, "does not say which plan.json")]
)
def test_the_heat_of_another_plan_is_refused(browser, at, store, clinics, approve, plan, told):
    approve()
    files = {"heat": ("heat.json", heat(plan=plan), "application/json")}
    answer = browser("physician").post(f"{at}/plan/coverage", page=at, files=files)
    assert answer.status_code == 422 and told in text(answer)
    assert plan is None or (plan[:12] in text(answer) and SHA[:12] in text(answer))
    assert all(one.coverage_planned is None for one in links(store, clinics))


def test_an_approval_is_withdrawn_with_a_reason_and_no_older_plan_comes_back(
    browser, at, store, clinics, approve
):
    approve(digest="c" * 64)
    approve()
    physician = browser("physician")
    why = {"level": "L5", "reason": "wrong side"}
    assert browser("nurse").post(f"{at}/plan/withdraw", why, page=at).status_code == 403
    assert physician.post(f"{at}/plan/withdraw", {"level": "L5"}, page=at).status_code == 422
    assert physician.post(f"{at}/plan/withdraw", why, page=at).status_code == 303
    assert [one.level for one in outcomes.approved(links(store, clinics))] == ["L4"]
    assert physician.post(f"{at}/plan/withdraw", why, page=at).status_code == 422
    assert physician.post(f"{at}/plan/withdraw", {**why, "level": ""}, page=at).status_code == 303
    assert outcomes.approved(links(store, clinics)) == ()
    assert "No plan is approved yet" in text(physician.get(at))
    said = [one.document["withdrawn"] for one in links(store, clinics) if one.withdrawn]
    assert [one["reason"] for one in said] == ["wrong side", "wrong side"]
    assert {one["by"] for one in said} == {clinics[0].physician.reference}
    approve()
    assert len(outcomes.approved(links(store, clinics))) == 2


def test_what_was_begun_keeps_its_plan(browser, keep, at, store, clinics, approve):
    approve()
    keep(browser("nurse"), "record", {"status": "completed"})
    told = browser("physician").post(f"{at}/plan/withdraw", {"reason": "late"}, page=at)
    assert told.status_code == 422 and "has begun" in text(told)
    assert len(outcomes.approved(links(store, clinics))) == 2
