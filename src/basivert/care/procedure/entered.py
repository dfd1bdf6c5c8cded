"""A JSON object → a frozen type: unknown names are errors, what is left out is None or empty."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from basivert.care.facts import close
from basivert.errors import RecordError

T = TypeVar("T")


def entered(kind: type[T], given: Any, where: str) -> T:
    """An object of a frozen dataclass from what was entered.

    Args:
        kind: the type; its fields are the names that there are.
        given: a JSON object.
        where: of it in the record, for errors.

    Raises: RecordError for an unknown name, a value of another kind, or a needed one left out;
        only a field that may be None or is a list may be left out.
    """
    if not isinstance(given, Mapping):
        raise RecordError(
            f"{where or 'The record'} is {given!r}.", fix="Write it as an object: {…}."
        )
    hints = get_type_hints(kind)
    known = {one.name: None for one in fields(kind)}  # pyright: ignore[reportArgumentType]
    for name in given:
        if name not in known:
            raise RecordError(
                f"{where or 'The record'} has no {name!r}.", fix=close(str(name), known)
            )
    return kind(**{
        name: _value(hints[name], given.get(name), f"{where}.{name}" if where else name)
        for name in known
    })  # fmt: skip


def _value(hint: Any, given: Any, where: str) -> Any:
    options = get_args(hint) if get_origin(hint) in (types.UnionType, Union) else (hint,)
    if given is None:
        return _left_out(options, where)
    kinds = [one for one in options if one is not types.NoneType]
    if float in kinds:
        return float(_number(given, where))
    (kind,) = kinds
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], given, where)
    if get_origin(kind) is Literal:
        return _word(get_args(kind), given, where)
    if is_dataclass(kind):
        return entered(kind, given, where)  # pyright: ignore[reportArgumentType]
    if kind is dt.datetime:
        return _moment(given, where)
    return _plain(kind, given, where)


def _left_out(options: tuple[Any, ...], where: str) -> Any:
    if types.NoneType in options:
        return None
    if get_origin(options[0]) is tuple:
        return ()
    raise RecordError(f"{where} is missing.", fix="Add it: it cannot be left out.")


def _number(given: Any, where: str) -> float | int:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise RecordError(f"{where} is {given!r}.", fix="Give a number.")
    return given


def _list(kind: Any, given: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(given, list):
        raise RecordError(f"{where} is {given!r}.", fix="Give a list: […].")
    return tuple(_value(kind, one, f"{where}.{number}") for number, one in enumerate(given, 1))


def _word(words: tuple[Any, ...], given: Any, where: str) -> Any:
    if given not in words:
        raise RecordError(f"{where} is {given!r}.", fix=f"Choose one of {', '.join(words)}.")
    return given


def _moment(given: Any, where: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(given)
    except (TypeError, ValueError) as cause:
        raise RecordError(
            f"{where} is {given!r}.", fix="Write it as 2026-12-21T10:05-06:00."
        ) from cause
    if at.tzinfo is None:
        raise RecordError(f"{where}: {given!r} has no offset.", fix="Add yours, such as -06:00.")
    return at


def _plain(kind: type, given: Any, where: str) -> Any:
    if not isinstance(given, kind) or (kind is int and isinstance(given, bool)):
        names = {str: "text", int: "a whole number", bool: "true or false"}
        raise RecordError(f"{where} is {given!r}.", fix=f"Give {names[kind]}.")
    if kind is str and not given.strip():
        raise RecordError(f"{where} is empty.", fix="Leave it out where it is not known.")
    return given
