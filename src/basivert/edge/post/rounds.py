"""The worker beside the pages: every minute it does what is due in every clinic."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from dataclasses import dataclass

from basivert.care.recovery.escalation import escalation
from basivert.edge.post import worker
from basivert.edge.post.letters import Pages
from basivert.edge.store import accounts, photos
from basivert.edge.store.actor import operator
from basivert.edge.store.store import Store
from basivert.errors import BasivertError

LOG = logging.getLogger("basivert.post")
EVERY_S = 60.0
# A younger file may belong to a transaction that is still under way.
LEFT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Who sends what of which store. name: of the worker, the same after a restart."""

    store: Store
    name: str
    send: worker.Send
    pages: Pages

    def once(self) -> int:
        """Everything that is due now; gives how many jobs were taken up.

        A failure of one clinic is noted and leaves the others alone.
        """
        rules, taken = escalation(), 0
        with self.store.reading(operator()) as work:
            clinics = [clinic.id for clinic in accounts.clinics(work)]
        for clinic in clinics:
            try:
                taken += worker.turn(
                    self.store, clinic, self.name, send=self.send, pages=self.pages, rules=rules
                )
            except BasivertError as problem:
                LOG.warning("clinic %d: %s", clinic, problem.code)
        return taken

    def sweep(self) -> None:
        """Remove photographs' files that no row names: a crash or a lost answer left them."""
        if self.store.photos is not None:
            with self.store.writing(operator()) as work:
                photos.sweep(work, older=LEFT)

    def until(self, ended: threading.Event) -> None:
        """Clear up what the last run left, then once a minute until told to end."""
        try:
            self.sweep()
        except (BasivertError, OSError) as problem:
            LOG.warning("sweep: %s", getattr(problem, "code", type(problem).__name__))
        while not ended.is_set():
            try:
                self.once()
            except BasivertError as problem:
                LOG.warning("round: %s", problem.code)
            ended.wait(EVERY_S)
