"""What a command says of the folder that it wrote."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from basivert.edge.whole_folder import whole


@contextmanager
def folder_of(out: Path, mark: str, said: list[str]) -> Generator[Path]:
    """A folder as `whole_folder.whole`; `said` gets the line that names it.

    Raises: InputError where `out` holds files that are not a result of this command.
    """
    before = (out / mark).exists()
    with whole(out, mark) as folder:
        yield folder
    said.append(f"folder: {out.resolve()}{' (the older result was replaced)' * before}")
