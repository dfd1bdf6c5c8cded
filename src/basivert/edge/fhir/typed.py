"""Numbers and truths written as text: the models read "7.1" as 7.1, R4 does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

Problem = tuple[str, str]


def mistyped(raw: Mapping[str, Any], made: BaseModel, path: str) -> Iterator[Problem]:
    """Places where JSON holds another type than the one the model took it for.

    Args:
        raw: the resource as it came.
        made: the model that was read from it.
        path: of the resource, such as `Observation`.
    """
    for name, kind in type(made).model_fields.items():
        key = kind.alias or name
        if key in raw:
            yield from _compared(raw[key], getattr(made, name), f"{path}.{key}")


def _compared(raw: Any, made: Any, path: str) -> Iterator[Problem]:
    if isinstance(raw, list) and isinstance(made, list):
        for number, (one, other) in enumerate(zip(raw, made, strict=False)):
            yield from _compared(one, other, f"{path}[{number}]")
    elif isinstance(raw, Mapping) and hasattr(type(made), "model_fields"):
        yield from mistyped(raw, made, path)
    elif isinstance(made, bool):
        if not isinstance(raw, bool):
            yield path, "is not true or false as R4 writes it"
    elif isinstance(made, int):
        if isinstance(raw, bool) or not isinstance(raw, int):
            yield path, "is not a whole number as R4 writes it"
    elif isinstance(made, Decimal) and (isinstance(raw, (bool, str))):
        yield path, "is not a number as R4 writes it"
