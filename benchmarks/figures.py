"""One figure of a benchmark with its bound."""

from __future__ import annotations

from typing import Any


def figure(
    name: str, value: float, unit: str, sense: str = "≤", bound: float | None = None
) -> dict[str, Any]:
    """A row of a result.  sense: "≤" or "≥"; no bound means reported only."""
    holds = bound is None or (value <= bound if sense == "≤" else value >= bound)
    return {"name": name, "value": float(value), "unit": unit, "sense": sense, "bound": bound,
            "holds": bool(holds)}  # fmt: skip
