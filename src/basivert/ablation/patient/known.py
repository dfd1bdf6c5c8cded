"""What is known of the patient's marrow beyond the scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from basivert.errors import InputError

Plate = Literal["upper", "lower"]
LEAST_AGE, MOST_AGE = 18.0, 110.0
"""Skeletally mature (trials.include); older than anyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Facts about one vertebra's marrow; what is not known is left out, never guessed.

    age_years: None where unknown.
    modic: endplate → type 1, 2 or 3; an endplate that is absent is unread, not normal.
    """

    age_years: float | None
    modic: Mapping[Plate, int]

    def __post_init__(self) -> None:
        age = self.age_years
        if age is not None and not LEAST_AGE <= age <= MOST_AGE:
            raise InputError(
                f"An age of {age:g} years is outside {LEAST_AGE:g} to {MOST_AGE:g}.",
                fix="Give the age in years, or leave it out.",
            )
        for plate, kind in self.modic.items():
            if plate not in ("upper", "lower") or kind not in (1, 2, 3):
                raise InputError(
                    f"Modic {kind} at the {plate} endplate is not a reading.",
                    fix="Give type 1, 2 or 3 at the upper or lower endplate.",
                )


UNKNOWN = Known(age_years=None, modic={})
"""Nothing but the scan."""
