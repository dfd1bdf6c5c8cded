"""What a case says of a patient's cautions before anybody is asked: age and medicines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from basivert.care.age import age_years
from basivert.care.facts import Fact, Facts
from basivert.care.preparation.matching import entries, matches
from basivert.care.preparation.medicines import Catalogue, Medicine
from basivert.constants.load import document

# A health record's word that somebody takes it now; the patient's own word has no status.
TAKEN = ("", "active")


def known_before(
    born: dt.date | None, preparation: Mapping[str, Any], today: dt.date, known: Catalogue
) -> Facts:
    """Cautions that follow from the case; a medicine says yes, and nothing here says no.

    Args:
        born: day of birth; None for unknown.
        preparation: what was entered before the procedure: `medicines`, `facts`.
        today: day of the age.
        known: what medicines are called.
    """
    found: dict[str, Fact] = {}
    if born is not None:
        found["age_years"] = Fact(
            name="age_years", value=age_years(born, today), origin=f"born {born}", on=today
        )
    told = entries(preparation.get("medicines")) or ()
    reason = (preparation.get("facts") or {}).get("aspirin_reason")
    for one in matches(tuple(each for each in told if each.status in TAKEN), known):
        for medicine in one.medicines:
            for name in _said(medicine, reason):
                origin = f"medicine before the procedure: {one.entry.text}"
                found.setdefault(name, Fact(name=name, value=True, origin=origin))
    return found


def contradicted(entered: Mapping[str, Any], before: Facts) -> tuple[Fact, ...]:
    """What the case says otherwise than the clinic's own answer, which holds."""
    return tuple(
        one for name, one in before.items()
        if entered.get(name) is not None and entered[name] != one.value
    )  # fmt: skip


def _said(medicine: Medicine, reason: object) -> tuple[str, ...]:
    table = document("care/recovery/caution_medicines")
    if "aspirin" in medicine.classes:
        # As a pain reliever or for the heart: without the reason it is neither yes nor no.
        return tuple(table["aspirin"].get(str(reason), ()))
    return tuple(name for kind in medicine.classes for name in table["class"].get(kind, ()))
