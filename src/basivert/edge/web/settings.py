"""What a clinic sets for its server."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of one server; what belongs to a clinic stands in the store.

    hosts: names that the server answers to; others get 400.  https: it stands behind TLS, so
    cookies are sent over TLS only.  idle_minutes, longest_hours: when a session ends.
    address: how patients reach it, used in their links; empty is where the server listens.
    smtp: `smtp://USER@HOST:PORT`, or empty; its password stands in BASIVERT_SMTP_PASSWORD.
    mail_from: whom mails come from.
    """

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    idle_minutes: int = 20
    longest_hours: int = 10
    address: str = ""
    smtp: str = ""
    mail_from: str = ""
    largest_photo_mb: int = 8

    def __post_init__(self) -> None:
        if min(self.idle_minutes, self.longest_hours, self.largest_photo_mb) < 1:
            raise InputError("Times and sizes of the server must be at least 1.")

    @property
    def origins(self) -> set[str]:
        """Addresses that our own pages may come from."""
        return {self.address.rstrip("/")} if self.address else set()


def reached(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address that patients' links carry: what is set, else host and port.

    Raises: InputError behind TLS, where nobody but the clinic knows the address outside.
    """
    if settings.address:
        if not settings.address.startswith(("http://", "https://")):
            raise InputError(
                f"address is {settings.address!r}.", fix="Write it as https://clinic.example.org."
            )
        return replace(settings, address=settings.address.rstrip("/"))
    if settings.https:
        raise InputError(
            "https is set, but not the address that patients' links must carry.",
            fix='Set address = "https://…" in the settings file.',
        )
    return replace(settings, address=f"http://{f'[{host}]' if ':' in host else host}:{port}")


def read_settings(place: Path | None) -> Settings:
    """Settings from a TOML file, or as they ship. Raises InputError for an unknown name."""
    if place is None:
        return Settings()
    try:
        given = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise InputError(f"{place} cannot be read: {cause}.") from cause
    kinds = {field.name: type(field.default) for field in fields(Settings)}
    for name, value in given.items():
        if name not in kinds:
            raise InputError(
                f"{place.name}: no setting {name!r}.", fix=f"Known: {', '.join(kinds)}."
            )
        wanted = list if kinds[name] is tuple else kinds[name]
        if not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool):
            raise InputError(f"{place.name}: {name} is {value!r}, not {wanted.__name__}.")
    plain: dict[str, Any] = {k: tuple(v) if kinds[k] is tuple else v for k, v in given.items()}
    return Settings(**plain)
