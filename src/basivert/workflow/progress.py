"""How long work says where it is; the callback may raise `Cancelled`."""

from __future__ import annotations

from collections.abc import Callable

# say(done, what): share done 0–1 and what is being worked on.
Progress = Callable[[float, str], None]


def silent(done: float, what: str) -> None:
    """Nobody listens."""


def part(say: Progress, low: float, high: float) -> Progress:
    """The progress of a step that covers `low` to `high` of the whole."""

    def inner(done: float, what: str) -> None:
        say(low + (high - low) * done, what)

    return inner
