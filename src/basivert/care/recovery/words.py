"""Words for the patient in one language, and the clinic that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from basivert.care.contact import Contact
from basivert.constants.load import document, names
from basivert.errors import InputError

_PREFIX = "care/recovery/words_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Sentences of one language by section and key; `{name}` in them is filled in."""

    language: str
    edition: str
    notice: str
    sections: Mapping[str, Mapping[str, str]]

    def __call__(self, section: str, key: str, **filled: str) -> str:
        """The sentence `key` of `section` with its gaps filled."""
        return self.sections[section][key].format_map(filled)


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    return tuple(
        one.removeprefix(_PREFIX) for one in names("care/recovery") if one.startswith(_PREFIX)
    )


def words(language: str) -> Words:
    """The words of a language. Raises InputError for one that there is not."""
    if language not in languages():
        raise InputError(
            f"There are no words in {language!r}.", fix=f"Known: {', '.join(languages())}."
        )
    read = document(f"{_PREFIX}{language}")
    return Words(
        language=read["language"], edition=read["edition"], notice=read["notice"],
        sections={key: one for key, one in read.items() if isinstance(one, dict)},
    )  # fmt: skip


def whose(body: str, say: Words) -> str:
    """Who stands for a rule, in the patient's language; a clinic's own name as it stands."""
    known = say.sections["whose"]
    return "; ".join(known.get(one, one) for one in body.split("; "))


def clinic_words(clinic: Contact, say: Words) -> str:
    """The clinic with its number where it is known."""
    name = clinic.name or say("contact", "clinic")
    if clinic.phone is None:
        return name
    if clinic.after_hours is None:
        return say("contact", "with_number", name=name, phone=clinic.phone)
    return say(
        "contact", "after_hours", name=name, phone=clinic.phone, after_hours=clinic.after_hours
    )


def emergency_words(clinic: Contact, say: Words) -> str:
    """The number for emergencies."""
    return clinic.emergency or say("contact", "emergency")
