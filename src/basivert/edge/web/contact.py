"""The clinic as its patients call it."""

from __future__ import annotations

from typing import Any

from basivert.care.contact import Contact, dialable
from basivert.edge.store.accounts import Clinic


def contact_of(clinic: Clinic) -> Contact:
    """Name and numbers; what the clinic did not set stays unknown and is said in general words."""
    set_by: dict[str, Any] = dict(clinic.settings)
    return Contact(
        name=clinic.name, phone=clinic.phone if dialable(clinic.phone) else None,
        after_hours=set_by.get("after_hours"), emergency=set_by.get("emergency"),
    )  # fmt: skip
