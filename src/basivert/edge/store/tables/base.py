"""Names of constraints, and the kinds of column that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator

# From the first edition on: SQLite cannot drop a constraint that has no name.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCDateTime(TypeDecorator[dt.datetime]):
    """A moment with time zone, kept in UTC; SQLite alone would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """To UTC. Raises ValueError for a moment without time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("date-time without time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Back in UTC, always with the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def key() -> Column[Any]:
    """A row's own number."""
    return Column("id", Integer, primary_key=True)


def moment(name: str, *, needed: bool = True) -> Column[Any]:
    """A moment in UTC."""
    return Column(name, UTCDateTime, nullable=not needed)


def text(name: str, *, needed: bool = True, unique: bool = False) -> Column[Any]:
    """A text; unknown is NULL, and only where that is allowed."""
    return Column(name, String, nullable=not needed, unique=unique)


def document(name: str, *, needed: bool = True) -> Column[Any]:
    """A JSON document; Python's None is NULL, never the JSON word null."""
    return Column(name, JSON(none_as_null=True), nullable=not needed)


def belongs(name: str, to: str, *, needed: bool = True, kind: Any = Integer) -> Column[Any]:
    """A row of another table, gone when that row goes."""
    where = ForeignKey(f"{to}.id", ondelete="CASCADE")
    return Column(name, kind, where, nullable=not needed, index=True)


def versioned() -> tuple[Column[Any], ...]:
    """What optimistic locking needs: the row's version, who changed it last, and when."""
    return (
        Column("version", Integer, nullable=False, default=1),
        text("changed_by"),
        moment("changed_at"),
    )
