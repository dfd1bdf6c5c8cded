"""Computed reports are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic"], ["clinic.id"], name=op.f("fk_report_clinic_clinic"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("clinic", "kind", name=op.f("uq_report_clinic_kind")),
    )
    op.create_index(op.f("ix_report_clinic"), "report", ["clinic"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_report_clinic"), table_name="report")
    op.drop_table("report")
