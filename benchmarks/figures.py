"""One figure of a benchmark with its bound."""

from __future__ import annotations

from typing import Any, SupportsFloat


def figure(
    name: str, value: SupportsFloat, unit: str, sense: str = "≤", bound: float | None = None
) -> dict[str, Any]:
    """A row of a result.  sense: "≤" or "≥"; no bound means reported only."""
    number = float(value)
    holds = bound is None or (number <= bound if sense == "≤" else number >= bound)
    return {"name": name, "value": number, "unit": unit, "sense": sense, "bound": bound,
            "holds": bool(holds)}  # fmt: skip
