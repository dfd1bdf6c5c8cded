"""One file of results: whole or not there at all."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from basivert.errors import InputError


@contextmanager
def whole_file(out: Path) -> Generator[Path]:
    """A path to write to that becomes `out` only when everything is written.

    Entered before the work, so that a place that cannot be written is told first. Folders that are
    missing above `out` are made, and go again where nothing is written.

    Raises: InputError where `out` is a folder or may not be written.
    """
    if out.is_dir() or out.name in ("", ".."):
        raise InputError(f"{out} is a folder, not a file.", fix="Give the name of a file.")
    made = [folder for folder in out.parents if not folder.exists()]
    work = out.with_name(f".{out.name}.part")
    try:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            work.touch()
        except OSError as cause:
            raise InputError(
                f"{out} cannot be written: {cause.strerror}.", fix="Give a place you may write to."
            ) from cause
        yield work
        work.replace(out)
    except BaseException:
        _gone(work, made)
        raise


def _gone(work: Path, made: list[Path]) -> None:
    """Take away what was begun; a folder that meanwhile holds something of others stays."""
    if work.parent.is_dir():
        work.unlink(missing_ok=True)
    for folder in made:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
