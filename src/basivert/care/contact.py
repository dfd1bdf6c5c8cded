"""The clinic that a patient calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from basivert.care.facts import close
from basivert.errors import RecordError

# The shortest numbers that a person can call.
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom the patient calls; None where the clinic has not said it."""

    name: str | None = None
    phone: str | None = None
    after_hours: str | None = None
    emergency: str | None = None


def contact(given: Any) -> Contact:
    """A clinic's name and numbers. Raises RecordError for an unknown field or an empty one."""
    if not isinstance(given, Mapping):
        raise RecordError(f"clinic is {given!r}.", fix='Write {"name": …, "phone": …}.')
    known = {one.name: None for one in fields(Contact)}
    for name, value in given.items():
        if name not in known:
            raise RecordError(f"A clinic has no {name!r}.", fix=close(name, known))
        if not isinstance(value, str) or not value.strip():
            raise RecordError(f"{name} of the clinic is {value!r}.", fix="Write it as text.")
    return Contact(**given)


def dialable(phone: str) -> bool:
    """Whether a text can be a telephone number: three digits or more ("911"), no "not set"."""
    return sum(one.isdecimal() for one in phone) >= FEWEST_DIGITS
