"""Scores by the instruments' own rules; too few answers give an unknown, never a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.outcomes.rules import OutcomeRules
from basivert.errors import RecordError

_ODI_FIELDS = {"items", "total", "answered", "version"}
_PAIN_FIELDS = {"value", "unit", "window"}
_PAIN_UNITS = {"points": "nrs", "cm": "vas_cm", "mm": "vas_mm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score, or why there is none.

    score: in `unit`, not rounded; None where the answer is unknown.
    points, answered, of: sum of the points, sections answered, sections there are.
    band, band_words: the source's own word, and what a person reads with it in quotes.
    """

    instrument: str
    answer: Literal["scored", "unknown"]
    score: float | None
    unit: str
    points: float | int | None
    answered: int
    of: int
    band: str | None
    band_words: str | None
    notes: tuple[str, ...]
    source: str
    rules_edition: str


def odi(record: Mapping[str, Any], rules: OutcomeRules) -> Scored:
    """Oswestry index of ten sections: 100 · points / (5 · answered).

    Args:
        record: `items`, ten of 0-5, null for a blank one, a list of two for two boxes ticked; or
            `total`, the sum of points, with `answered`. `version` of the form, where known.
        rules: the tables.

    Raises: RecordError for another name, another number of sections, or points that there are not.
    """
    _only(record, _ODI_FIELDS, "ODI")
    table, notes = rules["scores"]["odi"], [_version(record)]
    if ("items" in record) == ("total" in record):
        raise RecordError("ODI: give either items or total.", fix='{"items": [0, 3, null, …]}')
    if "items" in record:
        points, answered = _items(record["items"], table, notes)
    else:
        points, answered = _total(record, table, notes)
    fewest, of = int(table["fewest_answered"]["value"]), int(table["items"])
    score = None
    if answered >= fewest:
        score = 100 * points / (int(table["highest"]) * answered)
    else:
        notes.append(f"{answered} of {of} sections answered; {fewest} are needed for a score "
                     f"({table['fewest_answered']['source']}).")  # fmt: skip
    return Scored(
        instrument="odi", answer="unknown" if score is None else "scored", score=score,
        unit=table["unit"], points=points, answered=answered, of=of,
        band=None if score is None else band(score, rules),
        band_words=None if score is None else band_words(score, rules), notes=tuple(notes),
        source=table["source"], rules_edition=rules.edition,
    )  # fmt: skip


def pain(record: Mapping[str, Any], rules: OutcomeRules) -> Scored:
    """A pain rating as entered, in its own unit.

    Args:
        record: `value`, `unit` (`points` of 0-10 as whole numbers, `cm` or `mm` of a line), and
            `window`, the time it speaks of.
        rules: the tables.

    Raises: RecordError for another name or unit, or a value that the scale does not have.
    """
    _only(record, _PAIN_FIELDS, "Pain")
    unit = record.get("unit", "points")
    if not isinstance(unit, str) or unit not in _PAIN_UNITS:
        raise RecordError(f"Pain: there is no unit {unit!r}.", fix="Choose points, cm or mm.")
    if "value" not in record:
        raise RecordError("Pain: value is missing.", fix="Write null where it was not answered.")
    name, value = _PAIN_UNITS[unit], record["value"]
    row = rules["scores"]["instrument"][name]
    if value is not None:
        value = checked(name, value, rules)
    window = record.get("window")
    note = "The time that the rating speaks of is not stated." if window is None else str(window)
    return Scored(
        instrument=name, answer="unknown" if value is None else "scored", score=value,
        unit=row["unit"], points=value, answered=int(value is not None), of=1,
        band="no pain" if value == 0 else None, band_words="no pain" if value == 0 else None,
        notes=(note,), source=row["source"], rules_edition=rules.edition,
    )  # fmt: skip


def band(score: float | int, rules: OutcomeRules) -> str:
    """The published band of an ODI percentage; what lies between two belongs to the higher."""
    return str(_band(score, rules)[1]["name"])


def band_words(score: float | int, rules: OutcomeRules) -> str:
    """A band for a person: its limits and what it means, then the source's own word in quotes."""
    row = _band(score, rules)[1]
    # A clinic's own bands may come without.
    plain = f": {row['plain']}" if "plain" in row else ""
    return f"{band_limits(score, rules)}{plain} (the source's word: “{row['name']}”)"


