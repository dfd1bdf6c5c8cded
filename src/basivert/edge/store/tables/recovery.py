"""After the procedure: check-ins, what they raised, photographs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from basivert.edge.store.tables.base import (
    METADATA,
    belongs,
    document,
    key,
    moment,
    text,
    versioned,
)

CHECKIN = Table(
    "checkin", METADATA, key(), belongs("case", "care_case"),
    Column("day", Integer, nullable=False), document("answers"), text("answer"),
    text("edition"), document("document"), text("entered_by"), moment("entered_at"),
)  # fmt: skip

ALERT = Table(
    "alert", METADATA, key(), belongs("clinic", "clinic"), belongs("case", "care_case"),
    belongs("checkin", "checkin", needed=False), text("kind"), text("severity"),
    document("document"), text("opened_by"), moment("opened_at"),
    Column("escalation", Integer, nullable=False, default=0),
    moment("escalated_at", needed=False),
    Column("closed", Boolean, nullable=False, default=False),
    Column("closed_by", Integer, ForeignKey("account.id"), nullable=True),
    moment("closed_at", needed=False), text("note", needed=False), *versioned(),
    Index("ix_alert_clinic_closed", "clinic", "closed"),
)  # fmt: skip

# The picture itself is a file beside the database; its name says nothing about the person.
PHOTO = Table(
    "photo", METADATA, key(), belongs("case", "care_case"),
    belongs("checkin", "checkin", needed=False), text("file", unique=True), text("sha256"),
    text("mime"), Column("bytes", Integer, nullable=False), text("added_by"), moment("added_at"),
)  # fmt: skip
