"""Every night the report is computed anew: what is due moves on though nobody enters anything."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from basivert.edge.store import accounts, computing, registry, reports
from basivert.edge.store.work import Work

# In the clinic's zone, when nobody works.
AT = dt.time(2)


def order_nightly(work: Work) -> bool:
    """Ask for a report where none was computed or asked for since the last night's hour.

    A clinic without any treated patient and without a report has none to compute.
    """
    night = last_night(work.now, ZoneInfo(accounts.own_clinic(work).time_zone))
    made, asked = reports.made_at(work, computing.KIND), computing.newest(work)
    if (made is not None and made >= night) or (asked is not None and asked.created_at >= night):
        return False
    if made is None and not registry.any_performed(work):
        return False
    return computing.order(work)


def last_night(now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The last time that the clocks of a zone showed the hour, UTC."""
    here = now.astimezone(zone)
    day = here.date() if here.time() >= AT else here.date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, AT, zone).astimezone(dt.UTC)
