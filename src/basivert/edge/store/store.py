"""The open store: transactions of an actor, and failures turned into words without data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from basivert.care.roles import Roles
from basivert.edge.store.actor import Actor
from basivert.edge.store.audit import Entry, append
from basivert.edge.store.work import Work
from basivert.errors import ConflictError, ForbiddenError, StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open database of one edition.

    photos: folder of photographs beside it, or None where none was given.
    clock: the moment now, with time zone.
    """

    engine: Engine
    photos: Path | None
    roles: Roles
    clock: Callable[[], dt.datetime]

    @contextmanager
    def writing(self, actor: Actor) -> Generator[Work]:
        """One transaction that changes something; kept at the end of the block, or not at all.

        Files that it wrote are taken away only where it surely is not kept. Where the answer to
        the commit is lost they stay, since a row may name them; `photos.sweep` finds the others.

        Raises: StoreError where the database refuses; ConflictError for a value that is taken.
        """
        with _in_words(), self._denials(actor):
            files: list[Work] = []
            sure = True
            try:
                with self.engine.begin() as connection:
                    work = self._work(connection, actor)
                    files.append(work)
                    yield work
                    append(connection, work.trail, work.now)
                    sure = False
            except BaseException:
                if sure:
                    _each(step for work in files for step in work.undo)
                raise
            _each(work.after)

    @contextmanager
    def reading(self, actor: Actor) -> Generator[Work]:
        """One transaction that only reads; what it noted is kept before the block is left."""
        with _in_words(), self._denials(actor):
            plain = self.engine.connect().execution_options(readonly=True, postgresql_readonly=True)
            with plain as connection, connection.begin():
                work = self._work(connection, actor)
                yield work
            self._append(work.trail, work.now)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _work(self, connection: Connection, actor: Actor) -> Work:
        return Work(
            connection=connection, actor=actor, now=self.clock(), roles=self.roles,
            photos=self.photos,
        )  # fmt: skip

    @contextmanager
    def _denials(self, actor: Actor) -> Generator[None]:
        try:
            yield
        except ForbiddenError as refused:
            deed = str(refused.facts.get("deed", ""))
            entry = Entry(
                clinic=actor.clinic, actor=actor.reference, action="denied", object=deed, body={}
            )
            self._append([entry], self.clock())
            raise

    def _append(self, entries: list[Entry], now: dt.datetime) -> None:
        if entries:
            with self.engine.begin() as connection:
                append(connection, entries, now)


def _each(steps: Iterable[Callable[[], None]]) -> None:
    for step in steps:
        step()


def _gone(cause: DBAPIError) -> bool:
    """Whether a server could not be reached or went away; a refusal of its own has a state."""
    unreached = isinstance(cause, OperationalError) and getattr(cause.orig, "sqlstate", "") is None
    return cause.connection_invalidated or unreached


@contextmanager
def _in_words() -> Generator[None]:
    """The driver's own text may repeat a person's data: it ends here."""
    try:
        yield
    except IntegrityError as cause:
        problem = ConflictError(
            "This would contradict what is already kept.",
            fix="Look whether it was entered before.", kind=type(cause.orig).__name__,
        )  # fmt: skip
    except DBAPIError as cause:
        problem = (
            StoreError(
                "The database does not answer.",
                fix="Try again in a minute. If it stays so, tell whoever runs the server.",
            )
            if _gone(cause)
            else StoreError(
                f"The database refused ({type(cause.orig).__name__}).",
                fix="Look whether it is running, not full, and not held by another program.",
            )
        )
    else:
        return
    raise problem from None
