"""What is not known to be done is open; nothing is left out unless a fact says so."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.preparation.checklist import overridden
from basivert.care.preparation.prepare import Taken
from basivert.errors import InputError, RecordError
from tests.care.strategies import values

from .made import NOW, TABLES, made

FACTS = st.fixed_dictionaries(
    {}, optional={name: values(kind) for name, kind in TABLES.facts.kinds.items()}
)
TICK = {"by": "Nurse Ray", "at": "2026-12-01T09:00-06:00"}
ROW = {"owner": "nurse", "due": {"days": 1}, "wording": "w", "source": "s", "confidence": "c"}
LISTED = [one.name for one in TABLES.checklist.items]


def items(*given_, **named):
    return {one.name: one for one in made(*given_, **named).items}


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("heavy_food", "2026-12-21T02:00:00-06:00"), ("light_food", "2026-12-21T04:00:00-06:00"),
        ("clear_liquid", "2026-12-21T08:00:00-06:00"), ("driver_to", "2026-12-19T10:00:00-06:00"),
        ("medicine_list", "2026-11-30T10:00:00-06:00"),
    ],
)  # fmt: skip
def test_due_times(name, due):
    assert items()[name].due.isoformat() == due


def test_fasting_counts_elapsed_hours_when_the_clocks_change():
    spring = items(start="2026-03-08T07:30", now=NOW.replace(month=1))
    assert spring["heavy_food"].due.isoformat() == "2026-03-07T22:30:00-06:00"
    autumn = items(start="2026-11-01T07:30", now=NOW.replace(month=1))
    assert autumn["heavy_food"].due.isoformat() == "2026-11-01T00:30:00-05:00"


def test_items_are_in_the_order_of_their_due_times():
    dues = [one.due for one in made(["Plavix", "moon dust"]).items]
    assert dues == sorted(dues)


def test_every_item_names_owner_source_and_confidence():
    for one in made(["Plavix", "moon dust"]).items:
        assert one.owner and one.source and one.confidence and one.wording


@given(FACTS)
def test_without_a_tick_or_a_fact_everything_is_open(known):
    """Five facts can settle what they are about; nothing else ever does."""
    may = {"driver_to", "driver_from", "adult_at_home", "electronic_implants", "asa_class"}
    for name, one in items(facts=known).items():
        assert one.open or name in may
        assert one.done is None


@given(FACTS)
def test_an_item_is_left_out_only_by_facts_that_are_there(known):
    result = made(facts=known)
    assert {one.name for one in (*result.items, *result.left_out)} >= set(LISTED)
    for one in result.left_out:
        assert any(name in known for name in one.facts)


@given(FACTS)
def test_learning_a_fact_never_brings_an_item_back(known):
    """What some facts leave out stays out when more is known."""
    out = {one.name for one in made(facts=known).left_out}
    few = dict(list(known.items())[: len(known) // 2])
    assert {one.name for one in made(facts=few).left_out} <= out


def test_a_tick_settles_and_a_fact_that_says_no_is_stronger():
    ticked = items(done={"driver_to": TICK, "allergies": TICK})
    assert ticked["driver_to"].settled is ticked["allergies"].settled is Answer.YES
    assert ticked["allergies"].done.by == "Nurse Ray"
    against = made(done={"driver_to": TICK}, facts={"driver_to": False})
    assert {one.name: one for one in against.items}["driver_to"].open
    assert "not-arranged" in {one.code for one in against.findings}


@pytest.mark.parametrize(
    ("done", "word"),
    [
        ({"driver": TICK}, "driver_to"),
        ({"driver_to": True}, "object"), ({"driver_to": {"by": "x"}}, "at"),
        ({"driver_to": {"by": "", "at": "2026-12-01T09:00-06:00"}}, "by"),
        ({"driver_to": {"by": "x", "at": "2026-12-01T09:00"}}, "offset"),
        ({"driver_to": {"by": "x", "at": "noon"}}, "noon"),
    ],
)  # fmt: skip
def test_a_tick_names_who_and_when(done, word):
    with pytest.raises(RecordError, match=word):
        made(done=done)


def test_overdue_means_open_after_its_time():
    late = dt.datetime(2026, 12, 21, 14, 1, tzinfo=dt.UTC)  # 08:01 in Chicago
    assert items(now=late)["clear_liquid"].overdue
    assert not items(now=late)["consent"].overdue
    assert not items(now=late, done={"clear_liquid": TICK})["clear_liquid"].overdue
    on_time = late - dt.timedelta(minutes=1)
    assert not items(now=on_time)["clear_liquid"].overdue


def test_local_anaesthesia_leaves_the_fasting_out_and_says_why():
    result = made(facts={"anaesthesia": "local"})
    assert {one.name: one.facts for one in result.left_out}["heavy_food"] == ("anaesthesia",)
    assert "driver_from" in {one.name for one in result.items}


@pytest.mark.parametrize(
    ("medicines", "facts", "there"),
    [
        ((), {"diabetes": False}, True),  # nobody asked for medicines
        ([], {"diabetes": False}, False), (["Lantus"], {"diabetes": False}, True),
        (["moon dust"], {"diabetes": False}, True), ([], {}, True),
        (["Tylenol"], {"diabetes": False}, False),
    ],
)  # fmt: skip
def test_glucose_concerns_whoever_may_have_diabetes(medicines, facts, there):
    assert ("glucose" in items(medicines, facts=facts)) is there


def test_prescribers_are_asked_before_the_first_stop_of_any_list():
    """Clopidogrel: the longest is Epstein's 10 days; seven days earlier is the fourth."""
    one = items(["Plavix"])["ask_clopidogrel"]
    assert (one.owner, one.due.isoformat()) == ("prescriber", "2026-12-04T10:00:00-06:00")


