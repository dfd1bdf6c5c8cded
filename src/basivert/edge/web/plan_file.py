"""A `plan.json` that somebody sends: its digest, and what the procedure's record needs of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.errors import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The best plan of one level and side.

    side: `both` for a pair.  margins_mm: wall → smallest distance.
    document: `schema`, `rank`, `route`, `instrument`, and `depth_mm` from the skin to the tip
        (None where the skin lies outside the scan).
    """

    level: str
    side: str
    margins_mm: Mapping[str, float]
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan as sent. digest: SHA-256 of its bytes.  plans: (level, side) → its best plan."""

    edition: str
    digest: str
    plans: Mapping[tuple[str, str], Planned]


def plan_file(content: bytes) -> PlanFile:
    """Read a `plan.json`. Raises RecordError where it is none of this version."""
    # The codec brings the whole of planning along; most pages never need it.
    from basivert.edge.codec import SCHEMA

    try:
        read = json.loads(content.decode("utf-8"))
        if not isinstance(read, dict) or read.get("schema") != SCHEMA:  # pyright: ignore[reportUnknownMemberType]
            raise RecordError(
                f"This file is not a plan of this version ({SCHEMA}).",
                fix="Choose the plan.json that basivert plan has written.",
            )
        plans = _plans(read)  # pyright: ignore[reportUnknownArgumentType]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        if isinstance(cause, RecordError):
            raise
        raise RecordError(
            "This file is damaged, or no plan.json.", fix="Choose the file as it was written."
        ) from cause
    return PlanFile(edition=SCHEMA, digest=hashlib.sha256(content).hexdigest(), plans=plans)


def _plans(read: Mapping[str, Any]) -> dict[tuple[str, str], Planned]:
    found: dict[tuple[str, str], Planned] = {}
    for vertebra in read["vertebrae"]:
        for plan in sorted(vertebra["plans"], key=lambda one: one["rank"], reverse=True):
            one = _planned(str(vertebra["level"]), plan, read["schema"])
            found[one.level, one.side] = one
    return found


def _planned(level: str, plan: Mapping[str, Any], schema: str) -> Planned:
    depths = plan["depths_mm"]
    skin = depths["skin_to_bone_mm"]
    return Planned(
        level=level, side=str(plan["side"]) if plan["partner"] is None else "both",
        margins_mm={wall: float(one["value"]) for wall, one in plan["margins_mm"].items()},
        document={
            "schema": schema, "rank": int(plan["rank"]), "route": str(plan["route"]),
            "instrument": str(plan["instrument"]),
            "depth_mm": None if skin is None else round(float(skin) + float(depths["tip_mm"]), 1),
        },
    )  # fmt: skip
