"""What was entered about a person, read from a JSON file or standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from basivert.errors import RecordError

# A record is a page of answers; anything larger is another file.
LARGEST_BYTES = 5_000_000


def read_record(place: Path, *, largest_bytes: int = LARGEST_BYTES) -> dict[str, Any]:
    """The JSON object in a file of `largest_bytes` at most; `-` reads standard input.

    Raises: RecordError where there is none, with the line; also for a name that stands twice.
    """
    name = "standard input" if str(place) == "-" else place.name
    try:
        raw = sys.stdin.buffer.read() if str(place) == "-" else _bytes(place, largest_bytes)
    except OSError as cause:
        raise RecordError(f"{place} cannot be read: {cause.strerror}.") from cause
    return record_of(raw, name)


def record_of(raw: bytes, name: str) -> dict[str, Any]:
    """The JSON object in some bytes; `name` is what errors call them.

    Raises: RecordError as `read_record`.
    """
    try:
        record = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no)
    except UnicodeDecodeError as cause:
        raise RecordError(f"{name} is not text in UTF-8.", fix="Save it as UTF-8.") from cause
    except json.JSONDecodeError as cause:
        raise RecordError(
            f"{name} is not JSON: {cause.msg} in line {cause.lineno}, column {cause.colno}.",
            fix='Write one object: {"name": value, …}.',
        ) from cause
    except RecursionError as cause:
        raise RecordError(f"{name} is nested too deeply to be a record.") from cause
    except RecordError:
        raise
    except ValueError as cause:
        raise RecordError(f"{name} holds a number with too many digits.") from cause
    if not isinstance(record, dict):
        raise RecordError(f"{name} holds no object.", fix='Write {"name": value, …}.')
    try:
        # Half of a pair of surrogates can be written in JSON, but it is no text.
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as cause:
        raise RecordError(f"{name} holds letters that are none.") from cause
    return record


def _bytes(place: Path, largest: int) -> bytes:
    if place.stat().st_size > largest:
        raise RecordError(f"{place.name} is larger than {largest // 1_000_000} MB.")
    return place.read_bytes()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise RecordError(f"{', '.join(twice)} stands twice.", fix="Keep one of them.")
    return found


def _no(word: str) -> float:
    raise RecordError(f"{word} is no value.", fix="Write null for what is not known.")
