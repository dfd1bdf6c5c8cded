"""Beside the pages: looks for a report that was asked for, and has it computed by a process."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from basivert.edge.computing.nightly import order_nightly
from basivert.edge.store import accounts, computing, jobs
from basivert.edge.store.actor import operator, system
from basivert.edge.store.store import Store
from basivert.errors import BasivertError

LOG = logging.getLogger("basivert.computing")
EVERY_S = 2.0
NIGHTS_EVERY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Over an open store. name: of the worker, the same after a restart on the same machine."""

    store: Store
    name: str

    def until(self, ended: threading.Event) -> None:
        """Look every few seconds until told to end; what an end interrupts begins anew then."""
        rounds = 0
        while not ended.is_set():
            for clinic in self._clinics():
                try:
                    if rounds == 0:
                        self._found_again(clinic)
                    self.once(clinic, ended, nightly=rounds % NIGHTS_EVERY == 0)
                except BasivertError as problem:
                    LOG.warning("clinic %d: %s", clinic, problem.code)
            rounds += 1
            ended.wait(EVERY_S)

    def once(self, clinic: int, ended: threading.Event, *, nightly: bool) -> None:
        """Compute the report of a clinic if it is due."""
        me = system(clinic)
        if nightly:
            with self.store.writing(me) as work:
                jobs.mark_interrupted(work)
                order_nightly(work)
        with self.store.reading(me) as work:
            due = jobs.is_due(work, (computing.KIND,))
        if due and (code := self._run(clinic, ended)):
            self._lost(clinic, code)

    def _clinics(self) -> list[int]:
        try:
            with self.store.reading(operator()) as work:
                return [clinic.id for clinic in accounts.clinics(work)]
        except BasivertError as problem:
            LOG.warning("round: %s", problem.code)
            return []

    def _found_again(self, clinic: int) -> None:
        with self.store.writing(system(clinic)) as work:
            jobs.mark_interrupted(work, self.name)

    def _run(self, clinic: int, ended: threading.Event) -> int:
        """The exit status of the process; 0 where it was ended with the pages."""
        url = self.store.engine.url.render_as_string(hide_password=False)
        asked = json.dumps({"database": url, "clinic": clinic, "worker": self.name})
        with subprocess.Popen(
            [sys.executable, "-m", "basivert.edge.computing"], stdin=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            process.stdin.write(asked)
            process.stdin.close()
            while process.poll() is None:
                if ended.wait(0.2):
                    process.terminate()
                    process.wait()
                    return 0
            return process.returncode

    def _lost(self, clinic: int, code: int) -> None:
        """Its process ended without a word, such as for want of memory."""
        with self.store.writing(system(clinic)) as work:
            job = computing.newest(work)
            if job is not None and job.state == "running" and job.worker == self.name:
                what = job.payload.get("step", "beginning")
                jobs.failed(work, job, f"its process ended ({code}) while {what}")


def worker_name() -> str:
    """The same after a restart, another one on another machine."""
    return f"registry@{socket.gethostname()}"
