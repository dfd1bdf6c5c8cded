"""Medicines of a health record as the list that a preparation takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.edge.fhir.records import Medicine

# The words of MedicationStatement and MedicationRequest for what has come to an end. All others,
# unknown too, may be taken now.
ENDED = frozenset({"completed", "stopped", "not-taken", "cancelled"})
_LONGEST = 300
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One medicine with where it comes from. status: FHIR's own word."""

    text: str
    status: str
    rxnorm: str
    origin: str
    on: dt.date | None

    def document(self) -> dict[str, Any]:
        """As an entry of `medicines`; what is not known is left out."""
        on = self.on.isoformat() if self.on else ""
        rows = {"text": self.text, "status": self.status, "rxnorm": self.rxnorm,
                "origin": self.origin, "on": on}  # fmt: skip
        return {name: value for name, value in rows.items() if value}


def listed(medicines: Iterable[Medicine]) -> tuple[tuple[Listed, ...], tuple[Listed, ...]]:
    """What may be taken now, and what has ended; each medicine once, by its name.

    One that is ended in one resource and not in another may be taken.
    """
    by_name: dict[str, list[Medicine]] = {}
    for one in medicines:
        by_name.setdefault(_line(one.name).casefold(), []).append(one)
    taken: list[Listed] = []
    ended: list[Listed] = []
    for same in by_name.values():
        going = [one for one in same if one.status not in ENDED]
        (taken if going else ended).append(_latest(going or same))
    return tuple(taken), tuple(ended)


def _line(name: str) -> str:
    """A name as one line; the bar stands between medicine and prescriber there."""
    words = " ".join(name.replace("|", "/").split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _latest(same: Sequence[Medicine]) -> Listed:
    one = max(same, key=lambda each: each.on or dt.date.min)
    codes = [code for system, code in one.codes if system == _RXNORM]
    return Listed(
        text=_line(one.name), status=one.status, rxnorm=codes[0] if codes else "",
        origin=one.origin, on=one.on,
    )  # fmt: skip
