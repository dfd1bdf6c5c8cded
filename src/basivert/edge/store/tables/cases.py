"""A patient's way through one treatment: facts, verdicts, preparation, procedure, plan."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from basivert.edge.store.tables.base import (
    METADATA,
    belongs,
    document,
    key,
    moment,
    text,
    versioned,
)

STAGES = ("candidacy", "preparation", "procedure", "aftercare", "outcomes", "closed")

CARE_CASE = Table(
    "care_case", METADATA, key(), belongs("clinic", "clinic"),
    belongs("patient", "patient", kind=String), text("stage"), moment("opened_at"),
    moment("procedure_at", needed=False), moment("closed_at", needed=False), *versioned(),
    CheckConstraint(f"stage in {STAGES}", name="stage"),
    Index("ix_care_case_clinic_stage", "clinic", "stage"),
)  # fmt: skip

# A fact that was asked and not known is a row with known = 0; one never asked has no row.
FACT = Table(
    "fact", METADATA, key(), belongs("case", "care_case"), text("name"),
    Column("known", Integer, nullable=False), document("value", needed=False), text("origin"),
    Column("on", Date), text("entered_by"), moment("entered_at"),
    moment("replaced_at", needed=False),
    CheckConstraint("known in (0, 1)", name="known"),
    CheckConstraint("(known = 1) = (value is not null)", name="value"),
    Index("ix_fact_case_name", "case", "name"),
)  # fmt: skip

VERDICT = Table(
    "candidacy_verdict", METADATA, key(), belongs("case", "care_case"), text("answer"),
    text("edition"), document("document"), text("decided_by"), moment("decided_at"),
)  # fmt: skip

CHECKLIST_ITEM = Table(
    "checklist_item", METADATA, key(), belongs("case", "care_case"), text("list"), text("code"),
    text("wording"), text("owner", needed=False), moment("due_at", needed=False), text("state"),
    text("note", needed=False), *versioned(),
    CheckConstraint("state in ('open', 'done', 'not_applicable')", name="state"),
    UniqueConstraint("case", "list", "code"),
)  # fmt: skip

# One document of a kind for each case, such as `procedure` or `medicines`; old versions are kept.
RECORD = Table(
    "record", METADATA, key(), belongs("case", "care_case"), text("kind"), document("document"),
    text("signed_by", needed=False), moment("signed_at", needed=False), *versioned(),
    UniqueConstraint("case", "kind"),
)  # fmt: skip
RECORD_HISTORY = Table(
    "record_history", METADATA, key(), belongs("record", "record"),
    Column("version", Integer, nullable=False), document("document"), text("changed_by"),
    moment("changed_at"), UniqueConstraint("record", "version"),
)  # fmt: skip

# The plan itself stays a folder; here is which one, and what it promised and what was treated.
PLAN_LINK = Table(
    "plan_link", METADATA, key(), belongs("case", "care_case"), text("digest"), text("level"),
    text("side"), Column("coverage_planned", Float), Column("coverage_treated", Float),
    document("margins_mm"), document("document"), *versioned(),
)  # fmt: skip

# What a generator recorded of one burn, as it was sent, and what was read of it.
GENERATOR_LOG = Table(
    "generator_log", METADATA, key(), belongs("case", "care_case"), text("digest"),
    text("content"), text("columns"), document("document"), text("added_by"), moment("added_at"),
    UniqueConstraint("case", "digest"),
)  # fmt: skip
