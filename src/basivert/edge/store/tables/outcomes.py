"""What became of a patient: scores by visit, and adverse events."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Float, ForeignKey, Index, Integer, Table
from sqlalchemy import text as text_of

from basivert.edge.store.tables.base import (
    METADATA,
    belongs,
    document,
    key,
    moment,
    text,
    versioned,
)

# A visit that took place without a score is a row that says why; one not held has no row.
OUTCOME = Table(
    "outcome", METADATA, key(), belongs("case", "care_case"), text("instrument"), text("visit"),
    Column("on", Date), Column("score", Float), text("missing", needed=False),
    document("document", needed=False), text("entered_by"), moment("entered_at"),
    moment("replaced_at", needed=False),
    CheckConstraint("(score is null) = (missing is not null)", name="score"),
    # One score of a visit holds at a time, also when two enter it at the same moment.
    Index(
        "uq_outcome_current", "case", "instrument", "visit", unique=True,
        sqlite_where=text_of("replaced_at is null"),
        postgresql_where=text_of("replaced_at is null"),
    ),
)  # fmt: skip

ADVERSE_EVENT = Table(
    "adverse_event", METADATA, key(), belongs("case", "care_case"), text("kind"),
    Column("grade", Integer, nullable=False), Column("on", Date), text("level", needed=False),
    Column("plan", Integer, ForeignKey("plan_link.id"), nullable=True),
    text("note", needed=False), Column("resolved_on", Date), *versioned(),
)  # fmt: skip
