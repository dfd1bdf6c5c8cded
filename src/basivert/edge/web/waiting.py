"""Files that somebody looks at before they are taken in: in memory, for minutes, for one person."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass, field

from basivert.errors import RecordError

LASTS = dt.timedelta(minutes=15)
MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    owner: str
    case: int
    text: str
    until: dt.datetime


@dataclass(slots=True)
class Waiting:
    """Nothing of a wrong person's file reaches the store; a restart forgets all of them."""

    files: dict[str, _File] = field(default_factory=dict[str, _File])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, text: str, *, owner: str, case: int, now: dt.datetime) -> str:
        """Hold a file; gives its secret name. The oldest goes where there are too many."""
        name = secrets.token_hex(16)
        with self.lock:
            self._forget(now)
            while len(self.files) >= MOST:
                self.files.pop(next(iter(self.files)))
            self.files[name] = _File(owner=owner, case=case, text=text, until=now + LASTS)
        return name

    def held(self, name: str, *, owner: str, case: int, now: dt.datetime) -> str:
        """A file, which stays. Raises RecordError where it is gone, or another's."""
        with self.lock:
            self._forget(now)
            found = self.files.get(name)
            if found is None or (found.owner, found.case) != (owner, case):
                raise RecordError("The file is not held any more.", fix="Choose it once more.")
            return found.text

    def done(self, name: str) -> None:
        """Forget a file that was taken in."""
        with self.lock:
            self.files.pop(name, None)

    def _forget(self, now: dt.datetime) -> None:
        for name in [name for name, one in self.files.items() if one.until <= now]:
            del self.files[name]
