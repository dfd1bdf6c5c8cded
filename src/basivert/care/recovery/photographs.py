"""A photograph of the wound, as a record; the picture itself lies in the store."""

from __future__ import annotations

import re
from dataclasses import dataclass

from basivert.errors import RecordError

KINDS = ("image/jpeg", "image/png", "image/webp")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """One picture.

    sha256: of its bytes, lower-case hexadecimal.  mime: one of `KINDS`.
    day: since the procedure.  by: who took or sent it.
    """

    sha256: str
    mime: str
    day: int
    by: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise RecordError(f"{self.sha256!r} is no SHA-256.", fix="Give 64 hexadecimal digits.")
        if self.mime not in KINDS:
            raise RecordError(f"A photograph is no {self.mime!r}.", fix=f"Send {', '.join(KINDS)}.")
        if self.day < 0:
            raise RecordError(f"day is {self.day}.", fix="The procedure's day is 0.")
        if not self.by.strip():
            raise RecordError("Nobody is named who took the photograph.", fix="Write who.")
