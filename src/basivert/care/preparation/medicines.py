"""The list of medicines: what they are called and what kind they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.constants.load import document
from basivert.errors import InputError

_FIELDS = {"names", "classes", "rxnorm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """One medicine.

    name: its key, the generic name; forms that lists treat apart have a key of their own.
    classes: kinds that lists of stops may name, the closest first.
    rxnorm: RxNorm code of the ingredient, not looked up in RxNorm itself; "" where none is known.
    """

    name: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    rxnorm: str

    @property
    def shown(self) -> str:
        """The name for a person."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All medicines of one edition.

    by_name: every plain name and brand → what is in it, one or several; `plain` makes the keys.
    classes: kind → its wording.
    about: words that say how it is taken, not what it is.
    """

    edition: str
    medicines: Mapping[str, Medicine]
    by_name: Mapping[str, tuple[Medicine, ...]]
    classes: Mapping[str, str]
    about: frozenset[str]


def plain(text: str) -> str:
    """A name without case, accents, dots, apostrophes; other marks count as spaces."""
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold().replace("_", " "))
        if not unicodedata.combining(one)
    )  # fmt: skip
    for mark in "'’.®™":
        bare = bare.replace(mark, "")
    return " ".join("".join(one if one.isalnum() else " " for one in bare).split())


def catalogue(read: Mapping[str, Any]) -> Catalogue:
    """The catalogue from its TOML document.

    Raises: InputError for an unknown field or class, or a name that stands for two medicines.
    """
    medicines = {
        name: _medicine(name, row, read["class"]) for name, row in read["medicine"].items()
    }
    by_name: dict[str, tuple[Medicine, ...]] = {}
    for one in medicines.values():
        for name in (one.name, *one.names):
            _add(by_name, name, (one,))
    for brand, parts in read.get("product", {}).items():
        _add(by_name, brand, tuple(medicines[part] for part in parts))
    return Catalogue(
        edition=str(read["edition"]), medicines=medicines,
        by_name=by_name, classes=read["class"],
        about=frozenset(str(read["about"]).split()),
    )  # fmt: skip


def shipped() -> Catalogue:
    """The catalogue that ships with the package."""
    return catalogue(document("care/preparation/medicines"))


def _medicine(name: str, row: Mapping[str, Any], classes: Mapping[str, str]) -> Medicine:
    if unknown := sorted(set(row) - _FIELDS):
        raise InputError(f"Medicine {name} has unknown fields: {', '.join(unknown)}.")
    if strange := [one for one in row["classes"] if one not in classes]:
        raise InputError(f"Medicine {name}: there is no class {', '.join(strange)}.")
    return Medicine(
        name=name, names=tuple(row["names"]), classes=tuple(row["classes"]),
        rxnorm=str(row.get("rxnorm", "")),
    )  # fmt: skip


def _add(by_name: dict[str, tuple[Medicine, ...]], name: str, parts: tuple[Medicine, ...]) -> None:
    key = plain(name)
    if by_name.setdefault(key, parts) != parts:
        raise InputError(f"{name} stands for two medicines.", fix="Keep one of them.")
