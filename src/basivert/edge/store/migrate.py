"""Editions of the schema: which one a database has, and the way to the newest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from basivert.errors import StoreError

SCRIPTS = Path(__file__).with_name("migrations")
# Alembic keeps its state in the module: one migration at a time in a process, and by PostgreSQL's
# lock one at a time among processes; SQLite's writers wait for each other anyway.
_ONE_AT_A_TIME = threading.Lock()
_LOCK = 0x6D696772


def edition(engine: Engine) -> str | None:
    """The edition of a database; None for an empty one.

    Raises: StoreError for a database with other tables.
    """
    with engine.connect().execution_options(readonly=True) as connection:
        names = set(inspect(connection).get_table_names())
        if "alembic_version" in names:
            found = connection.execute(text("select version_num from alembic_version")).scalar()
            if found is not None:
                return str(found)
        if names - {"alembic_version"}:
            raise StoreError(
                "The database holds tables of something else.", fix="Give an empty database."
            )
    return None


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database to an edition, in one transaction."""
    _migrate(engine, lambda config, command: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take a database back to an edition, in one transaction."""
    _migrate(engine, lambda config, command: command.downgrade(config, to))


def _migrate(engine: Engine, step: Any) -> None:
    from alembic import command

    with _ONE_AT_A_TIME, engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        # Rebuilding a table would delete its children; inside a transaction this is ignored.
        _foreign_keys(connection, sqlite, "OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("select pg_advisory_xact_lock(:k)"), {"k": _LOCK})
                step(script_config(connection), command)
                if sqlite:
                    _check(connection)
        finally:
            _foreign_keys(connection, sqlite, "ON")


def script_config(connection: Connection) -> Any:
    """Alembic's settings for one connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _foreign_keys(connection: Connection, sqlite: bool, state: str) -> None:
    raw: Any = connection.connection.dbapi_connection
    if sqlite and raw is not None:
        raw.execute(f"PRAGMA foreign_keys={state}")


def _check(connection: Connection) -> None:
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise StoreError(
            f"{len(broken)} rows lost what they belong to; nothing was changed.",
            fix="Restore the last backup, and report this.",
        )
