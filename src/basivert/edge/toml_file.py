"""A clinic's own TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from basivert.errors import InputError


def read_toml(file: Path) -> dict[str, Any]:
    """The tables in a file. Raises InputError where there is none, or it is not TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise InputError(f"{file} is not TOML: {cause}.") from cause
