"""Whether a clinic's rows fit the tables behind a report, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from basivert.errors import InputError

# Tables whose rows are all written alike, so that a clinic may add one.
ROWS = {
    ("responders", "definition"), ("schedule", "visit"), ("scores", "instrument"),
    ("benchmarks", "study"), ("benchmarks", "change"), ("events", "benchmark"),
}  # fmt: skip
# Names with words: any name may be added.
NAMES = {("events", "kind")}
Path = tuple[str, ...]


def fits(shipped: Mapping[str, Any], changes: Mapping[str, Any], path: Path) -> None:
    """Every field of a change is one of the table, of its kind; a new row has all it needs.

    Args:
        path: names that lead to these rows, the table's first.

    Raises: InputError for a field that there is not, a value of another kind, or half a row.
    """
    for key, value in changes.items():
        at = (*path, key)
        if key in shipped and path not in ROWS:
            _alike(at, shipped[key], value)
        elif path in ROWS:
            _row(at, shipped, value)
        elif path not in NAMES or not isinstance(value, str):
            raise InputError(f"There is no {_told(at)}.", fix=f"Known: {', '.join(shipped)}.")


def consistent(tables: Mapping[str, Mapping[str, Any]]) -> None:
    """What the tables say of each other, and the ranges without which no report can be computed.

    Raises: InputError for a name that another table does not have, or a number out of range.
    """
    kinds = {"any", *tables["events"]["kind"]}
    visits, known = tables["schedule"]["visit"], tables["responders"]["definition"]
    analysis, run = tables["analysis"], tables["charts"]["run"]
    studies = tables["benchmarks"]["study"]
    _named("definition", (*analysis["subgroup"]["definitions"], run["definition"],
           analysis["durability"]["definition"],
           *(row["definition"] for row in studies.values())), known)  # fmt: skip
    _named("visit", (*analysis["durability"]["horizons"], analysis["durability"]["start_by"],
           analysis["subgroup"]["visit"], run["visit"],
           *(row["visit"] for row in studies.values())), visits)  # fmt: skip
    _named("study", tables["charts"]["funnel"]["studies"], studies)
    _named("kind of event", (r["kind"] for r in tables["events"]["benchmark"].values()), kinds)
    measures = {row["measure"] for row in tables["scores"]["instrument"].values()}
    _named("measure", (row["measure"] for row in known.values()), measures)
    _in_points(tables["scores"]["instrument"])
    _bands(tables["scores"]["odi"]["band"])
    levels = (tables["responders"]["level"], tables["events"]["level"],
              analysis["durability"]["level"], *tables["charts"]["funnel"]["levels"])  # fmt: skip
    if wrong := [level for level in levels if not 0 < level < 1]:
        raise InputError(f"A level is {wrong[0]}.", fix="Write a share between 0 and 1.")
    if min(analysis["cells"]["smallest"], tables["export"]["hiding"]["k"]) < 2:
        raise InputError("A group of one person would be shown.", fix="Write 2 or more.")


def _row(at: Path, shipped: Mapping[str, Any], value: Any) -> None:
    rows: Sequence[Mapping[str, Any]] = list(shipped.values())
    if not isinstance(value, Mapping):
        raise InputError(f"{_told(at)} is {value!r}.", fix="Write it as a table of its own.")
    usual = {name: row[name] for row in rows for name in row}
    for name, one in value.items():
        if name not in usual:
            raise InputError(
                f"There is no {_told((*at, name))}.", fix=f"Known: {', '.join(usual)}."
            )
        _alike((*at, name), usual[name], one)
    always = {name for name in usual if all(name in row for row in rows)}
    if at[-1] not in shipped and (lacking := sorted(always - set(value))):
        raise InputError(
            f"{_told(at)} is new and lacks {', '.join(lacking)}.",
            fix="Write them, or correct the name.",
        )


def _alike(at: Path, shipped: Any, value: Any) -> None:
    if at[-1] == "threshold":
        # One number, or one for each instrument.
        limits: Iterable[Any] = value.values() if isinstance(value, Mapping) else [value]  # pyright: ignore[reportUnknownVariableType]
        if any(_kind(one) != "a number" for one in limits):
            raise InputError(f"{_told(at)} is {value!r}.", fix="Write a number, or several.")
    elif isinstance(shipped, Mapping) and isinstance(value, Mapping):
        fits(shipped, value, at)  # pyright: ignore[reportUnknownArgumentType]
    elif _kind(shipped) != _kind(value):
        raise InputError(f"{_told(at)} is {value!r}.", fix=f"Write {_kind(shipped)}.")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a table"


def _named(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    there = set(known)
    if lost := sorted(set(names) - there):
        raise InputError(
            f"There is no {what} {lost[0]!r}.", fix=f"Known: {', '.join(sorted(there))}."
        )


def _in_points(instruments: Mapping[str, Mapping[str, Any]]) -> None:
    for name, row in instruments.items():
        if row["measure"] == "pain" and "of_ten" not in row:
            raise InputError(
                f"scores.instrument.{name} measures pain, but not in points of ten.",
                fix="Write of_ten, the factor from its unit to points of ten.",
            )


def _bands(bands: Sequence[Mapping[str, Any]]) -> None:
    ends = [band.get("up_to") for band in bands]
    whole = all(isinstance(end, (int, float)) for end in ends)
    named = all(isinstance(band.get("name"), str) for band in bands)
    if not (whole and named and ends and ends == sorted(ends) and ends[-1] == 100):  # pyright: ignore[reportArgumentType]
        raise InputError(
            "The ODI's bands do not reach from 0 to 100 %, or one has no name.",
            fix="Write up_to and name of each, the last up_to = 100.",
        )


def _told(at: Path) -> str:
    return ".".join(at)
