"""Progress on stderr with the time left."""

from __future__ import annotations

import sys
import time
from threading import Lock

from basivert.errors import Cancelled


class Shown:
    """Callable that shows share done, what is worked on, and seconds left; for any thread."""

    def __init__(self) -> None:
        """Start the clock."""
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.last = ""
        self.stopped = False
        self.lock = Lock()

    def stop(self) -> None:
        """From now on whoever reports progress is told to end."""
        self.stopped = True

    def __call__(self, done: float, what: str) -> None:
        """Show one line; on a terminal it replaces the last one.

        Raises: Cancelled after `stop`.
        """
        self.check()
        with self.lock:
            self._show(done, what)

    def check(self) -> None:
        """Raises Cancelled after `stop`."""
        if self.stopped:
            raise Cancelled("Cancelled. Nothing half-written was left.")

    def _show(self, done: float, what: str) -> None:
        spent = time.monotonic() - self.started
        left = f", {spent / done * (1 - done):.0f} s left" if 0.05 < done < 1 else ""
        line = f"{100 * done:3.0f} %  {what}{left}"
        if self.terminal:
            sys.stderr.write("\r\x1b[K" + line + ("\n" if done >= 1 else ""))
        elif what != self.last:
            sys.stderr.write(line + "\n")
        self.last = what
        sys.stderr.flush()
