"""Funnel limits, signals of run charts, harm, and cells that are withheld."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from basivert.care.outcomes.charts import funnel_limits, funnels, run, signals
from basivert.care.outcomes.events import by_margin, harms, published
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.registry import Patient
from basivert.care.outcomes.responders import followed
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.outcomes.subgroups import (
    UNKNOWN,
    coverage_group,
    level_group,
    modic_group,
    subgroups,
    withheld,
)

RULES = outcome_rules()
TABLE = RULES["charts"]["run"]


@given(st.floats(0.05, 0.95), st.integers(5, 2000), st.sampled_from([0.95, 0.998]))
def test_limits_enclose_what_chance_gives(rate, n, level):
    low, high = funnel_limits(rate, n, level)
    tail = (1 - level) / 2
    assert 0 <= low <= high <= 1
    # Interpolated: one count further out is beyond the tail, one further in is not.
    assert binom.cdf(np.floor(low * n) - 1, n, rate) <= tail
    assert binom.cdf(np.ceil(low * n), n, rate) >= tail
    assert binom.sf(np.ceil(high * n), n, rate) <= tail


def test_limits_meet_the_normal_ones_for_many_patients():
    low, high = funnel_limits(0.65, 100_000, 0.95)
    half = 1.959964 * np.sqrt(0.65 * 0.35 / 100_000)
    assert (low, high) == pytest.approx((0.65 - half, 0.65 + half), abs=2e-5)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([5, 6, 4, 7, 5, 3, 6, 4, 7, 3], set()),
        # Six, then eight on one side of the median; log2(12) + 3 rounds to 7, so does log2(16) + 3.
        ([8, 7, 8, 9, 7, 8, 2, 3, 1, 2, 3, 2], {"shift", "crossings"}),
        ([8, 7, 8, 9, 7, 8, 9, 7, 2, 3, 1, 2, 3, 2, 1, 3], {"shift", "longest", "crossings"}),
        ([8, 7, 8, 9, 7, 2, 3, 1, 2, 3], {"crossings"}),
        ([1, 5, 2, 3, 4, 5, 6, 1, 5, 3], {"trend"}),
        ([1, 5, 2, 3, 3, 4, 5, 6, 1, 5, 3], {"trend"}),
        ([4, 4, 4, 4, 4, 4, 4, 4], set()), ([], set()), ([3], set()),
    ],
)  # fmt: skip
def test_signals(points, said):
    assert set(signals([float(p) for p in points], TABLE)) == said


def test_chance_alone_seldom_signals_by_runs():
    rng = np.random.default_rng(6)
    rows = [signals(rng.random(24).tolist(), TABLE) for _ in range(400)]
    share = np.mean([bool({"longest", "crossings"} & set(row)) for row in rows])
    assert share < 0.15  # Anhøj 2015 gives about 7 % for charts of this length


def patient(**more):
    row = {"id": "a", "procedure_day": 0, **more}
    return registry({"as_of_day": 10, "patients": [row]}, RULES).patients[0]


@pytest.mark.parametrize(
    ("modic", "group"),
    [
        ({"L4/L5": 1}, "type 1"), ({"L4/L5": 1, "L5/S1": 2}, "type 1 and 2"), ({}, UNKNOWN),
        ({"L3/L4": 0, "L4/L5": 0, "L5/S1": 0}, "none"), ({"L4/L5": 0}, UNKNOWN),
        ({"L1/L2": 1}, UNKNOWN),
    ],
)  # fmt: skip
def test_modic_groups_read_the_discs_beside_treated_bodies(modic, group):
    assert modic_group(patient(levels=["L4", "L5"], modic=modic)) == group


def test_coverage_groups_go_by_the_lowest_and_know_gaps():
    ends = RULES["analysis"]["subgroup"]["coverage"]

    def group(**coverage):
        one: Patient = patient(levels=["L5", "L4"], coverage_planned=coverage)
        assert level_group(one) == "L4 + L5"
        return coverage_group(one, one.coverage_planned, ends)

    assert group(L4=0.99, L5=0.8) == "80 to 95 %" and group(L4=0.99) == UNKNOWN
    assert group(L4=0.95, L5=1.0) == "95 to 100 %" and group(L4=0.0, L5=1.0) == "0 to 50 %"


COUNTS = st.dictionaries(
    st.sampled_from("abcdefg"),
    st.integers(0, 30).flatmap(
        lambda a: st.integers(0, a).flatmap(
            lambda b: st.integers(0, b).map(lambda c: (a, b, c)))),
    min_size=1,
)  # fmt: skip


@given(COUNTS)
def test_no_small_count_is_shown_or_follows_from_the_totals(counts):
    hidden = withheld(counts, 5)
    shown = set(counts) - hidden
    assert all(n == 0 or n >= 5 for name in shown for n in counts[name])
    if not hidden or not shown:
        return
    for column in range(3):
        rest = sum(counts[n][column] for n in counts) - sum(counts[n][column] for n in shown)
        assert rest == 0 or rest >= 5
    # No difference belongs to one group alone.
    assert sum(any(counts[name]) for name in hidden) >= 2


def test_a_single_small_group_takes_the_next_smallest_with_it():
    counts = {"a": (40, 40, 40), "b": (9, 9, 9), "c": (3, 3, 3)}
    assert withheld(counts, 5) == {"b", "c"}
    assert withheld({"a": (40, 40, 40), "b": (9, 9, 9)}, 5) == frozenset()


def scored(name, good, **more):
    rows = [{"instrument": "nrs", "day": -1, "value": 8},
            {"instrument": "nrs", "day": 183, "value": 2 if good else 8}]  # fmt: skip
    return {"id": name, "procedure_day": 0, "scores": rows, **more}


def test_a_withheld_group_shows_no_number():
    rows = [scored(f"a{n}", n < 12, levels=["L4", "L5"]) for n in range(20)]
    rows += [scored(f"b{n}", n < 4, levels=["L5", "S1"]) for n in range(8)]
    rows += [scored(f"c{n}", True, levels=["L3"]) for n in range(2)]
    held = followed(registry({"as_of_day": 400, "patients": rows}, RULES), RULES)
    found = next(t for t in subgroups(held) if (t.trait, t.definition) == ("levels", "pain_50"))
    groups = {g.name: g for g in found.groups}
    assert groups["L4 + L5"].rate.hits == 12 and groups["L4 + L5"].rate.n == 20
    assert groups["L3"].rate is None and groups["L5 + S1"].rate is None


def test_a_group_of_few_is_withheld_though_none_of_them_was_seen():
    rows = [scored(f"a{n}", n < 12, levels=["L4", "L5"]) for n in range(20)]
    rows += [scored(f"b{n}", n < 4, levels=["L5", "S1"]) for n in range(8)]
    rows += [{"id": f"c{n}", "procedure_day": 300, "levels": ["L3"]} for n in range(2)]
    held = followed(registry({"as_of_day": 400, "patients": rows}, RULES), RULES)
    found = next(t for t in subgroups(held) if (t.trait, t.definition) == ("levels", "pain_50"))
    assert {g.name for g in found.groups if g.withheld} == {"L3", "L5 + S1"}
    assert all(g.found is None for g in found.groups if g.withheld)


def runs(as_of, *sizes):
    """The run chart of quarters with so many patients each, every second of whom responds."""
    rows = [
        scored(f"{quarter}-{n}", n % 2 == 0) | {"procedure_day": 91 * quarter + 30}
        for quarter, size in enumerate(sizes) for n in range(size)
    ]  # fmt: skip
    held = followed(registry({"as_of_day": as_of, "patients": rows}, RULES), RULES)
    return run(held)


def test_runs_show_whole_periods_alone():
    found = runs(91 + 91 + 212, 6, 8)
    assert found.points == (0.5, 0.5) and found.seen == (6, 8)
    assert found.first_days == (0, 91)
    assert runs(91 + 91 + 211, 6, 8).seen == (6,)


def test_a_quarter_of_few_patients_is_withheld_with_another_that_would_give_it_away():
    # 18 were seen in all: without the 6 the 4 would be 18 - 6 - 8.
    found = runs(3 * 91 + 212, 6, 4, 8)
    assert found.points == (None, None, 0.5) and found.seen == (None, None, 8)
    assert found.median == 0.5
    # The 3 of the quarter that is not over yet are told by no point, and by no difference.
    assert runs(3 * 91 + 211, 6, 8, 3).seen == (None, 8)
    assert runs(3 * 91 + 211, 6, 8, 5).seen == (6, 8)
    assert runs(3 * 91 + 212, 5, 0, 5).seen == (5, None, 5)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 91))
@settings(max_examples=40)
def test_no_quarter_of_few_patients_follows_from_the_run_chart(sizes, later):
    found = runs(213 + 91 * len(sizes) - later, *sizes)
    total = sum(
        size for quarter, size in enumerate(sizes)
        if 91 * quarter + 30 + 213 <= 213 + 91 * len(sizes) - later
    )  # fmt: skip
    shown = [n for n in found.seen if n is not None]
    assert all(n >= 5 for n in shown)
    assert total - sum(shown) == 0 or total - sum(shown) >= 5 or not shown


def test_harm_counts_patients_and_bodies():
    def hurt(name, *events, **more):
        return {"id": name, "procedure_day": 0, "levels": ["L4", "L5"], "events": [
            {"kind": kind, "grade": grade, "day": 3, "level": level}
            for kind, grade, level in events], **more}  # fmt: skip

    held = registry({"as_of_day": 50, "patients": [
        hurt("a", ("nerve_damage", 3, "L4"), ("nerve_damage", 1, "L5"),
             margins_mm={"L4": -0.5, "L5": 1.0}),
        hurt("b", ("fracture", 2, "L5"), margins_mm={"L4": 5.0, "L5": 2.0}), hurt("c"), hurt("d"),
    ]}, RULES)  # fmt: skip
    found = {harm.kind: harm for harm in harms(held, RULES)}
    nerve = found["nerve_damage"]
    assert (nerve.events, nerve.rate.hits, nerve.rate.n) == (2, 1, 4)
    assert nerve.by_grade == {"3": 1} and nerve.by_level == {"L4": 1, "L5": 1}
    assert found["any"].rate.hits == 2 and found["any"].serious.hits == 1
    assert found["bleeding"].rate.rate == 0.0 and found["bleeding"].rate.high > 0.5
    groups = by_margin(held, RULES, "nerve_damage")
    assert [(g.rate.hits, g.rate.n) for g in groups] == [(1, 1), (1, 1), (0, 1), (0, 1), (0, 4)]
    fracture = next(p for p in published(held, RULES) if p.key == "fracture")
    assert fracture.rate == pytest.approx(0.0155, abs=5e-5) and fracture.inside


def test_a_funnel_shows_sites_of_enough_patients():
    rows = [scored(f"a{n}", n < 5, site="north") for n in range(8)]
    rows += [scored(f"b{n}", True, site="south") for n in range(3)]
    held = followed(registry({"as_of_day": 400, "patients": rows}, RULES), RULES)
    found = next(f for f in funnels(held) if f.study == "meta_pain_m6")
    assert [(p.name, p.rate.hits, p.rate.n) for p in found.points] == [("all", 8, 11)]
    rows += [scored(f"c{n}", False, site="south") for n in range(4)]
    held = followed(registry({"as_of_day": 400, "patients": rows}, RULES), RULES)
    found = next(f for f in funnels(held) if f.study == "meta_pain_m6")
    names = {p.name: (p.rate.hits, p.rate.n) for p in found.points}
    assert names == {"all": (8, 15), "north": (5, 8), "south": (3, 7)}
    assert found.limits["0.95"][0] == funnel_limits(0.65, found.counts[0], 0.95)
