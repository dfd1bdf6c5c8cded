"""What the commands about a clinic's database do; loaded only when one runs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from basivert.edge.store import audit, migrate, people
from basivert.edge.store import backup as backups
from basivert.edge.store import dossier as dossiers
from basivert.edge.store.actor import operator
from basivert.edge.store.engine import (
    HEAD,
    address,
    default_url,
    make_engine,
    must_exist,
    now,
    open_store,
)
from basivert.edge.store.store import Store
from basivert.errors import InputError, StoreError

NOTICE = "Research use only. Not a medical device."


def backup(url: str | None, out: Path, *, photos: Path | None, as_json: bool) -> None:
    """Write a backup and tell its head, which belongs in another place."""
    _tell_backup(backups.backup(_there(url), out, photos=photos), out, as_json)


def restore(file: Path, url: str | None, *, photos: Path | None, as_json: bool) -> None:
    """Restore a backup."""
    manifest = backups.restore(file, url or default_url(), photos=photos)
    _tell_backup(manifest, file, as_json)


def verify_audit(url: str | None, head: str | None, *, as_json: bool) -> None:
    """Walk the trail; exit code 6 where it does not hold."""
    known = None if head is None else _head(head)
    with opened(url, None) as store, store.engine.connect() as connection:
        found = audit.verify(connection, known)
    if found.problems:
        raise StoreError(
            f"The trail does not hold: {' '.join(found.problems)}",
            fix="Keep this database as it is, and compare it with the last backup.",
        )
    told = {"holds": True, "rows": found.head.seq, "head": f"{found.head.seq}:{found.head.hash}"}
    tell(told, as_json, f"{found.head.seq} rows hold.\nhead: {told['head']}")


def upgrade_database(
    url: str | None, out: Path | None, *, photos: Path | None, as_json: bool
) -> None:
    """Upgrade after a backup; nothing is done where the edition is this version's."""
    where = _there(url)
    place = address(where)
    engine = make_engine(place)
    try:
        found = migrate.edition(engine)
        file = None
        if found not in (None, HEAD):
            file = out or _beside(place.database, str(found))
            backups.backup(where, file, photos=photos)
        migrate.upgrade(engine)
    finally:
        engine.dispose()
    told = {"from": found, "to": HEAD, "backup": None if file is None else str(file)}
    tell(
        told, as_json, f"edition {found or 'none'} → {HEAD}" + (f"\nbackup: {file}" if file else "")
    )


def export_person(
    url: str | None, patient: str, out: Path, *, photos: Path | None, as_json: bool
) -> None:
    """Everything of one person into a new folder."""
    if out.exists():
        raise InputError(f"{out} is there already.", fix="Give a new folder.")
    with opened(url, photos) as store, _of(store, patient) as clinic:
        with store.reading(operator(clinic)) as work:
            document = dossiers.dossier(work, patient)
            files = dossiers.photo_files(work, patient)
    out.mkdir(mode=0o700, parents=True)
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (out / "person.json").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (out / name).write_bytes(content)
    tell({"folder": str(out.resolve()), "photos": len(files)}, as_json, str(out.resolve()))


def delete_person(
    url: str | None, patient: str, confirm: str, *, photos: Path | None, as_json: bool
) -> None:
    """Delete one person, asked for twice."""
    if confirm != patient:
        raise InputError("The pseudonym was not repeated.", fix=f"Add --confirm {patient}.")
    with opened(url, photos) as store, _of(store, patient) as clinic:
        with store.writing(operator(clinic)) as work:
            gone = dossiers.delete_person(work, patient)
    rows = ", ".join(f"{count} {name}" for name, count in gone.items() if count)
    tell({"deleted": patient, "rows": gone}, as_json,
          f"Deleted: {rows or 'no case'}. Backups made before still hold this person.")  # fmt: skip


@contextmanager
def opened(url: str | None, photos: Path | None) -> Generator[Store]:
    """The clinic's database, which must be there."""
    store = open_store(_there(url), photos=photos)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _of(store: Store, patient: str) -> Generator[int]:
    with store.reading(operator()) as work:
        clinic = people.clinic_of(work, patient)
    yield clinic


def _there(url: str | None) -> str:
    where = url or default_url()
    must_exist(address(where))
    return where


def _beside(database: str | None, edition: str) -> Path:
    name = Path(str(database))
    return name.with_name(f"{name.name}.{edition}-{now():%Y%m%dT%H%M%SZ}.backup")


def _head(given: str) -> audit.Head:
    number, _, digest = given.partition(":")
    if not number.isdecimal() or len(digest) != len(audit.FIRST):
        raise InputError("The head is not NUMBER:HASH.", fix="Copy it from a backup's report.")
    return audit.Head(seq=int(number), hash=digest)


def _tell_backup(manifest: backups.Manifest, file: Path, as_json: bool) -> None:
    head = f"{manifest.head.seq}:{manifest.head.hash}"
    lines = [
        f"{file}: edition {manifest.edition}, {sum(manifest.rows.values())} rows, "
        f"{len(manifest.files) - 1} photographs",
        f"head: {head}  (keep it in another place)",
    ]
    lines += [f"{len(manifest.missing)} photographs were not there"] * bool(manifest.missing)
    lines += [f"trail: {problem}" for problem in manifest.problems]
    document = dataclasses.asdict(manifest) | {"file": str(file), "head": head}
    tell(document, as_json, "\n".join(lines))


def tell(document: Mapping[str, Any], as_json: bool, words: str) -> None:
    """One object on standard output, or words for a person."""
    if as_json:
        sys.stdout.write(json.dumps({"research_use_only": True, **document}) + "\n")
    else:
        sys.stdout.write(f"{NOTICE}\n{words}\n")
