"""Reminders and notices: at the right hour, once, to the right people, saying nothing."""

import datetime as dt
import re
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from basivert.care.recovery.checkin_plan import checkin_plan
from basivert.care.recovery.escalation import escalation
from basivert.constants.load import document
from basivert.edge.post import reminders, worker
from basivert.edge.post.letters import Pages
from basivert.edge.post.smtp import mail_server, send
from basivert.edge.store import accounts, cases, jobs, links, people, recovery
from basivert.edge.store.actor import VISITOR, patient, system
from tests.edge.store.conftest import MARK

CHICAGO = ZoneInfo("America/Chicago")
PAGES = Pages(patient=lambda secret: f"https://x.example/p/{secret}", staff="https://x.example/a")
CLINICAL = re.compile(
    r"pain|wound|nerve|spine|spinal|surg|fever|infect|health|medic|symptom|herida|dolor|salud"
    r"|columna|fiebre|nervio|cirug|clinic|clínic|doctor|nurse|patient|paciente|proced"
    r"|back\b|espalda",
    re.IGNORECASE,
)


@pytest.fixture
def after(store, team, opened, clock):
    """The procedure is tomorrow at nine in Chicago; check-ins are planned."""
    at = dt.datetime(2026, 11, 3, 9, 0, tzinfo=CHICAGO)
    with store.writing(team.admin) as work:
        for name in ("physician", "nurse"):
            number = getattr(team, name).account
            accounts.change_account(work, number, version=1, email=f"{name}@example.org")
    with store.writing(team.nurse) as work:
        cases.set_procedure(work, opened[1], version=1, at=at)
        assert reminders.plan_checkins(work, opened[1], checkin_plan()) == len(checkin_plan().days)
    return opened[1]


@pytest.fixture
def turn(store, team, inbox):
    deliver = partial(send, mail_server(inbox.address, sender="no-reply@example.org"))
    return partial(
        worker.turn, store, team.clinic, "w1", send=deliver, pages=PAGES, rules=escalation()
    )


def all_jobs(store, team, kind):
    with store.reading(system(team.clinic)) as work:
        return [job for job in jobs.jobs(work) if job.kind == kind]


def test_checkins_are_due_at_the_clinics_hour_whatever_the_season(store, team, after):
    plan = checkin_plan()
    for job in all_jobs(store, team, "checkin"):
        due = dt.datetime.fromisoformat(job.payload["due"])
        there = due.astimezone(CHICAGO)
        assert there.hour == plan.due_hour
        assert (there.date() - dt.date(2026, 11, 3)).days == job.day
        assert job.due_at == due - reminders.AHEAD


def test_another_date_moves_what_has_not_gone_out(store, team, after, clock):
    before = {job.day: job.due_at for job in all_jobs(store, team, "checkin")}
    with store.writing(team.nurse) as work:
        assert reminders.plan_checkins(work, after, checkin_plan()) == 0
        later = dt.datetime(2026, 11, 5, 9, 0, tzinfo=CHICAGO)
        version = cases.case(work, after).version
        cases.set_procedure(work, after, version=version, at=later)
        reminders.plan_checkins(work, after, checkin_plan())
    open_ = {j.day: j.due_at for j in all_jobs(store, team, "checkin") if j.state == "waiting"}
    assert open_ == {day: at + dt.timedelta(days=2) for day, at in before.items()}
    with store.writing(team.nurse) as work:
        version = cases.case(work, after).version
        back = dt.datetime(2026, 11, 3, 9, 0, tzinfo=CHICAGO)
        cases.set_procedure(work, after, version=version, at=back)
        reminders.plan_checkins(work, after, checkin_plan())
    open_ = {j.day: j.due_at for j in all_jobs(store, team, "checkin") if j.state == "waiting"}
    assert open_ == before


def test_a_reminder_is_a_link_that_works_and_not_a_word_more(
    store, team, after, opened, clock, inbox, turn
):
    assert turn() == 0
    clock.now = all_jobs(store, team, "checkin")[0].due_at
    assert turn() == 1
    assert turn() == 0
    ((to, mail),) = inbox.mails
    assert to == [f"{MARK.lower()}@example.org"]
    text = mail["subject"] + mail.get_content()
    assert not CLINICAL.search(text.replace(PAGES.patient(""), ""))
    assert MARK not in text + str(mail["from"])
    assert MARK not in mail["subject"]
    secret = re.search(r"/p/(\S+)", text).group(1)
    with store.writing(VISITOR) as work:
        assert links.follow_link(work, secret, 1961) is not None


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_letter_holds_a_clinical_word(language):
    for letter in document("care/letters")[language].values():
        assert not CLINICAL.search(letter["subject"] + letter["body"])


