"""Alembic's entry: runs the revisions on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from basivert.edge.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA,
    render_as_batch=True, compare_type=True,
)  # fmt: skip
with context.begin_transaction():
    context.run_migrations()
