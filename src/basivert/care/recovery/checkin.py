"""A check-in as it was entered: its facts, and what it left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.facts import Facts, Vocabulary, facts, vocabulary
from basivert.constants.load import document
from basivert.errors import RecordError

Number = float | int
UNITS = {"C": "F", "F": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What a check-in asks.

    known: the names and their ranges, in one edition.
    plausible: unit → lowest and highest temperature that a thermometer can show, in that unit.
    """

    known: Vocabulary
    plausible: Mapping[str, tuple[Number, Number]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """Answers of one day.

    answered: what may be judged; a temperature without its unit is not among it.
    missing: names that have no answer, in the order of the questions.
    unitless: a temperature was given, but nobody knows in which unit.
    """

    answered: Facts
    missing: tuple[str, ...]
    unitless: bool


def questions() -> Questions:
    """The questions as they ship."""
    asked = document("care/recovery/checkin_facts")
    plausible = {unit: (row["low"], row["high"]) for unit, row in asked["temperature"].items()}
    return Questions(known=vocabulary(asked), plausible=plausible)


def check_in(entered: Mapping[str, Any], asked: Questions, *, origin: str) -> CheckIn:
    """Facts of one check-in.

    Args:
        entered: name → value; a temperature may carry its unit: `{"value": 38.4, "unit": "C"}`.
        asked: the questions.
        origin: who entered it.

    Raises: RecordError for a name that is not asked, a value of the wrong kind, a day that is no
        whole number, or a temperature that no living person has in that unit.
    """
    given = facts(_unit_beside(entered), asked.known, origin=origin)
    if "day" in given and not float(_number(given["day"].value)).is_integer():
        raise RecordError(
            f"day is {given['day'].value}.", fix="Count whole days; the procedure's day is 0."
        )
    if "temperature" in given:
        _plausible(_number(given["temperature"].value), given, asked.plausible)
    missing = tuple(name for name in asked.known.kinds if name not in given)
    unitless = "temperature" in given and "unit" not in given
    if unitless:
        del given["temperature"]
    return CheckIn(answered=given, missing=missing, unitless=unitless)


def converted(value: Number, unit: str) -> float:
    """The same temperature in the other unit, for reading only: rules compare as entered."""
    return value * 9 / 5 + 32 if unit == "C" else (value - 32) * 5 / 9


def _unit_beside(entered: Mapping[str, Any]) -> Mapping[str, Any]:
    given = entered.get("temperature")
    if not (isinstance(given, Mapping) and "unit" in given):
        return entered
    inside = given["unit"]
    if entered.get("unit") not in (None, inside):
        raise RecordError(
            f"temperature is in {inside!r}, but unit is {entered['unit']!r}.",
            fix="Give the unit once.",
        )
    rest = {key: value for key, value in given.items() if key != "unit"}
    return {**entered, "temperature": rest, "unit": inside}


def _plausible(value: Number, given: Facts, plausible: Mapping[str, tuple[Number, Number]]) -> None:
    units = [str(given["unit"].value)] if "unit" in given else list(plausible)
    if any(plausible[unit][0] <= value <= plausible[unit][1] for unit in units):
        return
    ranges = " or ".join(f"{plausible[u][0]} to {plausible[u][1]} °{u}" for u in units)
    named = f" °{units[0]}" if len(units) == 1 else ""
    raise RecordError(
        f"temperature is {value}{named}; only {ranges} can be true.",
        fix="Look at the unit and the decimal point.",
    )


def _number(value: Any) -> Number:
    return value
