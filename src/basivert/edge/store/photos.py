"""Photographs of a wound: files beside the database, named by chance, checked by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from basivert.edge.store import cases
from basivert.edge.store.pictures import PictureError, cleaned
from basivert.edge.store.tables import PHOTO
from basivert.edge.store.work import Work, asked
from basivert.errors import RecordError, StoreError

LARGEST_BYTES = 12_000_000
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photograph. mime: found from its content, not from what the sender said."""

    id: int
    case: int
    checkin: int | None
    file: str
    sha256: str
    mime: str
    bytes: int
    added_by: str
    added_at: dt.datetime


def add_photo(work: Work, case: int, content: bytes, *, checkin: int | None = None) -> int:
    """Keep a photograph, encoded anew without place and device; gives its number.

    Raises: PictureError for anything but JPEG, PNG or WebP, one that is damaged, or too large.
    """
    work.needs("photo.write")
    cases.held(work, case)
    if len(content) > LARGEST_BYTES:
        raise PictureError(
            "large", f"The picture has {len(content) / 1e6:.1f} MB.",
            fix=f"Send one of at most {LARGEST_BYTES // 1_000_000} MB.",
        )  # fmt: skip
    content = cleaned(content)
    name = secrets.token_hex(16)
    file = path(folder(work), name)
    work.undo.append(removal(file))
    _write(file, content)
    number = work.add(
        PHOTO, case=case, checkin=checkin, file=name, sha256=hashlib.sha256(content).hexdigest(),
        mime=kind(content), bytes=len(content), added_by=work.actor.reference, added_at=work.now,
    )  # fmt: skip
    work.note("photo.added", f"case:{case}", photo=number)
    return number


def photos(work: Work, case: int) -> list[Photo]:
    """The photographs of a case, the newest first, without their content; noted as read."""
    work.needs("photo.read")
    cases.held(work, case)
    work.saw(case, "photos")
    return work.all(
        Photo, asked(Photo, PHOTO).where(PHOTO.c.case == case).order_by(PHOTO.c.id.desc())
    )


def photo(work: Work, number: int) -> tuple[Photo, bytes]:
    """A photograph and its content; noted as read.

    Raises: StoreError where the file is missing or not the one that was kept.
    """
    work.needs("photo.read")
    found = cases.one_of(work, Photo, PHOTO, number, "photo")
    try:
        content = path(folder(work), found.file).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != found.sha256:
        raise StoreError(f"The file of photo {number} is not there, or was changed.",
                         fix="Restore it from a backup.")  # fmt: skip
    work.note("photo.read", f"case:{found.case}", photo=number)
    return found, content


def sweep(work: Work, *, older: dt.timedelta) -> int:
    """Remove files that no row knows, left by a crash; gives how many."""
    work.needs("photo.sweep")
    known = {str(name) for (name,) in work.connection.execute(select(PHOTO.c.file))}
    limit = (work.now - older).timestamp()
    left = [file for file in folder(work).glob("??/*")
            if file.name not in known and file.stat().st_mtime < limit]  # fmt: skip
    work.after += [removal(file) for file in left]
    work.note("photos.swept", "photos", removed=len(left))
    return len(left)


def folder(work: Work) -> Path:
    """Where photographs lie. Raises StoreError where no folder was given."""
    if work.photos is None:
        raise StoreError(
            "No folder for photographs was given.", fix="Open the store with photos=…."
        )
    return work.photos


def path(photos: Path, name: str) -> Path:
    """Where a file lies, spread over 256 folders."""
    return photos / name[:2] / name


def removal(file: Path) -> Callable[[], None]:
    """Taking a file away, later; nothing happens where it is gone."""
    return lambda: file.unlink(missing_ok=True)


def kind(content: bytes) -> str:
    """The type of a picture by its first bytes. Raises RecordError for others."""
    if content[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise RecordError("This is no picture that can be kept.", fix="Send JPEG, PNG or WebP.")


def _write(file: Path, content: bytes) -> None:
    """Whole and on the disk, or not there: a row must never name half a file."""
    kind(content)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = file.with_name(file.name + _UNFINISHED)
    with os.fdopen(os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    work.replace(file)
    entry = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
