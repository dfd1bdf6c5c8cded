"""Three-valued logic: an unknown is never a no and never a yes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Answer(Enum):
    """Kleene's three values; the numbers give their order, NO < UNKNOWN < YES."""

    NO = 0
    UNKNOWN = 1
    YES = 2


def answer(known: bool | None) -> Answer:
    """The answer of a plain truth value; None is UNKNOWN."""
    if known is None:
        return Answer.UNKNOWN
    return Answer.YES if known else Answer.NO


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's strong "and": one NO settles it, else one UNKNOWN leaves it open."""
    return min(answers, key=_order, default=Answer.YES)


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's strong "or": one YES settles it, else one UNKNOWN leaves it open."""
    return max(answers, key=_order, default=Answer.NO)


def negated(given: Answer) -> Answer:
    """The opposite; UNKNOWN stays UNKNOWN."""
    return Answer(2 - given.value)


def _order(given: Answer) -> int:
    return given.value
