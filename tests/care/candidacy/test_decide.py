"""Every rule set that ships: three answers reachable, monotone, free of order, truly missing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.candidacy.decide import decide
from basivert.care.candidacy.editions import (
    candidate_facts,
    edition,
    edition_names,
    overridden,
    own_edition,
)
from basivert.care.candidacy.entered import entered
from basivert.care.expressions import Fixed, value
from basivert.care.facts import Vocabulary
from basivert.errors import InputError, RecordError
from tests.care.strategies import growing, values

from .records import STABLE, WHOLE, whole_for

KNOWN = candidate_facts()
SETS = {name: edition(name, KNOWN) for name in edition_names()}
NEVER = ("payer_kaiser_wa", "payer_aetna", "isass_2022")
CRITERIA = [
    pytest.param(rules, one, id=f"{name}.{one.name}")
    for name, rules in SETS.items()
    for one in rules.criteria.values()
    if not isinstance(one.when, Fixed)
]
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)


def decided(document, rules=SETS["default"]):
    return decide(rules, entered(document, KNOWN, origin="test"), KNOWN)


def read_by(name):
    return Vocabulary(
        edition="test", kinds={fact: KNOWN.kinds[fact] for fact in whole_for(SETS[name], KNOWN)}
    )


@pytest.mark.parametrize("name", [name for name in SETS if name not in NEVER])
@UNHURRIED
@given(data=st.data())
def test_filling_in_an_unknown_never_turns_a_definite_answer(name, data):
    few, more = (decided(one, SETS[name]).answer for one in data.draw(growing(read_by(name))))
    assert few in ("unknown", more)


@pytest.mark.parametrize("name", [name for name in SETS if name not in NEVER])
@UNHURRIED
@given(data=st.data())
def test_a_candidate_stays_one_and_a_refusal_too_when_one_more_fact_is_known(name, data):
    """Near the border between the answers, where random facts seldom lie."""
    whole = whole_for(SETS[name], KNOWN)
    for fact in data.draw(st.sets(st.sampled_from(sorted(whole)), max_size=2)):
        whole[fact] = data.draw(values(KNOWN.kinds[fact]))
    gone = data.draw(st.sets(st.sampled_from(sorted(whole)), max_size=3))
    few = {fact: one for fact, one in whole.items() if fact not in gone}
    before = decided(few, SETS[name]).answer
    assert before in ("unknown", decided(whole, SETS[name]).answer)


@pytest.mark.parametrize("name", ["default", "trials_2022", "payer_cam_394"])
@UNHURRIED
@given(data=st.data(), shuffled=st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(name, data, shuffled):
    documents = data.draw(growing(read_by(name)))
    items = list(documents[0].items())
    shuffled.shuffle(items)
    one, two = (decided(dict(given), SETS[name]) for given in (items, documents[0].items()))
    assert (one.answer, one.missing, one.reasons) == (two.answer, two.missing, two.reasons)


@pytest.mark.parametrize("name", [name for name in SETS if name not in NEVER])
def test_a_fact_is_missing_exactly_when_its_value_matters(name):
    """Against brute force: all other facts fit, one is unknown."""
    rules = SETS[name]
    whole = whole_for(rules, KNOWN)
    assert decided(whole, rules).answer == "candidate"
    for fact in whole:
        without = {other: one for other, one in whole.items() if other != fact}
        found = decided(without, rules)
        assert found.missing == ((fact,) if found.answer == "unknown" else ())


def test_the_stable_names_are_enough_and_scores_are_not_needed():
    assert decided(WHOLE).answer == "candidate"
    assert set(WHOLE) == STABLE
    without = {name: one for name, one in WHOLE.items() if name not in ("nrs", "odi")}
    assert decided(without).answer == "candidate"
    assert not set(decided({}).missing) - STABLE | set(decided({}).missing) & {"nrs", "odi"}


@pytest.mark.parametrize("name", NEVER)
@UNHURRIED
@given(document=growing(KNOWN).map(lambda pair: pair[1]))
def test_what_is_never_covered_or_was_not_read_never_says_candidate(name, document):
    answer = decided(document, SETS[name]).answer
    assert answer == "not_candidate" if name.startswith("payer") else answer != "candidate"


@pytest.mark.parametrize(("rules", "criterion"), CRITERIA)
def test_every_criterion_can_be_met_refused_and_open(rules, criterion):
    whole = entered(whole_for(rules, KNOWN), KNOWN, origin="test")
    assert value(criterion.when, whole) is Answer.YES
    assert value(criterion.when, {}) is Answer.UNKNOWN
    against = [
        one
        for name in KNOWN.kinds
        for one in _against(name)
        if value(criterion.when, {**whole, **entered(one, KNOWN, origin="test")}) is Answer.NO
    ]
    assert against


def _against(name):
    kind = KNOWN.kinds[name]
    match kind.shape:
        case "number":
            return [{name: kind.low}, {name: kind.high}]
        case "yes_no":
            return [{name: True}, {name: False}]
        case "choice":
            return [{name: one} for one in kind.choices]
        case "by_place":
            return [{name: dict.fromkeys(kind.places, one)} for one in kind.choices]
        case _:
            return [{name: list(kind.places)}]


def test_missing_leaves_out_what_no_longer_matters():
    trial = SETS["trials_2022"]
    whole = whole_for(trial, KNOWN)
    spine = {"lumbar_surgery", "months_since_lumbar_surgery", "leg_pain_gone"}
    few = {name: one for name, one in whole.items() if name not in spine}
    assert set(decided(few, trial).missing) == spine
    assert decided({**few, "lumbar_surgery": "none"}, trial).answer == "candidate"
    assert decided({**few, "lumbar_surgery": "other"}, trial).answer == "not_candidate"
    half = {**few, "lumbar_surgery": "discectomy_or_laminectomy", "leg_pain_gone": True}
    assert decided(half, trial).missing == ("months_since_lumbar_surgery",)


def test_conditions_that_no_value_can_satisfy_are_a_refusal_and_not_a_question():
    row = {"kind": "safety", "wording": "w", "source": "s", "confidence": "read"}
    rules = own_edition({
        "name": "odd", "title": "t", "edition": "e", "body": "b",
        "criterion": {
            "old": {**row, "when": {"fact": "age_years", "over": 50}},
            "young": {**row, "when": {"fact": "age_years", "under": 40}},
        },
    }, KNOWN)  # fmt: skip
    found = decided({}, rules)
    assert (found.answer, found.missing) == ("not_candidate", ())


def test_what_would_change_the_answer_is_said_in_words():
    open_one = {**WHOLE, "modic": {"L3/L4": 0}}
    assert decided(open_one).would_change == (
        "candidate if Modic type at L4/L5 or L5/S1 is 1 or 2; the MRI is not read there yet",
    )
    assert "pain_months is 5" in decided({**WHOLE, "pain_months": 5}).would_change[0]
    assert decided(WHOLE).would_change == ()


def test_the_seed_pages_list_means_ask():
    assert decided({**WHOLE, "pregnant": True}).ask
    assert not decided({**WHOLE, "pregnant": True, "age_years": 17}).ask
    assert decided({"heart_failure": True}, SETS["seed_page"]).ask


def test_discs_among_the_levels_stand_for_their_vertebrae():
    assert entered({"levels": ["L4/L5", "L5"]}, KNOWN, origin="t")["levels"].value == ("L4", "L5")
    given = {"levels": {"value": ["L5/S1"], "origin": "MRI"}}
    assert entered(given, KNOWN, origin="t")["levels"].origin == "MRI"
    with pytest.raises(RecordError, match="L6"):
        entered({"levels": ["L5/L6"]}, KNOWN, origin="t")


def test_a_clinic_replaces_single_criteria_and_is_named():
    own = {
        "name": "default", "edition": "clinic 2026-11",
        "criterion": {"pain_six_months": {
            "kind": "indication", "wording": "Pain for 12 months", "source": "our protocol 4",
            "confidence": "ours", "when": {"fact": "pain_months", "at_least": 12},
        }},
    }  # fmt: skip
    changed = overridden(SETS["default"], own, KNOWN)
    assert changed.edition == "2026-11 + clinic 2026-11"
    record = {**WHOLE, "pain_months": 8}
    assert [decided(record, one).answer for one in (SETS["default"], changed)] == [
        "candidate", "not_candidate",
    ]  # fmt: skip
    with pytest.raises(InputError, match="seed_page"):
        overridden(SETS["seed_page"], own, KNOWN)
    odd = {**own["criterion"]["pain_six_months"], "kind": "because"}
    with pytest.raises(InputError, match="because"):
        overridden(SETS["default"], {**own, "criterion": {"pain_six_months": odd}}, KNOWN)
