"""How long work says where it is; the callback may raise `Cancelled`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# say(done, what): share done 0–1 and what is being worked on.
Progress = Callable[[float, str], None]

# Applies a function to each of several things, in their order: `map`, or that of a pool of threads.
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def silent(done: float, what: str) -> None:
    """Nobody listens."""


def part(say: Progress, low: float, high: float) -> Progress:
    """The progress of a step that covers `low` to `high` of the whole."""

    def inner(done: float, what: str) -> None:
        say(low + (high - low) * done, what)

    return inner


def together(say: Progress, count: int) -> tuple[Progress, ...]:
    """The progress of `count` steps that go on at once, each an equal share of the whole."""
    shares = [0.0] * count

    def one(number: int) -> Progress:
        def inner(done: float, what: str) -> None:
            shares[number] = done
            say(sum(shares) / count, what)

        return inner

    return tuple(one(number) for number in range(count))
