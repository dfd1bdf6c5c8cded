"""Between the procedure's forms and its record; what is empty is left out.

The document is that of `basivert record`. Fields have dotted names: `bodies.L4.burns.0.hold_s`
stands for the hold of the first burn in L4. Times are the clinic's, without an offset in the
form, with one in the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.preparation.dates import start
from basivert.care.procedure.reading import LEVELS
from basivert.edge.web.forms import plain_number
from basivert.errors import RecordError

PARTS = ("plan", "sign_in", "time_out", "sign_out", "record", "discharge")
MOMENTS = frozenset({"begin", "end", "at"})
NUMBERS = frozenset({
    "depth_mm", "set_point_degc", "hold_s", "measured_degc", "highest_w", "impedance_ohm",
    "beyond_mm", "beside_mm", "angle_deg", "asa_class", "incisions", "length_mm", "sutures",
    "seconds", "dose_area_gym2", "dose_point_gy", "grade",
})  # fmt: skip
_WORDS = {"yes": True, "no": False}


def changed(
    before: Mapping[str, Any], part: str, form: Sequence[tuple[str, str]], zone: str
) -> dict[str, Any]:
    """The document with one part of it as a form says.

    Raises: RecordError for a part that there is not, or a time that cannot be.
    """
    if part not in PARTS:
        raise RecordError("The form does not say what it changes.", fix="Open it again.")
    given = _tree(form, zone)
    checklist = dict(before.get("checklist") or {})
    if part == "discharge":
        return {**before, "discharge": given.get("discharge")}
    if part == "plan":
        rest = {"bodies": (before.get("plan") or {}).get("bodies", [])}
        return {**before, "plan": {**_of_plan(given, ("shown_edition", "shown_sha256")), **rest}}
    if part != "record":
        checklist[part] = _object(given.get("checklist"), "checklist").get(part, {})
        return {**before, "checklist": checklist}
    kept = {name: before[name] for name in ("checklist", "discharge") if name in before}
    shown = {k: v for k, v in (before.get("plan") or {}).items() if k != "bodies"}
    planned = _levels(_of_plan(given, ("bodies",)).get("bodies"))
    return {**_record(given), **kept, "plan": {**shown, "bodies": planned}}


def flat(document: Mapping[str, Any], zone: str) -> dict[str, str]:
    """The document as field names and values, the other way round."""
    found: dict[str, str] = {}
    events = document.get("events", None)
    found["events_said"] = "" if events is None else "some" if events else "none"
    for name, value in document.items():
        found |= _leaves(name, value, ZoneInfo(zone))
    return found


def field_of(told: str, form: Sequence[tuple[str, str]]) -> str:
    """The form's name of the field that a slip begins with: `bodies.1.burns.1.hold_s`; "" if none.

    The record counts rows from 1; the form names a vertebra by its level, other rows from 0.
    """
    path = told.partition(" ")[0].split(".")
    before = ".".join([*path[: path.index("bodies")], "bodies", ""]) if "bodies" in path else "?"
    sent = [name.removeprefix(before) for name, value in form if value and name.startswith(before)]
    levels = [one for one in LEVELS if any(name.startswith(f"{one}.") for name in sent)]
    named: list[str] = []
    for step in path:
        if not step.isdigit():
            named.append(step)
        elif named[-1:] == ["bodies"]:
            named += levels[int(step) - 1 : int(step)]
        else:
            named.append(step if named[-1:] == ["steps"] else str(int(step) - 1))
    return ".".join(named)


def _tree(form: Sequence[tuple[str, str]], zone: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, text in form:
        if not (plain := text.strip()) or name in ("part", "version"):
            continue
        *path, leaf = name.split(".")
        at: Any = tree
        for step in path:
            at = at.setdefault(step, {})
            if not isinstance(at, dict):
                raise RecordError(f"{name} cannot be in a record.", fix="Open the form again.")
        if isinstance(at.get(leaf), dict):
            raise RecordError(f"{name} cannot be in a record.", fix="Open the form again.")
        at[leaf] = _value(path, leaf, plain, zone)
    return tree


def _value(path: list[str], leaf: str, text: str, zone: str) -> Any:
    if path[:1] == ["checklist"]:
        return _WORDS.get(text, text)
    if path == ["discharge"]:
        return _WORDS.get(text, text)
    if path[:1] == ["discharge"] or leaf in NUMBERS:
        return plain_number(text)
    if leaf in MOMENTS:
        return start(text, zone).at.isoformat(timespec="minutes")
    return text


def _record(given: Mapping[str, Any]) -> dict[str, Any]:
    """The record's fields; rows by number or level become lists."""
    rest = ("checklist", "discharge", "plan", "events_said")
    made = {name: one for name, one in given.items() if name not in rest}
    if "team" in made:
        made["team"] = [line.strip() for line in str(made["team"]).splitlines() if line.strip()]
    made["bodies"] = [_body(one) for one in _levels(made.get("bodies"))]
    made["instruments"] = _rows(made.get("instruments"), "instruments")
    steps = _object(made.get("steps"), "steps")
    made["steps"] = [
        {"number": plain_number(number), **_object(steps[number], "steps")}
        for number in sorted(steps)
    ]  # fmt: skip
    events = _rows(made.get("events"), "events")
    made["events"] = _events(str(given.get("events_said", "")), events)
    return made


