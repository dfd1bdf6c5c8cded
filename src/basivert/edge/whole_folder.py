"""A folder of results: whole or not there at all."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from basivert.errors import InputError


@contextmanager
def whole(out: Path, mark: str) -> Generator[Path]:
    """A folder to write into that becomes `out` only when everything is written.

    An older result of ours, known by its file `mark`, is replaced at that moment; anything else is
    left alone.

    Raises: InputError where `out` holds files that are not a result of basivert.
    """
    if out.name in ("", ".."):
        raise InputError(f"{out} is no name of a folder.", fix="Give the name of a new folder.")
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / mark).exists())):
        raise InputError(
            f"{out} exists and holds no {mark}: it is not a result of this command.",
            fix="Give an empty or a new folder.",
        )
    work = out.with_name(f".{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(parents=True)
    except OSError as cause:
        raise InputError(
            f"{out} cannot be written: {cause.strerror}.", fix="Give a folder you may write to."
        ) from cause
    try:
        yield work
        old = out.with_name(f".{out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if out.exists():
            out.rename(old)
        work.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