def test_a_server_that_is_down_for_a_while_loses_no_mail(store, team, after, clock, inbox, turn):
    clock.now = all_jobs(store, team, "checkin")[0].due_at
    inbox.refuse = 2
    turn()
    assert inbox.mails == []
    for _ in range(8):
        clock.move(minutes=1)
        turn()
    assert len(inbox.mails) == 1
    job = all_jobs(store, team, "checkin")[0]
    assert (job.state, job.attempts) == ("done", 3)


def test_who_answered_before_is_not_reminded(store, team, after, opened, clock, inbox, turn):
    first = all_jobs(store, team, "checkin")[0]
    clock.now = first.due_at
    with store.writing(patient(team.clinic, opened[0])) as work:
        recovery.add_checkin(work, after, day=first.day, answers={}, answer="all_right",
                             edition="x", document={})  # fmt: skip
    assert turn() == 1
    assert inbox.mails == []


def test_nobody_without_an_address_is_forgotten(store, team, after, opened, clock, inbox, turn):
    with store.writing(team.nurse) as work:
        people.change_person(work, opened[0], version=1, email=None)
    first = all_jobs(store, team, "checkin")[0]
    clock.now = first.due_at
    turn()
    assert all_jobs(store, team, "checkin")[0].state == "failed"
    clock.now = dt.datetime.fromisoformat(first.payload["due"]) + dt.timedelta(days=3)
    turn()
    assert {to[0] for to, _ in inbox.mails} <= {"nurse@example.org", "physician@example.org"}
    assert inbox.mails


def test_an_alert_comes_up_step_by_step_once_each_until_it_is_closed(
    store, team, after, opened, clock, inbox, turn
):
    with store.writing(patient(team.clinic, opened[0])) as work:
        number = recovery.open_alert(work, after, kind="warning_sign", severity="call_now",
                                     document={"signs": ["chills"]})  # fmt: skip
    turn()
    turn()
    assert [to for to, _ in inbox.mails] == [["nurse@example.org"]]
    assert not CLINICAL.search(inbox.mails[0][1]["subject"] + inbox.mails[0][1].get_content())
    clock.move(hours=1)
    turn()
    assert [to for to, _ in inbox.mails][1:] == [["physician@example.org"]]
    with store.reading(team.nurse) as work:
        (alert,) = recovery.open_alerts(work)
    assert alert.escalation == 1
    with store.writing(team.nurse) as work:
        recovery.close_alert(work, number, version=alert.version, note="seen")
    clock.move(hours=30)
    sent = len(inbox.mails)
    turn()
    assert not [j for j in all_jobs(store, team, "notice") if j.state == "waiting"]
    assert not [to for to, _ in inbox.mails[sent:] if to == ["admin@example.org"]]


def test_two_workers_send_each_mail_once(store, team, after, clock, inbox, turn):
    import threading

    clock.now = all_jobs(store, team, "checkin")[3].due_at
    failures = []

    def work_off():
        try:
            turn()
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work_off) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    to_patient = [to for to, _ in inbox.mails if to[0].startswith(MARK.lower())]
    assert len(to_patient) == 4


def test_visits_are_reminded_and_another_clinic_is_left_alone(
    store, team, other, after, clock, inbox, turn
):
    at = clock.now + dt.timedelta(days=42)
    with store.writing(team.nurse) as work:
        assert reminders.plan_visits(work, after, {"6w": at}) == 1
        assert reminders.plan_visits(work, after, {"6w": at}) == 0
    clock.now = at
    me = partial(worker.turn, store, other.clinic, "w2", pages=PAGES, rules=escalation())
    assert me(send=pytest.fail) == 0
    turn()
    assert [job.state for job in all_jobs(store, team, "visit")] == ["done"]
    assert worker.start(store, team.clinic, "w1") == 0
