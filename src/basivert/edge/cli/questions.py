"""`basivert questions`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict

from basivert.care.candidacy.questions import Questions, questions


def shown(language: str, *, as_json: bool) -> None:
    """The patient's page as text or JSON."""
    page = questions(language)
    if as_json:
        told = json.dumps({"research_use_only": True, **asdict(page)}, ensure_ascii=False)
    else:
        told = "\n".join(lines(page))
    sys.stdout.write(told + "\n")


def lines(page: Questions) -> Iterator[str]:
    """The page for a terminal; sources are numbered below it."""
    yield from (page.title, page.notice)
    numbers: dict[str, int] = {}
    for one in page.questions:
        yield f"\n{one.question}"
        for part in one.answer:
            marks = [numbers.setdefault(source, len(numbers) + 1) for source in part.sources]
            text = f"{part.text} [{', '.join(map(str, marks))}]"
            yield textwrap.fill(text, 88, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield from (f"[{number}] {source}" for source, number in numbers.items())
