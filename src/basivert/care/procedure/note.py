"""The operative note: sections of name and value; what nobody wrote down says so."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer
from basivert.care.procedure.checklist import Phase
from basivert.care.procedure.deviation import SHOWN, Deviation
from basivert.care.procedure.discharge import Discharge
from basivert.care.procedure.record import Body, Burn, BurnLog, Record

OPEN = "not recorded"
WORDS = {Answer.YES: "yes", Answer.NO: "NO", Answer.UNKNOWN: "not answered"}
PHASE = {Answer.YES: "passed", Answer.NO: "NOT PASSED", Answer.UNKNOWN: "not complete"}
KEPT = {Answer.YES: "as planned", Answer.NO: "DIFFERS", Answer.UNKNOWN: "cannot be compared"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with rows of name and value."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The whole note; sources name what rules it used, with their editions."""

    title: str
    notice: str
    sections: tuple[Section, ...]
    sources: tuple[str, ...]


def note(
    record: Record, phases: tuple[Phase, ...], compared: tuple[Deviation, ...],
    leaving: Discharge | None, table: Mapping[str, Any], sources: tuple[str, ...],
) -> Note:  # fmt: skip
    """The note of a procedure.

    Args:
        record: what was done.
        phases: the safety checklist as answered.
        compared: planned against done.
        leaving: discharge, or None where nobody asked yet.
        table: names of steps and events (`care/procedure/record`).
        sources: of the rules, with editions.
    """
    bodies = [_body(one, record) for one in record.bodies] or [
        Section(title="Vertebrae", rows=(("treated", OPEN),))
    ]
    sections = (
        _procedure(record), _safety(phases), _steps(record, table), *bodies, _devices(record),
        _deviations(compared), _events(record, table), _leaving(leaving),
    )  # fmt: skip
    return Note(
        title="Operative note: basivertebral nerve ablation",
        notice="Research use only. Not a medical device.", sections=sections, sources=sources,
    )  # fmt: skip


def plain(given: Note) -> str:
    """The note as text."""
    lines = [given.title, given.notice]
    for section in given.sections:
        lines += ["", section.title.upper()]
        lines += [f"  {name}: {value}" for name, value in section.rows]
    return "\n".join([*lines, "", "Rules: " + "; ".join(given.sources), ""])


def _procedure(record: Record) -> Section:
    under, dose = record.anaesthesia, record.exposure
    drug, closure = record.antibiotic, record.closure
    rows = [
        ("case", record.case),
        ("status", _said(record.status)),
        ("team", ", ".join(record.team) or OPEN),
        ("anaesthesia", _said(under.kind.replace("_", " ") if under else None)),
        ("anaesthesia from, to", _span(under.begin, under.end, record) if under else OPEN),
        ("ASA class", _said(under.asa_class if under else None)),
        (
            "antibiotic",
            f"{drug.name}, {_said(drug.dose)}, {_time(drug.at, record)}" if drug else OPEN,
        ),
        ("fluoroscopy time", _said(dose.seconds if dose else None, "s")),
        ("dose-area product", _said(dose.dose_area_gym2 if dose else None, "Gy·m²")),
        ("dose at the reference point", _said(dose.dose_point_gy if dose else None, "Gy")),
        ("incisions", _said(closure.incisions if closure else None)),
        ("length of the incision", _said(closure.length_mm if closure else None, "mm")),
        ("closed with", _said(closure.closed_with if closure else None)),
        ("number of sutures", _said(closure.sutures if closure else None)),
    ]
    return Section(title="Procedure", rows=tuple(rows))


def _safety(phases: tuple[Phase, ...]) -> Section:
    rows: list[tuple[str, str]] = []
    for one in phases:
        rows.append((one.name.replace("_", "-"), PHASE[one.passes]))
        rows += [
            (f"  {item.item.wording}", WORDS[item.passes])
            for item in one.items
            if item.passes is not Answer.YES
        ]
    return Section(title="Safety checklist", rows=tuple(rows))


def _steps(record: Record, table: Mapping[str, Any]) -> Section:
    given = {one.number: one for one in record.steps}
    rows = [
        (f"{number}. {words}", _span(given[int(number)].begin, given[int(number)].end, record)
         if int(number) in given else OPEN)
        for number, words in table["step"].items()
    ]  # fmt: skip
    return Section(title="Steps", rows=tuple(rows))


