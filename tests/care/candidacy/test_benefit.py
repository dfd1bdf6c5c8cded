"""Published rates: exact intervals against scipy, and no interval where none can be made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from basivert.care.candidacy.benefit import benefit, rate
from basivert.care.candidacy.editions import candidate_facts
from basivert.care.candidacy.entered import entered
from basivert.care.exact import clopper_pearson, counts
from basivert.errors import InputError

RATES = {one.name: one for one in benefit({}).rates}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_those_of_an_independent_program(pair):
    hits, n = pair
    expected = binomtest(hits, n).proportion_ci(confidence_level=0.95, method="exact")
    assert clopper_pearson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_printed_percentage_is_traced_to_its_count(pair):
    hits, n = pair
    assert hits in counts(round(100 * hits / n, 1), 1, n)


def test_the_seed_pages_rates_have_neither_n_nor_interval():
    shares = [RATES[f"seed_{bound}"].share for bound in (50, 75, 100)]
    assert shares == pytest.approx([0.65, 0.362, 0.224])
    for bound in (50, 75, 100):
        one = RATES[f"seed_{bound}"]
        assert (one.n, one.interval, one.sign) == (0, None, "=" if bound == 100 else "≥")
        assert "no n" in one.interval_basis


def test_rates_keep_their_own_sign_and_how_many_were_seen():
    five_years = RATES["smart_77_months_50"]
    assert (five_years.sign, five_years.seen, five_years.treated) == (">", 100, 117)
    low, high = clopper_pearson(66, 100)
    assert (five_years.interval.low, five_years.interval.high) == (low, high)


def test_the_sources_own_interval_is_kept():
    pooled = RATES["pooled_6_months"].interval
    assert (pooled.low, pooled.high) == (0.51, 0.78)


def test_two_possible_counts_widen_the_interval():
    row = dict(
        study="s", months=3, measure="m", sign="≥", bound="20", percent=48, decimals=0, n=128,
        population="p", source="s", confidence="read",
    )  # fmt: skip
    made = rate("one", row)
    assert "61 or 62 of 128" in made.interval_basis
    ends = clopper_pearson(61, 128)[0], clopper_pearson(62, 128)[1]
    assert (made.interval.low, made.interval.high) == ends
    with pytest.raises(InputError, match="persons"):
        rate("one", {**row, "persons": 3})


def test_a_rate_that_no_count_gives_has_no_interval():
    fractures = {one.name: one for one in benefit({}).fractures}
    assert counts(4.64, 2, 669) == counts(0.37, 2, 1718) == ()
    assert fractures["with_bone_loss"].interval is None
    assert counts(1.55, 2, 2387) == (37,)


@pytest.mark.parametrize(
    ("record", "group"),
    [
        ({}, ""), ({"osteoporosis_t_score": -1}, "without_bone_loss"),
        ({"osteoporosis_t_score": -1.1}, "with_bone_loss"),
    ],
)  # fmt: skip
def test_the_fracture_row_follows_the_t_score(record, group):
    facts = entered(record, candidate_facts(), origin="test")
    assert benefit(facts).fracture_group == group


def test_no_rate_is_given_as_a_persons_own():
    told = benefit({})
    assert "Nobody can say" in told.promise and "0.70" in told.prediction
    assert all(one.source and one.population for one in (*told.rates, *told.fractures))
