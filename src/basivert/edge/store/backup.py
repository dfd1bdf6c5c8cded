"""Backups: one file with the database, the photographs and a manifest that proves them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, inspect, select

from basivert.edge.store import dumps
from basivert.edge.store.audit import Head, Verified, verify
from basivert.edge.store.engine import EDITIONS, address, make_engine, now, photo_folder, shown
from basivert.edge.store.migrate import edition
from basivert.edge.store.photos import path
from basivert.edge.store.tables import METADATA, PHOTO
from basivert.errors import InputError, StoreError

_FORMAT = 1
_MANIFEST, _DATABASE, _PHOTOS = "manifest.json", "database", "photos/"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    rows: table → number of rows.  head: newest row of the audit trail; keep it elsewhere too.
    files: member → SHA-256.  missing: photographs that were not there.
    problems: of the audit trail, as `audit.verify` told them.
    """

    format: int
    made_at: str
    edition: str
    database: str
    rows: Mapping[str, int]
    head: Head
    files: Mapping[str, str]
    missing: tuple[str, ...]
    problems: tuple[str, ...]


def backup(url: str, out: Path, *, photos: Path | None = None) -> Manifest:
    """Write a backup of a database that may be in use; whole, or not there.

    Args:
        photos: folder of photographs, where it is not the usual one.

    Raises: InputError where `out` is there already; StoreError for a damaged or empty database.
    """
    place = address(url)
    if out.exists():
        raise InputError(f"{out} is there already.", fix="Give a new name for every backup.")
    work = out.with_name(f".{out.name}.part")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as folder:
        with dumps.closed_engine(make_engine(place)) as engine:
            found = edition(engine)
            if found is None:
                raise StoreError(f"{shown(place)} holds nothing.", fix="Look at the address.")
            file = Path(folder) / _DATABASE
            with dumps.snapshot(engine, file) as connection:
                names = _photos(connection)
                made = _manifest(connection, found)
        try:
            done = _pack(work, file, made, photos or photo_folder(place), names)
            dumps.settle(work)
            work.replace(out)
            dumps.settle(out.parent)
        finally:
            work.unlink(missing_ok=True)
    return done


def restore(file: Path, url: str, *, photos: Path | None = None) -> Manifest:
    """Put a backup into an empty place, and check that everything is there again.

    Raises: InputError for a file that is no whole backup, or one of another kind of database;
        StoreError for a place that is not empty, a newer edition, or a failed check.
    """
    place = address(url)
    target = photos or photo_folder(place)
    # Before anything is made in the new place.
    _fits(read_manifest(file), place.drivername)
    with tempfile.TemporaryDirectory(dir=_near(place.database, place.drivername)) as folder:
        manifest = _unpacked(file, Path(folder))
        if target is not None and target.exists() and any(target.iterdir()):
            raise StoreError(f"{target} holds photographs already.", fix="Give an empty folder.")
        with dumps.closed_engine(make_engine(place)) as engine:
            if edition(engine) is not None:
                raise StoreError(f"{shown(place)} is not empty.", fix="Give a new place.")
            dumps.bring_back(Path(folder) / _DATABASE, place, engine)
            with engine.connect() as connection:
                _compare(manifest, connection)
        inner = Path(folder) / _PHOTOS.strip("/")
        if inner.is_dir():
            if target is None:
                raise StoreError("The backup holds photographs.", fix="Say where: --photos DIR.")
            shutil.copytree(inner, target, dirs_exist_ok=True)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself. Raises InputError for another file."""
    try:
        with zipfile.ZipFile(file) as archive:
            read = json.loads(archive.read(_MANIFEST))
        head = Head(**read.pop("head"))
        lists = {name: tuple(read.pop(name)) for name in ("missing", "problems")}
        return Manifest(head=head, **lists, **read)
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as cause:
        raise InputError(
            f"{file.name} is no backup of basivert, or damaged.",
            fix="Give a whole file that basivert backup wrote.",
        ) from cause


def _manifest(connection: Connection, found: str) -> Manifest:
    checked: Verified = verify(connection)
    return Manifest(
        format=_FORMAT, made_at=now().isoformat(timespec="seconds"), edition=found,
        database=connection.dialect.name, rows=_rows(connection), head=checked.head, files={},
        missing=(), problems=checked.problems,
    )  # fmt: skip


def _rows(connection: Connection) -> dict[str, int]:
    there = set(inspect(connection).get_table_names())
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in METADATA.sorted_tables
        if table.name in there
    }


def _photos(connection: Connection) -> list[str]:
    if PHOTO.name not in inspect(connection).get_table_names():
        return []
    return [name for (name,) in connection.execute(select(PHOTO.c.file).order_by(PHOTO.c.id))]


def _pack(
    out: Path, database: Path, made: Manifest, photos: Path | None, names: list[str]
) -> Manifest:
    files, missing = {_DATABASE: _digest(database)}, list[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        out.chmod(0o600)
        archive.write(database, _DATABASE)
        for name in names:
            file = None if photos is None else path(photos, name)
            if file is None or not file.is_file():
                missing.append(name)
                continue
            member = f"{_PHOTOS}{name[:2]}/{name}"
            files[member] = _digest(file)
            archive.write(file, member, zipfile.ZIP_STORED)
        done = dataclasses.replace(made, files=files, missing=tuple(missing))
        archive.writestr(_MANIFEST, json.dumps(dataclasses.asdict(done), indent=1))
    return done


def _unpacked(file: Path, folder: Path) -> Manifest:
    manifest = read_manifest(file)
    with zipfile.ZipFile(file) as archive:
        for member, expected in manifest.files.items():
            parts = Path(member).parts
            if Path(member).is_absolute() or ".." in parts:
                raise InputError(f"{file.name} names a file outside of it.")
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(member) as source, target.open("xb") as copy:
                    shutil.copyfileobj(source, copy, _CHUNK)
            except (KeyError, zipfile.BadZipFile) as cause:
                raise InputError(f"{member} in {file.name} is missing or damaged.") from cause
            target.chmod(0o600)
            if _digest(target) != expected:
                raise InputError(f"{member} in {file.name} was changed.", fix="Take another one.")
    return manifest


def _fits(manifest: Manifest, driver: str) -> None:
    if manifest.edition not in EDITIONS:
        raise StoreError(
            f"The backup is of edition {manifest.edition}, newer than this version.",
            fix="Use the basivert that wrote it.",
        )
    if manifest.database != driver.partition("+")[0]:
        raise InputError(
            f"The backup is of {manifest.database}.", fix="Restore it into a database of that kind."
        )


def _compare(manifest: Manifest, connection: Connection) -> None:
    found, checked = _rows(connection), verify(connection, manifest.head)
    if found != dict(manifest.rows):
        wrong = [name for name, count in manifest.rows.items() if found.get(name) != count]
        raise StoreError(f"Rows are missing after the restore: {', '.join(wrong)}.")
    if checked.head != manifest.head or checked.problems != manifest.problems:
        raise StoreError("The audit trail is not the one that was backed up.",
                         fix="Do not use this copy.")  # fmt: skip


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _near(database: Any, driver: str) -> Path | None:
    """Beside the new database, so that it can be moved into place as a whole."""
    if driver != "sqlite":
        return None
    folder = Path(str(database)).absolute().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
