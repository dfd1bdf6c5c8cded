"""The patient's words in one language; what is not translated comes in English, and is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.constants.load import document, names
from basivert.errors import InputError

FALLBACK = "en"
_FOLDER = "care/preparation"
_PREFIX = f"{_FOLDER}/words_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Sentences by section and key; `{name}` in them is filled in.

    untranslated: `section.key` of what comes from English.
    """

    language: str
    edition: str
    notice: str
    sections: Mapping[str, Mapping[str, str]]
    untranslated: tuple[str, ...]

    def __call__(self, section: str, key: str, **filled: str) -> str:
        """The sentence `key` of `section` with its gaps filled."""
        return self.sections[section][key].format_map(filled)

    def day(self, day: dt.date) -> str:
        """A day with weekday and month."""
        return self("calendar", "day", **self._parts(day))

    def moment(self, at: dt.datetime) -> str:
        """A day and an hour, of 12 or 24 as the language writes it."""
        if self("calendar", "clock") == "24":
            time = f"{at:%H:%M}"
        else:
            time = f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"
        return self("calendar", "day_and_time", time=time, **self._parts(at.date()))

    def _parts(self, day: dt.date) -> dict[str, str]:
        weekdays, months = (self("calendar", which).split(", ") for which in ("weekdays", "months"))
        return {
            "weekday": weekdays[day.weekday()], "month": months[day.month - 1], "day": f"{day.day}",
        }  # fmt: skip


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    return tuple(one.removeprefix(_PREFIX) for one in names(_FOLDER) if one.startswith(_PREFIX))


def words(language: str) -> Words:
    """The words of a language. Raises InputError for one that there is not."""
    if language not in languages():
        raise InputError(
            f"There are no words in {language!r}.", fix=f"Known: {', '.join(languages())}."
        )
    return translated(document(f"{_PREFIX}{language}"), document(f"{_PREFIX}{FALLBACK}"))


def translated(read: Mapping[str, Any], english: Mapping[str, Any]) -> Words:
    """Words from a translation file, with English where a sentence is missing."""
    sections: dict[str, dict[str, str]] = {}
    missing: list[str] = []
    for section, sentences in english.items():
        if isinstance(sentences, dict):
            own = read.get(section, {})
            sections[section] = {**sentences, **own}
            missing += [f"{section}.{key}" for key in sentences if key not in own]
    return Words(
        language=str(read["language"]), edition=str(read["edition"]),
        notice=str(read.get("notice", english["notice"])), sections=sections,
        untranslated=tuple(missing),
    )  # fmt: skip
