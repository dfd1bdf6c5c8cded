"""Generators' logs in the procedure's record: as the store has them, never as typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from basivert.care.procedure.reading import LEVELS
from basivert.edge.store.logs import Log
from basivert.errors import RecordError


def with_logs(document: Mapping[str, Any], kept: Sequence[Log]) -> dict[str, Any]:
    """The record with what was read of each burn's log, found by the digest that the burn names."""
    known = {one.digest: one for one in kept}
    bodies = [
        {**body, "burns": [_with_log(burn, known) for burn in body.get("burns") or ()]}
        for body in document.get("bodies") or ()
    ]
    return {**document, "bodies": bodies} if bodies else dict(document)


def put(document: Mapping[str, Any], level: str, number: str, digest: str) -> dict[str, Any]:
    """The record with a log's digest in one burn, which is added where it is the next one.

    Args:
        document: the record.
        level: of the vertebra, which counts as treated from then on.
        number: of the burn as chosen, from 1.
        digest: SHA-256 of the log.

    Raises: RecordError for another level or number, or where another burn has this log.
    """
    if level not in LEVELS:
        raise RecordError(f"There is no level {level!r}.", fix=f"Known: {', '.join(LEVELS)}.")
    bodies = {one["level"]: one for one in document.get("bodies") or ()}
    burns: list[dict[str, Any]] = list((bodies.get(level) or {}).get("burns") or ())
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(burns) + 1:
        raise RecordError(
            f"{level} has no burn {number!r}.", fix=f"Say 1 to {len(burns) + 1}, the next one."
        )
    others = [one for one in burns_of(document, digest) if one != (level, int(number))]
    if others:
        raise RecordError(
            f"This is the log of {others[0][0]} burn {others[0][1]} already.",
            fix="Choose the log of this burn, or take it out of the other one.",
        )
    at = int(number) - 1
    old: dict[str, Any] = burns[at] if at < len(burns) else {}
    burns[at : at + 1] = [{**old, "log_sha256": digest}]
    bodies[level] = {**bodies.get(level, {"level": level}), "burns": burns}
    return {**document, "bodies": [bodies[one] for one in LEVELS if one in bodies]}


def burns_of(document: Mapping[str, Any], digest: str) -> Sequence[tuple[str, int]]:
    """Level and number of each burn that names a log."""
    return list(_named(document, digest))


def _named(document: Mapping[str, Any], digest: str) -> Iterator[tuple[str, int]]:
    for body in document.get("bodies") or ():
        for number, burn in enumerate(body.get("burns") or (), 1):
            if burn.get("log_sha256") == digest:
                yield body["level"], number


def _with_log(burn: Mapping[str, Any], known: Mapping[str, Log]) -> dict[str, Any]:
    rest = {name: value for name, value in burn.items() if name != "log"}
    found = known.get(str(rest.get("log_sha256")))
    return rest if found is None else {**rest, "log": _summary(found)}


def _summary(log: Log) -> dict[str, Any]:
    read = log.document
    low, high = read.get("impedance_ohm") or (None, None)
    return {
        "file": read.get("file"), "sha256": log.digest, "duration_s": read["duration_s"],
        "peak_degc": read.get("peak_degc"), "highest_w": read.get("highest_w"),
        "impedance_low_ohm": low, "impedance_high_ohm": high,
        "warnings": list(read.get("warnings") or ()),
    }  # fmt: skip
