"""A procedure's record and checklist answers from one entered object, checked."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.facts import close
from basivert.care.procedure.checklist import Given
from basivert.care.procedure.entered import entered
from basivert.care.procedure.record import Record
from basivert.errors import RecordError

LEVELS = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")
GRADES = (1, 2, 3, 4, 5)
STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered of the safety checklist; an item left out is not answered."""

    sign_in: Mapping[str, Given | None]
    time_out: Mapping[str, Given | None]
    sign_out: Mapping[str, Given | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is known when the patient wants to go home.

    aldrete, padss: item → points.  padss_version: name of the score's version.
    """

    aldrete_version: str
    aldrete: Mapping[str, Any]
    padss_version: str
    padss: Mapping[str, Any]
    sedation_worn_off: bool | None
    driver_there: bool | None
    adult_at_home: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One entered file: record, checklist answers, and what is known at discharge."""

    record: Record
    answers: Answers
    leaving: Leaving | None


def reading(given: Mapping[str, Any], kinds: Mapping[str, str]) -> Reading:
    """The parts of an entered record.

    Args:
        given: the record's fields, with `checklist` and `discharge` beside them.
        kinds: of events that there are.

    Raises: RecordError for anything unknown, of the wrong kind, or contradictory.
    """
    rest = {name: one for name, one in given.items() if name not in ("checklist", "discharge")}
    record = _checked(entered(Record, rest, ""), kinds)
    leaving = given.get("discharge")
    return Reading(
        record=record, answers=_answers(given.get("checklist") or {}),
        leaving=None if leaving is None else _leaving(leaving),
    )  # fmt: skip


def _answers(given: Any) -> Answers:
    phases = ("sign_in", "time_out", "sign_out")
    found: dict[str, Mapping[str, Given | None]] = {}
    for name, row in _object(given, "checklist").items():
        if name not in phases:
            raise RecordError(
                f"The checklist has no {name!r}.", fix=close(name, dict.fromkeys(phases))
            )
        found[name] = {item: _answer(one, item) for item, one in _object(row, name).items()}
    return Answers(**{name: found.get(name, {}) for name in phases})


def _answer(given: Any, item: str) -> Given | None:
    if given is None or given == "not_applicable":
        return given
    if isinstance(given, bool):
        return "yes" if given else "no"
    raise RecordError(f"{item} is {given!r}.", fix='Give true, false, null or "not_applicable".')


def _leaving(given: Any) -> Leaving:
    row = dict(_object(given, "discharge"))
    scores = {name: _object(row.pop(name, None) or {}, name) for name in ("aldrete", "padss")}
    known = (
        "aldrete_version",
        "padss_version",
        "sedation_worn_off",
        "driver_there",
        "adult_at_home",
    )
    for name in row:
        if name not in known:
            raise RecordError(f"discharge has no {name!r}.", fix=close(name, dict.fromkeys(known)))
    flags = {name: _flag(row.get(name), name) for name in known[2:]}
    return Leaving(
        aldrete_version=str(row.get("aldrete_version", "aldrete_1995")), aldrete=scores["aldrete"],
        padss_version=str(row.get("padss_version", "padss_modified")), padss=scores["padss"],
        **flags,
    )  # fmt: skip


def _flag(given: Any, name: str) -> bool | None:
    if given is None or isinstance(given, bool):
        return given
    raise RecordError(f"{name} is {given!r}.", fix="Give true or false, or null.")


def _object(given: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise RecordError(f"{name} is {given!r}.", fix="Write it as an object: {…}.")
    return given


def _checked(record: Record, kinds: Mapping[str, str]) -> Record:
    try:
        zoneinfo.ZoneInfo(record.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise RecordError(
            f"There is no time zone {record.zone!r}.", fix="Give an IANA name."
        ) from cause
    planned = record.plan.bodies if record.plan else ()
    for bodies in (record.bodies, planned):
        _levels([one.level for one in bodies])
    for one in record.events or ():
        if one.kind not in kinds:
            raise RecordError(f"There is no event {one.kind!r}.", fix=close(one.kind, kinds))
        if one.grade is not None and one.grade not in GRADES:
            raise RecordError(f"Grade {one.grade} is none.", fix="CTCAE has 1 to 5.")
        if one.level is not None and one.level not in LEVELS:
            raise RecordError(
                f"There is no level {one.level!r}.", fix=f"Known: {', '.join(LEVELS)}."
            )
    _digests(record)
    _times(record)
    return record


def _levels(levels: list[str]) -> None:
    for level in levels:
        if level not in LEVELS:
            raise RecordError(f"There is no level {level!r}.", fix=f"Known: {', '.join(LEVELS)}.")
        if levels.count(level) > 1:
            raise RecordError(
                f"{level} stands twice.", fix="Put all of a vertebra into one object."
            )


def _digests(record: Record) -> None:
    burns = [burn for body in record.bodies for burn in body.burns]
    given = [burn.log_sha256 for burn in burns]
    for log_sha256, log in ((burn.log_sha256, burn.log) for burn in burns):
        if log is not None and log.sha256 != log_sha256:
            raise RecordError(
                f"A burn names the log {log_sha256!r}, but has the summary of {log.sha256!r}.",
                fix="Give both the same SHA-256, or leave the summary out.",
            )
    if record.plan is not None:
        given += [record.plan.sha256, record.plan.shown_sha256]
    for one in given:
        if one is not None and (len(one) != 64 or set(one) - set("0123456789abcdef")):
            raise RecordError(
                f"{one!r} is no SHA-256.", fix="Give its 64 hexadecimal digits in small letters."
            )


def _times(record: Record) -> None:
    numbers = [one.number for one in record.steps]
    if numbers != sorted(set(numbers)) or not set(numbers) <= set(range(1, STEPS + 1)):
        raise RecordError(f"The steps are {numbers}.", fix="Give 1 to 6 in order, each once.")
    moments = [
        (f"{one.number} {name}", at)
        for one in record.steps
        for name, at in (("begin", one.begin), ("end", one.end))
        if at is not None
    ]
    for (_, before), (name, at) in itertools.pairwise(moments):
        if at.astimezone(dt.UTC) < before.astimezone(dt.UTC):
            raise RecordError(
                f"Step {name} at {at:%Y-%m-%d %H:%M} lies before what came before it."
            )
