"""Scores, adverse events and plans of a case, and the registry that knows no person."""

import datetime as dt

import pytest

from basivert.care.facts import Fact
from basivert.edge.store import cases, facts, outcomes, registry
from basivert.errors import ConflictError, ForbiddenError, NotFoundError, RecordError
from tests.edge.store.conftest import MARK

DAY = dt.date(2027, 1, 12)


def score(work, case, value, **more):
    given = dict(instrument="odi", visit="6w", on=DAY, score=value) | more
    return outcomes.enter_outcome(work, case, **given)


def test_a_score_is_replaced_only_by_who_saw_it(store, team, opened):
    _, case = opened
    with store.writing(team.registry) as work:
        first = score(work, case, 30.0)
    with pytest.raises(ConflictError) as told, store.writing(team.nurse) as work:
        score(work, case, 28.0)
    assert told.value.facts["changed_by"] == "Registry of north"
    with store.writing(team.nurse) as work:
        second = score(work, case, None, missing="not reached", replaces=first)
    with pytest.raises(ConflictError), store.writing(team.nurse) as work:
        score(work, case, 28.0, replaces=first)
    with store.reading(team.registry) as work:
        assert [(o.id, o.score, o.missing) for o in outcomes.outcomes(work, case)] == [
            (second, None, "not reached")
        ]
        assert [o.score for o in outcomes.outcome_history(work, case)] == [30.0, None]


def test_a_score_replaces_none_of_another_visit_or_case(store, team, opened):
    who, case = opened
    with store.writing(team.nurse) as work:
        later = score(work, case, 20.0, visit="3m")
        theirs = score(work, cases.open_case(work, who), 50.0)
    for number in (later, theirs):
        with pytest.raises(NotFoundError), store.writing(team.nurse) as work:
            score(work, case, 30.0, replaces=number)
    with store.reading(team.registry) as work:
        assert [one.score for one in outcomes.outcomes(work, case)] == [20.0]
        assert [one.score for one in outcomes.outcomes(work, case + 1)] == [50.0]


def test_a_score_and_its_absence_exclude_each_other(store, team, other, opened):
    for wrong in ({"score": None}, {"score": 1.0, "missing": "x"}):
        with pytest.raises(RecordError), store.writing(team.nurse) as work:
            score(work, opened[1], **{"value": None, **wrong})
    with pytest.raises(NotFoundError), store.writing(other.registry) as work:
        score(work, opened[1], 1.0)


def test_events_hang_on_levels_and_plans_of_their_own_case(store, team, other, opened):
    patient, case = opened
    with store.writing(team.physician) as work:
        second = cases.open_case(work, patient)
        plan = outcomes.link_plan(
            work, case, digest="ab" * 32, level="L4", side="left", coverage=0.91,
            margins_mm={"medial": 2.5}, document={},
        )  # fmt: skip
        outcomes.set_treated(work, plan, version=1, coverage=0.84)
        event = outcomes.add_event(
            work, case, kind="bleeding", grade=2, on=DAY, level="L4", plan=plan
        )
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        outcomes.add_event(work, second, kind="bleeding", grade=2, on=DAY, plan=plan)
    with store.writing(team.nurse) as work:
        outcomes.change_event(work, event, version=1, resolved_on=DAY)
    with pytest.raises(ConflictError), store.writing(team.physician) as work:
        outcomes.change_event(work, event, version=1, grade=3)
    for call in (
        lambda work: outcomes.change_event(work, event, version=2, grade=3),
        lambda work: outcomes.set_treated(work, plan, version=2, coverage=0.1),
        lambda work: outcomes.plans(work, case),
    ):
        with pytest.raises(NotFoundError), store.writing(other.physician) as work:
            call(work)
    with store.reading(team.registry) as work:
        (kept,) = outcomes.events(work, case)
        (link,) = outcomes.plans(work, case)
    assert (kept.grade, kept.resolved_on, kept.plan) == (2, DAY, plan)
    assert (link.coverage_planned, link.coverage_treated) == (0.91, 0.84)


def test_the_registry_counts_days_in_the_clinics_zone_and_names_nobody(store, team, other, opened):
    _, case = opened
    # 04:30 UTC on 1 December is still 30 November in Chicago.
    at = dt.datetime(2026, 12, 1, 4, 30, tzinfo=dt.UTC)
    with store.writing(team.physician) as work:
        cases.set_procedure(work, case, version=1, at=at)
        given = {"modic": Fact(name="modic", value={"L4/L5": 1}, origin="MRI")}
        facts.enter(work, case, given, version=2)
        score(work, case, 30.0)
        score(work, case, 50.0, visit="baseline", on=dt.date(2026, 11, 29))
        outcomes.add_event(work, case, kind="infection", grade=1, on=DAY)
    with store.reading(team.registry) as work:
        rows = registry.scores(work, "odi")
        assert [(r.visit, r.day, r.score) for r in rows] == [
            ("6w", 43, 30.0), ("baseline", -1, 50.0),
        ]  # fmt: skip
        assert registry.harms(work)[0].day == 43
        assert registry.treated(work) == []
        assert registry.answers(work, ["modic"]) == {case: {"modic": {"L4/L5": 1}}}
        assert MARK not in repr(rows)
    with store.reading(other.registry) as work:
        assert registry.scores(work) == []
        assert registry.answers(work, ["modic"]) == {}
    with pytest.raises(ForbiddenError), store.reading(team.nurse) as work:
        registry.scores(work)
