"""A case's cautions about pain relievers: what the clinic noted, else what the case says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.facts import Facts
from basivert.care.recovery.known_before import known_before
from basivert.care.recovery.relief import ReliefRules, cautions
from basivert.edge.web import preparations


def from_case(
    born: dt.date | None, preparation: Mapping[str, Any] | None, now: dt.datetime, zone: ZoneInfo
) -> Facts:
    """Age and medicines as cautions, on the clinic's day."""
    today = now.astimezone(zone).date()
    return known_before(born, preparation or {}, today, preparations.tables().known)


def together(noted: Mapping[str, Any], before: Facts, rules: ReliefRules) -> Facts:
    """What the clinic noted holds; what it did not is taken from the case."""
    return {**before, **cautions(noted, rules, origin="clinic")}
