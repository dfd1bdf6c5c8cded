"""Planned against done, vertebra by vertebra."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.care.answers import Answer, answer
from basivert.care.procedure.record import Body, PlannedBody, Record
from basivert.constants.model import Table

Value = float | int | str | None
# Units of the table that a person reads in another form.
SHOWN = {"degC": "°C", "deg": "°"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One quantity of one vertebra.

    difference: done less planned, in `unit`; None where one is not known, or for words.
    kept: YES within the limit, or equal for words; UNKNOWN where one is not known.
    limit, source: of the table; None where equality is asked for.
    """

    level: str
    what: str
    planned: Value
    done: Value
    difference: float | None
    unit: str
    kept: Answer
    limit: float | None
    source: str


def deviations(record: Record, limits: Table) -> tuple[Deviation, ...]:
    """Every planned or treated vertebra; one that is only in the plan, or only done, is told so."""
    planned = {one.level: one for one in record.plan.bodies} if record.plan else {}
    done = {one.level: one for one in record.bodies}
    found: list[Deviation] = []
    for level in dict.fromkeys((*planned, *done)):
        found.append(_treated(level, level in planned, level in done, record))
        if level in done:
            found += _body(planned.get(level), done[level], limits)
    return tuple(found)


def _treated(level: str, planned: bool, done: bool, record: Record) -> Deviation:
    told = record.plan is not None and bool(record.plan.bodies)
    known = told and bool(record.bodies)
    return Deviation(
        level=level, what="treated", planned="yes" if planned else "no" if told else None,
        done="yes" if done else "no" if record.bodies else None, difference=None, unit="",
        kept=answer(planned == done if known else None), limit=None, source="",
    )  # fmt: skip


def _body(planned: PlannedBody | None, done: Body, limits: Table) -> list[Deviation]:
    level = done.level
    side = None if planned is None else planned.side
    rows = [
        _words(level, "side", side, done.side),
        _number(level, "depth", planned.depth_mm if planned else None, done.depth_mm, limits),
    ]
    for burn in done.burns:
        rows += [
            _number(level, "set_point", planned.set_point_degc if planned else None,
                    burn.set_point_degc, limits),
            _number(level, "hold", planned.hold_s if planned else None, burn.hold_s, limits),
        ]  # fmt: skip
    if (pose := done.pose) is not None:
        beside = (pose.beyond_mm**2 + pose.beside_mm**2) ** 0.5
        rows.append(_number(level, "tip", 0.0, beside, limits))
        rows.append(_number(level, "angle", 0.0, pose.angle_deg, limits))
    return rows


def _words(level: str, what: str, planned: str | None, done: str | None) -> Deviation:
    known = planned is not None and done is not None
    return Deviation(
        level=level, what=what, planned=planned, done=done, difference=None, unit="",
        kept=answer(planned == done if known else None), limit=None, source="",
    )  # fmt: skip


def _number(
    level: str, what: str, planned: float | None, done: float | None, limits: Table
) -> Deviation:
    row = limits[what]
    # Tenths of a micrometre or a kelvin are rounding, not a deviation.
    apart = None if planned is None or done is None else round(done - planned, 4)
    return Deviation(
        level=level, what=what, planned=planned, done=done, difference=apart, unit=row.unit,
        kept=answer(None if apart is None else abs(apart) <= row.value), limit=row.value,
        source=row.source,
    )  # fmt: skip
