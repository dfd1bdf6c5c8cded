"""Preparations for the tests."""

import datetime as dt

from basivert.care.preparation.prepare import chosen_lists, prepare, shipped_tables
from basivert.care.preparation.request import request

TABLES = shipped_tables()
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
START = "2026-12-21T10:00"


def made(medicines=(), *, lists=("asra_2018",), start=START, zone="America/Chicago", now=NOW,
         tables=TABLES, **record):  # fmt: skip
    document = {"procedure": {"start": start, "zone": zone}, "medicines": medicines, **record}
    if medicines == ():
        del document["medicines"]
    wanted = request(document, tables.facts, origin="entered")
    return prepare(wanted, tables, chosen_lists(tuple(lists), tables.lists), now)


def asked(name, **given):
    """The one medicine asked about under a name."""
    (taken,) = made([name], **given).medicines
    (one,) = taken.asked
    return one


def option(name, listed, **given):
    """What one list says of a medicine, where it leaves one option."""
    (advice,) = [one for one in asked(name, **given).advice if one.listed == listed]
    (only,) = advice.options
    return only
