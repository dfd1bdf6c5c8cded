"""Clinics and the accounts of those who work there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from basivert.edge.store.actor import OPERATOR, Actor
from basivert.edge.store.tables import ACCOUNT, CLINIC
from basivert.edge.store.work import Work, asked, columns
from basivert.errors import ForbiddenError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A clinic.

    time_zone: by its name in the tz database; all days and hours are the clinic's.
    settings: what a clinic chose, such as its rules' editions.
    """

    id: int
    name: str
    time_zone: str
    phone: str
    settings: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who signs in; the password never leaves the database with it."""

    id: int
    clinic: int
    user: str
    name: str
    role: str
    email: str | None
    disabled: bool
    version: int

    @property
    def actor(self) -> Actor:
        """The account, acting."""
        return Actor(account=self.id, role=self.role, clinic=self.clinic)


def found_clinic(work: Work, *, name: str, time_zone: str, phone: str) -> int:
    """Add a clinic; only from the machine itself."""
    if work.actor.role != OPERATOR:
        raise ForbiddenError("Only the machine's operator adds clinics.", deed="clinic.add")
    _zone(time_zone)
    number = work.add(CLINIC, name=name, time_zone=time_zone, phone=phone, settings={})
    work.note("clinic.added", f"clinic:{number}")
    return number


def clinics(work: Work) -> list[Clinic]:
    """The clinics that the actor sees: all for the machine's operator, else its own."""
    query = asked(Clinic, CLINIC).order_by(CLINIC.c.id)
    if work.actor.role != OPERATOR:
        query = query.where(CLINIC.c.id == work.clinic)
    return work.all(Clinic, query)


def own_clinic(work: Work) -> Clinic:
    """The actor's clinic."""
    work.needs("clinic.read")
    query = asked(Clinic, CLINIC).where(CLINIC.c.id == work.clinic)
    return work.one(Clinic, query, "clinic")


def change_clinic(work: Work, *, version: int, **changes: Any) -> int:
    """Change name, time_zone, phone or settings; gives the new version."""
    work.needs("clinic.write")
    _only(changes, {"name", "time_zone", "phone", "settings"})
    if "time_zone" in changes:
        _zone(changes["time_zone"])
    where = CLINIC.c.id == work.clinic
    work.note("clinic.changed", f"clinic:{work.clinic}", *changes)
    return work.change(CLINIC, where, version, "clinic", **changes)


def add_account(
    work: Work, *, user: str, name: str, role: str, password: str, email: str | None = None
) -> int:
    """Add an account to the actor's clinic.

    Args:
        user: what is typed to sign in; capitals do not count, unique in the whole database.
        password: Argon2id string, never the password itself.

    Raises: RecordError for a role without accounts, a taken name, or a password in clear.
    """
    work.needs("account.write")
    _role(work, role)
    _hashed(password)
    signed = user.strip().casefold()
    taken = select(func.count()).select_from(ACCOUNT).where(ACCOUNT.c.user == signed)
    if not signed or work.connection.execute(taken).scalar():
        raise RecordError("This name cannot be used to sign in.", fix="Choose another one.")
    number = work.add(
        ACCOUNT, clinic=work.clinic, user=signed, name=name, role=role, password=password,
        email=email, disabled=False, created_at=work.now,
    )  # fmt: skip
    work.note("account.added", f"account:{number}", role=role)
    return number


def accounts(work: Work) -> list[Account]:
    """All accounts of the actor's clinic, by name."""
    work.needs("account.read")
    query = asked(Account, ACCOUNT).where(ACCOUNT.c.clinic == work.clinic)
    return work.all(Account, query.order_by(ACCOUNT.c.name, ACCOUNT.c.id))


def account(work: Work, number: int) -> Account:
    """One account: one's own, or another of the clinic for who may see it."""
    if number != work.actor.account:
        work.needs("account.read")
    query = asked(Account, ACCOUNT).where(ACCOUNT.c.id == number, ACCOUNT.c.clinic == work.clinic)
    return work.one(Account, query, f"account {number}")


def change_account(work: Work, number: int, *, version: int, **changes: Any) -> int:
    """Change name, role, email or disabled; gives the new version.

    Whoever changed role or was disabled is signed out by the change (`sessions.session_of`).
    """
    work.needs("account.write")
    _only(changes, {"name", "role", "email", "disabled"})
    if "role" in changes:
        _role(work, changes["role"])
    if number == work.actor.account and ({"role", "disabled"} & set(changes)):
        raise RecordError("Nobody takes away their own rights.", fix="Ask another administrator.")
    where = (ACCOUNT.c.id == number) & (ACCOUNT.c.clinic == work.clinic)
    new = work.change(ACCOUNT, where, version, f"account {number}", **changes)
    work.note("account.changed", f"account:{number}", *changes)
    return new


def set_password(work: Work, number: int, *, version: int, password: str) -> int:
    """Replace a password, one's own or by an administrator; gives the new version."""
    if number != work.actor.account:
        work.needs("account.write")
    _hashed(password)
    where = (ACCOUNT.c.id == number) & (ACCOUNT.c.clinic == work.clinic)
    new = work.change(ACCOUNT, where, version, f"account {number}", password=password)
    work.note("account.changed", f"account:{number}", "password")
    return new


def password_of(work: Work, user: str) -> tuple[Account, str] | None:
    """The account that signs in by this name, and its Argon2id string; None for no such name.

    For comparing a password alone, at the sign-in before anybody is known. A disabled account is
    given too: comparing its password as well takes as long as for another.
    """
    query = select(*columns(Account, ACCOUNT), ACCOUNT.c.password).where(
        ACCOUNT.c.user == user.strip().casefold()
    )
    row = work.connection.execute(query).mappings().first()
    if row is None:
        return None
    given = {str(name): value for name, value in row.items()}
    return Account(**{k: v for k, v in given.items() if k != "password"}), given["password"]


def _hashed(password: str) -> None:
    if not password.startswith("$argon2id$"):
        raise RecordError("A password is kept as an Argon2id string only.")


def _role(work: Work, role: str) -> None:
    if role not in work.roles.staff:
        raise RecordError(
            f"There is no role {role!r}.", fix=f"One of {', '.join(work.roles.staff)}."
        )


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as cause:
        raise RecordError(
            f"There is no time zone {name!r}.", fix="Write for example America/Chicago."
        ) from cause


def _only(changes: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(changes) - known):
        raise RecordError(f"{', '.join(unknown)} cannot be changed here.")
