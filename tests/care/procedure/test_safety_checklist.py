"""WHO's items and ours; an item that nobody answered never passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.procedure.checklist import (
    PHASES,
    checklist,
    extended,
    may_begin,
    phase,
    shipped,
)
from basivert.care.procedure.record import PlanLink
from basivert.errors import InputError, RecordError

from .records import SHA, SIGN_IN, TIME_OUT

KNOWN = shipped()
PLAN = PlanLink(edition="1", sha256=SHA, shown_edition="1", shown_sha256=SHA, bodies=())


def passed(name, given_, plan=PLAN):
    return phase(name, KNOWN, given_, plan).passes


def whole(name):
    return {one.name: "yes" for one in KNOWN.phases[name]}


def test_nineteen_items_of_the_world_health_organization():
    counts = [sum(one.body == "WHO" for one in KNOWN.phases[name]) for name in PHASES]
    assert counts == [7, 7, 5] and sum(counts) == 19


def test_ours_stand_beside_them_and_say_so():
    ours = {one.name for items in KNOWN.phases.values() for one in items if one.body == "ours"}
    assert ours == {"levels", "plan"}
    assert tuple(one.name for one in KNOWN.phases["sign_in"]) == SIGN_IN
    assert tuple(one.name for one in KNOWN.phases["time_out"]) == TIME_OUT


@pytest.mark.parametrize("name", PHASES)
def test_all_yes_passes_and_each_single_gap_keeps_it_open(name):
    assert passed(name, whole(name)) is Answer.YES
    for item in whole(name):
        left_out = {key: one for key, one in whole(name).items() if key != item}
        assert passed(name, left_out) is Answer.UNKNOWN
        assert passed(name, {**whole(name), item: None}) is Answer.UNKNOWN
        assert passed(name, {**whole(name), item: "no"}) is Answer.NO


@given(st.sampled_from(PHASES), st.data())
def test_a_phase_passes_only_when_everything_is_answered(name, data):
    allowed = {
        one.name: st.sampled_from(
            ["yes", "no", None, "not_applicable"] if one.may_not_apply else ["yes", "no", None]
        )
        for one in KNOWN.phases[name]
    }
    given_ = data.draw(st.fixed_dictionaries(allowed))
    result = phase(name, KNOWN, given_, PLAN)
    bad = [one for one in given_.values() if one in (None, "no")]
    assert (result.passes is Answer.YES) == (not bad)
    assert len(result.open) == len(bad)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, Answer.YES), ({"shown_sha256": "b" * 64}, Answer.NO),
        ({"shown_edition": "2"}, Answer.NO),
        ({"shown_sha256": None}, Answer.UNKNOWN), ({"sha256": None}, Answer.UNKNOWN),
        ({"shown_sha256": None, "shown_edition": "2"}, Answer.NO),
    ],
)  # fmt: skip
def test_a_tick_does_not_make_two_plans_the_same(change, answer):
    fields = {"edition": "1", "sha256": SHA, "shown_edition": "1", "shown_sha256": SHA, **change}
    assert passed("time_out", whole("time_out"), PlanLink(**fields, bodies=())) is answer
    assert passed("time_out", whole("time_out"), None) is Answer.UNKNOWN


def test_the_incision_waits_for_both_phases():
    sign_in = phase("sign_in", KNOWN, whole("sign_in"), PLAN)
    time_out = phase("time_out", KNOWN, whole("time_out"), PLAN)
    assert may_begin(sign_in, time_out) is Answer.YES
    assert may_begin(phase("sign_in", KNOWN, {}, PLAN), time_out) is Answer.UNKNOWN


def test_what_may_not_apply_is_said_item_by_item():
    found = {
        one.name for items in KNOWN.phases.values() for one in items if one.may_not_apply
    }  # fmt: skip
    assert found == {"site_marked", "antibiotic", "specimens"}
    own = extended(KNOWN, {"edition": "1", "time_out": {
        "warming": {"wording": "Warming"}, "implant": {"wording": "Size", "not_applicable": True},
    }})  # fmt: skip
    assert [one.may_not_apply for one in own.phases["time_out"][-2:]] == [False, True]
    with pytest.raises(RecordError, match="warming"):
        phase("time_out", own, {"warming": "not_applicable"}, PLAN)


def test_not_applicable_is_no_answer_to_most():
    assert passed("time_out", {**whole("time_out"), "antibiotic": "not_applicable"}) is Answer.YES
    with pytest.raises(RecordError, match="imaging"):
        passed("time_out", {**whole("time_out"), "imaging": "not_applicable"})
    with pytest.raises(RecordError, match="imaging"):
        passed("time_out", {"imagin": "yes"})


def test_a_wrong_table_is_refused():
    with pytest.raises(InputError, match="words"):
        checklist({"edition": "1", "source": "s", "sign_in": {"a": {"words": "x"}}})


def test_a_clinic_adds_items_and_takes_none_away():
    own = extended(
        KNOWN, {"edition": "Lakeside 2", "time_out": {"warming": {"wording": "Warming"}}}
    )
    assert own.edition == "2026-11 + Lakeside 2"
    assert len(own.phases["time_out"]) == len(KNOWN.phases["time_out"]) + 1
    assert own.phases["time_out"][-1].body == "clinic"
    assert phase("time_out", own, whole("time_out"), PLAN).passes is Answer.UNKNOWN
    for read, word in (({}, "edition"), ({"edition": "1", "timeout": {}}, "timeout")):
        with pytest.raises(InputError, match=word):
            extended(KNOWN, read)
