"""The clinic's own rules as the pages use them: read, put in, and told where they do not fit."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from basivert.care.candidacy.editions import candidate_facts, edition
from basivert.care.own_changes import Change, changes
from basivert.care.own_rules import CANDIDACY, CHECKLIST, LIST, SIGNS, changed, subject, with_lists
from basivert.care.preparation.prepare import Tables
from basivert.care.rules import RuleSet
from basivert.edge.store import own_rules
from basivert.edge.store.own_rules import OwnRules
from basivert.edge.store.work import Work
from basivert.edge.toml_file import toml_of
from basivert.errors import InputError, RecordError

LARGEST_BYTES = 64_000
Own = Mapping[str, OwnRules]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file that somebody looks at before it holds."""

    about: str
    edition: str
    written: str
    changes: tuple[Change, ...]


def own(work: Work) -> Own:
    """Table → the clinic's file that decides today."""
    return own_rules.standing(work)


def looked(about: str, content: bytes) -> Looked:
    """What a file changes. Raises RecordError that says what is wrong with it."""
    if not content.strip():
        raise RecordError("The file is empty, or none was chosen.", fix="Choose it, then look.")
    if len(content) > LARGEST_BYTES:
        raise RecordError(
            f"The file has {len(content) / 1e3:.0f} kB.",
            fix=f"Give one of at most {LARGEST_BYTES // 1000} kB, with the changed rules only.",
        )
    # Forms send other ends of lines than files have.
    plain = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    try:
        written = toml_of(plain, "The file")
        told = changes(about, written)
    except InputError as problem:
        raise RecordError(problem.what, fix=problem.fix) from problem
    return Looked(
        about=about, edition=str(written["edition"]), written=plain.decode(), changes=told
    )  # fmt: skip


def day_of(text: str, today: dt.date) -> dt.date:
    """The first day of a file; today where none is said. Raises RecordError for no day."""
    try:
        return dt.date.fromisoformat(text) if text else today
    except ValueError as cause:
        raise RecordError(f"{text!r} is not a day.", fix="Write it as 2026-12-31.") from cause


def problem_of(one: OwnRules) -> str:
    """Why a kept file does not fit this version; "" where it does."""
    try:
        _put_in(one.about, one.written)
    except InputError as problem:
        return str(problem)
    return ""


def that_fit(mine: Own) -> Own:
    """The files that fit this version; in lists of titles what ships stands for another."""
    return {about: one for about, one in mine.items() if not problem_of(one)}


def candidacy_rules(name: str, mine: Own) -> RuleSet:
    """A rule set with the clinic's criteria, as `basivert candidacy --override`."""
    one = mine.get(f"{CANDIDACY}{name}")
    if one is None:
        return edition(name, candidate_facts())
    return cast(RuleSet, fitting(one))


def signs(mine: Own) -> RuleSet:
    """The warning signs with the clinic's, as `basivert triage --override`.

    A patient waits for an answer: signs that do not fit are left out, and the edition says so.
    """
    shipped = cast(RuleSet, subject(SIGNS).shipped)
    one = mine.get(SIGNS)
    if one is None:
        return shipped
    if problem_of(one):
        note = f"{shipped.edition} (without {one.edition}, which does not fit this version)"
        return dataclasses.replace(shipped, edition=note)
    return cast(RuleSet, _put_in(one.about, one.written))


def tables(shipped: Tables, mine: Own) -> Tables:
    """The tables of a preparation with the clinic's, as `prepare --list FILE --checklist FILE`."""
    asked = {k: one for k, one in mine.items() if k == CHECKLIST or k.startswith(LIST)}
    for one in asked.values():
        fitting(one)
    return with_lists(shipped, {about: _read(one.written) for about, one in asked.items()})


def bases(mine: Own) -> tuple[str, ...]:
    """The lists of stops that the clinic has changed; a changed list is the one in use."""
    return tuple(about.removeprefix(LIST) for about in mine if about.startswith(LIST))


def fitting(one: OwnRules) -> Any:
    """The table with a kept file put in. Raises RecordError where it does not fit this version."""
    if problem := problem_of(one):
        raise RecordError(
            f"The clinic's own rules {one.edition} do not fit this version: {problem}",
            fix="An administrator takes them back under Settings, or puts corrected ones in force.",
        )
    return _put_in(one.about, one.written)


@lru_cache(maxsize=64)
def _put_in(about: str, written: str) -> Any:
    return changed(about, _read(written))


def _read(written: str) -> dict[str, Any]:
    return toml_of(written.encode(), "The file")
