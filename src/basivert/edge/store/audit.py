"""Who did what and when: rows that are only ever added, chained by hash.

A row's hash is SHA-256 of the hash before it and the row's canonical JSON, its number included.
Changed, missing or exchanged rows break the chain; a cut tail is found against an exported head.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from basivert.edge.store.tables import AUDIT

FIRST = "0" * 64
# PostgreSQL: one number that all writers of the trail lock until they commit.
_LOCK = 0x62617369
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed.

    action: such as `case.read`, `fact.entered`, `denied`.
    object: what it was done to, such as `case:17`.
    body: ids and names of fields; never a value about a person.
    """

    clinic: int | None
    actor: str
    action: str
    object: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest row: kept elsewhere, it shows later whether the tail was cut off."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a look at the whole chain found; `problems` is empty where it holds."""

    head: Head
    problems: tuple[str, ...]


def append(connection: Connection, entries: Sequence[Entry], now: dt.datetime) -> None:
    """Add rows inside the caller's transaction, which must be one that writes."""
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = head(connection)
    rows: list[dict[str, Any]] = []
    seq, prev = last.seq, last.hash
    for entry in entries:
        seq += 1
        row = {
            "seq": seq, "at": now, "clinic": entry.clinic, "actor": entry.actor,
            "action": entry.action, "object": entry.object, "body": canonical(entry.body),
        }  # fmt: skip
        digest = chained(prev, row)
        rows.append({**row, "prev": prev, "hash": digest})
        prev = digest
    connection.execute(AUDIT.insert(), rows)


def head(connection: Connection) -> Head:
    """The newest row's number and hash; 0 and zeros where there is none."""
    query = select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(seq=0, hash=FIRST) if row is None else Head(seq=row.seq, hash=row.hash)


def verify(connection: Connection, known: Head | None = None) -> Verified:
    """Walk the whole chain.

    Args:
        known: a head noted earlier; the row of its number must still carry its hash.
    """
    problems: list[str] = []
    expected, prev = 1, FIRST
    met = known is None or known.seq == 0
    query = select(AUDIT).order_by(AUDIT.c.seq)
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
        given = dict(row._mapping)  # pyright: ignore[reportPrivateUsage]  its public name
        problems += _links(given, expected, prev)
        if known is not None and given["seq"] == known.seq:
            met = given["hash"] == known.hash
        expected, prev = given["seq"] + 1, given["hash"]
    if not met and known is not None:
        problems.append(
            f"Row {known.seq} is not the one that was noted ({known.hash[:12]}…): "
            "the end was cut off, or everything was written anew."
        )
    return Verified(head=Head(seq=expected - 1, hash=prev), problems=tuple(problems))


def canonical(body: Mapping[str, Any]) -> str:
    """JSON in one fixed form."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def chained(prev: str, row: Mapping[str, Any]) -> str:
    """The hash of a row after the hash before it; hexadecimal."""
    at: dt.datetime = row["at"]
    fixed = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    names = ("seq", "clinic", "actor", "action", "object", "body")
    content = {"at": fixed, **{name: row[name] for name in names}}
    return hashlib.sha256(prev.encode() + canonical(content).encode()).hexdigest()


def _links(row: Mapping[str, Any], expected: int, prev: str) -> list[str]:
    found: list[str] = []
    if row["seq"] != expected:
        found.append(f"Rows {expected} to {row['seq'] - 1} are missing.")
    elif row["prev"] != prev:
        found.append(f"Row {row['seq']} does not follow the row before it.")
    if chained(row["prev"], row) != row["hash"]:
        found.append(f"Row {row['seq']} was changed.")
    return found
