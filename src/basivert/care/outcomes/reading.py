"""A registry from its document; dates become days here and are not kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from basivert.care.facts import close
from basivert.care.outcomes.registry import (
    DISCS,
    LEFT,
    LEVELS,
    SEXES,
    Event,
    Patient,
    Registry,
    Retreatment,
    Score,
)
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.scoring import checked, odi
from basivert.errors import RecordError

_HEAD = {"name", "start", "as_of", "as_of_day", "patients"}
_PATIENT = {
    "id", "procedure_day", "procedure_on", "site", "sex", "age_years", "modic", "levels",
    "coverage_planned", "coverage_treated", "margins_mm", "scores", "events", "retreatments",
    "left",
}  # fmt: skip
_TIME = {"day", "on"}
_SCORE = _TIME | {"instrument", "value", "items", "total", "answered", "version"}


@dataclass(slots=True, kw_only=True)
class _Reader:
    rules: OutcomeRules
    start: dt.date | None
    as_of_day: int
    unscored: int = 0
    seen: set[str] = field(default_factory=set[str])


def registry(document: Mapping[str, Any], rules: OutcomeRules) -> Registry:
    """A registry from its document (`docs/outcomes.md` shows one).

    Args:
        document: `as_of_day` or `as_of` (a date), `patients`; every time is a day since the
            procedure (`day`) or a date (`on`).
        rules: the tables, for the instruments and kinds of event.

    Raises: RecordError naming patient and row for an unknown name, a value that cannot be, a
        pseudonym that stands twice, or something that happened after the registry's day.
    """
    _only(document, _HEAD, "The registry")
    rows = document.get("patients")
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise RecordError("The registry has no list of patients.", fix='{"patients": [{…}, …]}')
    start = _start(document, rows)
    reader = _Reader(rules=rules, start=start, as_of_day=_as_of(document, start))
    patients = tuple(_patient(row, number, reader) for number, row in enumerate(rows, 1))
    return Registry(
        name=str(document.get("name", "")), as_of_day=reader.as_of_day, patients=patients,
        unscored=reader.unscored,
    )  # fmt: skip


def _patient(row: Any, number: int, reader: _Reader) -> Patient:
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"]:
        raise RecordError(f"Patient {number} has no id.", fix="Give a pseudonym, as text.")
    where = f"Patient {row['id']}"
    _only(row, _PATIENT, where)
    if row["id"] in reader.seen:
        raise RecordError(f"{where} stands twice.", fix="Give every treated person one row.")
    reader.seen.add(row["id"])
    on = _date(row.get("procedure_on"), f"{where}, procedure_on")
    day = _procedure_day(row, on, where, reader)
    time = _Time(where=where, procedure_on=on, latest=reader.as_of_day - day)
    levels = tuple(_one_of(one, LEVELS, f"{where}, levels") for one in _list(row, "levels", where))
    left = row.get("left") or {}
    _only(left, _TIME | {"why"}, f"{where}, left")
    return Patient(
        id=row["id"], procedure_day=day, site=_text(row.get("site"), f"{where}, site"),
        sex=_maybe(row.get("sex"), SEXES, f"{where}, sex"),
        age_years=_number(row.get("age_years"), 0, 120, f"{where}, age_years"),
        modic={disc: int(kind) for disc, kind in
               _by_place(row, "modic", DISCS, (0, 3), where).items()},
        levels=levels, coverage_planned=_by_place(row, "coverage_planned", LEVELS, (0, 1), where),
        coverage_treated=_by_place(row, "coverage_treated", LEVELS, (0, 1), where),
        margins_mm=_by_place(row, "margins_mm", LEVELS, (-50, 50), where),
        scores=_scores(row, time, reader),
        events=tuple(_event(one, levels, time, reader) for one in _list(row, "events", where)),
        retreatments=tuple(_retreatment(one, time) for one in _list(row, "retreatments", where)),
        left_day=time.day(left, "left") if left else None,
        left_why=_one_of(left.get("why"), LEFT, f"{where}, left") if left else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    where: str
    procedure_on: dt.date | None
    latest: int

    def day(self, row: Mapping[str, Any], what: str) -> int:
        """Days since the procedure, from a day or a date."""
        where = f"{self.where}, {what}"
        if ("day" in row) == ("on" in row):
            raise RecordError(f"{where}: give either day or on.")
        day = row.get("day")
        if "on" in row:
            on = _date(row["on"], where)
            if on is None or self.procedure_on is None:
                raise RecordError(f"{where}: a date needs the patient's procedure_on.")
            day = (on - self.procedure_on).days
        if isinstance(day, bool) or not isinstance(day, int):
            raise RecordError(f"{where}: day is {day!r}.", fix="Give whole days.")
        if day > self.latest:
            raise RecordError(
                f"{where}: day {day} lies after the registry's own day ({self.latest} days after "
                "this procedure).", fix="Look at the date, or at as_of.",
            )  # fmt: skip
        return day


def _scores(row: Mapping[str, Any], time: _Time, reader: _Reader) -> tuple[Score, ...]:
    found: list[Score] = []
    for number, one in enumerate(_list(row, "scores", time.where), 1):
        what = f"score {number}"
        where = f"{time.where}, {what}"
        _only(one, _SCORE, where)
        day, name = time.day(one, what), one.get("instrument")
        try:
            value = _value(one, name, reader.rules)
        except RecordError as problem:
            raise RecordError(f"{where}: {problem.what}", fix=problem.fix) from problem
        if value is None:
            reader.unscored += 1
        else:
            found.append(Score(instrument=str(name), value=value, day=day))
    return tuple(found)


def _value(one: Mapping[str, Any], name: Any, rules: OutcomeRules) -> float | None:
    if name == "odi" and "value" not in one:
        form = {key: one[key] for key in set(one) - _TIME - {"instrument"}}
        return odi(form, rules).score
    if set(one) - _TIME - {"instrument", "value"} or "value" not in one:
        raise RecordError(f"{name} has no single value.", fix="Give instrument, value and day.")
    if one["value"] is None:
        checked(str(name), 0, rules)
        return None
    return checked(str(name), one["value"], rules)


def _event(one: Any, levels: tuple[str, ...], time: _Time, reader: _Reader) -> Event:
    where = f"{time.where}, event"
    _only(one, _TIME | {"kind", "grade", "level"}, where)
    grade = one.get("grade")
    if isinstance(grade, bool) or grade not in (1, 2, 3, 4, 5):
        raise RecordError(f"{where}: grade is {grade!r}.", fix="Give 1 to 5.")
    kinds = tuple(reader.rules["events"]["kind"])
    level = _maybe(one.get("level"), levels or LEVELS, f"{where}, level of those treated")
    return Event(kind=_one_of(one.get("kind"), kinds, where), grade=int(grade),
                 day=time.day(one, "event"), level=level)  # fmt: skip


def _retreatment(one: Any, time: _Time) -> Retreatment:
    where = f"{time.where}, retreatment"
    _only(one, _TIME | {"kind"}, where)
    kind = _text(one.get("kind"), where)
    return Retreatment(kind=kind or "not stated", day=time.day(one, "retreatment"))


def _procedure_day(row: Mapping[str, Any], on: dt.date | None, where: str, reader: _Reader) -> int:
    if ("procedure_day" in row) == (on is not None):
        raise RecordError(f"{where}: give either procedure_day or procedure_on.")
    day = row.get("procedure_day")
    if on is not None and reader.start is not None:
        day = (on - reader.start).days
    if isinstance(day, bool) or not isinstance(day, int) or not 0 <= day <= reader.as_of_day:
        raise RecordError(
            f"{where}: the procedure's day is {day!r}; the registry goes from day 0 to "
            f"{reader.as_of_day}."
        )
    return day


def _start(document: Mapping[str, Any], rows: Sequence[Any]) -> dt.date | None:
    if "start" in document:
        return _date(document["start"], "start")
    dates = [
        _date(row.get("procedure_on"), "procedure_on") for row in rows if isinstance(row, Mapping)
    ]
    return min((date for date in dates if date is not None), default=None)


def _as_of(document: Mapping[str, Any], start: dt.date | None) -> int:
    if ("as_of" in document) == ("as_of_day" in document):
        raise RecordError("The registry must say its day.", fix="Give either as_of_day or as_of.")
    day = document.get("as_of_day")
    if "as_of" in document:
        on = _date(document["as_of"], "as_of")
        if on is None or start is None:
            raise RecordError("as_of is a date, but no date says when the registry starts.",
                              fix='Add "start": "2026-01-31", or give as_of_day.')  # fmt: skip
        day = (on - start).days
    if isinstance(day, bool) or not isinstance(day, int) or day < 0:
        raise RecordError(
            f"as_of_day is {day!r}.", fix="Give whole days from the registry's day 0."
        )
    return day


def _date(given: Any, where: str) -> dt.date | None:
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError) as cause:
        raise RecordError(f"{where}: {given!r} is not a day.", fix="As 2026-11-30.") from cause


def _by_place(
    row: Mapping[str, Any], name: str, places: tuple[str, ...], ends: tuple[int, int], where: str
) -> dict[str, Any]:
    given = row.get(name) or {}
    if not isinstance(given, Mapping):
        raise RecordError(f"{where}, {name} is {given!r}.", fix=f'{{"{places[-1]}": {ends[1]}}}')
    found: dict[str, Any] = {}
    for place, value in given.items():
        _one_of(place, places, f"{where}, {name}")
        number = _number(value, *ends, f"{where}, {name} of {place}")
        if name == "modic" and number is not None and number != int(number):
            raise RecordError(f"{where}, {name} of {place} is {value!r}.", fix="Give 0 to 3.")
        if number is not None:
            found[place] = number
    return found


def _number(given: Any, low: int, high: int, where: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not low <= given <= high:
        raise RecordError(f"{where} is {given!r}; only {low} to {high} can be true.")
    return float(given)


def _list(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    given = row.get(name) or []
    if not isinstance(given, (list, tuple)):
        raise RecordError(f"{where}, {name} is {given!r}.", fix="Give a list.")
    return list(given)


def _text(given: Any, where: str) -> str | None:
    if given is not None and not isinstance(given, str):
        raise RecordError(f"{where} is {given!r}.", fix="Give a word.")
    return given or None


def _maybe(given: Any, known: tuple[str, ...], where: str) -> str | None:
    return None if given is None else _one_of(given, known, where)


def _one_of(given: Any, known: tuple[str, ...], where: str) -> str:
    if not isinstance(given, str) or given not in known:
        raise RecordError(f"{where}: there is no {given!r}.", fix=f"Known: {', '.join(known)}.")
    return given


def _only(row: Any, fields: set[str], where: str) -> None:
    if not isinstance(row, Mapping):
        raise RecordError(f"{where} is {row!r}.", fix="Write {name: value, …}.")
    for name in row:
        if name not in fields:
            raise RecordError(
                f"{where} has an unknown field {name!r}.",
                fix=close(name, dict.fromkeys(sorted(fields))),
            )
