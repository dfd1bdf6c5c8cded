"""A clinic's own rules, and logs of generators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "own_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_by", sa.String(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic"], ["clinic.id"], name=op.f("fk_own_rules_clinic_clinic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_rules")),
    )
    op.create_index(op.f("ix_own_rules_clinic"), "own_rules", ["clinic"], unique=False)
    op.create_table(
        "generator_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case"], ["care_case.id"], name=op.f("fk_generator_log_case_care_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generator_log")),
        sa.UniqueConstraint("case", "digest", name=op.f("uq_generator_log_case_digest")),
    )  # fmt: skip
    op.create_index(op.f("ix_generator_log_case"), "generator_log", ["case"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_generator_log_case"), table_name="generator_log")
    op.drop_table("generator_log")
    op.drop_index(op.f("ix_own_rules_clinic"), table_name="own_rules")
    op.drop_table("own_rules")
