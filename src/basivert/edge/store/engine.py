"""Opening a database: how SQLite and PostgreSQL are told to behave, and which edition fits."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from basivert.care.roles import roles
from basivert.constants.load import document
from basivert.edge.store.migrate import edition, upgrade
from basivert.edge.store.store import Store
from basivert.errors import MissingExtra, RecordError, StoreError

HEAD = "0003"
EDITIONS = ("0001", "0002", "0003")
# A server behind a silent network is told of, and not waited for.
_CONNECT_S = 5
_PRAGMAS = (
    "journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=FULL",
    "secure_delete=ON",
)  # fmt: skip


def now() -> dt.datetime:
    """The moment now, UTC."""
    return dt.datetime.now(dt.UTC)


def default_url() -> str:
    """The database of this user: `BASIVERT_DB`, else a file in the user's data folder."""
    if given := os.environ.get("BASIVERT_DB"):
        return given
    data = os.environ.get("XDG_DATA_HOME")
    folder = Path(data) if data else Path.home() / ".local" / "share"
    return f"sqlite:///{folder / 'basivert' / 'clinic.db'}"


def open_store(
    url: str, *, photos: Path | None = None, clock: Callable[[], dt.datetime] = now
) -> Store:
    """Open a database; a new one is set up, one of another edition is refused.

    Args:
        url: `sqlite:///FILE`, `postgresql://USER@HOST/NAME`, or the path of a SQLite file.
        photos: folder of photographs; default beside a SQLite file, none for PostgreSQL.
        clock: gives the moment now; another one lets a year pass in a test.

    Raises: StoreError where it cannot be reached, is older (`basivert db upgrade`), newer, or
        holds something else; MissingExtra without the driver.
    """
    place = address(url)
    engine = make_engine(place)
    try:
        _ready(engine)
    except BaseException as cause:
        engine.dispose()
        if isinstance(cause, OperationalError):
            raise StoreError(
                f"{shown(place)} cannot be opened ({type(cause.orig).__name__}).",
                fix="Look whether the place exists, the server runs, user and password are right.",
            ) from None
        raise
    return Store(
        engine=engine, photos=photos or photo_folder(place), clock=clock,
        roles=roles(document("care/roles")),
    )  # fmt: skip


def address(url: str) -> URL:
    """A database's address; the path of a file is one too. Raises RecordError for others."""
    try:
        place = make_url(url if "://" in url else f"sqlite:///{url}")
    except ArgumentError as cause:
        raise RecordError("The database's address cannot be read.", fix=_HOW) from cause
    if place.drivername in ("postgresql", "postgres"):
        place = place.set(drivername="postgresql+psycopg")
    if place.drivername not in ("sqlite", "postgresql+psycopg"):
        raise RecordError(f"{place.drivername} is no database that is known here.", fix=_HOW)
    if place.drivername == "sqlite" and place.database in (None, "", ":memory:"):
        raise RecordError("The database needs a file.", fix=_HOW)
    return place


def make_engine(place: URL) -> Engine:
    """An engine that keeps every acknowledged commit and never prints bound values."""
    if place.drivername == "sqlite":
        return _sqlite(place)
    try:
        asked = {} if "connect_timeout" in place.query else {"connect_timeout": _CONNECT_S}
        return create_engine(place, hide_parameters=True, pool_pre_ping=True, connect_args=asked)
    except ModuleNotFoundError as cause:
        raise MissingExtra(
            "PostgreSQL's driver is not installed.", fix="pip install 'basivert[postgres]'"
        ) from cause


def must_exist(place: URL) -> None:
    """Raises StoreError where a SQLite file is not there: a slip must not set up a new one."""
    if place.drivername == "sqlite" and not Path(str(place.database)).is_file():
        raise StoreError(
            f"There is no database at {place.database}.", fix="Give --db, or set BASIVERT_DB."
        )


def photo_folder(place: URL) -> Path | None:
    """Beside a SQLite file; a server has none of its own."""
    if place.drivername != "sqlite":
        return None
    file = Path(str(place.database))
    return file.with_name(f"{file.name}.photos")


def shown(place: URL) -> str:
    """The address without its password."""
    return place.render_as_string(hide_password=True)


def _sqlite(place: URL) -> Engine:
    file = Path(str(place.database))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Only its owner may read it; SQLite gives its log beside it the same rights.
        file.touch(mode=0o600)
    engine = create_engine(place, hide_parameters=True)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: Any) -> None:
    # SQLAlchemy begins transactions, not the driver, so that DDL rolls back too.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Any) -> None:
    # Reading and then writing in a plain BEGIN fails at once when another one writes.
    readonly = connection.get_execution_options().get("readonly")
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _ready(engine: Engine) -> None:
    found = edition(engine)
    if found is None:
        upgrade(engine)
    else:
        _fits(found)


def _fits(found: str) -> None:
    if found == HEAD:
        return
    if found in EDITIONS:
        raise StoreError(
            f"The database is of edition {found}; this version needs {HEAD}.",
            fix="Run: basivert db upgrade (it makes a backup first).",
        )
    raise StoreError(
        f"The database is of edition {found}, which is newer than this version ({HEAD}).",
        fix="Use the newer basivert that wrote it.",
    )


_HOW = "Write sqlite:///FILE, or postgresql://USER@HOST/NAME."
