"""The patient's dates as iCalendar, with no word that says what the procedure is."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from basivert.care.preparation.checklist import Item
from basivert.care.preparation.prepare import Preparation
from basivert.care.preparation.words import Words

if TYPE_CHECKING:
    from icalendar import Event

LENGTH = dt.timedelta(minutes=15)
REMIND = dt.timedelta(0)


def calendar_file(made: Preparation, say: Words, now: dt.datetime) -> bytes:
    """A calendar with the start and every open date of the patient's, in UTC.

    Phones show calendars to whoever holds them, so all events have the same neutral title.
    UTC needs no table of the zone's clock changes, and phones show it in local time.
    """
    from icalendar import Calendar

    file = Calendar()
    file.add("prodid", "-//basivert//preparation//EN")
    file.add("version", "2.0")
    # Titles tell nothing apart, so what falls on one moment is one event.
    moments = {item.due for item in made.items if _in_calendar(item)} | {made.request.begin.at}
    for at in sorted(one.astimezone(dt.UTC) for one in moments):
        file.add_component(_event(at, say("calendar", "title"), now))
    return file.to_ical()


def _in_calendar(item: Item) -> bool:
    """The patient's own items, and the questions that the patient must ask in time."""
    return item.open and item.owner in ("patient", "prescriber")


def _event(moment: dt.datetime, title: str, now: dt.datetime) -> Event:
    from icalendar import Alarm, Event

    event, alarm = Event(), Alarm()
    # The same moment is the same event, however often the file is loaded.
    seed = f"{title}|{moment.isoformat()}"
    event.add("uid", f"{hashlib.sha256(seed.encode()).hexdigest()[:32]}@basivert")
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", moment)
    event.add("dtend", moment + LENGTH)
    event.add("summary", title)
    event.add("class", "PRIVATE")
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", REMIND)
    event.add_component(alarm)
    return event
