"""The rule engine: Kleene's laws, monotony, and errors that name the place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.answers import Answer, all_of, any_of, negated
from basivert.care.expressions import parsed, value
from basivert.care.facts import facts, vocabulary
from basivert.care.rules import judged, override, rule_set
from basivert.errors import InputError, RecordError

from .strategies import growing

KNOWN = vocabulary({
    "edition": "test",
    "fact": {
        "months": {"shape": "number", "wording": "Months", "unit": "months", "low": 0, "high": 99},
        "fever": {"shape": "yes_no", "wording": "Fever"},
        "trend": {"shape": "choice", "wording": "Trend", "choices": ["better", "worse"]},
        "modic": {
            "shape": "by_place", "wording": "Modic", "choices": [0, 1, 2, 3],
            "places": ["L3/L4", "L4/L5", "L5/S1"],
        },
        "levels": {"shape": "places", "wording": "L", "places": ["L2", "L3", "L4", "L5", "S1"]},
    },
})  # fmt: skip
SOMEWHERE = {"fact": "modic", "somewhere": ["L4/L5", "L5/S1"], "one_of": [1, 2]}
LEAVES = st.sampled_from([
    {"fact": "months", "at_least": 6}, {"fact": "months", "under": 50},
    {"fact": "fever", "is": True},
    {"fact": "trend", "one_of": ["worse"]}, SOMEWHERE, {"fact": "levels", "within": ["L3", "L4"]},
    {"fact": "levels", "most_in_a_row": 2},
])  # fmt: skip
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(lambda a: {"not": a}, inner)
        | st.builds(lambda a: {"all": a}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda a: {"any": a}, st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=8,
)
ANSWERS = st.lists(st.sampled_from(Answer))


def held(condition, document):
    return value(parsed(condition, KNOWN, "here"), facts(document, KNOWN, origin="test"))


@given(ANSWERS)
def test_de_morgan(answers):
    assert negated(all_of(answers)) is any_of(negated(one) for one in answers)


@pytest.mark.parametrize(
    ("given_", "both", "either"),
    [
        ([Answer.YES, Answer.UNKNOWN], Answer.UNKNOWN, Answer.YES),
        ([Answer.NO, Answer.UNKNOWN], Answer.NO, Answer.UNKNOWN),
        ([Answer.YES, Answer.NO], Answer.NO, Answer.YES),
        ([], Answer.YES, Answer.NO),
    ],
)
def test_truth_table(given_, both, either):
    assert (all_of(given_), any_of(given_)) == (both, either)


@given(CONDITIONS, growing(KNOWN))
def test_learning_more_never_turns_a_definite_answer(condition, documents):
    few, more = documents
    before = held(condition, few)
    assert before in (Answer.UNKNOWN, held(condition, more))


@given(CONDITIONS, growing(KNOWN), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(condition, documents, shuffled):
    items = list(documents[0].items())
    shuffled.shuffle(items)
    assert held(condition, dict(items)) is held(condition, documents[0])


@pytest.mark.parametrize(
    ("condition", "document", "answer"),
    [
        ({"fact": "months", "at_least": 6}, {"months": 6}, Answer.YES),
        ({"fact": "months", "over": 6}, {"months": 6}, Answer.NO),
        ({"fact": "months", "at_least": 6}, {"months": None}, Answer.UNKNOWN),
        ({"fact": "fever", "is": True}, {"fever": False}, Answer.NO),
        (SOMEWHERE, {"modic": {"L4/L5": 1}}, Answer.YES),
        (SOMEWHERE, {"modic": {"L4/L5": 0}}, Answer.UNKNOWN),
        (SOMEWHERE, {"modic": {"L4/L5": 0, "L5/S1": 3}}, Answer.NO),
        (SOMEWHERE, {"modic": {"L3/L4": 1, "L4/L5": None, "L5/S1": 0}}, Answer.UNKNOWN),
        ({"fact": "levels", "within": ["L3", "L4"]}, {"levels": ["L4", "L5"]}, Answer.NO),
        ({"fact": "levels", "most_in_a_row": 2}, {"levels": ["S1", "L5"]}, Answer.YES),
        ({"fact": "levels", "most_in_a_row": 2}, {"levels": ["L3", "L5"]}, Answer.NO),
        ({"fact": "levels", "most_in_a_row": 2}, {"levels": ["L3", "L4", "L5"]}, Answer.NO),
    ],
)
def test_conditions(condition, document, answer):
    assert held(condition, document) is answer


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"monts": 6}, "months"), ({"months": "6"}, "'6'"), ({"months": True}, "True"),
        ({"months": 600}, "0 to 99"), ({"months": float("nan")}, "nan"), ({"fever": 1}, "1"),
        ({"trend": "up"}, "'up'"), ({"modic": 1}, "L4/L5"), ({"modic": {"L4": 1}}, "'L4'"),
        ({"modic": {"L4/L5": True}}, "True"), ({"levels": []}, "list"), ({"levels": "L4"}, "'L4'"),
        ({"months": {"value": 6, "when": 1}}, "when"),
        ({"months": {"value": 6, "on": "30.11.2026"}}, "30.11.2026"),
    ],
)  # fmt: skip
def test_a_slip_is_an_error_and_no_answer(document, word):
    with pytest.raises(RecordError, match=word):
        facts(document, KNOWN, origin="test")


RULES = {
    "name": "ours", "title": "Ours", "edition": "2026-11", "body": "us",
    "criterion": {
        "long": {
            "kind": "indication", "wording": "Six months", "source": "s", "confidence": "read",
            "when": {"fact": "months", "at_least": 6},
        },
        "both": {
            "kind": "safety", "wording": "No fever, not worse", "source": "s", "confidence": "read",
            "when": {"all": [{"fact": "fever", "is": False}, {"fact": "trend", "is": "better"}]},
        },
    },
}  # fmt: skip


def test_a_judgement_says_what_was_read_and_what_is_missing():
    rules = rule_set(RULES, KNOWN)
    given_ = {"fever": {"value": False, "origin": "nurse", "on": "2026-11-01"}, "months": 5}
    long, both = judged(rules, facts(given_, KNOWN, origin="letter"))
    assert (long.answer, long.read, long.missing) == (Answer.NO, ("months",), ())
    assert (both.answer, both.read, both.missing) == (Answer.UNKNOWN, ("fever",), ("trend",))


def test_a_clinic_changes_single_criteria_and_the_edition_says_so():
    own = {**RULES["criterion"]["long"], "when": {"fact": "months", "at_least": 12}}
    shipped = rule_set(RULES, KNOWN)
    changed = override(
        shipped, {"name": "ours", "edition": "clinic 3", "criterion": {"long": own}}, KNOWN
    )
    assert changed.edition == "2026-11 + clinic 3"
    assert changed.overridden == {"long": shipped.criteria["long"]}
    assert changed.criteria["long"].body == "clinic"
    year = facts({"months": 8}, KNOWN, origin="test")
    assert [judged(one, year)[0].answer for one in (shipped, changed)] == [Answer.YES, Answer.NO]
    with pytest.raises(InputError, match="long"):
        override(shipped, {"name": "ours", "edition": "x", "criterion": {"lang": own}}, KNOWN)


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ({"fact": "months", "is": 6}, "does not fit"), ({"fact": "monts", "over": 1}, "months"),
        ({"fact": "months", "over": 1, "under": 3}, "one test"), ({"all": []}, "joins nothing"),
        ({"fact": "months", "over": "1"}, "a number"),
        ({"fact": "modic", "one_of": [1]}, "somewhere"),
        ({"fact": "modic", "one_of": [1], "somewhere": ["L9"]}, "L9"),
        ({"fact": "modic", "one_of": [7], "somewhere": ["L4/L5"]}, "does not fit"),
        ({"fact": "trend", "is": "bettr"}, "better"), ({"fact": "fever", "is": 1}, "true or false"),
        ({"fact": "levels", "within": ["L4", "L6"]}, "L6"), ({"fixed": "yes"}, "no or unread"),
        ({"fact": "levels", "most_in_a_row": 0}, "whole number"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_when_it_is_read(when, word):
    with pytest.raises(InputError, match=word):
        parsed(when, KNOWN, "ours.long")