def _of_plan(given: Mapping[str, Any], asked: Sequence[str]) -> dict[str, Any]:
    """What a form says of the plan; the approved one is the store's, not the form's."""
    plan = _object(given.get("plan"), "plan")
    if unknown := sorted(set(plan) - set(asked)):
        raise RecordError(f"plan.{unknown[0]} is not entered here.", fix="Open the form again.")
    return dict(plan)


def _levels(given: Any) -> list[dict[str, Any]]:
    rows = _object(given, "level")
    if unknown := [level for level in rows if level not in LEVELS]:
        raise RecordError(f"There is no level {unknown[0]!r}.", fix=f"Known: {', '.join(LEVELS)}.")
    return [{**_object(rows[one], one), "level": one} for one in LEVELS if one in rows]


def _body(given: dict[str, Any]) -> dict[str, Any]:
    """A treated vertebra; values without the tick are a slip, not a treatment."""
    if given.pop("treated", "") != "yes":
        raise RecordError(
            f"{given['level']} has values, but is not ticked as treated.",
            fix="Tick it, or empty its fields.",
        )
    return {**given, "burns": _rows(given.get("burns"), "burns")}


def _rows(given: Any, what: str) -> list[Any]:
    rows = _object(given, what)
    if wrong := [name for name in rows if not (name.isascii() and name.isdigit())]:
        raise RecordError(f"{wrong[0]!r} is no row.", fix="Open the form again.")
    return [rows[number] for number in sorted(rows, key=int)]


def _object(given: Any, what: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise RecordError(f"{what} cannot be in a record like this.", fix="Open the form again.")
    return given  # pyright: ignore[reportUnknownVariableType]


def _events(said: str, rows: list[Any]) -> list[Any] | None:
    if said == "some" and not rows:
        raise RecordError("No event is written down.", fix="Write it, or choose none.")
    if said != "some" and rows:
        raise RecordError("An event is written down, though none is said.", fix="Choose “these”.")
    return rows if said else None


def _leaves(name: str, value: Any, zone: ZoneInfo) -> dict[str, str]:
    if isinstance(value, Mapping):
        rows = value.items()
    elif isinstance(value, list) and name != "team":
        rows = ((_key(name, number, one), one) for number, one in enumerate(value))
    else:
        return _leaf(name, value, zone)
    # A level or a number stands in the names of a row's fields, and is none itself.
    row = name.rpartition(".")[0] in ("bodies", "plan.bodies", "steps")
    found = {f"{name}.treated": "yes"} if name.rpartition(".")[0] == "bodies" else {}
    for key, one in rows:
        if not (row and key in ("level", "number")):
            found |= _leaves(f"{name}.{key}", one, zone)
    return found


def _key(name: str, number: int, one: Any) -> str:
    if name.endswith("bodies"):
        return str(one["level"])
    return str(one["number"]) if name == "steps" else str(number)


def _leaf(name: str, value: Any, zone: ZoneInfo) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    if isinstance(value, list):
        return {name: "\n".join(value)}
    if name.rpartition(".")[2] in MOMENTS:
        at = dt.datetime.fromisoformat(value).astimezone(zone)
        return {name: at.strftime("%Y-%m-%dT%H:%M")}
    return {name: str(value)}
