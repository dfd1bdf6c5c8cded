"""A score as a document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from basivert.care.outcomes.scoring import Scored


def score_document(found: Scored) -> dict[str, Any]:
    """The score with its rules; `answer` is `unknown` where there is none."""
    return {"research_use_only": True, **asdict(found)}
