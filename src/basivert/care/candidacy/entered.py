"""What was entered about a candidate, checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from basivert.care.facts import Fact, Vocabulary, facts


def entered(
    document: Mapping[str, Any], known: Vocabulary, *, origin: str, today: dt.date | None = None
) -> dict[str, Fact]:
    """Facts of a candidate; a disc among the levels ("L4/L5") stands for its two vertebrae.

    Raises: RecordError as `care.facts.facts`.
    """
    given: Any = document.get("levels")
    whole = isinstance(given, Mapping) and "value" in given
    levels: Any = given["value"] if whole else given
    if isinstance(levels, list) and all(isinstance(one, str) for one in levels):
        spread = _vertebrae(levels, known["modic"].places)
        document = {**document, "levels": {**given, "value": spread} if whole else spread}
    return facts(document, known, origin=origin, today=today)


def _vertebrae(levels: list[str], discs: tuple[str, ...]) -> list[str]:
    parts = [one.split("/") if one in discs else [one] for one in levels]
    return list(dict.fromkeys(name for part in parts for name in part))
