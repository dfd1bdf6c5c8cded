"""Facts as the JSON that `basivert candidacy` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from basivert.care.facts import Fact


def facts_document(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """Name → value, origin and day; what is unknown is left out."""
    return {
        name: {
            "value": dict(fact.value) if isinstance(fact.value, Mapping) else fact.value,
            "origin": fact.origin,
            **({"on": fact.on.isoformat()} if fact.on else {}),
        }
        for name, fact in facts.items()
    }
