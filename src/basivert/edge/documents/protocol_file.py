"""A treatment's protocol: one that ships, or the user's TOML file."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from basivert.ablation.protocol import Protocol, protocol
from basivert.constants.load import builtin, parsed
from basivert.constants.model import Table
from basivert.errors import InputError

DEFAULT = "standard"


def protocol_names() -> tuple[str, ...]:
    """Names of the protocols that ship with the package."""
    folder = resources.files("basivert.constants") / "data" / "protocols"
    files = (file.name for file in folder.iterdir())
    return tuple(sorted(f.removesuffix(".toml") for f in files if f.endswith(".toml")))


def chosen_protocol(name: str, body_degc: float) -> Protocol:
    """A shipped protocol by name, or one from the user's TOML file.

    Raises: InputError for a name that is unknown, a file that cannot be read, or a row that is
        missing, unknown, in another unit or impossible; the row is named.
    """
    return protocol(protocol_table(name), builtin("protocol_bounds"), body_degc)


def protocol_table(name: str) -> Table:
    """The rows of a protocol with their sources.

    Raises: InputError for a name that is unknown or a file that cannot be read.
    """
    if not name.endswith(".toml"):
        if name not in protocol_names():
            raise InputError(
                f"There is no protocol {name!r}.",
                fix=f"Choose {', '.join(protocol_names())}, or give a TOML file.",
            )
        return builtin(f"protocols/{name}")
    file = Path(name)
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise InputError(f"{name} cannot be read: {cause.strerror}.") from cause
    except UnicodeDecodeError as cause:
        raise InputError(f"{name} is not UTF-8 text: {cause.reason}.") from cause
    except tomllib.TOMLDecodeError as cause:
        raise InputError(f"{name} is not TOML: {cause}.") from cause
    return parsed(file.stem, document)