def _body(body: Body, record: Record) -> Section:
    rows = [("side of access", _said(body.side)), ("depth of the tip", _said(body.depth_mm, "mm"))]
    if not body.burns:
        rows.append(("heating", OPEN))
    for number, burn in enumerate(body.burns, 1):
        rows += [(f"heating {number}, {name}", value) for name, value in _burn(burn)]
    if (pose := body.pose) is not None:
        where = f"{pose.beyond_mm:+g} mm along, {pose.beside_mm:g} mm beside the plan"
        found = f"{where}, angle {_said(pose.angle_deg, '°')}; {_said(pose.verdict)}"
        rows.append(("tool as found in fluoroscopy", found))
    return Section(title=f"Vertebra {body.level}", rows=tuple(rows))


def _burn(burn: Burn) -> list[tuple[str, str]]:
    return [
        ("generator", _said(burn.generator)), ("probe", _said(burn.probe)),
        ("protocol", _said(burn.protocol)), ("set", _said(burn.set_point_degc, "°C")),
        ("hold", _said(burn.hold_s, "s")), ("measured", _said(burn.measured_degc, "°C")),
        ("highest power", _said(burn.highest_w, "W")),
        ("impedance", _said(burn.impedance_ohm, "Ω")), ("log, SHA-256", _said(burn.log_sha256)),
        *(_log(burn.log) if burn.log else ()),
    ]  # fmt: skip


def _log(log: BurnLog) -> list[tuple[str, str]]:
    low, high = log.impedance_low_ohm, log.impedance_high_ohm
    ohm = OPEN if low is None or high is None else f"{low:.6g} to {high:.6g} Ω"
    return [
        ("log, file", _said(log.file)), ("log, duration", _said(log.duration_s, "s")),
        ("log, highest temperature", _said(log.peak_degc, "°C")),
        ("log, highest power", _said(log.highest_w, "W")), ("log, impedance", ohm),
        *(("log, warning", one) for one in log.warnings),
    ]  # fmt: skip


def _devices(record: Record) -> Section:
    rows = tuple(
        (one.name, f"lot {_said(one.lot)}, maker {_said(one.maker)}") for one in record.instruments
    )
    return Section(title="Instruments", rows=rows or (("instruments", OPEN),))


def _deviations(compared: tuple[Deviation, ...]) -> Section:
    rows = [
        (f"{one.level} {one.what.replace('_', ' ')}",
         f"planned {_said(one.planned, one.unit)}, done {_said(one.done, one.unit)}: "
         f"{KEPT[one.kept]}" + (f" (limit {_said(one.limit, one.unit)})" if one.limit else ""))
        for one in compared
    ]  # fmt: skip
    return Section(title="Planned against done", rows=tuple(rows) or (("plan", OPEN),))


def _events(record: Record, table: Mapping[str, Any]) -> Section:
    if record.events is None:
        return Section(title="Events", rows=(("events", OPEN),))
    rows = [
        (f"{table['kind'][one.kind]}{f' at {one.level}' if one.level else ''}",
         f"{one.what}; grade {_said(one.grade)} ({table['grade_source']}); {_time(one.at, record)}")
        for one in record.events
    ]  # fmt: skip
    return Section(title="Events", rows=tuple(rows) or (("events", "none"),))


def _leaving(leaving: Discharge | None) -> Section:
    if leaving is None:
        return Section(title="Discharge", rows=(("discharge", OPEN),))
    rows = [("criteria met", WORDS[leaving.passes])]
    for one in leaving.scores:
        total = f"{one.total}" if one.total is not None else f"unknown, {one.low} to {one.high}"
        rows.append((f"{one.score.title} ({one.score.name})", total))
    rows += [(wording, WORDS[given]) for wording, given in leaving.criteria.items()]
    return Section(title="Discharge", rows=tuple(rows))


def _said(value: float | int | str | None, unit: str = "") -> str:
    if value is None:
        return OPEN
    words = value if isinstance(value, str) else f"{value:.6g}"
    return f"{words} {SHOWN.get(unit, unit)}".strip()


def _time(at: dt.datetime | None, record: Record) -> str:
    if at is None:
        return OPEN
    return f"{at.astimezone(zoneinfo.ZoneInfo(record.zone)):%Y-%m-%d %H:%M}"


def _span(begin: dt.datetime | None, end: dt.datetime | None, record: Record) -> str:
    if begin is None and end is None:
        return OPEN
    return f"{_time(begin, record)} to {_time(end, record)}"
