"""What patients ask before the procedure, and the answers with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.constants.load import document, names
from basivert.errors import InputError

_FOLDER = "care/questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A paragraph of an answer, and where it comes from, both in the language of the page."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; `key` is the same in every language."""

    key: str
    question: str
    answer: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The patient's page in one language."""

    language: str
    edition: str
    title: str
    notice: str
    questions: tuple[Question, ...]


def languages() -> tuple[str, ...]:
    """Languages that ship."""
    return tuple(name.removeprefix(f"{_FOLDER}/") for name in names(_FOLDER))


def questions(language: str) -> Questions:
    """The page in a language that ships. Raises InputError for another."""
    if language not in languages():
        raise InputError(
            f"There is no page in {language!r}.", fix=f"Choose one of {', '.join(languages())}."
        )
    return translated(document(f"{_FOLDER}/{language}"))


def translated(page: Mapping[str, Any]) -> Questions:
    """The page from its document. Raises InputError for a part without text or source."""
    try:
        found = tuple(_question(row, page.get("said", {})) for row in page["question"])
        return Questions(
            language=page["language"], edition=page["edition"], title=page["title"],
            notice=page["notice"], questions=found,
        )  # fmt: skip
    except KeyError as cause:
        raise InputError(f"A page of questions lacks {cause.args[0]}.") from cause


def _question(row: Mapping[str, Any], said: Mapping[str, str]) -> Question:
    answer = tuple(
        Part(text=part["text"], sources=tuple(said.get(one, one) for one in part["sources"]))
        for part in row["part"]
    )
    for part in answer:
        if not part.text or not part.sources:
            raise InputError(f"Question {row['key']} has a part without text or source.")
    return Question(key=row["key"], question=row["question"], answer=answer)
