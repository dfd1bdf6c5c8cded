"""Who may do what in a clinic: a table of deeds and the roles that may do them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The table in one edition.

    staff: roles with an account; others: a patient with a link, and the scheduler.
    may: deed, such as `case.read` → roles that may do it.
    words: deed → what it is for a person, such as `see cases`.
    """

    edition: str
    staff: tuple[str, ...]
    others: tuple[str, ...]
    may: Mapping[str, frozenset[str]]
    words: Mapping[str, str]

    def allow(self, role: str, deed: str) -> bool:
        """Whether the role may do the deed. Raises InputError for a deed that is not listed."""
        if deed not in self.may:
            raise InputError(f"There is no deed {deed!r} in the table of roles.")
        return role in self.may[deed]


def roles(document: Mapping[str, Any]) -> Roles:
    """The table from its TOML document.

    Raises: InputError for a role that is not listed, or a deed without words.
    """
    staff, others = tuple(document["staff"]), tuple(document["others"])
    may = {deed: frozenset(allowed) for deed, allowed in document["may"].items()}
    for deed, allowed in may.items():
        if unknown := sorted(allowed - {*staff, *others}):
            raise InputError(f"Deed {deed} names unknown roles: {', '.join(unknown)}.")
    words = {deed: str(told) for deed, told in document["words"].items()}
    if unlike := sorted(may.keys() ^ words.keys()):
        raise InputError(f"Deeds and their words differ: {', '.join(unlike)}.")
    return Roles(
        edition=str(document["edition"]), staff=staff, others=others, may=may, words=words
    )  # fmt: skip
