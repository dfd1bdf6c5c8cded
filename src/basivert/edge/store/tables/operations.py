"""Jobs that are due, and the trail of who did what."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, UniqueConstraint

from basivert.edge.store.tables.base import METADATA, belongs, document, key, moment, text

JOB = Table(
    "job", METADATA, key(), belongs("clinic", "clinic"),
    belongs("case", "care_case", needed=False), text("kind"), text("key", unique=True),
    Column("day", Integer, nullable=True), document("payload"), moment("due_at"), text("state"),
    Column("attempts", Integer, nullable=False, default=0), text("worker", needed=False),
    moment("lease_until", needed=False), text("failure", needed=False), moment("created_at"),
    moment("ended_at", needed=False),
    CheckConstraint(
        "state in ('waiting', 'running', 'interrupted', 'done', 'failed', 'cancelled')",
        name="state",
    ),
    Index("ix_job_clinic_state_due_at", "clinic", "state", "due_at"),
)  # fmt: skip

# No foreign keys: the trail outlives what it tells of. `body` holds ids and names of fields only.
AUDIT = Table(
    "audit", METADATA, Column("seq", Integer, primary_key=True, autoincrement=False),
    moment("at"), Column("clinic", Integer, nullable=True, index=True), text("actor"),
    text("action"), Column("object", String, nullable=False, index=True), text("body"),
    text("prev"), text("hash"),
)  # fmt: skip

# A computed report is kept until the next one: a hundred thousand patients take longer than a page.
REPORT = Table(
    "report", METADATA, key(), belongs("clinic", "clinic"), text("kind"), document("document"),
    Column("seq", Integer, nullable=False), moment("made_at"), text("made_by"),
    UniqueConstraint("clinic", "kind"),
)  # fmt: skip
