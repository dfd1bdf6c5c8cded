"""A consistent copy of a database in one file, and back, by each database's own means."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, text

from basivert.errors import ServiceError, StoreError


@contextmanager
def snapshot(engine: Engine, file: Path) -> Generator[Connection]:
    """Copy a database as it is at one moment into `file`; writers go on meanwhile.

    Gives a connection that sees exactly what was copied.
    """
    if engine.dialect.name == "sqlite":
        _copied(engine, file)
        with closed_engine(create_engine(f"sqlite:///{file}", hide_parameters=True)) as copy:
            with copy.connect() as connection:
                yield connection
        return
    plain = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with plain as connection, connection.begin():
        name = connection.execute(text("select pg_export_snapshot()")).scalar_one()
        run_postgres(
            engine.url, "pg_dump", "-Fc", "--no-owner", "--no-privileges", f"--snapshot={name}",
            "-f", str(file),
        )  # fmt: skip
        yield connection


def bring_back(file: Path, place: URL, engine: Engine) -> None:
    """Put a copy into an empty database."""
    if place.drivername == "sqlite":
        engine.dispose()
        target = Path(str(place.database))
        for beside in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
            beside.unlink(missing_ok=True)
        settle(file)
        file.replace(target)
        settle(target.parent)
        return
    run_postgres(
        place, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
        "-d", str(place.database), str(file),
    )  # fmt: skip


def run_postgres(place: URL, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment.

    Raises: ServiceError where it is missing or failed; what it printed may hold data and is not
        repeated.
    """
    found = shutil.which(program) or next(_debian(program), None)
    if found is None:
        raise ServiceError(f"{program} is not installed.", fix="apt-get install postgresql-client.")
    given = {
        "PGHOST": place.host, "PGPORT": place.port, "PGUSER": place.username,
        "PGPASSWORD": place.password, "PGDATABASE": place.database,
        "PGSSLMODE": place.query.get("sslmode"),
    }  # fmt: skip
    environment = os.environ | {k: str(v) for k, v in given.items() if v is not None}
    done = subprocess.run(
        [found, "--no-password", *arguments], env=environment, check=False, capture_output=True
    )
    if done.returncode:
        raise ServiceError(
            f"{program} failed with code {done.returncode}.",
            fix="Its version must be the server's or newer, and the user needs all rights.",
        )


@contextmanager
def closed_engine(engine: Engine) -> Generator[Engine]:
    """An engine whose connections are gone at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def settle(place: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copied(engine: Engine, file: Path) -> None:
    file.touch(mode=0o600)
    with closing(sqlite3.connect(str(engine.url.database))) as source:
        with closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
            (state,) = copy.execute("PRAGMA integrity_check").fetchone()
            if state != "ok" or copy.execute("PRAGMA foreign_key_check").fetchone():
                raise StoreError(
                    "The database is damaged; no backup was made of it.",
                    fix="Restore the last backup into a new place, and look at the disk.",
                )


def _debian(program: str) -> Iterator[str]:
    folders = Path("/usr/lib/postgresql")
    newest = sorted(folders.glob(f"*/bin/{program}"), key=lambda p: p.parts[-3], reverse=True)
    return (str(file) for file in newest)
