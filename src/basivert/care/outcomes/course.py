"""One patient's scores of one measure."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.care.outcomes.registry import Patient
from basivert.care.outcomes.schedule import Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One patient's scores of one measure by visit, in the one unit that baseline was taken in.

    instrument: None where there is no baseline and no score.
    """

    patient: Patient
    instrument: str | None
    of_ten: float
    assigned: Assigned

    def value(self, visit: str) -> float | None:
        """The score at a visit, in the instrument's own unit."""
        score = self.assigned.at.get(visit)
        return None if score is None else score.value
