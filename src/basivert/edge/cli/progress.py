"""Progress on stderr with the time left."""

from __future__ import annotations

import sys
import time


class Shown:
    """Callable that shows share done, what is worked on, and seconds left."""

    def __init__(self) -> None:
        """Start the clock."""
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.last = ""

    def __call__(self, done: float, what: str) -> None:
        """Show one line; on a terminal it replaces the last one."""
        spent = time.monotonic() - self.started
        left = f", {spent / done * (1 - done):.0f} s left" if 0.05 < done < 1 else ""
        line = f"{100 * done:3.0f} %  {what}{left}"
        if self.terminal:
            sys.stderr.write("\r\x1b[K" + line + ("\n" if done >= 1 else ""))
        elif what != self.last:
            sys.stderr.write(line + "\n")
        self.last = what
        sys.stderr.flush()