def band_limits(score: float | int, rules: OutcomeRules) -> str:
    """The printed limits of a score's band."""
    low, row = _band(score, rules)
    return f"{low}–{row['up_to']} %"


def _band(score: float | int, rules: OutcomeRules) -> tuple[int, dict[str, Any]]:
    rows = rules["scores"]["odi"]["band"]
    at = next(number for number, row in enumerate(rows) if score <= row["up_to"])
    return (rows[at - 1]["up_to"] + 1 if at else 0), rows[at]


def instrument_words(name: str, rules: OutcomeRules) -> str:
    """What an instrument is called, without the rest of its wording."""
    return str(rules["scores"]["instrument"][name]["wording"]).partition(",")[0]


def checked(name: str, value: Any, rules: OutcomeRules) -> float:
    """A score that the instrument can have. Raises RecordError for any other."""
    table = rules["scores"]["instrument"]
    if name not in table:
        raise RecordError(f"There is no score {name!r}.", fix=f"Known: {', '.join(table)}.")
    row = table[name]
    called = instrument_words(name, rules)
    number = not isinstance(value, bool) and isinstance(value, (int, float))
    if not number or not row["low"] <= value <= row["high"]:
        raise RecordError(
            f"{called} is {value!r}; only {row['low']} to {row['high']} can be true.",
            fix=f"Look at the number and its unit, which is {row['unit']}.",
        )
    if row["whole"] and value != int(value):
        raise RecordError(
            f"{called} is {value!r}; only whole numbers can be true.",
            fix="Write a whole number; a mark on a line is another score, in cm or mm.",
        )
    return float(value)


def _items(
    items: Any, table: Mapping[str, Any], notes: list[str]
) -> tuple[int, int]:  # fmt: skip
    if not isinstance(items, (list, tuple)) or len(items) != table["items"]:
        raise RecordError(f"ODI items are {items!r}.", fix=f"Give a list of {table['items']}.")
    points: list[int] = []
    for number, given in enumerate(items, 1):
        ticked = given if isinstance(given, (list, tuple)) else [given]
        if given is None:
            continue
        if not ticked:
            raise RecordError(f"ODI section {number} is an empty list.", fix="Write null.")
        if len(ticked) > 1:
            notes.append(f"Section {number}: {len(ticked)} boxes ticked, the higher counts.")
        points.append(max(_point(number, one, table) for one in ticked))
    return sum(points), len(points)


def _point(number: int, given: Any, table: Mapping[str, Any]) -> int:
    if isinstance(given, bool) or given not in range(int(table["highest"]) + 1):
        raise RecordError(
            f"ODI section {number} is {given!r}.",
            fix=f"Give 0 to {table['highest']}, and nothing where it was not answered.",
        )
    return int(given)


def _total(
    record: Mapping[str, Any], table: Mapping[str, Any], notes: list[str]
) -> tuple[int, int]:
    total, answered = record["total"], record.get("answered")
    if answered is None:
        answered = table["items"]
        notes.append("Number of answered sections not given: taken as all.")
    if isinstance(answered, bool) or answered not in range(int(table["items"]) + 1):
        raise RecordError(f"ODI answered is {answered!r}.", fix=f"Give 0 to {table['items']}.")
    if total is None:
        return 0, 0
    most = int(table["highest"]) * int(answered)
    if isinstance(total, bool) or total not in range(most + 1):
        share = not isinstance(total, bool) and isinstance(total, (int, float)) and total > 0
        percent = "It may be the percentage already: " if share and total <= 100 else ""
        raise RecordError(
            f"ODI total is {total!r}; {answered} sections give 0 to {most} points.",
            fix=f"{percent}{'t' if percent else 'T'}otal is the sum of the points, a whole number.",
        )
    return int(total), int(answered)


def _version(record: Mapping[str, Any]) -> str:
    version = record.get("version")
    if version is None:
        return "Version of the form not stated; versions are not interchangeable."
    return f"Version {version}."


def _only(record: Mapping[str, Any], fields: set[str], what: str) -> None:
    if unknown := sorted(set(record) - fields):
        raise RecordError(
            f"{what} has unknown fields: {', '.join(unknown)}.",
            fix=f"Known: {', '.join(sorted(fields))}.",
        )
