"""A clinic's own TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from basivert.errors import InputError


def read_toml(file: Path) -> dict[str, Any]:
    """The tables in a file. Raises InputError where there is none, or it is not TOML."""
    try:
        return toml_of(file.read_bytes(), str(file))
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause


def toml_of(content: bytes, name: str) -> dict[str, Any]:
    """The tables in a file's content. Raises InputError that calls it `name`."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise InputError(f"{name} is not TOML: {cause}.") from cause
