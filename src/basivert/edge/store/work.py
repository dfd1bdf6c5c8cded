"""One transaction of one actor: what it may do, what it notes, how rows are read and changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, Select, Table, select, update

from basivert.care.roles import Roles
from basivert.edge.store.actor import OPERATOR, Actor
from basivert.edge.store.audit import Entry
from basivert.edge.store.tables import ACCOUNT
from basivert.errors import ConflictError, ForbiddenError, NotFoundError

T = TypeVar("T")
Query = Select[*tuple[Any, ...]]
_SEEN = "parts.read"


@dataclass(slots=True, kw_only=True)
class Work:
    """A transaction. Everything in it is kept together with its audit rows, or nothing is.

    now: the moment of all of it, UTC.
    photos: folder of photographs, or None where none was given.
    trail: audit rows that are added before the transaction ends.
    undo: what takes files away again if the transaction is surely not kept.
    after: what is done to files once it is kept.
    """

    connection: Connection
    actor: Actor
    now: dt.datetime
    roles: Roles
    photos: Path | None
    trail: list[Entry] = field(default_factory=list[Entry])
    undo: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    after: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    @property
    def clinic(self) -> int:
        """The actor's clinic. Raises ForbiddenError where there is none."""
        if self.actor.clinic is None:
            raise ForbiddenError("This needs a clinic.", fix="Sign in with a clinic's account.")
        return self.actor.clinic

    def needs(self, deed: str) -> None:
        """Let the actor pass, or raise ForbiddenError; the refusal is noted in the trail."""
        if self.actor.role == OPERATOR or self.roles.allow(self.actor.role, deed):
            return
        raise ForbiddenError(
            f"The role {self.actor.role} may not {self.roles.words[deed]}.",
            fix="Ask someone of the clinic who may.", deed=deed,
        )  # fmt: skip

    def note(self, action: str, thing: str, *names: str, **ids: int | str | None) -> None:
        """Add an audit row: names of fields and ids, never a value about a person.

        The same read again in one transaction adds none.
        """
        body: dict[str, Any] = {**ids, **({"fields": sorted(names)} if names else {})}
        clinic = self.actor.clinic
        entry = Entry(
            clinic=clinic, actor=self.actor.reference, action=action, object=thing, body=body
        )
        if not (action.endswith(".read") and entry in self.trail):
            self.trail.append(entry)

    def saw(self, case: int, what: str) -> None:
        """Note that this of a case was read; all such reads of a transaction are one row."""
        thing, old = f"case:{case}", list[str]()
        for place, entry in enumerate(self.trail):
            if (entry.action, entry.object) == (_SEEN, thing):
                old = entry.body["fields"]
                del self.trail[place]
                break
        self.note(_SEEN, thing, *{*old, what})

    def add(self, table: Table, **values: Any) -> Any:
        """Insert one row, with version and author where the table has them; gives its key."""
        if "version" in table.c and "changed_at" in table.c:
            values = {**self.stamp(), "version": 1, **values}
        done = self.connection.execute(table.insert().values(**values))
        return (done.inserted_primary_key or (None,))[0]

    def stamp(self) -> dict[str, Any]:
        """Who changes a versioned row, and when."""
        return {"changed_by": self.actor.reference, "changed_at": self.now}

    def all(self, kind: type[T], query: Query) -> list[T]:
        """The rows of a query as dataclasses of the same names."""
        found = self.connection.execute(query).mappings()
        return [kind(**{str(name): value for name, value in row.items()}) for row in found]

    def one(self, kind: type[T], query: Query, what: str) -> T:
        """The only row of a query. Raises NotFoundError naming `what`."""
        found = self.all(kind, query)
        return found[0] if found else self.missing(what)

    def missing(self, what: str) -> NoReturn:
        """The same words for what does not exist and for what another clinic has."""
        raise NotFoundError(f"There is no {what}.", fix="Look it up in the list again.")

    def run(self, statement: Executable) -> int:
        """Execute; gives the number of rows touched."""
        return int(getattr(self.connection.execute(statement), "rowcount", 0))

    def change(
        self, table: Table, where: ColumnElement[bool], version: int, what: str, **values: Any
    ) -> int:
        """Change one row if nobody else did since `version`; gives the new version.

        Raises: ConflictError that says who changed it and when; NotFoundError where it is gone.
        """
        statement = (
            update(table).where(where, table.c.version == version)
            .values(**values, version=version + 1, **self.stamp())
        )  # fmt: skip
        if self.run(statement) == 1:
            return version + 1
        row = self.connection.execute(
            select(table.c.version, table.c.changed_by, table.c.changed_at).where(where)
        ).first()
        if row is None:
            raise NotFoundError(f"There is no {what} any more.", fix="Look at the list again.")
        who, when = self.called(row.changed_by), row.changed_at.isoformat(timespec="seconds")
        raise ConflictError(
            f"The {what} was changed by {who} at {when} in the meantime.",
            fix="Nothing of yours was kept: look at the new state, then enter your change again.",
            changed_by=who, changed_at=when, version=row.version,
        )  # fmt: skip

    def called(self, reference: str) -> str:
        """The name behind `account:3` in the actor's clinic; `the patient` for a patient."""
        kind, _, number = reference.partition(":")
        if kind == "patient":
            return "the patient"
        if kind != "account":
            return reference
        query = select(ACCOUNT.c.name).where(
            ACCOUNT.c.id == int(number), ACCOUNT.c.clinic == self.actor.clinic
        )
        return self.connection.execute(query).scalar() or "someone else"


def asked(kind: type[Any], *tables: Table) -> Query:
    """A query for the columns that a dataclass asks for."""
    return select(*columns(kind, *tables))


def columns(kind: type[Any], *tables: Table) -> list[Any]:
    """The columns that a dataclass asks for, each from the first table that has it."""
    return [
        next(table.c[one.name] for table in tables if one.name in table.c) for one in fields(kind)
    ]
