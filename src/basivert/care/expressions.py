"""Conditions over facts, as rule files write them, and their three-valued value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer, all_of, answer, any_of, negated
from basivert.care.facts import Facts, Kind, Vocabulary
from basivert.errors import InputError

_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "at_least": lambda value, bound: value >= bound,
    "over": lambda value, bound: value > bound,
    "at_most": lambda value, bound: value <= bound,
    "under": lambda value, bound: value < bound,
}
# Which tests fit which shape of fact.
TESTS: dict[str, frozenset[str]] = {
    "number": frozenset(_NUMERIC),
    "yes_no": frozenset({"is"}),
    "choice": frozenset({"is", "one_of"}),
    "by_place": frozenset({"one_of"}),
    "places": frozenset({"within", "most_in_a_row"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison with one fact.

    test, bound: `at_least 6`, `is true`, `one_of [1, 2]`, `within [L3, L4]`, `most_in_a_row 3`.
    somewhere: of a fact by place, the places of which one must pass; those not read are unknown.
    """

    fact: str
    test: str
    bound: Any
    somewhere: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several conditions joined: `all`, `any`, or the negation of one (`not`)."""

    joined: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A condition that no fact changes: `no` (never met), or `unread` (its text is not known)."""

    answer: Answer


Expression = Comparison | Group | Fixed

_FIXED = {"no": Answer.NO, "unread": Answer.UNKNOWN}


def parsed(row: Mapping[str, Any], known: Vocabulary, where: str) -> Expression:
    """A condition from a rule file.

    Raises: InputError naming `where` for an unknown fact or test, or one that does not fit.
    """
    if len(row) == 1 and (joined := next(iter(row))) in ("all", "any", "not"):
        inner = row[joined]
        parts = [inner] if joined == "not" else inner
        if not parts:
            raise InputError(f"{where}: {joined} joins nothing.")
        return Group(joined=joined, parts=tuple(parsed(part, known, where) for part in parts))
    if set(row) == {"fixed"}:
        if row["fixed"] not in _FIXED:
            raise InputError(f"{where}: fixed is {row['fixed']!r}.", fix="Write no or unread.")
        return Fixed(answer=_FIXED[row["fixed"]])
    return _test(row, known, where)


def value(expression: Expression, facts: Facts) -> Answer:
    """YES, NO, or UNKNOWN where the facts at hand do not settle it."""
    if isinstance(expression, Comparison):
        return _tested(expression, facts)
    if isinstance(expression, Fixed):
        return expression.answer
    parts = [value(part, facts) for part in expression.parts]
    match expression.joined:
        case "all":
            return all_of(parts)
        case "any":
            return any_of(parts)
        case _:
            return negated(parts[0])


def names(expression: Expression) -> tuple[str, ...]:
    """The facts that a condition reads, each once, in its order."""
    if isinstance(expression, Comparison):
        return (expression.fact,)
    if isinstance(expression, Fixed):
        return ()
    return tuple(dict.fromkeys(name for part in expression.parts for name in names(part)))


def settled_without_facts(expression: Expression) -> bool:
    """Whether a part of it is decided whatever is known; an unread text decides nothing."""
    if isinstance(expression, Fixed):
        return expression.answer is not Answer.UNKNOWN
    if isinstance(expression, Comparison):
        return False
    return any(settled_without_facts(part) for part in expression.parts)


def must_ask(expression: Expression | None, where: str) -> None:
    """Raises InputError for a clinic's condition that answers before anything is known."""
    if expression is not None and settled_without_facts(expression):
        raise InputError(
            f"{where} is decided without any fact: an unknown would become yes or no.",
            fix='Write a condition on facts, or leave this rule out; fixed = "unread" is allowed.',
        )


def open_names(expression: Expression, facts: Facts) -> tuple[str, ...]:
    """The facts that keep a condition UNKNOWN; empty where it is settled."""
    if isinstance(expression, Fixed) or value(expression, facts) is not Answer.UNKNOWN:
        return ()
    if isinstance(expression, Comparison):
        return (expression.fact,)
    inner = (name for part in expression.parts for name in open_names(part, facts))
    return tuple(dict.fromkeys(inner))


def _test(row: Mapping[str, Any], known: Vocabulary, where: str) -> Comparison:
    tests = set(row) - {"fact", "somewhere"}
    if "fact" not in row or len(tests) != 1:
        raise InputError(f"{where}: {dict(row)} is not one fact with one test.")
    (test,) = tests
    kind = known[str(row["fact"])]
    if test not in TESTS[kind.shape]:
        raise InputError(
            f"{where}: {test} does not fit {kind.name}, which is {kind.shape}.",
            fix=f"Use {', '.join(sorted(TESTS[kind.shape]))}.",
        )
    bound = row[test]
    if test in _NUMERIC and (isinstance(bound, bool) or not isinstance(bound, (int, float))):
        raise InputError(f"{where}: {test} needs a number, not {bound!r}.")
    if wrong := _beyond(test, bound, kind):
        raise InputError(f"{where}: {test} {bound!r} does not fit {kind.name}.", fix=wrong)
    somewhere = tuple(row.get("somewhere", ()))
    if (kind.shape == "by_place") != bool(somewhere):
        raise InputError(f"{where}: somewhere goes with facts by place, and they need it.")
    if wrong := [place for place in somewhere if place not in kind.places]:
        raise InputError(f"{where}: {kind.name} has no place {', '.join(wrong)}.")
    return Comparison(
        fact=kind.name, test=test, bound=bound, somewhere=somewhere, order=kind.places
    )


def _beyond(test: str, bound: Any, kind: Kind) -> str:
    """What a bound must be, where it could never come true by a slip; "" where it can."""
    if test == "is" and kind.shape == "yes_no":
        return "" if isinstance(bound, bool) else "Write true or false."
    if test == "is":
        return "" if bound in kind.choices else f"Choose one of {kind.choices}."
    if test in ("one_of", "within"):
        known = kind.places if test == "within" else kind.choices
        fits = isinstance(bound, list) and bound and set(bound) <= set(known)
        return "" if fits else f"Write a list of some of {known}."
    if test == "most_in_a_row":
        fits = isinstance(bound, int) and not isinstance(bound, bool) and bound > 0
        return "" if fits else "Write a whole number above 0."
    return ""


def _tested(test: Comparison, facts: Facts) -> Answer:
    if test.fact not in facts:
        return Answer.UNKNOWN
    given: Any = facts[test.fact].value
    if test.test in _NUMERIC:
        return answer(_NUMERIC[test.test](given, test.bound))
    if test.test == "is":
        return answer(given == test.bound)
    if test.test == "within":
        return answer(set(given) <= set(test.bound))
    if test.test == "most_in_a_row":
        return answer(_in_a_row(given, test.order) and len(given) <= test.bound)
    if test.somewhere:
        read = [given.get(place) for place in test.somewhere]
        return any_of(answer(None if one is None else one in test.bound) for one in read)
    return answer(given in test.bound)


def _in_a_row(places: Sequence[str], order: Sequence[str]) -> bool:
    at = sorted(order.index(place) for place in places)
    return at[-1] - at[0] == len(at) - 1
