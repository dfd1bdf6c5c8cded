"""Bone density that `basivert anatomy` measured, as a fact of a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from basivert.errors import RecordError


def bone_record(
    anatomy: Mapping[str, Any], levels: Sequence[str], origin: str
) -> dict[str, dict[str, Any]]:
    """`bone_hu` of the thinnest vertebra to be treated, with its origin.

    Args:
        anatomy: JSON of `basivert anatomy`.
        levels: vertebrae to be treated; empty where they are not chosen, then all measured ones.
        origin: what was measured, such as the file's name.

    Raises: RecordError where it is no such document, or a vertebra to be treated is not in it.
    """
    if anatomy.get("schema") != "basivert.anatomy/1":
        raise RecordError(f"{origin} is no anatomy.", fix="Write it with basivert anatomy --out.")
    measured = {
        row["level"]: row["bone_density"]["body"]["value"]
        for row in anatomy["vertebrae"]
        if row["status"] == "measured"
    }
    wanted = list(levels) or list(measured)
    absent = [level for level in wanted if level not in measured]
    if absent or not wanted:
        raise RecordError(
            f"{origin} does not measure {', '.join(absent) or 'any vertebra'}.",
            fix="Enter bone_hu by hand, or leave it out.",
        )
    thinnest = min(wanted, key=lambda level: measured[level])
    told = f"{origin}: {thinnest}, thinnest of {', '.join(wanted)}; basivert anatomy"
    return {"bone_hu": {"value": measured[thinnest], "origin": told}}
