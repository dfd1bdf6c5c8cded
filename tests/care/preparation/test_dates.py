"""Dates across changes of the clocks, and what "days" and "hours" before mean."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.preparation.dates import Span, days_before, hours_before, last_dose, start
from basivert.errors import RecordError

CHICAGO = "America/Chicago"


def span(low, unit, high=None, doses_a_day=None):
    return Span(
        low=float(low), high=float(high or low), unit=unit,
        doses_a_day=float(doses_a_day) if doses_a_day else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("begin", "zone", "hours", "latest"),
    [
        # Forward at 02:00 on 8 March 2026: 8 elapsed hours before 07:30 is 22:30, not 23:30.
        ("2026-03-08T07:30", CHICAGO, 8, "2026-03-07T22:30:00-06:00"),
        # Back at 02:00 on 1 November 2026: 8 elapsed hours before 07:30 is 00:30.
        ("2026-11-01T07:30", CHICAGO, 8, "2026-11-01T00:30:00-05:00"),
        ("2026-03-29T08:00", "Europe/Madrid", 6, "2026-03-29T01:00:00+01:00"),
        ("2026-10-25T08:00", "Europe/Madrid", 6, "2026-10-25T02:00:00+01:00"),
        ("2026-07-01T08:00", "America/Phoenix", 2, "2026-07-01T06:00:00-07:00"),
    ],
)
def test_hours_are_elapsed_hours(begin, zone, hours, latest):
    assert hours_before(start(begin, zone), hours).isoformat() == latest


@pytest.mark.parametrize(
    ("begin", "days", "latest"),
    [
        ("2026-03-10T09:00", 3, "2026-03-07T09:00:00-06:00"),
        ("2026-11-03T09:00", 5, "2026-10-29T09:00:00-05:00"),
        # 02:30 does not exist on 8 March; the next hour that does is 03:30.
        ("2026-03-10T02:30", 2, "2026-03-08T03:30:00-05:00"),
        ("2026-11-03T01:30", 2, "2026-11-01T01:30:00-05:00"),
        ("2028-03-01T09:00", 1, "2028-02-29T09:00:00-06:00"),
    ],
)
def test_days_keep_the_hour_on_the_wall(begin, days, latest):
    assert days_before(start(begin, CHICAGO), days).isoformat() == latest


def test_last_moment_and_last_full_day():
    """Five days before Monday 10:00: none after Wednesday 10:00; the last full day is Tuesday."""
    found = last_dose(start("2026-12-21T10:00", CHICAGO), span(5, "days"), longest=True)
    assert found.latest.isoformat() == "2026-12-16T10:00:00-06:00"
    assert found.last_full_day == dt.date(2026, 12, 15)


def test_range_and_doses():
    begin = start("2026-12-21T10:00", CHICAGO)
    wide = span(7, "days", 10)
    assert last_dose(begin, wide, longest=False).latest.day == 14
    assert last_dose(begin, wide, longest=True).latest.day == 11
    doses = span(4, "doses", doses_a_day=2)
    assert last_dose(begin, doses, longest=True).latest.isoformat() == "2026-12-19T10:00:00-06:00"


@given(
    st.datetimes(dt.datetime.fromisoformat("2026-01-01"), dt.datetime.fromisoformat("2030-01-01")),
    st.sampled_from([CHICAGO, "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(1, 400),
)
def test_every_date_exists_and_lies_before(wall, zone, amount):
    try:
        begin = start(wall.replace(second=0, microsecond=0).isoformat(), zone)
    except RecordError:  # an hour that the clocks skip or show twice
        return
    day, hour = days_before(begin, amount), hours_before(begin, amount)
    for moment in (day, hour):
        assert moment.astimezone(dt.UTC).astimezone(moment.tzinfo) == moment
    elapsed = begin.at.astimezone(dt.UTC) - hour.astimezone(dt.UTC)
    assert elapsed == dt.timedelta(hours=amount)
    assert (begin.at.date() - day.date()).days == amount
    assert last_dose(begin, span(amount, "days"), longest=True).last_full_day < day.date()


@pytest.mark.parametrize(
    ("text", "zone", "word"),
    [
        ("2026-03-08T02:30", CHICAGO, "not at all"), ("2026-11-01T01:30", CHICAGO, "twice"),
        ("2026-12-21T10:00", "Chicago", "IANA"), ("2026-12-21T10:00", "../etc", "IANA"),
        ("2026-12-21", CHICAGO, "no hour"), ("21.12.2026", CHICAGO, "not a time"),
        ("2026-12-21T10:00-05:00", CHICAGO, "09:00"),
    ],
)  # fmt: skip
def test_a_start_that_is_none(text, zone, word):
    with pytest.raises(RecordError, match=word):
        start(text, zone)


def test_an_offset_says_which_of_two():
    late = start("2026-11-01T01:30-06:00", CHICAGO)
    early = start("2026-11-01T01:30-05:00", CHICAGO)
    assert late.at.astimezone(dt.UTC) - early.at.astimezone(dt.UTC) == dt.timedelta(hours=1)


HAVANA = "America/Havana"


@pytest.mark.parametrize(
    ("begin", "days", "latest"),
    [
        # Midnight of 8 March 2026 does not exist in Havana: the day begins at 01:00.
        ("2026-03-10T00:00", 2, "2026-03-08T01:00:00-04:00"),
        ("2026-03-10T00:30", 2, "2026-03-08T01:30:00-04:00"),
        ("2026-03-10T01:00", 2, "2026-03-08T01:00:00-04:00"),
        # Midnight of 1 November 2026 comes twice there: the first of both.
        ("2026-11-03T00:00", 2, "2026-11-01T00:00:00-04:00"),
        ("2026-11-03T00:59", 2, "2026-11-01T00:59:00-04:00"),
        ("2026-11-03T01:00", 2, "2026-11-01T01:00:00-05:00"),
        # From the second of both midnights the days before are one hour's name, not 24 hours.
        ("2026-11-01T00:30-05:00", 1, "2026-10-31T00:30:00-04:00"),
        ("2026-11-01T00:30-05:00", 0, "2026-11-01T00:30:00-05:00"),
        ("2026-11-01T00:30-04:00", 0, "2026-11-01T00:30:00-04:00"),
    ],
)
def test_days_across_a_midnight_that_is_twice_or_not_at_all(begin, days, latest):
    found = days_before(start(begin, HAVANA), days)
    assert found.isoformat() == latest
    # The same moment for whoever reads it in another zone.
    assert found.astimezone(dt.UTC) == dt.datetime.fromisoformat(latest).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("begin", "hours", "latest"),
    [
        ("2026-03-08T07:00", 8, "2026-03-07T22:00:00-05:00"),
        ("2026-03-08T07:00", 6, "2026-03-08T01:00:00-04:00"),
        # 07:00 is 12:00 UTC; midnight is 04:00 UTC and, an hour later, 05:00 UTC again.
        ("2026-11-01T07:00", 7, "2026-11-01T00:00:00-05:00"),
        ("2026-11-01T07:00", 8, "2026-11-01T00:00:00-04:00"),
        ("2026-11-01T07:30", 7, "2026-11-01T00:30:00-05:00"),
        ("2026-11-01T07:30", 8, "2026-11-01T00:30:00-04:00"),
    ],
)
def test_hours_across_a_midnight_that_is_twice_or_not_at_all(begin, hours, latest):
    assert hours_before(start(begin, HAVANA), hours).isoformat() == latest


@pytest.mark.parametrize(
    ("text", "word"), [("2026-03-08T00:00", "not at all"), ("2026-11-01T00:00", "twice")]
)
def test_a_start_at_such_a_midnight_is_asked_again(text, word):
    with pytest.raises(RecordError, match=word):
        start(text, HAVANA)


@pytest.mark.parametrize(
    ("begin", "latest", "last"),
    [
        ("2026-03-08T09:00", "2026-03-08T01:00:00-04:00", "2026-03-07"),
        ("2026-11-01T09:00", "2026-11-01T00:00:00-04:00", "2026-10-31"),
        ("2026-11-01T00:30-05:00", "2026-11-01T00:00:00-04:00", "2026-10-31"),
    ],
)
def test_not_on_the_day_begins_with_the_days_first_moment(begin, latest, last):
    from basivert.care.preparation.advice import _last
    from basivert.care.preparation.stop_lists import Rule

    rule = Rule(action="hold_that_day", before=None, restart=None)
    found = _last(rule, start(begin, HAVANA), longest=True)
    assert (found.latest.isoformat(), str(found.last_full_day)) == (latest, last)
