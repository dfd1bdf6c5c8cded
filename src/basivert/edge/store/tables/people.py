"""Patients by pseudonym; who they are stands in a table of its own."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table

from basivert.edge.store.tables.base import METADATA, belongs, key, moment, text, versioned

PATIENT = Table(
    "patient", METADATA, Column("id", String, primary_key=True), belongs("clinic", "clinic"),
    moment("created_at"),
)  # fmt: skip

# Apart, so that a de-identified export never reads it and a deletion takes one row.
PERSON = Table(
    "person", METADATA,
    Column("patient", String, ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True),
    text("name"), text("sought"), Column("birth_date", Date), text("phone", needed=False),
    text("email", needed=False), text("language"), text("note", needed=False), *versioned(),
)  # fmt: skip

PATIENT_LINK = Table(
    "patient_link", METADATA, key(), text("digest", unique=True),
    belongs("patient", "patient", kind=String), text("purpose"), text("created_by"),
    moment("created_at"), moment("expires_at"), moment("revoked_at", needed=False),
    Column("failures", Integer, nullable=False, default=0),
)  # fmt: skip
