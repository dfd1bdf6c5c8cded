"""A clinic's own conditions: no fact, no answer; more facts never turn an answer round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basivert.care.answers import Answer
from basivert.care.candidacy.editions import DEFAULT, candidate_facts, edition
from basivert.care.facts import facts
from basivert.care.own_changes import changes
from basivert.care.own_rules import CANDIDACY, changed, subject, subjects
from basivert.care.rules import judged
from basivert.errors import InputError

from .strategies import growing, values

ABOUT = f"{CANDIDACY}{DEFAULT}"
KNOWN = candidate_facts()
SHIPPED = edition(DEFAULT, KNOWN)


def leaf(kind):
    match kind.shape:
        case "number":
            tests = st.sampled_from(["at_least", "over", "at_most", "under"])
            bounds = st.integers(int(kind.low or 0), int(kind.high or 100))
            return st.builds(lambda t, b: {"fact": kind.name, t: b}, tests, bounds)
        case "yes_no":
            return st.booleans().map(lambda b: {"fact": kind.name, "is": b})
        case "choice":
            return values(kind).map(lambda b: {"fact": kind.name, "is": b})
        case "by_place":
            return values(kind).map(
                lambda given: {"fact": kind.name, "somewhere": list(kind.places),
                               "one_of": list(set(given.values())) or [kind.choices[0]]}
            )  # fmt: skip
        case "places":
            return values(kind).map(lambda b: {"fact": kind.name, "within": b})


CONDITIONS = st.recursive(
    st.one_of([leaf(kind) for kind in KNOWN.kinds.values()])
    | st.sampled_from([{"fixed": "unread"}, {"fixed": "no"}]),
    lambda inner: (
        st.builds(lambda a: {"not": a}, inner)
        | st.builds(lambda a: {"all": a}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda a: {"any": a}, st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=6,
)
FILES = st.dictionaries(st.sampled_from(list(SHIPPED.criteria)), CONDITIONS, min_size=1, max_size=3)


def written(conditions):
    return {
        "name": DEFAULT, "edition": "clinic 1",
        "criterion": {
            name: {"kind": SHIPPED.criteria[name].kind, "wording": "Ours", "source": "ours",
                   "confidence": "ours", "when": when}
            for name, when in conditions.items()
        },
    }  # fmt: skip


def accepted(conditions):
    try:
        return changed(ABOUT, written(conditions))
    except InputError as problem:
        words = "without any fact" if "fixed" in str(conditions) else "everybody is"
        assert words in str(problem) or "everybody is" in str(problem), problem
        return None


@given(FILES, growing(KNOWN))
@settings(deadline=None, max_examples=40)
def test_a_clinics_file_never_decides_what_is_unknown(conditions, documents):
    rules = accepted(conditions)
    if rules is None:
        return
    assert all(row.answer is Answer.UNKNOWN for row in judged(rules, {}))
    few, more = (facts(one, KNOWN, origin="test") for one in documents)
    for name in conditions:
        before = {row.criterion.name: row for row in judged(rules, few)}[name]
        after = {row.criterion.name: row for row in judged(rules, more)}[name]
        # Decided only by facts that it read, and never turned by learning more.
        if before.answer is not Answer.UNKNOWN:
            assert before.read and after.answer is before.answer
        others = {k: one for k, one in few.items() if k not in (*before.read, *before.missing)}
        again = {row.criterion.name: row for row in judged(rules, others)}[name]
        assert again.answer is Answer.UNKNOWN


@given(FILES)
@settings(deadline=None, max_examples=10)
def test_every_changed_rule_is_shown_beside_the_one_that_ships(conditions):
    if accepted(conditions) is None:
        return
    told = changes(ABOUT, written(conditions))
    assert {one.rule for one in told} == set(conditions)
    for one in told:
        assert SHIPPED.criteria[one.rule].wording in one.before and "Ours" in one.now


def test_a_file_that_nobody_could_meet_is_refused():
    never = {"all": [{"fact": "pain_months", "under": 6}, {"fact": "pain_months", "over": 6}]}
    with pytest.raises(InputError, match="contradict each other"):
        changed(ABOUT, written({"pain_six_months": never}))


def test_every_table_can_be_told_in_words():
    for about, one in subjects().items():
        assert subject(about) is one
    row = {"edition": "1", "item": {"new": {"owner": "nurse", "due": {"days": 2}, "wording": "Call",
           "source": "ours", "confidence": "ours"}}}  # fmt: skip
    (told,) = changes("checklist", row)
    assert (told.before, told.now) == ("not there", "nurse, 2 days before: Call")
