"""Alerts end by a person only, and escalate until then."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.recovery.alerts import alert_of, closed
from basivert.care.recovery.checkin_plan import (
    DueCheckIn,
    checkin_plan,
    day_of,
    planned,
    unsettled,
)
from basivert.care.recovery.escalation import due, escalation
from basivert.care.recovery.triage import CALLS, triage
from basivert.errors import ConflictError, InputError, RecordError

from .checkins import SIGNS, WELL, entered, whole

NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
RULES = escalation()
HOURS = st.floats(0, 200)
ANSWERS = st.sampled_from([None, "incomplete", "all_right", *CALLS])


def hours(number):
    return dt.timedelta(hours=number)


def opened(change, key="a1", person="p1", now=NOW):
    return alert_of(triage(entered({**WELL, **change}), SIGNS), key=key, person=person, now=now)


# What opens an alert; the alert is made in the test, whose checks of types draw at random.
causes = st.tuples(
    st.sampled_from([{"chills": True}, {"chest_pain": True},
                     {"pain_controlled_by_medication": False}]),
    st.sampled_from(["p1", "p2"]), HOURS,
)  # fmt: skip
check_ins = st.builds(
    lambda person, day, answer: DueCheckIn(
        person=person, day=day, due=NOW + dt.timedelta(days=day), answer=answer
    ),
    st.sampled_from(["p1", "p2"]), st.integers(0, 10), ANSWERS,
)  # fmt: skip


def alerts_of(given_causes):
    return [
        opened(change, key=f"a{number}", person=person, now=NOW + hours(after))
        for number, (change, person, after) in enumerate(given_causes)
    ]


@given(whole())
def test_an_alert_is_opened_exactly_where_somebody_must_act(document):
    found = triage(entered(document), SIGNS)
    alert = alert_of(found, key="a", person="p", now=NOW)
    assert (alert is not None) is (found.answer in CALLS)
    if alert is not None:
        assert (alert.state, alert.urgency, alert.edition) == ("open", found.answer, "2026-11")
        assert alert.signs


@given(causes, st.floats(0, 100))
def test_an_alert_is_in_exactly_one_state_and_closes_once(cause, later):
    (alert,) = alerts_of([cause])
    at = alert.opened + hours(later)
    done = closed(alert, by="N. Ortiz", note="seen, dressing changed", now=at)
    assert (alert.state, done.state) == ("open", "closed")
    assert (done.closure.by, done.closure.at) == ("N. Ortiz", at)
    assert due([done], [], at + hours(500), RULES) == ()
    with pytest.raises(ConflictError, match="Ortiz"):
        closed(done, by="Dr Lee", note="again", now=at + hours(1))


@pytest.mark.parametrize(("by", "note"), [("", "seen"), ("Lee", ""), ("  ", "seen"), ("Lee", "\n")])
def test_nobody_and_nothing_closes_no_alert(by, note):
    with pytest.raises(RecordError, match="named person"):
        closed(opened({"chills": True}), by=by, note=note, now=NOW)


def test_times_need_a_zone_and_an_order():
    with pytest.raises(RecordError, match="zone"):
        opened({"chills": True}, now=NOW.replace(tzinfo=None))
    with pytest.raises(RecordError, match="opened"):
        closed(opened({"chills": True}), by="Lee", note="seen", now=NOW - hours(1))


@given(st.lists(causes, max_size=4), st.lists(check_ins, max_size=8), HOURS, HOURS)
def test_escalation_never_goes_back(given_causes, given_check_ins, first, second):
    given_alerts = alerts_of(given_causes)
    sooner, later = sorted((first, second))
    before = due(given_alerts, given_check_ins, NOW + hours(sooner), RULES)
    after = due(given_alerts, given_check_ins, NOW + hours(later), RULES)
    assert set(before) <= set(after)


@given(st.lists(causes, min_size=1, max_size=4), st.lists(check_ins, max_size=8), HOURS)
def test_no_check_in_closes_an_alert(given_causes, given_check_ins, time):
    given_alerts = alerts_of(given_causes)
    now = NOW + hours(time)
    alone = set(due(given_alerts, [], now, RULES))
    better = [
        DueCheckIn(person=one.person, day=11, due=now, answer="all_right") for one in given_alerts
    ]
    told = due(given_alerts, [*given_check_ins, *better], now, RULES)
    assert {one for one in told if one.kind == "alert"} == alone


@given(st.lists(check_ins, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(given_check_ins, shuffled):
    mixed = list(given_check_ins)
    shuffled.shuffle(mixed)
    now = NOW + hours(100)
    assert due([], mixed, now, RULES) == due([], given_check_ins, now, RULES)


@pytest.mark.parametrize(
    ("change", "after", "told"),
    [
        ({"chest_pain": True}, 0, ["nurse"]),
        ({"chest_pain": True}, 0.25, ["nurse", "physician"]),
        ({"chest_pain": True}, 1, ["nurse", "physician", "admin"]),
        ({"chills": True}, 0.99, ["nurse"]), ({"chills": True}, 1, ["nurse", "physician"]),
        ({"pain_controlled_by_medication": False}, 7.9, ["nurse"]),
        ({"pain_controlled_by_medication": False}, 24, ["nurse", "physician", "admin"]),
    ],
)  # fmt: skip
def test_who_is_told_when(change, after, told):
    found = due([opened(change)], [], NOW + hours(after), RULES)
    assert [one.tell for one in found] == told


def slot(day, answer, person="p1"):
    return DueCheckIn(person=person, day=day, due=NOW + dt.timedelta(days=day), answer=answer)


def test_an_answer_in_part_is_none_and_a_later_one_makes_up_for_it():
    missed = [slot(1, None), slot(2, "incomplete")]
    assert unsettled(missed) == tuple(missed)
    assert unsettled([*missed, slot(3, "all_right", "p2")]) == tuple(missed)
    assert unsettled([*missed, slot(3, "all_right")]) == ()
    assert unsettled([*missed, slot(2, "all_right")]) == ()
    assert unsettled([slot(0, "call_now"), *missed]) == tuple(missed)
    told = due([], [slot(0, None)], NOW + hours(14), RULES)
    assert [one.tell for one in told] == ["patient", "nurse"]


def test_the_days_of_the_plan():
    assert checkin_plan().days == (*range(15), 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91)


def test_the_hour_is_the_clinics_through_the_change_of_clocks():
    """Denver leaves summer time on 2026-11-01: 18:00 is 00:00 UTC before and 01:00 UTC after."""
    plan = planned("p1", dt.date(2026, 10, 31), checkin_plan(), ZoneInfo("America/Denver"))
    assert plan[0].due == dt.datetime(2026, 11, 1, 0, tzinfo=dt.UTC)
    assert plan[1].due == dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)
    assert all(one.due.tzinfo is dt.UTC and one.answer is None for one in plan)


def test_days_are_counted_by_the_calendar():
    assert day_of(dt.date(2026, 2, 27), dt.date(2026, 3, 2)) == 3
    with pytest.raises(RecordError, match="before"):
        day_of(dt.date(2026, 3, 2), dt.date(2026, 3, 1))


def steps(**changes):
    rows = {
        one: {"of": one, "after_hours": 0, "tell": "nurse"} for one in (*CALLS, "unanswered")
    } | changes
    return {"edition": "1", "source": "s", "step": {k: v for k, v in rows.items() if v}}


def test_a_clinics_own_steps_decide():
    own = escalation(steps(late={"of": "call_now", "after_hours": 2, "tell": "physician"}))
    told = due([opened({"chills": True})], [], NOW + hours(2), own)
    assert [(one.tell, one.step) for one in told] == [("nurse", "call_now"), ("physician", "late")]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"emergency": None}, "emergency"), ({"unanswered": None}, "unanswered"),
        ({"call_now": {"of": "call_now", "after_hours": 1, "tell": "nurse"}}, "at once"),
        ({"x": {"of": "call_now", "after_hours": -1, "tell": "nurse"}}, "-1"),
        ({"x": {"of": "call_now", "after_hours": 1, "tell": "porter"}}, "porter"),
        ({"x": {"of": "late", "after_hours": 1, "tell": "nurse"}}, "late"),
        ({"x": {"of": "call_now", "tell": "nurse"}}, "after_hours"),
    ],
)  # fmt: skip
def test_steps_that_would_leave_somebody_alone_are_refused(changes, word):
    with pytest.raises(InputError, match=word):
        escalation(steps(**changes))
