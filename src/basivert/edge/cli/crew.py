"""Threads for work that leaves Python's lock most of the time: several vertebrae at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from basivert.edge.cli.progress import Shown
from basivert.workflow.progress import Mapper

# Each vertebra at work takes memory.
MOST = 4


def cores() -> int:
    """How many vertebrae are worked on at once."""
    return min(MOST, os.cpu_count() or 1)


@contextmanager
def crew(say: Shown, size: int) -> Generator[Mapper]:
    """`map` over threads; when the work is stopped or fails, none of them goes on unseen.

    Args:
        say: told to stop, which ends each thread where it next reports or takes up work.
        size: number of threads.
    """
    pool = ThreadPoolExecutor(size)

    def mapped(function: Callable[[Any], Any], things: Iterable[Any]) -> Iterable[Any]:
        def one(thing: Any) -> Any:
            say.check()
            return function(thing)

        return pool.map(one, things)

    try:
        yield mapped
    except BaseException:
        say.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
