"""Every date of the preparation, counted back from the procedure's start in the clinic's zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from basivert.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When the procedure begins: planned start of anaesthesia.

    at: with its zone; the zone is an IANA name such as `America/Chicago`.
    """

    at: dt.datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time before the procedure, as a list writes it: `3 to 5 days`, `36 hours`, `4 doses`.

    low, high: equal where the list gives one number.  unit: `days`, `hours` or `doses`.
    doses_a_day: as usually taken; only with doses.
    """

    low: float
    high: float
    unit: str
    doses_a_day: float | None = None

    @property
    def hours(self) -> tuple[float, float]:
        """The span in hours of a usual day, to compare lists with each other."""
        one = {"hours": 1.0, "days": 24.0}.get(self.unit) or 24.0 / (self.doses_a_day or 1.0)
        return self.low * one, self.high * one


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDose:
    """What a stop means on the calendar.

    latest: no dose after this moment, in the clinic's zone.
    last_full_day: last day on which a dose at any hour is still in time; what a person who does
        not count hours can keep to.
    """

    latest: dt.datetime
    last_full_day: dt.date


def start(text: str, zone: str) -> Start:
    """The procedure's start from local ISO time, such as `2026-12-07T10:00`, and an IANA zone.

    Raises: RecordError for no such zone or time; for an hour that the clocks skip or show twice,
        unless an offset says which; for an offset that the zone does not have then.
    """
    try:
        place = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise RecordError(
            f"There is no time zone {zone!r}.", fix="Give an IANA name such as America/Chicago."
        ) from cause
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError as cause:
        raise RecordError(
            f"{text!r} is not a time.", fix="Write local time as 2026-12-07T10:00."
        ) from cause
    if len(text) <= len("2026-12-07"):
        raise RecordError(f"{text!r} has no hour.", fix="Write local time as 2026-12-07T10:00.")
    at = _with_offset(read, place, zone) if read.tzinfo else _local(read, place, zone)
    return Start(at=at, zone=zone)


def hours_before(begin: Start, hours: float | int) -> dt.datetime:
    """The moment so many elapsed hours earlier, whatever the clocks did in between."""
    moment = begin.at.astimezone(dt.UTC) - dt.timedelta(hours=hours)
    return moment.astimezone(begin.at.tzinfo)


def days_before(begin: Start, days: int) -> dt.datetime:
    """The same local hour so many calendar days earlier.

    An hour that the clocks skip becomes the next; of one that they show twice it is the first,
    since a last dose is early rather than late. No days earlier is the start itself.
    """
    if days == 0:
        return begin.at
    wall = begin.at.replace(tzinfo=None, fold=0) - dt.timedelta(days=days)
    # Through UTC, so that an hour that does not exist becomes one that does.
    return wall.replace(tzinfo=begin.at.tzinfo).astimezone(dt.UTC).astimezone(begin.at.tzinfo)


def last_dose(begin: Start, span: Span, *, longest: bool) -> LastDose:
    """The last dose under a span; `longest` takes its upper end.

    Days are calendar days at the procedure's hour, hours are elapsed hours, doses the days that
    they usually last.
    """
    amount = span.high if longest else span.low
    if span.unit == "days":
        latest = days_before(begin, round(amount))
    else:
        latest = hours_before(begin, span.hours[1] if longest else span.hours[0])
    return LastDose(latest=latest, last_full_day=latest.date() - dt.timedelta(days=1))


def _local(read: dt.datetime, place: zoneinfo.ZoneInfo, zone: str) -> dt.datetime:
    early, late = read.replace(tzinfo=place, fold=0), read.replace(tzinfo=place, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    there = early.astimezone(dt.UTC).astimezone(place).replace(tzinfo=None) == read
    what = "twice" if there else "not at all"
    raise RecordError(
        f"{read.isoformat()} comes {what} in {zone}: the clocks change.",
        fix="Add the offset, such as 2026-11-01T01:30-05:00." if there else "Give another hour.",
    )


def _with_offset(read: dt.datetime, place: zoneinfo.ZoneInfo, zone: str) -> dt.datetime:
    at = read.astimezone(place)
    if at.utcoffset() != read.utcoffset():
        raise RecordError(
            f"{read.isoformat()} has an offset that {zone} does not have then.",
            fix=f"There it would be {at.isoformat()}; give local time without an offset.",
        )
    return at
