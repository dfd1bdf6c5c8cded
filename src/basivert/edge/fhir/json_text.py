"""JSON in and out with every number as it was written: FHIR's 7.10 is not 7.1."""

from __future__ import annotations

import json
import math
from typing import Any

from basivert.errors import RecordError


class Written(float):
    """A number that remembers its digits."""

    text: str

    def __new__(cls, text: str) -> Written:
        """The number that `text` spells."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def parsed(text: str, where: str) -> Any:
    """What a JSON text holds.

    Raises: RecordError with line and column, never with the text itself; also for a name that
        stands twice in one object, because one of the two would be lost.
    """
    try:
        return json.loads(text, parse_float=_number, parse_constant=_no, object_pairs_hook=_once)
    except json.JSONDecodeError as cause:
        raise RecordError(
            f"{where} is not JSON: {cause.msg} in line {cause.lineno}, column {cause.colno}.",
            fix="Save the export again; a Bundle, one resource, or one resource a line.",
        ) from None
    except ValueError:
        raise RecordError(f"{where} holds a number that is too long.") from None
    except RecursionError:
        raise RecordError(f"{where} is nested too deeply.") from None


def written(value: Any) -> str:
    """JSON of what `parsed` gave; numbers keep their digits. Always text that can be encoded."""
    match value:
        case dict():
            inner = ", ".join(f"{_text(key)}: {written(one)}" for key, one in value.items())
            return f"{{{inner}}}"
        case list() | tuple():
            return f"[{', '.join(written(one) for one in value)}]"
        case Written():
            return value.text
        case str():
            return _text(value)
        case _:
            return json.dumps(value, allow_nan=False)


def _text(value: str) -> str:
    # Half of a surrogate pair can stand in JSON, but in no encoded text.
    whole = not any("\ud800" <= one <= "\udfff" for one in value)
    return json.dumps(value, ensure_ascii=not whole)


def _number(text: str) -> Written:
    number = Written(text)
    if math.isinf(number):
        raise RecordError("A number is too large.")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RecordError("An object has one name twice.", fix="Keep one of them.")
    return found


def _no(word: str) -> float:
    raise RecordError(f"{word} is no value in JSON.")
