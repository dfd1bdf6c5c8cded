"""What was entered for a preparation, checked: a slip is an error, what is left out is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.contact import Contact, contact
from basivert.care.facts import Facts, Vocabulary, close, facts
from basivert.care.preparation.dates import Start, start
from basivert.care.preparation.matching import Entry, entries
from basivert.errors import RecordError

_FIELDS = ("procedure", "clinic", "medicines", "facts", "done", "prescriber")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An item that a person ticked."""

    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A preparation to make.

    medicines: None where nobody was asked; empty where the answer was none.
    prescriber: of medicines that do not name theirs; "" for unknown.
    done: checklist item → who ticked it.
    """

    begin: Start
    clinic: Contact
    medicines: tuple[Entry, ...] | None
    facts: Facts
    done: Mapping[str, Done]
    prescriber: str


def request(record: Mapping[str, Any], known: Vocabulary, *, origin: str) -> Request:
    """The request in a record.

    Args:
        record: `procedure` {start, zone}, `clinic` {name, phone, …, zone}, `medicines`, `facts`,
            `done`, `prescriber`; only `procedure.start` and one zone are needed.
        known: the facts that there are.
        origin: of facts that do not say theirs.

    Raises: RecordError for an unknown name, with close ones, or a value that cannot be used.
    """
    for name in record:
        if name not in _FIELDS:
            raise RecordError(f"A preparation has no {name!r}.", fix=close(name, _named(_FIELDS)))
    place = dict(_object("clinic", record.get("clinic")))
    zone = place.pop("zone", None)
    given = _object("facts", record.get("facts"))
    return Request(
        begin=_start(_object("procedure", record.get("procedure")), zone),
        clinic=contact(place), medicines=entries(record.get("medicines")),
        facts=facts(given, known, origin=origin), prescriber=_text(record, "prescriber"),
        done={name: _done(name, one) for name, one in _object("done", record.get("done")).items()},
    )  # fmt: skip


def _start(given: Mapping[str, Any], zone: Any) -> Start:
    for name in given:
        if name not in ("start", "zone"):
            raise RecordError(
                f"procedure has no {name!r}.", fix=close(name, _named(("start", "zone")))
            )
    if not _text(given, "start"):
        raise RecordError("The procedure has no start.", fix='Add "start": "2026-12-07T10:00".')
    here = given.get("zone", zone)
    if not isinstance(here, str):
        raise RecordError(
            "The clinic's time zone is not known.", fix='Add "zone": "America/Chicago".'
        )
    return start(given["start"], here)


def _done(name: str, given: Any) -> Done:
    row = _object(f"done.{name}", given)
    if set(row) != {"by", "at"} or not _text(row, "by"):
        raise RecordError(f"done.{name} is {given!r}.", fix='Write {"by": …, "at": …}.')
    try:
        at = dt.datetime.fromisoformat(_text(row, "at"))
    except ValueError as cause:
        raise RecordError(f"done.{name}: {row['at']!r} is not a time.") from cause
    if at.tzinfo is None:
        raise RecordError(f"done.{name}: {row['at']!r} has no offset.", fix="Add +00:00 or yours.")
    return Done(by=row["by"], at=at)


def _object(name: str, given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise RecordError(f"{name} is {given!r}.", fix="Write it as an object: {…}.")
    return given


def _text(row: Mapping[str, Any], name: str) -> str:
    given = row.get(name)
    if given is None:
        return ""
    if not isinstance(given, str):
        raise RecordError(f"{name} is {given!r}.", fix="Write it as text.")
    return given.strip()


def _named(names: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(names)