def test_a_stop_that_has_passed_is_told():
    late = made(["Plavix"], now=dt.datetime(2026, 12, 15, tzinfo=dt.UTC))
    assert "ask today" in next(one.what for one in late.findings if one.code == "late")


def test_nobody_asked_is_not_the_same_as_none():
    assert made().medicines is None
    assert "medicines-unknown" in {one.code for one in made().findings}
    assert made([]).medicines == () and not made([]).findings


def test_the_same_medicine_twice_is_one_question_with_both_ways_of_writing():
    one = items(["Plavix 75 mg", "clopidogrel"])["ask_clopidogrel"]
    assert "Plavix 75 mg (clopidogrel)" in one.wording and "stop clopidogrel." in one.wording


def test_an_implanted_device_is_told_and_stays_open():
    result = made(facts={"implanted_electronics": True})
    assert "implanted-electronics" in {one.code for one in result.findings}
    assert {one.name: one for one in result.items}["electronic_implants"].open
    without = items(facts={"implanted_electronics": False})
    assert not without["electronic_implants"].open and without["implants"].open


@pytest.mark.parametrize(("given_", "open_"), [(3, False), (4, True), (None, True)])
def test_the_usual_asa_classes(given_, open_):
    result = made(facts={"asa_class": given_})
    assert {one.name: one for one in result.items}["asa_class"].open is open_
    assert ("not-arranged" in {one.code for one in result.findings}) is (given_ == 4)


def test_prescriber_of_the_medicine_before_the_usual_one():
    one, other = made([{"text": "Plavix", "prescriber": "Dr Vega"}, "Eliquis"],
                      prescriber="Dr Lee").medicines  # fmt: skip
    assert isinstance(one, Taken)
    assert one.questions[0].startswith("Ask Dr Vega before")
    assert other.questions[0].startswith("Ask Dr Lee before")


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({"medicine": []}, "medicines"), ({"facts": {"diabetis": True}}, "diabetes"),
        ({"clinic": {"fone": "1"}}, "phone"), ({"facts": [1]}, "object"),
        ({"prescriber": 7}, "text"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_an_error_with_close_names(record, word):
    with pytest.raises(RecordError, match=word):
        made(**record)


def test_a_clinic_replaces_and_adds_items_and_the_edition_says_so():
    own = {"edition": "Lakeside 3", "ask_days_before_stop": 10, "item": {
        "driver_to": {"owner": "nurse", "due": {"days": 5}, "wording": "Ask who drives",
                      "source": "our sheet", "confidence": "clinic"},
        "interpreter": {"owner": "nurse", "due": {"days": 3}, "wording": "Interpreter ordered",
                        "source": "our sheet", "confidence": "clinic"},
    }}  # fmt: skip
    changed = overridden(TABLES.checklist, own, TABLES.known, TABLES.facts)
    tables = dataclasses.replace(TABLES, checklist=changed)
    result = made(["Plavix"], tables=tables)
    found = {one.name: one for one in result.items}
    assert found["driver_to"].owner == "nurse" and "interpreter" in found
    assert found["ask_clopidogrel"].due.isoformat() == "2026-12-01T10:00:00-06:00"
    assert result.editions["checklist"] == "2026-11 + Lakeside 3"
    assert list(changed.overridden) == ["driver_to"]


@pytest.mark.parametrize(
    ("read", "word"),
    [
        ({}, "edition"),
        ({"edition": "1", "items": {}}, "items"),
        ({"edition": "1", "item": {"x": {"owner": "cook"}}}, "lacks"),
        ({"edition": "1", "item": {"x": ROW | {"owner": "cook"}}}, "nurse"),
        ({"edition": "1", "item": {"x": ROW | {"due": {"weeks": 1}}}}, "due"),
        ({"edition": "1", "item": {"x": ROW | {"classes": ["drugs"]}}}, "drugs"),
        ({"edition": "1", "item": {"x": ROW | {"by": "me"}}}, "unknown fields: by"),
    ],
)
def test_a_wrong_checklist_is_refused(read, word):
    with pytest.raises(InputError, match=word):
        overridden(TABLES.checklist, read, TABLES.known, TABLES.facts)
