"""A `heat.json` that somebody sends: the coverage of the nerve, as planned or as treated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Heated:
    """The heat of one level and side.

    coverage: share of the nerve's density in the lesion under the default endpoint, 0-1.
    treated: whether it was computed from a generator's log, not from the plan.
    """

    level: str
    side: str
    coverage: float
    treated: bool


def heat_file(content: bytes, plan: str) -> tuple[Heated, ...]:
    """Read a `heat.json`.

    Args:
        content: the file.
        plan: SHA-256 of the plan.json that it must have been computed from.

    Raises: RecordError where it is none of this version, or of another plan.
    """
    # The codec brings the whole of heating along; most pages never need it.
    from basivert.edge.heat_codec import SCHEMA

    try:
        read = json.loads(content.decode("utf-8"))
        if not isinstance(read, dict) or read.get("schema") != SCHEMA:  # pyright: ignore[reportUnknownMemberType]
            raise RecordError(
                f"This file is not a heat of this version ({SCHEMA}).",
                fix="Choose the heat.json that basivert ablate has written.",
            )
        _same_plan(read["inputs"].get("plan.json"), plan)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        return tuple(_heated(one) for one in read["heats"])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    except (
        ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError,
    ) as cause:  # fmt: skip
        if isinstance(cause, RecordError):
            raise
        raise RecordError(
            "This file is damaged, or no heat.json.", fix="Choose the file as it was written."
        ) from cause


def _same_plan(made_from: object, plan: str) -> None:
    if made_from is None:
        raise RecordError(
            "This heat.json does not say which plan.json it was computed from.",
            fix="Run basivert ablate on the approved plan again, and send what it writes.",
        )
    if made_from != plan:
        raise RecordError(
            f"This heat.json was computed from another plan.json (SHA-256 {str(made_from)[:12]}…) "
            f"than the approved one ({plan[:12]}…).",
            fix="Send the heat of the approved plan, or approve the plan that was heated.",
        )


def _heated(heat: Mapping[str, Any]) -> Heated:
    rule = heat["default_endpoint"]
    lesion = next(one for one in heat["lesions"] if one["endpoint"] == rule)
    coverage = float(lesion["coverage"])
    if not 0.0 <= coverage <= 1.0:
        raise ValueError("no share")
    return Heated(level=str(heat["level"]), side=str(heat["side"]), coverage=coverage,
                  treated=heat["log"] is not None)  # fmt: skip
