"""What is known about a person: named facts with their origin, checked against a vocabulary."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.errors import InputError, RecordError

Shape = Literal["number", "yes_no", "choice", "by_place", "places"]
Value = float | int | bool | str | Mapping[str, int | str] | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a fact may be.

    shape: a number in `unit`, yes or no, one of `choices`, a value for each of `places`
        (a place that is left out is unknown), or some of `places`.
    low, high: largest range that is not a slip of the pen, in `unit`; both count as inside.
    wording: what a person reads.
    """

    name: str
    shape: Shape
    wording: str
    unit: str = ""
    low: float | int | None = None
    high: float | int | None = None
    choices: tuple[str | int, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known, and who says so.

    value: by the shape of its kind; numbers in the kind's unit.
    origin: where it comes from, such as `entered`, `MRI report`, `CT of 2026-10-01`.
    on: the day it was true, or None where nobody said.
    """

    name: str
    value: Value
    origin: str
    on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The facts that there are, in one edition."""

    edition: str
    kinds: Mapping[str, Kind]

    def __getitem__(self, name: str) -> Kind:
        """The kind called `name`. Raises RecordError with close names for another."""
        if name not in self.kinds:
            raise RecordError(f"There is no fact {name!r}.", fix=close(name, self.kinds))
        return self.kinds[name]


Facts = Mapping[str, Fact]
# A name this much more like the one written than the next is the one that is offered.
CLEARLY = 0.1

_KIND_FIELDS = {"shape", "wording", "unit", "low", "high", "choices", "places"}


def vocabulary(document: Mapping[str, Any]) -> Vocabulary:
    """A vocabulary from its TOML document. Raises InputError for an unknown or missing field."""
    kinds: dict[str, Kind] = {}
    for name, row in document["fact"].items():
        if unknown := sorted(set(row) - _KIND_FIELDS):
            raise InputError(f"Fact {name} has unknown fields: {', '.join(unknown)}.")
        lists: dict[str, Any] = {k: tuple(row[k]) for k in ("choices", "places") if k in row}
        kinds[name] = Kind(name=name, **{**row, **lists})
    return Vocabulary(edition=str(document["edition"]), kinds=kinds)


def facts(
    document: Mapping[str, Any], known: Vocabulary, *, origin: str, today: dt.date | None = None
) -> dict[str, Fact]:
    """Facts from a document of names and values; null means unknown, like a name left out.

    Args:
        document: name → value, or → `{"value", "origin", "on"}` where more is known about it.
        known: the names that there are, with their ranges.
        origin: of facts that do not say theirs.
        today: no fact may be of a later day; None where nobody knows the day.

    Raises: RecordError for a name that is not in the vocabulary, or a value of the wrong kind or
        outside its range, or of a day to come: a slip is never taken as an answer.
    """
    found: dict[str, Fact] = {}
    for name, given in document.items():
        kind = known[name]
        value, source, on = _parts(kind, given, origin)
        if on is not None and today is not None and on > today:
            raise RecordError(
                f"{name} is dated {on.isoformat()}, after today ({today.isoformat()}).",
                fix="Look at the year: what is not yet so is no fact.",
            )
        if value is not None:
            found[name] = Fact(name=name, value=_checked(kind, value), origin=source, on=on)
    return found


def close(name: str, names: Mapping[str, Any]) -> str:
    """A sentence with the names that are most like `name`, or with all of them."""
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    # Far behind the closest, others only confuse.
    alike = [difflib.SequenceMatcher(None, one, name).ratio() for one in near]
    kept = [one for one, like in zip(near, alike, strict=True) if like > alike[0] - CLEARLY]
    return f"Did you mean {' or '.join(kept)}?" if kept else f"Known: {', '.join(names)}."


def _parts(kind: Kind, given: Any, origin: str) -> tuple[Any, str, dt.date | None]:
    if not (isinstance(given, Mapping) and "value" in given):
        return given, origin, None
    if unknown := sorted(set(given) - {"value", "origin", "on"}):
        unit = f"; its number is in {kind.unit}" if kind.unit else ""
        raise RecordError(
            f"{kind.name} has unknown fields: {', '.join(unknown)}.",
            fix=f"A fact has value, origin and on{unit}.",
        )
    return given["value"], str(given.get("origin", origin)), _day(kind.name, given.get("on"))


def _day(name: str, on: Any) -> dt.date | None:
    if on is None or type(on) is dt.date:
        return on
    try:
        if isinstance(on, str):
            return dt.date.fromisoformat(on)
    except ValueError:
        pass
    raise RecordError(f"{name}: {on!r} is not a day.", fix="Write it as 2026-11-30.")


def _checked(kind: Kind, value: Any) -> Value:
    match kind.shape:
        case "number":
            return _number(kind, value)
        case "yes_no":
            if not isinstance(value, bool):
                raise RecordError(f"{kind.name} is {value!r}.", fix="Give true or false, or null.")
            return value
        case "choice":
            return _chosen(kind, kind.name, value)
        case "by_place":
            return _by_place(kind, value)
        case "places":
            return _places(kind, value)


def _number(kind: Kind, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise RecordError(f"{kind.name} is {value!r}.", fix=f"Give a number in {kind.unit}.")
    low, high = kind.low, kind.high
    if (low is not None and value < low) or (high is not None and value > high):
        raise RecordError(
            f"{kind.name} is {value} {kind.unit}; only {low} to {high} can be true.",
            fix="Look at the unit and the decimal point.",
        )
    return value


def _chosen(kind: Kind, what: str, value: Any) -> Any:
    # True equals 1 in Python, but a tick is no Modic type.
    if isinstance(value, bool) or value not in kind.choices:
        raise RecordError(
            f"{what} is {value!r}.", fix=f"Choose one of {', '.join(map(str, kind.choices))}."
        )
    return value


def _by_place(kind: Kind, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RecordError(f"{kind.name} is {value!r}.", fix='Give it by place: {"L4/L5": 1}.')
    for place in value:
        _place(kind, place)
    return {
        place: _chosen(kind, f"{kind.name} at {place}", one)
        for place, one in value.items()
        if one is not None
    }


def _places(kind: Kind, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (list, tuple)) or not value:
        raise RecordError(f"{kind.name} is {value!r}.", fix="Give a list, or leave it out.")
    for place in value:
        _place(kind, place)
    return tuple(dict.fromkeys(value))


def _place(kind: Kind, place: Any) -> None:
    if place not in kind.places:
        raise RecordError(
            f"{kind.name}: there is no place {place!r}.", fix=f"Known: {', '.join(kind.places)}."
        )
