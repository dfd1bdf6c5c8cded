"""What the running server has at hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from fastapi import Request

from basivert.edge.store.store import Store
from basivert.edge.web.settings import Settings
from basivert.edge.web.waiting import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The store, how the server was set, and files that wait to be taken in."""

    store: Store
    settings: Settings
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def idle(self) -> dt.timedelta:
        """Longest time between two pages of a session."""
        return dt.timedelta(minutes=self.settings.idle_minutes)

    @property
    def longest(self) -> dt.timedelta:
        """Longest time from a sign-in."""
        return dt.timedelta(hours=self.settings.longest_hours)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
