"""Which unknown facts could still change an answer, found by trying their values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod
from typing import Any

from basivert.care.answers import Answer, all_of
from basivert.care.expressions import Comparison, Expression, Fixed, open_names, value
from basivert.care.facts import Fact, Facts, Kind, Vocabulary

# A fact that is not known, or one place of a fact by place that is not read ("" otherwise).
Slot = tuple[str, str]
# Beyond this many combinations every fact that is read counts as able to change the answer.
MOST_TRIED = 50_000
# A value just beside a bound; finer than any fact is entered.
BESIDE = 1e-6


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The answer of conditions that must all hold, and the facts that could still change it."""

    answer: Answer
    missing: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Open conditions that share unknown facts.

    worst, best: what they can come to; changes: per fact, pairs of answers it can lead between.
    """

    worst: Answer
    best: Answer
    changes: Mapping[str, frozenset[tuple[Answer, Answer]]]


def standing(conditions: Sequence[Expression], facts: Facts, known: Vocabulary) -> Standing:
    """Kleene's answer, sharpened: where all values of the unknowns agree, they need not be known.

    A fact is missing only if two of its values lead to different answers for some values of the
    other unknowns.
    """
    answers = [value(one, facts) for one in conditions]
    if Answer.UNKNOWN not in answers or Answer.NO in answers:
        return Standing(answer=all_of(answers), missing=())
    undecided = [one for one, got in zip(conditions, answers, strict=True) if got.value == 1]
    parts = [_part(group, facts, known) for group in _sharing(undecided, facts)]
    best, worst = all_of(one.best for one in parts), all_of(one.worst for one in parts)
    if best is worst:
        return Standing(answer=best, missing=())
    missing = [
        name
        for part in parts
        for name, pairs in part.changes.items()
        if _matters(pairs, all_of(other.best for other in parts if other is not part))
    ]
    return Standing(answer=Answer.UNKNOWN, missing=tuple(dict.fromkeys(missing)))


def unread_places(expression: Expression, facts: Facts) -> tuple[str, ...]:
    """Places that a condition asks about and that nobody read, in its order."""
    return tuple(place for _, place in _slots(expression, facts) if place)


def _matters(pairs: Iterable[tuple[Answer, Answer]], ceiling: Answer) -> bool:
    return any(all_of((one, ceiling)) is not all_of((two, ceiling)) for one, two in pairs)


def _sharing(conditions: Iterable[Expression], facts: Facts) -> list[list[Expression]]:
    groups: list[tuple[set[Slot], list[Expression]]] = []
    for condition in conditions:
        slots, members = set(_slots(condition, facts)), [condition]
        for group in [one for one in groups if one[0] & slots]:
            slots |= group[0]
            members = [*group[1], *members]
            groups.remove(group)
        groups.append((slots, members))
    return [members for _, members in groups]


def _part(conditions: Sequence[Expression], facts: Facts, known: Vocabulary) -> _Part:
    slots = list(dict.fromkeys(slot for one in conditions for slot in _slots(one, facts)))
    comparisons = [test for one in conditions for test in _comparisons(one)]
    values = [_values(slot, comparisons, known[slot[0]]) for slot in slots]
    if prod(len(one) for one in values) > MOST_TRIED:
        names = [name for one in conditions for name in open_names(one, facts)]
        both = frozenset({(Answer.NO, Answer.YES)})
        return _Part(worst=Answer.NO, best=Answer.YES, changes=dict.fromkeys(names, both))
    outcomes = {
        tried: all_of(value(one, _with(facts, slots, tried, values)) for one in conditions)
        for tried in product(*(range(len(one)) for one in values))
    }
    changes: dict[str, frozenset[tuple[Answer, Answer]]] = {}
    for at, (name, _) in enumerate(slots):
        if pairs := _pairs(outcomes, at):
            changes[name] = changes.get(name, frozenset()) | pairs
    return _Part(
        worst=all_of(outcomes.values()), best=max(outcomes.values(), key=lambda one: one.value),
        changes=changes,
    )  # fmt: skip


def _pairs(outcomes: Mapping[tuple[int, ...], Answer], at: int) -> frozenset[tuple[Answer, Answer]]:
    seen: dict[tuple[int, ...], set[Answer]] = {}
    for tried, outcome in outcomes.items():
        seen.setdefault((*tried[:at], *tried[at + 1 :]), set()).add(outcome)
    ordered = (sorted(one, key=lambda answer: answer.value) for one in seen.values())
    return frozenset(pair for one in ordered for pair in combinations(one, 2))


def _with(
    facts: Facts, slots: Sequence[Slot], tried: Sequence[int], values: Sequence[Sequence[Any]]
) -> Facts:
    found = dict(facts)
    for slot, index, choices in zip(slots, tried, values, strict=True):
        found[slot[0]] = _fact(slot, choices[index], found)
    return found


def _slots(expression: Expression, facts: Facts) -> Iterator[Slot]:
    for test in _comparisons(expression):
        if test.somewhere:
            read: Any = facts[test.fact].value if test.fact in facts else {}
            yield from ((test.fact, place) for place in test.somewhere if place not in read)
        elif test.fact not in facts:
            yield (test.fact, "")


def _comparisons(expression: Expression) -> Iterator[Comparison]:
    if isinstance(expression, Comparison):
        yield expression
    elif not isinstance(expression, Fixed):
        for part in expression.parts:
            yield from _comparisons(part)


def _values(slot: Slot, comparisons: Iterable[Comparison], kind: Kind) -> list[Any]:
    """One value for every way in which the comparisons can come out."""
    tests = [one for one in comparisons if one.fact == slot[0]]
    found: dict[tuple[Answer, ...], Any] = {}
    for given in _possible(kind, tests):
        known = {slot[0]: _fact(slot, given, {})}
        found.setdefault(tuple(value(test, known) for test in tests), given)
    return list(found.values())


def _possible(kind: Kind, tests: Iterable[Comparison]) -> Iterator[Any]:
    match kind.shape:
        case "number":
            bounds = {float(one.bound) for one in tests}
            low = -1e9 if kind.low is None else float(kind.low)
            high = 1e9 if kind.high is None else float(kind.high)
            around = {bound + by for bound in bounds for by in (-BESIDE, 0.0, BESIDE)}
            yield from sorted({low, high} | {one for one in around if low <= one <= high})
        case "yes_no":
            yield from (False, True)
        case "places":
            for size in range(1, len(kind.places) + 1):
                yield from combinations(kind.places, size)
        case _:
            yield from kind.choices


def _fact(slot: Slot, given: Any, facts: Facts) -> Fact:
    name, place = slot
    if place:
        before: Any = facts[name].value if name in facts else {}
        given = {**before, place: given}
    return Fact(name=name, value=given, origin="tried")
