"""Clinics, the people who work there, and their sessions."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, String, Table

from basivert.edge.store.tables.base import (
    METADATA,
    belongs,
    document,
    key,
    moment,
    text,
    versioned,
)

CLINIC = Table(
    "clinic", METADATA, key(), text("name"), text("time_zone"), text("phone"),
    document("settings"), *versioned(),
)  # fmt: skip

# A clinic's own rules as written; rows are never changed but for being taken back.
OWN_RULES = Table(
    "own_rules", METADATA, key(), belongs("clinic", "clinic"), text("about"), text("edition"),
    text("written"), text("sha256"), Column("from_on", Date, nullable=False), text("decided_by"),
    text("added_by"), moment("added_at"), text("taken_back_by", needed=False),
    moment("taken_back_at", needed=False),
)  # fmt: skip

# The password is kept as an Argon2id string, never in clear.
ACCOUNT = Table(
    "account", METADATA, key(), belongs("clinic", "clinic"), text("user", unique=True),
    text("name"), text("role"), text("password"), text("email", needed=False),
    Column("disabled", Boolean, nullable=False, default=False), moment("created_at"),
    *versioned(),
    CheckConstraint("role in ('physician', 'nurse', 'registry', 'admin')", name="role"),
)  # fmt: skip

# Only the hash of a session's id is kept: a copy of the database opens no session.
SESSION = Table(
    "session", METADATA, key(), text("digest", unique=True), 
    belongs("account", "account", needed=False), belongs("link", "patient_link", needed=False),
    moment("created_at"), moment("last_seen_at"), moment("revoked_at", needed=False),
    CheckConstraint("(account is null) = (link is not null)", name="whose"),
)  # fmt: skip

# Tries per account or address, by hash, counted for all processes together.
ATTEMPT = Table(
    "attempt", METADATA, key(), Column("subject", String, nullable=False, index=True),
    moment("at"),
)  # fmt: skip
