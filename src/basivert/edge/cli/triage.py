"""`basivert triage`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from basivert.care.contact import Contact, contact
from basivert.care.recovery.checkin import CheckIn, check_in, questions
from basivert.care.recovery.saying import limit_words, sentences, temperature_words
from basivert.care.recovery.signs import overridden, warning_signs
from basivert.care.recovery.triage import Triage, triage
from basivert.care.recovery.words import Words, words
from basivert.edge.care_codec.triage import document
from basivert.edge.record_file import read_record
from basivert.edge.toml_file import read_toml
from basivert.errors import InputError


def triaged(
    file: Path, *, clinic: Path | None, override: Path | None, language: str, as_json: bool
) -> None:
    """Answer one check-in as text or JSON; every answer ends with exit code 0."""
    say, asked, record = words(language), questions(), read_record(file)
    named = record.pop("clinic", None)
    here = Contact() if named is None else contact(named)
    if clinic is not None:
        here = _clinic(clinic)
    signs = warning_signs(asked.known)
    if override is not None:
        signs = overridden(signs, read_toml(override), asked.known)
    entered = check_in(record, asked, origin="entered")
    found = triage(entered, signs)
    if as_json:
        told = json.dumps(document(found, entered, here, say), allow_nan=False, ensure_ascii=False)
    else:
        told = "\n".join(lines(found, entered, here, say))
    sys.stdout.write(told + "\n")


def lines(found: Triage, entered: CheckIn, clinic: Contact, say: Words) -> list[str]:
    """The answer for a terminal."""
    shown = temperature_words(entered, say)
    return [
        say.notice, f"answer: {found.answer}",
        *(f"  {sentence}" for sentence in sentences(found, entered, clinic, say)),
        *([f"temperature: {shown}; {limit_words(found, say)}"] if shown else []),
        *(f"{row.answer.name.lower():8} {row.criterion.wording} [{row.criterion.body}; "
          f"{row.criterion.source}]" for row in found.reasons),
        f"rules: {found.edition}",
    ]  # fmt: skip


def _clinic(file: Path) -> Contact:
    read = read_toml(file)
    if "clinic" not in read:
        raise InputError(f"{file} has no table [clinic].", fix="Write name and phone in it.")
    return contact(read["clinic"])
