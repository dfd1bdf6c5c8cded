"""FHIR's dates: whole or only a year or month, kept as the days between which they lie."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DAY_START = dt.time(tzinfo=dt.UTC)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or the first and last that a partial date allows; as written where it was written.

    moment: the instant, where a time was written.
    """

    first: dt.date
    last: dt.date
    moment: dt.datetime | None = None

    @property
    def exact(self) -> dt.date | None:
        """The day where it is known."""
        return self.first if self.first == self.last else None

    @property
    def order(self) -> dt.datetime:
        """What sorts days and instants; a day without a time stands at its start."""
        return self.moment or dt.datetime.combine(self.last, _DAY_START)


def day(text: Any) -> Day | None:
    """The day of a FHIR date or dateTime; None where there is none."""
    met = _DATE.fullmatch(text) if isinstance(text, str) else None
    if met is None:
        return None
    year, month, one = (int(part) if part else None for part in met.groups())
    if not year:
        return None
    try:
        first = dt.date(year, month or 1, one or 1)
    except ValueError:
        return None
    end_month = month or 12
    last = first if one else dt.date(year, end_month, calendar.monthrange(year, end_month)[1])
    return Day(first=first, last=last, moment=_moment(str(text)))


def _moment(text: str) -> dt.datetime | None:
    if "T" not in text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def when(resource: Mapping[str, Any], *names: str) -> Day | None:
    """The first of these elements that is a date, or the end, else start, of a period."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, Mapping):
            value = value.get("end") or value.get("start")
        if found := day(value):
            return found
    return None


def months(start: dt.date, end: dt.date) -> int:
    """Whole months from one day to another."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def years(start: dt.date, end: dt.date) -> int:
    """Whole years from one day to another."""
    return months(start, end) // 12
